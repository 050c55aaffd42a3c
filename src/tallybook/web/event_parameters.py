"""Query strings of ``GET /v1/events`` as listings.

The route is our own, so a parameter that it does not have is refused by name:
passed over, it would give other events than were meant.
"""

from tallybook.domain import costs
from tallybook.domain.definitions import Filter
from tallybook.domain.dimensions import CURRENCY, LINE_ITEM
from tallybook.domain.errors import InvalidValue, UnknownParameter
from tallybook.domain.instants import AHEAD_SECONDS_MAX
from tallybook.domain.kinds import KINDS
from tallybook.domain.listings import NAME, Listing, checked_events_limit
from tallybook.domain.moments import SECONDS_MAX
from tallybook.domain.voids import Voids
from tallybook.usage.event_cursor import resumed_listing
from tallybook.web.parameters import TAGS, Form, conditions_of, read_parameters
from tallybook.web.query_strings import Parameters, pairs_of

VOIDED = "voided"
_SCALARS = ("start_time", "end_time", "limit", "page", VOIDED)

# By kind, and by all that costs are filtered by and events have.
FILTERS: tuple[Filter, ...] = (
    Filter("kinds", "kind", tuple(KINDS)),
    *(each for each in costs.FILTERS if each.dimension not in (LINE_ITEM, CURRENCY)),
)
_FORM = Form(NAME, FILTERS, group_by=(), rankings=(), scalars=frozenset({VOIDED}))
_NAMES = (*_SCALARS, *(each.name for each in FILTERS), TAGS)


def read_listing(query_string: bytes, now: int, projects: frozenset[str] | None) -> Listing:
    """The listing that a query string asks for.

    Without a start it is from the first event on, without an end up to the
    latest time that an event can have at ``now``, in whole Unix seconds.
    ``projects`` are those that the caller may see, None being all there is.
    Raises a RequestError whose ``param`` names what is wrong.
    """
    parameters = read_parameters(query_string, _FORM)
    _check_names(query_string)
    start = parameters.integer("start_time") or 0
    end = parameters.integer("end_time")
    if end is None:
        end = now + AHEAD_SECONDS_MAX + 1
    _check_range(start, end)
    listing = Listing(
        start=start,
        end=end,
        limit=checked_events_limit(parameters.integer("limit")),
        conditions=tuple(conditions_of(parameters, _FORM, projects)),
        voided=_voids(parameters),
    )
    token = parameters.scalars.get("page", "")
    return resumed_listing(listing, token) if token else listing


def _check_names(query_string: bytes) -> None:
    """Raise UnknownParameter for a name that the route does not have."""
    for name, _ in pairs_of(query_string):
        bare = name.partition("[")[0]
        if bare not in _NAMES:
            raise UnknownParameter(
                f"{bare[:60]} is not a parameter of {NAME}; they are {', '.join(_NAMES)}[NAME].",
                param=bare[:60],
            )


def _voids(parameters: Parameters) -> Voids:
    """Whether voided events are asked for. Raises InvalidValue."""
    text = parameters.scalars.get(VOIDED, "") or Voids.EXCLUDE
    if text not in tuple(Voids):
        raise InvalidValue(
            f"{VOIDED} is {text[:60]!r}, but it must be one of {', '.join(Voids)}.", param=VOIDED
        )
    return Voids(text)


def _check_range(start: int, end: int) -> None:
    """Raise InvalidValue unless the range holds a moment that can be written."""
    for name, value in (("start_time", start), ("end_time", end)):
        if not 0 <= value <= SECONDS_MAX:
            raise InvalidValue(
                f"{name} is {value}, but it must be from 0 to {SECONDS_MAX}, in Unix seconds.",
                param=name,
            )
    if start >= end:
        raise InvalidValue(
            f"start_time is {start}, but it must be before end_time, which is {end}.",
            param="start_time",
        )
