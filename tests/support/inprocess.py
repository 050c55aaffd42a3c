"""A server in a thread of this process, over a ledger that a test has made: real HTTP."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import uvicorn

from support.events import DAY
from support.prices import source
from support.server import ADMIN_KEY, INGEST_KEY
from tallybook.ledger.committer import Committer
from tallybook.ledger.ledger import Ledger
from tallybook.organization.keys import KeyWish, insert_key
from tallybook.organization.live_keys import LiveKeys
from tallybook.organization.organization import Organization, open_organization
from tallybook.organization.records import Actor, Means
from tallybook.organization.roles import ADMIN, INGEST
from tallybook.organization.secret import digest, masked
from tallybook.settings import load_settings
from tallybook.web.app import create_app
from tallybook.web.dashboard_files import Dashboard
from tallybook.web.services import Clock, Services

OTHER_ADMIN_KEY = "sk-admin-for-the-tests-another-9876543210ef"
# A day later than the events of most tests.
NOW = DAY + 2 * 86_400
START_SECONDS_MAX = 30
NOT_BUILT = Dashboard(None, {})


# The keys of settings, by role.
CHOSEN = {ADMIN: ADMIN_KEY, INGEST: INGEST_KEY}


@contextmanager
def serving(ledger: Ledger, folder: Path, **settings: Any) -> Iterator[httpx2.Client]:
    """A client, with the admin key, of a server over a ledger; ``settings`` are flags."""
    with closing(_organization(folder)) as organization:
        keys = LiveKeys(organization, CHOSEN)
        with serving_keys(ledger, folder, organization, keys, **settings) as client:
            yield client


@contextmanager
def serving_keys(
    ledger: Ledger,
    folder: Path,
    organization: Organization,
    keys: LiveKeys,
    clock: Clock = lambda: float(NOW),
    *,
    dashboard: Dashboard = NOT_BUILT,
    **settings: Any,
) -> Iterator[httpx2.Client]:
    """The same over an organization and keys that a test has made, by a clock that it sets."""
    up = threading.Event()
    servers: list[uvicorn.Server] = []

    async def run() -> None:
        async with Committer(ledger, 1 << 20) as committer:
            services = Services(
                ledger=ledger,
                committer=committer,
                prices=source(folder),
                organization=organization,
                keys=keys,
                settings=load_settings({"data": str(folder), **settings}, environment={}),
                clock=clock,
                dashboard=dashboard,
            )
            server = uvicorn.Server(
                uvicorn.Config(
                    create_app(services),
                    port=0,
                    http="httptools",
                    ws="none",
                    lifespan="off",
                    server_header=False,
                    log_level="warning",
                    timeout_graceful_shutdown=1,
                )
            )
            servers.append(server)
            starting = asyncio.create_task(server.serve())
            while not server.started:
                await asyncio.sleep(0.005)
            up.set()
            await starting

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    try:
        assert up.wait(START_SECONDS_MAX)
        port = servers[0].servers[0].sockets[0].getsockname()[1]
        with httpx2.Client(
            base_url=f"http://127.0.0.1:{port}",
            headers={"Authorization": f"Bearer {ADMIN_KEY}"},
            timeout=60,
            trust_env=False,
        ) as client:
            yield client
    finally:
        if servers:
            servers[0].should_exit = True
        thread.join(START_SECONDS_MAX)
        assert not thread.is_alive()


def _organization(folder: Path) -> Organization:
    """An organization of its own, with a second admin key."""
    organization = open_organization(folder, "")
    with organization.changing(Actor(means=Means.SERVER), NOW) as change:
        wish = KeyWish(name="another admin key", scopes=ADMIN.scopes, prefix=ADMIN.prefix)
        insert_key(change, wish, digest(OTHER_ADMIN_KEY), masked(OTHER_ADMIN_KEY))
    return organization
