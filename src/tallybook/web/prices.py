"""``/v1/prices``: rate cards, price lists, what an event costs, and pricing again."""

import re
from functools import partial

import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import Response

from tallybook.domain.errors import (
    InvalidType,
    InvalidValue,
    MalformedBody,
    MissingParameter,
)
from tallybook.domain.events import DEFAULT_PROVIDER
from tallybook.domain.instants import (
    MICROSECONDS,
    exclusive_now,
    from_seconds,
)
from tallybook.domain.kinds import KINDS
from tallybook.organization.prices_log import record_repricing
from tallybook.usage.card_answers import Cards, cards_in_use, price_list
from tallybook.usage.explaining import explain
from tallybook.usage.repricing_answers import (
    RepricingAnswer,
    Wish,
    checked_wish,
    repriced,
    repricings,
)
from tallybook.web.access import actor_of, caller_of
from tallybook.web.envelope import JSONResponse
from tallybook.web.querying import answered
from tallybook.web.services import Services, services_of
from tallybook.web.small_bodies import small_body

# A wish to reprice is a handful of fields.
WISH_BYTES_MAX = 64 << 10

_SECONDS = re.compile(r"[0-9]{1,11}")


_decode_wish = msgspec.json.Decoder(Wish).decode


async def get_cards(request: Request) -> Response:
    """The rate cards that events have."""
    services = services_of(request)
    cards = await answered(request, services, partial(cards_in_use, services.ledger))
    return JSONResponse(Cards(cards, _fault(services)))


async def get_price_list(request: Request) -> Response:
    """What requests to a model cost at a moment."""
    services = services_of(request)
    model = _required(request, "model", "the name of a model, as events have it")
    provider = request.query_params.get("provider") or DEFAULT_PROVIDER
    kind = request.query_params.get("kind") or None
    if kind is not None and kind not in KINDS:
        raise InvalidValue(
            f"kind is {kind[:60]!r}, but it must be one of {', '.join(KINDS)}.", param="kind"
        )
    at_us = _at_us(request, services)

    def answer() -> Cards:
        book = services.prices.book()
        return Cards(price_list(book, provider, model, at_us, kind), _fault(services))

    return JSONResponse(await anyio.to_thread.run_sync(answer))


async def get_explanation(request: Request) -> Response:
    """What the events with an id cost, line by line."""
    event_id = _required(request, "event_id", "the id of an event")
    services = services_of(request)
    work = partial(explain, services.ledger, event_id, caller_of(request).projects)
    return JSONResponse(await answered(request, services, work))


async def get_repricings(request: Request) -> Response:
    """Every repricing that was applied."""
    return JSONResponse(await anyio.to_thread.run_sync(repricings, services_of(request).ledger))


async def post_repricing(request: Request) -> Response:
    """Price events again: say what would change, or change it."""
    services = services_of(request)
    too_large = f"A wish to reprice takes at most {WISH_BYTES_MAX} bytes; nothing was changed."
    body = await small_body(request, WISH_BYTES_MAX, too_large)
    wish = checked_wish(_wish(body), caller_of(request).told, exclusive_now(services.clock()))
    actor = actor_of(request)

    def work() -> RepricingAnswer:
        if wish.apply:
            record_repricing(
                services.organization,
                actor,
                services.clock(),
                since=wish.since,
                until=wish.until,
                model=wish.model,
                why=wish.why,
            )
        return repriced(services.ledger, wish)

    return JSONResponse(await anyio.to_thread.run_sync(work))


def _wish(body: bytes) -> Wish:
    """The wish of a body. Raises MalformedBody."""
    try:
        return _decode_wish(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise MalformedBody(
            f"The body is not a wish to reprice: {fault}. Send JSON with since, and if need be"
            " until, model, apply and why."
        ) from fault


def _required(request: Request, name: str, meaning: str) -> str:
    """A parameter that has to be there. Raises MissingParameter."""
    text = request.query_params.get(name, "")
    if not text:
        raise MissingParameter(f"{name} is required: {meaning}.", param=name)
    return text


def _at_us(request: Request, services: Services) -> int:
    """The moment that is asked about, in microseconds; now when none is. Raises InvalidType."""
    text = request.query_params.get("at", "")
    if not text:
        return from_seconds(services.clock())
    if not _SECONDS.fullmatch(text):
        raise InvalidType(
            f"at is {text[:60]!r}, but it must be an integer of Unix seconds.", param="at"
        )
    return int(text) * MICROSECONDS


def _fault(services: Services) -> str | None:
    """Why the price file as it is now is not in force."""
    services.prices.book()
    return None if services.prices.fault is None else str(services.prices.fault)
