"""``POST /v1/backups``: a backup as one archive, made while it is sent.

The body names the days that the caller has. The server keeps nothing of it,
and writes no file but the one that is on its way.
"""

import asyncio
import logging
from collections.abc import Callable, Generator
from functools import partial
from itertools import chain
from typing import TypeAlias, TypeVar

import msgspec
from anyio import fail_after
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Send
from starlette.types import Scope as ConnectionScope

from tallybook.backup.archive import MEDIA_TYPE, packed
from tallybook.backup.manifest import Day, Manifest
from tallybook.backup.taking import Part, Source, parts
from tallybook.domain.errors import MalformedBody, QueryStopped
from tallybook.domain.instants import from_seconds, iso
from tallybook.ledger.opening import prices_path
from tallybook.ledger.stopping import Stop
from tallybook.organization.backups_log import record_backup
from tallybook.web.access import actor_of
from tallybook.web.services import services_of
from tallybook.web.small_bodies import small_body

T = TypeVar("T")
_Making: TypeAlias = Generator[Part | Manifest, None, None]

# Some 300 bytes for a day: more than two centuries of them.
KNOWN_BYTES_MAX = 32 << 20
# How long whoever asked may take nothing of what is sent. The ledger's moment is held meanwhile,
# and other backups wait.
STALLED_SECONDS_MAX = 60
# How long work that was told to stop is left alone before it is told again.
_AGAIN_SECONDS = 0.02

_STOPPING = "The backup was stopped: whoever asked is gone, or the server is shutting down."

_log = logging.getLogger("tallybook.web")


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked: a backup, less the days that are known and are still the same."""

    days: list[Day] = []


_decode_wish = msgspec.json.Decoder(Wish).decode


async def post_backup(request: Request) -> Response:
    """A backup, as of now. There is one at a time."""
    services = services_of(request)
    wish = await _wish(request)
    actor = actor_of(request)
    now = services.clock()
    stop = Stop()
    source = Source(services.ledger, services.organization, prices_path(services.settings))
    making = parts(source, wish.days, iso(from_seconds(now)), stop)

    def begin() -> Part | Manifest:
        record_backup(services.organization, actor, now)
        return next(making)

    # What hinders it from the start is an answer like any other.
    first = await _ended(begin, stop)
    return _Archive(first, making, stop)


class _Archive(Response):
    """An archive, each piece made in a thread when the one before it is on its way."""

    media_type = MEDIA_TYPE

    def __init__(self, first: Part | Manifest, rest: _Making, stop: Stop) -> None:
        super().__init__()
        # It is known at the end.
        del self.headers["content-length"]
        self._rest = rest
        self._pieces = packed(chain([first], rest))
        self._stop = stop

    async def __call__(self, _scope: ConnectionScope, receive: Receive, send: Send) -> None:
        """Send it, or as much of it as somebody takes."""
        watch = asyncio.ensure_future(self._watch(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            while self._stop.fault is None:
                piece = await _ended(partial(next, self._pieces, b""), self._stop)
                with fail_after(STALLED_SECONDS_MAX):
                    await send(
                        {"type": "http.response.body", "body": piece, "more_body": bool(piece)}
                    )
                if not piece:
                    return
        except TimeoutError:
            # What is sent has no end, by which whoever asked knows.
            _log.warning("A backup was given up: nothing of it was taken any more.")
        finally:
            watch.cancel()
            # Here the ledger's moment is let go of, whatever became of the answer.
            await asyncio.shield(asyncio.to_thread(self._rest.close))

    async def _watch(self, receive: Receive) -> None:
        """Stop the work once whoever asked is gone."""
        while (await receive())["type"] != "http.disconnect":
            pass
        while True:
            self._stop.now(QueryStopped(_STOPPING))
            await asyncio.sleep(_AGAIN_SECONDS)


async def _ended(work: Callable[[], T], stop: Stop) -> T:
    """What work answers, in a thread. When this is cancelled, the work is stopped first."""
    working = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        while not working.done():
            stop.now(QueryStopped(_STOPPING))
            await asyncio.wait({working}, timeout=_AGAIN_SECONDS)
        # Nobody will ask how it ended.
        _ = working.cancelled() or working.exception()
        raise


async def _wish(request: Request) -> Wish:
    """The wish of a body; of an empty one a whole backup. Raises BodyTooLarge and MalformedBody."""
    too_large = f"The days that are known take at most {KNOWN_BYTES_MAX} bytes; nothing was begun."
    body = await small_body(request, KNOWN_BYTES_MAX, too_large)
    try:
        return _decode_wish(body) if body else Wish()
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise MalformedBody(
            f"The body is no list of days: {fault}. Send those of the manifest of the backup"
            " before, as days, or nothing at all."
        ) from fault
