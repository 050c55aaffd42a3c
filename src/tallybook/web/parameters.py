"""Query strings as queries.

Arrays are accepted in every form that clients send: ``x=a&x=b``,
``x[]=a&x[]=b``, ``x[0]=a&x[1]=b`` and ``x=a,b``, mixed at will
(``docs/wire.md``, section 3.4). Beyond the contract there are tags,
``tags[team]=search``, providers, time zones and rankings (section 13). Faults
name the parameter without brackets.
"""

import re

import msgspec

from tallybook.domain import costs
from tallybook.domain.buckets import BucketWidth, Grid
from tallybook.domain.definitions import Filter, Kind
from tallybook.domain.dimensions import TAG_PREFIX, in_row_order
from tallybook.domain.errors import (
    InvalidType,
    InvalidValue,
    MissingParameter,
    UnknownParameter,
)
from tallybook.domain.events import TAG_NAME_LENGTH_MAX
from tallybook.domain.kinds import COSTS_LIMITS, FILTER_NAMES, USAGE_LIMITS
from tallybook.domain.queries import (
    Condition,
    CostsQuery,
    UsageQuery,
    checked_limit,
    checked_range,
    checked_top,
    whole_buckets,
    within,
)
from tallybook.domain.zones import UTC, zone_names
from tallybook.usage.cursor import resumed
from tallybook.web.query_strings import Parameters, pairs_of

_NAME = re.compile(r"(?P<base>[^\[\]]+)(?P<brackets>\[.*\])?", re.DOTALL)
_LIST = re.compile(r"\[\d*\]")
_TAG = re.compile(r"\[(?P<name>.+?)\](?:\[\d*\])?", re.DOTALL)
_BOOLEANS = {"true": True, "false": False}

SCALARS = ("start_time", "end_time", "bucket_width", "limit", "page")
# Beyond the contract.
OWN_SCALARS = ("timezone", "order_by", "top")
TAGS = "tags"


class Form(msgspec.Struct, frozen=True):
    """What an endpoint can be asked: its name, filters, group keys and numbers to rank by.

    Any tag is a filter and a group key too. Values of ``never_split`` filters
    may hold commas. ``scalars`` are those that no other endpoint has.
    """

    name: str
    filters: tuple[Filter, ...]
    group_by: tuple[str, ...]
    rankings: tuple[str, ...]
    never_split: frozenset[str] = frozenset()
    scalars: frozenset[str] = frozenset()

    def can_group_by(self, name: str) -> bool:
        """Whether a name is a group key."""
        tag = name.removeprefix(TAG_PREFIX)
        return name in self.group_by or (tag != name and 0 < len(tag) <= TAG_NAME_LENGTH_MAX)


# Filters beyond the contract: ignored where they are not known they would give wrong sums.
_OWN_FILTERS = {filter_.name for filter_ in costs.FILTERS} - FILTER_NAMES

COSTS_FORM = Form(
    costs.NAME, costs.FILTERS, costs.GROUP_BY, costs.RANKINGS, never_split=costs.NEVER_SPLIT
)


def usage_form(kind: Kind) -> Form:
    """What a kind's endpoint can be asked."""
    return Form(kind.name, kind.query_filters, kind.query_dimensions, kind.rankings)


def read_parameters(query_string: bytes, form: Form) -> Parameters:
    """Take a query string apart for an endpoint.

    Names that no endpoint has are passed over. Raises UnknownParameter for a
    filter that only other endpoints have, InvalidType for a scalar with
    brackets or given twice.
    """
    booleans = (filter_.name for filter_ in form.filters if filter_.boolean)
    scalar_names = {*SCALARS, *OWN_SCALARS, *form.scalars, *booleans}
    array_names = {"group_by", *(filter_.name for filter_ in form.filters if not filter_.boolean)}
    parameters = Parameters({}, {})
    for name, value in pairs_of(query_string):
        parts = _NAME.fullmatch(name)
        if parts is None:
            _refuse_half_a_tag(name)
            continue
        base, brackets = parts["base"], parts["brackets"]
        if base in scalar_names:
            parameters.take_scalar(base, value, bracketed=brackets is not None)
        elif base in array_names:
            items = _items(value, whole=base in form.never_split)
            _take_items(parameters, base, brackets or "", items)
        elif base == TAGS:
            _take_tag(parameters, brackets or "", value)
        elif base in FILTER_NAMES or base in _OWN_FILTERS:
            raise UnknownParameter(
                f"{base} is not a parameter of {form.name}; its filters are"
                f" {', '.join(filter_.name for filter_ in form.filters)} and {TAGS}[NAME].",
                param=base,
            )
    return parameters


