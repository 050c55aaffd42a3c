"""Query strings as queries.

Arrays are accepted in every form that clients send: ``x=a&x=b``,
``x[]=a&x[]=b``, ``x[0]=a&x[1]=b`` and ``x=a,b``, mixed at will
(``docs/wire.md``, section 3.4). Faults name the parameter without brackets.
"""

import re
from urllib.parse import parse_qsl

import msgspec

from tallybook.domain.buckets import BucketWidth
from tallybook.domain.definitions import Filter, Kind
from tallybook.domain.errors import (
    InvalidType,
    InvalidValue,
    MissingParameter,
    UnknownParameter,
)
from tallybook.domain.kinds import FILTER_NAMES
from tallybook.domain.queries import (
    Condition,
    UsageQuery,
    checked_limit,
    checked_range,
    in_row_order,
)
from tallybook.usage.cursor import resumed

_NAME = re.compile(r"(?P<base>[^\[\]]+)(?P<brackets>\[.*\])?")
_LIST = re.compile(r"\[\d*\]")
_INTEGER = re.compile(r"-?[0-9]{1,4000}")
_BOOLEANS = {"true": True, "false": False}

SCALARS = ("start_time", "end_time", "bucket_width", "limit", "page")


class Parameters(msgspec.Struct, frozen=True):
    """A query string taken apart: one value per scalar, a list of values per array."""

    scalars: dict[str, str]
    arrays: dict[str, list[str]]

    def integer(self, name: str) -> int | None:
        """A scalar as an integer; None when absent or empty. Raises InvalidType."""
        text = self.scalars.get(name, "")
        if not text:
            return None
        if not _INTEGER.fullmatch(text):
            raise InvalidType(
                f"{name} is {text[:60]!r}, but it must be an integer"
                + (" of Unix seconds." if name.endswith("_time") else "."),
                param=name,
            )
        return int(text)


def read_parameters(query_string: bytes, kind: Kind) -> Parameters:
    """Take a query string apart for a kind's endpoint.

    Names that no endpoint has are passed over. Raises UnknownParameter for a
    filter that only other endpoints have, InvalidType for a scalar with
    brackets or given twice.
    """
    try:
        pairs = parse_qsl(query_string.decode(), keep_blank_values=True, errors="strict")
    except (UnicodeDecodeError, ValueError) as fault:
        raise InvalidValue(f"The query string is not percent-encoded UTF-8: {fault}.") from fault
    scalar_names = {*SCALARS, *(filter_.name for filter_ in kind.filters if filter_.boolean)}
    array_names = {"group_by", *(filter_.name for filter_ in kind.filters if not filter_.boolean)}
    parameters = Parameters({}, {})
    for name, value in pairs:
        parts = _NAME.fullmatch(name)
        if parts is None:
            continue
        base = parts["base"]
        if base in scalar_names:
            _take_scalar(parameters, base, value, bracketed=parts["brackets"] is not None)
        elif base in array_names:
            if parts["brackets"] and not _LIST.fullmatch(parts["brackets"]):
                raise InvalidType(f"{name[:60]!r} is not a way to write a list.", param=base)
            parameters.arrays.setdefault(base, []).extend(_items(value))
        elif base in FILTER_NAMES:
            raise UnknownParameter(
                f"{base} is not a parameter of {kind.name}; its filters are"
                f" {', '.join(filter_.name for filter_ in kind.filters)}.",
                param=base,
            )
    return parameters


def _take_scalar(parameters: Parameters, name: str, value: str, *, bracketed: bool) -> None:
    if bracketed:
        raise InvalidType(f"{name} takes one value, not a list.", param=name)
    if parameters.scalars.get(name, value) != value:
        raise InvalidType(f"{name} is given twice, with different values.", param=name)
    parameters.scalars[name] = value


def _items(value: str) -> list[str]:
    """The items of one value: split on commas, trimmed, without empty ones."""
    return [item for part in value.split(",") if (item := part.strip(" "))]


def read_query(query_string: bytes, kind: Kind, now: int) -> UsageQuery:
    """The usage query that a query string asks for at a moment.

    ``now`` is the exclusive end of the present, in whole Unix seconds.
    Raises a RequestError whose ``param`` names what is wrong.
    """
    parameters = read_parameters(query_string, kind)
    start = parameters.integer("start_time")
    if start is None:
        raise MissingParameter(
            "start_time is required: the start of the range, inclusive, in Unix seconds.",
            param="start_time",
        )
    token = parameters.scalars.get("page", "")
    # A cursor carries the end that was fixed on the first page.
    end = parameters.integer("end_time")
    start, end = checked_range(start, end, now)
    width = _width(parameters)
    query = UsageQuery(
        kind=kind,
        start=start,
        end=end,
        width=width,
        limit=checked_limit(parameters.integer("limit"), width),
        resume=start,
        group_by=_group_by(parameters, kind),
        conditions=tuple(_conditions(parameters, kind)),
    )
    return resumed(query, token, now) if token else query


def _width(parameters: Parameters) -> BucketWidth:
    text = parameters.scalars.get("bucket_width") or BucketWidth.DAY
    try:
        return BucketWidth(text)
    except ValueError as fault:
        raise InvalidValue(
            f"bucket_width is {text[:60]!r}, but it must be one of {', '.join(BucketWidth)}.",
            param="bucket_width",
        ) from fault


def _group_by(parameters: Parameters, kind: Kind) -> tuple[str, ...]:
    asked = parameters.arrays.get("group_by", [])
    for name in asked:
        if name not in kind.dimensions:
            raise InvalidValue(
                f"group_by is {name[:60]!r}, but {kind.name} can be grouped by"
                f" {', '.join(kind.dimensions)}.",
                param="group_by",
            )
    return in_row_order(set(asked))


def _conditions(parameters: Parameters, kind: Kind) -> list[Condition]:
    conditions = []
    for filter_ in kind.filters:
        if filter_.boolean:
            values = _boolean(parameters.scalars.get(filter_.name, ""), filter_)
        else:
            values = _choices(parameters.arrays.get(filter_.name, []), filter_)
        if values:
            conditions.append(Condition(filter_.dimension, values))
    return conditions


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
