"""The whole application in this process, over a real ledger and organization: no socket between."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import msgspec
import uvicorn

from support.access_table import FOREIGN_PROJECT, OWN_PROJECT
from support.attacked import PRICES
from support.events import DAY, event
from support.inprocess import CHOSEN, NOT_BUILT, NOW
from support.keys import Kept, keep
from support.prices import source
from support.sealing import opened, posted, seal_all
from support.server import ADMIN_KEY
from tallybook.domain.kinds import KINDS
from tallybook.ledger.committer import Committer
from tallybook.organization.live_keys import LiveKeys
from tallybook.organization.organization import Organization, open_organization
from tallybook.settings import load_settings
from tallybook.web.app import create_app
from tallybook.web.http_protocol import protocol_within
from tallybook.web.services import Services
from tallybook.web.sessions import Session, signer_with

Headers = Sequence[tuple[bytes, bytes]]

AUTHORIZED: Headers = ((b"host", b"x"), (b"authorization", f"Bearer {ADMIN_KEY}".encode()))
BOUND = Kept("bound", projects=(OWN_PROJECT,))
_BOUND_ELSEWHERE = Kept("bound elsewhere", projects=(FOREIGN_PROJECT,))
_SESSION_SECRET = "the secret of sessions that are made up"
_HOURS = (1, 2, 20, 26, 47)


class Answer(NamedTuple):
    """What the application says to a request."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes

    def json(self) -> Any:
        """The body, read; ValueError where it is no JSON."""
        return msgspec.json.decode(self.body)


def ledger_events() -> list[dict[str, Any]]:
    """Events of all kinds over two days: priced, unpriced, tagged, and of two projects."""
    return [
        event(
            kind,
            id=f"req-{kind}-{hour}",
            time=DAY + hour * 3_600 + 7,
            **(
                {"project_id": OWN_PROJECT if hour % 2 else FOREIGN_PROJECT, "user_id": "user-1"}
                | {"tags": {"team": "search", "名前": "a,b"}}
                | ({} if kind == "vector_stores" else {"model": f"m-{hour}"})
                if hour != 26
                else {}
            ),
        )
        for kind in KINDS
        for hour in _HOURS
        if "model" in KINDS[kind].event_dimensions or hour == 26
    ]


class House:
    """The application, and the loop that it runs on."""

    def __init__(self, services: Services, runner: asyncio.Runner) -> None:
        self.services = services
        self.runner = runner
        self.app = create_app(services)

    def ask(
        self,
        method: str,
        path: str,
        query: bytes = b"",
        headers: Headers = AUTHORIZED,
        body: bytes = b"",
    ) -> Answer:
        """The answer to a request. Raises what the application raises: a defect."""
        return self.runner.run(self._asked(method, path, query, headers, body))

    async def _asked(
        self, method: str, path: str, query: bytes, headers: Headers, body: bytes
    ) -> Answer:
        sent: list[dict[str, Any]] = []
        gone = asyncio.Event()
        came = False

        async def receive() -> dict[str, Any]:
            nonlocal came
            if came:
                await gone.wait()
            came = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http",
            "method": method, "path": unquote(path), "raw_path": path.encode(), "root_path": "",
            "query_string": query, "headers": list(headers), "client": ("127.0.0.1", 5),
            "server": ("127.0.0.1", 8321),
        }  # fmt: skip
        await self.app(scope, receive, send)
        start, *parts = sent
        return Answer(
            start["status"],
            dict(start["headers"]),
            b"".join(part.get("body", b"") for part in parts),
        )

    def session(self) -> tuple[str, str]:
        """A session of the admin key, always the same: its token, and the second one."""
        key_id = self.services.keys.caller_of(ADMIN_KEY, NOW)
        assert key_id is not None
        session = Session(id="s", key_id=key_id.key_id, issued_at=NOW, expires_at=NOW + 9)
        digest = self.services.keys.ring.digest_of(session.key_id)
        assert digest is not None
        signer = self.services.sessions
        return signer.token(session, digest), signer.csrf_token(session)

    def connections(self) -> type[asyncio.Protocol]:
        """The class of connections, as uvicorn makes them."""
        return protocol_within(self.services.settings)

    def config(self) -> uvicorn.Config:
        """What uvicorn gives its connections."""
        config = uvicorn.Config(
            self.app, http=self.connections(), ws="none", lifespan="off", log_config=None,
            access_log=False, server_header=False, proxy_headers=False,
        )  # fmt: skip
        config.load()
        return config


@contextmanager
def house(folder: Path) -> Iterator[House]:
    """The application over a ledger that has events, sealed ones and not, and an organization."""
    keep(folder, BOUND, _BOUND_ELSEWHERE)
    with ExitStack() as closing:
        prices = source(folder, PRICES)
        ledger = closing.enter_context(opened(folder, prices))
        events = ledger_events()
        assert posted(ledger, events).accepted == len(events)
        seal_all(ledger, DAY + 30 * 3_600)
        organization: Organization = open_organization(folder, "")
        closing.callback(organization.close)
        keys = LiveKeys(organization, CHOSEN)
        runner = closing.enter_context(asyncio.Runner())
        committer = Committer(ledger, 1 << 20)
        runner.run(committer.__aenter__())
        closing.callback(lambda: runner.run(committer.__aexit__(None, None, None)))
        services = Services(
            ledger=ledger,
            committer=committer,
            prices=prices,
            organization=organization,
            keys=keys,
            settings=load_settings({"data": str(folder)}, environment={}),
            clock=lambda: float(NOW),
            dashboard=NOT_BUILT,
            sessions=signer_with(_SESSION_SECRET),
        )
        yield House(services, runner)