def _refuse_half_a_tag(name: str) -> None:
    """Raise InvalidType for a tag whose bracket is not closed; other such names are passed over."""
    if name.startswith(f"{TAGS}["):
        raise InvalidType("Write a tag and its value like tags[team]=search.", param=TAGS)


def _take_tag(parameters: Parameters, brackets: str, value: str) -> None:
    """A tag's value, whole: it may hold commas. Raises InvalidType without the tag's name."""
    tag = _TAG.fullmatch(brackets)
    if tag is None:
        raise InvalidType("Write a tag and its value like tags[team]=search.", param=TAGS)
    if value:
        parameters.take_items(f"{TAG_PREFIX}{tag['name']}", [value])


def _take_items(parameters: Parameters, name: str, brackets: str, items: list[str]) -> None:
    if brackets and not _LIST.fullmatch(brackets):
        raise InvalidType(f"{(name + brackets)[:60]!r} is not a way to write a list.", param=name)
    parameters.take_items(name, items)


def _items(value: str, *, whole: bool = False) -> list[str]:
    """The items of one value: split on commas unless whole, trimmed, without empty ones."""
    if whole:
        return [value] if value else []
    return [item for part in value.split(",") if (item := part.strip(" "))]


def read_usage_query(
    query_string: bytes, kind: Kind, now: int, projects: frozenset[str] | None
) -> UsageQuery:
    """The usage query that a query string asks for at a moment.

    ``now`` is the exclusive end of the present, in whole Unix seconds;
    ``projects`` are those that the caller may see, None being all there is.
    Raises a RequestError whose ``param`` names what is wrong.
    """
    form = usage_form(kind)
    parameters = read_parameters(query_string, form)
    start, end = _range(parameters, now)
    grid = _grid(parameters)
    group_by = _group_by(parameters, form)
    query = UsageQuery(
        kind=kind,
        start=start,
        end=end,
        width=grid.width,
        zone=grid.zone,
        limit=checked_limit(parameters.integer("limit"), grid.width, USAGE_LIMITS),
        resume=start,
        group_by=group_by,
        conditions=tuple(conditions_of(parameters, form, projects)),
        order_by=_order_by(parameters, form),
        top=checked_top(parameters.integer("top"), group_by),
    )
    token = parameters.scalars.get("page", "")
    return resumed(query, token, now) if token else query


def read_costs_query(query_string: bytes, now: int, projects: frozenset[str] | None) -> CostsQuery:
    """The query of costs that a query string asks for at a moment, of whole buckets only.

    ``now`` is the exclusive end of the present, in whole Unix seconds;
    ``projects`` are those that the caller may see, None being all there is.
    Raises a RequestError whose ``param`` names what is wrong.
    """
    parameters = read_parameters(query_string, COSTS_FORM)
    grid = _grid(parameters)
    start, end = whole_buckets(*_range(parameters, now), grid)
    group_by = _group_by(parameters, COSTS_FORM)
    query = CostsQuery(
        start=start,
        end=end,
        width=grid.width,
        zone=grid.zone,
        limit=checked_limit(parameters.integer("limit"), grid.width, COSTS_LIMITS),
        resume=start,
        group_by=group_by,
        conditions=tuple(conditions_of(parameters, COSTS_FORM, projects)),
        order_by=_order_by(parameters, COSTS_FORM),
        top=checked_top(parameters.integer("top"), group_by),
    )
    token = parameters.scalars.get("page", "")
    return resumed(query, token, grid.next(now)) if token else query


