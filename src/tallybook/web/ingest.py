"""``POST /v1/events``: events in, a receipt out, answered once they are on disk."""

from http import HTTPStatus
from typing import Any

import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import Response

from tallybook.domain.entries import latest_us
from tallybook.domain.errors import EventsConflict, InvalidValue, NothingStored, RequestError
from tallybook.domain.receipts import Receipt
from tallybook.intake.binding import bound
from tallybook.intake.body import unpack
from tallybook.intake.native import Batch, format_of, read_events
from tallybook.ledger.ledger import Appended, Lot
from tallybook.ledger.receipts import discreet, receipt_of
from tallybook.web.access import caller_of
from tallybook.web.envelope import FAULT, JSONResponse, error_response
from tallybook.web.services import Services, services_of

# Bodies up to this are decoded where they arrive, in milliseconds at most: each
# further thread that runs Python beside the writer makes the writer wait for the
# interpreter, and costs a quarter of the throughput. Larger ones go to a thread,
# one at a time, so that they do not hold up other requests.
DECODE_INLINE_BYTES_MAX = 1 << 20

_ATOMIC = {"": False, "false": False, "true": True}


async def post_events(request: Request) -> Response:
    """Store the events of the body; with ``?atomic=true`` all of them or none."""
    services = services_of(request)
    caller = caller_of(request)
    whole = _atomic(request)
    batch, size = await _received(request, services)
    answer = await _store(services, batch, size, caller.key_id, whole=whole)
    if caller.projects is not None:
        answer = discreet(answer)
    receipt = receipt_of(answer, batch.rejected)
    services.meters.told(receipt)
    return _answer(request, receipt)


async def _received(request: Request, services: Services) -> tuple[Batch, int]:
    """The events of the body, and how many bytes they were, unpacked.

    Refuses a request that would be refused at its end as early as that is
    known: what is not read costs nothing. Raises Overloaded, and what is wrong with the body.
    """
    caller = caller_of(request)
    layout = format_of(request.headers.get("content-type"))
    encoding = request.headers.get("content-encoding")
    declared = request.headers.get("content-length")
    most = services.settings.body_bytes_max
    services.committer.check_room(0, caller.key_id)
    async with services.receiving.body(caller.key_id, request.stream(), declared, most) as packed:
        services.meters.received(len(packed))
        services.committer.check_room(len(packed), caller.key_id)

        def decode() -> tuple[Batch, int]:
            body = unpack(packed, encoding, most)
            latest = latest_us(services.clock())
            batch = read_events(body, layout, latest, services.settings.events_max)
            return bound(batch, caller.projects), len(body)

        if len(packed) <= DECODE_INLINE_BYTES_MAX and encoding is None:
            return decode()
        return await anyio.to_thread.run_sync(decode, limiter=services.decoding)


def _atomic(request: Request) -> bool:
    text = request.query_params.get("atomic", "").lower()
    if text not in _ATOMIC:
        raise InvalidValue(
            f"atomic is {text[:60]!r}, but it must be true or false.", param="atomic"
        )
    return _ATOMIC[text]


async def _store(
    services: Services, batch: Batch, size: int, owner: str, *, whole: bool
) -> Appended:
    """Commit what can be stored, and say what became of it."""
    if not batch.sheet.count or (whole and batch.rejected):
        return Appended(0, 0)
    return await services.committer.commit(Lot(batch.sheet, batch.positions, whole), size, owner)


def _answer(request: Request, receipt: Receipt) -> Response:
    """200 when all are stored or known, 207 when some are, else 400 or 409 with the envelope."""
    body: dict[str, Any] = msgspec.to_builtins(receipt)
    if not receipt.failed:
        return JSONResponse(body)
    if receipt.accepted or receipt.duplicates:
        return JSONResponse(body, HTTPStatus.MULTI_STATUS)
    fault = request.scope[FAULT] = _nothing_stored(receipt)
    return error_response(fault, body)


def _nothing_stored(receipt: Receipt) -> RequestError:
    """The error of a receipt without a stored or known event."""
    first = min((*receipt.conflicts, *receipt.rejected), key=lambda fault: fault.index)
    text = (
        f"None of the events was stored. The first fault, at index {first.index}: {first.reason}."
    )
    if receipt.rejected:
        return NothingStored(text, param=first.field)
    return EventsConflict(text, param=first.field)
