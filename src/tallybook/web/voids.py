"""One stored event: ``GET /v1/events/{event_id}``, and ``POST /v1/events/void``."""

from functools import partial
from http import HTTPStatus

import anyio.to_thread
import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from tallybook.domain.errors import (
    InvalidValue,
    MissingParameter,
    UnknownParameter,
)
from tallybook.domain.events import Moment, Name
from tallybook.domain.instants import from_moment
from tallybook.domain.voids import (
    VOIDED_TOGETHER_MAX,
    EventName,
    StoredEvent,
    checked_reason,
    read_time_us,
)
from tallybook.organization.events_log import record_voids
from tallybook.usage.event_pages import told
from tallybook.usage.voiding import counting, full_names, meant, void_of, voided_events
from tallybook.web.access import actor_of, caller_of
from tallybook.web.envelope import JSONResponse
from tallybook.web.organization.bodies import read_body
from tallybook.web.query_strings import Parameters, pairs_of
from tallybook.web.querying import answered
from tallybook.web.services import Services, services_of
from tallybook.web.small_bodies import small_body

# As many names of the longest as may come, with room for how they are written.
WISH_BYTES_MAX = 2 << 20


class NamedEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An event by its id, and by its time where several have that id."""

    id: Name
    time: Moment | None = None


class VoidWish(msgspec.Struct, frozen=True):
    """What is to count no more, and why: one event by ``id`` and ``time``, or several."""

    reason: str
    id: Name | None = None
    time: Moment | None = None
    events: list[NamedEvent] | None = None


async def get_event(request: Request) -> Response:
    """One stored event, voided or not."""
    event_id = request.path_params["event_id"]
    if not event_id:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    name = EventName(event_id, _asked_time_us(request))
    services = services_of(request)
    work = partial(meant, services.ledger, [name], caller_of(request).projects)
    (event,) = await answered(request, services, work)
    return JSONResponse(told(event))


async def post_void(request: Request) -> Response:
    """Void events: all that are named, or none.

    1. Find them. When all were voided before, that is the answer.
    2. Record it in the audit log, so that none is voided without its entry.
    3. Void them, by the writer's thread, between two commits.
    4. Look what became of them: of two requests at once the first one counts.
    """
    services = services_of(request)
    names, reason = await _wish(request)
    caller = caller_of(request)
    events = await answered(
        request, services, partial(meant, services.ledger, names, caller.projects)
    )
    if fresh := counting(events):
        now = services.clock()
        await _record(request, services, fresh, reason, now)
        void = void_of(fresh, reason, caller.key_id, now)
        await services.committer.between_commits(partial(services.ledger.void, void))
        again = partial(meant, services.ledger, full_names(events), caller.projects)
        events = await answered(request, services, again)
    return JSONResponse(voided_events(events))


async def _record(
    request: Request, services: Services, events: list[StoredEvent], reason: str, now: float
) -> None:
    """Have the audit log say what is about to be voided. Raises OrganizationUnavailable."""
    actor = actor_of(request)
    work = partial(record_voids, services.organization, actor, now, events, reason)
    await anyio.to_thread.run_sync(work, limiter=services.organizing)


async def _wish(request: Request) -> tuple[list[EventName], str]:
    """The names and the reason of a body. Raises a RequestError whose ``param`` names the field."""
    too_large = (
        f"A request to void events takes at most {WISH_BYTES_MAX} bytes; nothing was changed."
    )
    wish = read_body(await small_body(request, WISH_BYTES_MAX, too_large), VoidWish)
    reason = checked_reason(wish.reason)
    if wish.events is None:
        if wish.id is None:
            raise MissingParameter("id is required, or events, a list of them.", param="id")
        return [_name(wish.id, wish.time)], reason
    if wish.id is not None or wish.time is not None:
        raise InvalidValue(
            "events excludes id and time: name each event in the list.", param="events"
        )
    if not 1 <= len(wish.events) <= VOIDED_TOGETHER_MAX:
        raise InvalidValue(
            f"events names {len(wish.events)} events, but it must be from 1 to"
            f" {VOIDED_TOGETHER_MAX}: all of them are voided at once, or none.",
            param="events",
        )
    return [_name(each.id, each.time) for each in wish.events], reason


def _name(event_id: str, time: Moment | None) -> EventName:
    if "\0" in event_id:
        raise InvalidValue("id has a NUL character.", param="id")
    return EventName(event_id, None if time is None else from_moment(time))


def _asked_time_us(request: Request) -> int | None:
    """The time that says which event is meant. Raises UnknownParameter and InvalidType."""
    parameters = Parameters({}, {})
    for name, value in pairs_of(request.scope["query_string"]):
        bare, brackets, _ = name.partition("[")
        if bare != "time":
            raise UnknownParameter(
                f"{bare[:60]} is not a parameter of an event; there is time.", param=bare[:60]
            )
        parameters.take_scalar(bare, value, bracketed=bool(brackets))
    text = parameters.scalars.get("time", "")
    return read_time_us(text) if text else None