def _range(parameters: Parameters, now: int) -> tuple[int, int]:
    """The range that is asked for. A cursor carries the end that was fixed on the first page."""
    start = parameters.integer("start_time")
    if start is None:
        raise MissingParameter(
            "start_time is required: the start of the range, inclusive, in Unix seconds.",
            param="start_time",
        )
    return checked_range(start, parameters.integer("end_time"), now)


def _grid(parameters: Parameters) -> Grid:
    """The width of buckets, and the zone whose clocks they go by."""
    zone = parameters.scalars.get("timezone") or UTC
    # Only names of the list: any other is a path to who knows which file.
    if zone not in zone_names():
        raise InvalidValue(
            f"timezone is {zone[:60]!r}, but it must be a name of the IANA time zone database,"
            " like Europe/Paris or UTC.",
            param="timezone",
        )
    return Grid(_width(parameters), zone)


def _width(parameters: Parameters) -> BucketWidth:
    text = parameters.scalars.get("bucket_width") or BucketWidth.DAY
    try:
        return BucketWidth(text)
    except ValueError as fault:
        raise InvalidValue(
            f"bucket_width is {text[:60]!r}, but it must be one of {', '.join(BucketWidth)}.",
            param="bucket_width",
        ) from fault


def _group_by(parameters: Parameters, form: Form) -> tuple[str, ...]:
    asked = parameters.arrays.get("group_by", [])
    for name in asked:
        if not form.can_group_by(name):
            raise InvalidValue(
                f"group_by is {name[:60]!r}, but {form.name} can be grouped by"
                f" {', '.join(form.group_by)} and {TAG_PREFIX}NAME.",
                param="group_by",
            )
    return in_row_order(asked)


def _order_by(parameters: Parameters, form: Form) -> str | None:
    name = parameters.scalars.get("order_by") or None
    if name is not None and name not in form.rankings:
        raise InvalidValue(
            f"order_by is {name[:60]!r}, but {form.name} can be ordered by"
            f" {', '.join(form.rankings)}.",
            param="order_by",
        )
    return name


def conditions_of(
    parameters: Parameters, form: Form, projects: frozenset[str] | None
) -> list[Condition]:
    """What the filters ask for, in the order of the form, and after them the tags.

    It begins with what the caller may see at all. Filters are beside that, and
    never instead of it: one by another project leaves nothing. Being a
    condition like others it is known to cursors, and to whatever reads sums.
    """
    conditions = [*within(projects)]
    for filter_ in form.filters:
        if filter_.boolean:
            values = _boolean(parameters.scalars.get(filter_.name, ""), filter_)
        else:
            values = _choices(parameters.arrays.get(filter_.name, []), filter_)
        if values:
            conditions.append(Condition(filter_.dimension, values))
    tags = [name for name in parameters.arrays if name.startswith(TAG_PREFIX)]
    return [
        *conditions,
        *(Condition(name, tuple(dict.fromkeys(parameters.arrays[name]))) for name in tags),
    ]


def _boolean(text: str, filter_: Filter) -> tuple[str | bool, ...]:
    """True or false in any letter case, as one value; none when absent."""
    if not text:
        return ()
    if (value := _BOOLEANS.get(text.lower())) is None:
        raise InvalidValue(
            f"{filter_.name} is {text[:60]!r}, but it must be true or false.", param=filter_.name
        )
    return (value,)


def _choices(items: list[str], filter_: Filter) -> tuple[str | bool, ...]:
    for item in items:
        if filter_.values and item not in filter_.values:
            raise InvalidValue(
                f"{filter_.name} is {item[:60]!r}, but it must be one of"
                f" {', '.join(filter_.values)}.",
                param=filter_.name,
            )
    return tuple(dict.fromkeys(items))
