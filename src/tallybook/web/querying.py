"""Queries over the events: in threads of their own, no longer than allowed, and for nobody else.

A query that nobody waits for any more is stopped, as is one that takes longer
than the setting ``query_seconds_max``; the time in which it waits for a thread
counts.
"""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from starlette.requests import Request

from tallybook.domain.errors import QueryStopped, QueryTimedOut
from tallybook.ledger.stopping import Stop
from tallybook.web.access import caller_of
from tallybook.web.services import Services

T = TypeVar("T")

# How long a query that was told to stop is left alone before it is told again: one that was
# between two statements did not hear it.
AGAIN_SECONDS = 0.02

_GONE = "Whoever asked is gone, so the query was stopped."
_STOPPING = "The server is shutting down and stopped the query. Send the request again."


async def answered(request: Request, services: Services, work: Callable[[Stop], T]) -> T:
    """What ``work`` answers, in a thread. ``request`` has no body, or one that was not read.

    Returns or raises only when the work has ended, or was never begun. Raises
    what the work raises, Overloaded when too many wait, QueryTimedOut, and
    QueryStopped when whoever asked is gone. When it is cancelled, it stops the
    work first.
    """
    loop = asyncio.get_running_loop()
    stop = Stop()
    begun = services.queries.submit(caller_of(request).key_id, work, stop)
    ended = asyncio.wrap_future(begun)
    seconds = services.settings.query_seconds_max
    timer = loop.call_later(seconds, _press, stop, _timed_out(seconds), ended)
    watch = loop.create_task(_watch(request, stop, ended))
    try:
        # Work that still waits for a thread is taken out of the queue; this does nothing to other.
        with stop.on(begun.cancel):
            await _end_of(ended, stop)
    finally:
        timer.cancel()
        watch.cancel()
    if ended.cancelled():
        stop.check()
    return ended.result()


async def _end_of(ended: asyncio.Future[Any], stop: Stop) -> None:
    """Wait until the work has ended, however it ends, and even when this is cancelled."""
    cancelled: asyncio.CancelledError | None = None
    while not ended.done():
        try:
            await asyncio.wait({ended})
        except asyncio.CancelledError as fault:
            cancelled = fault
            _press(stop, QueryStopped(_STOPPING), ended)
    if cancelled is not None:
        # Nobody will ask how it ended: a defect would be reported as one that was overlooked.
        _ = ended.cancelled() or ended.exception()
        raise cancelled


async def _watch(request: Request, stop: Stop, ended: asyncio.Future[Any]) -> None:
    """Stop the work once whoever asked is gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    _press(stop, QueryStopped(_GONE), ended)


def _press(stop: Stop, fault: QueryStopped, ended: asyncio.Future[Any]) -> None:
    """Tell the work to stop until it has ended."""
    if not ended.done():
        stop.now(fault)
        ended.get_loop().call_later(AGAIN_SECONDS, _press, stop, fault, ended)


def _timed_out(seconds: int) -> QueryTimedOut:
    return QueryTimedOut(
        f"The query was not answered within {seconds} s (setting query_seconds_max), the time it"
        " waited for others included, and was stopped. Ask for a shorter range, fewer groups or"
        " fewer buckets at a time, or raise the setting."
    )
