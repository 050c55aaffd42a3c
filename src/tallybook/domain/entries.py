"""Entries: events as the ledger keeps them.

An entry is a plain tuple with one value per column of ``COLUMNS``: identity
first, then what the event was for, then its disjoint quantities. Tuples,
because an entry lives for milliseconds between the decoder and the engine, a
hundred thousand of them a second, and equality of entries is what makes a
repeat a duplicate and not a conflict.
"""

from collections.abc import Callable
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from enum import StrEnum
from operator import attrgetter
from typing import Any

import msgspec

from tallybook.domain import instants
from tallybook.domain.definitions import Kind, Split
from tallybook.domain.dimensions import DIMENSIONS, PROJECT
from tallybook.domain.errors import ImpossibleEvent
from tallybook.domain.events import EVENT_TYPES, Event, ReportedCost
from tallybook.domain.kinds import KINDS, QUANTITY_COLUMNS
from tallybook.domain.tokens import split_tokens

Entry = tuple[Any, ...]

# A reported cost: digits before and after the point, inclusive.
COST_INTEGER_DIGITS_MAX = 13
COST_DECIMALS_MAX = 15
# Nothing is rounded in it, and no exponent is too large.
_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)


class ColumnType(StrEnum):
    """What a column holds, apart from any engine's name for it."""

    TEXT = "text"
    FLAG = "flag"
    INSTANT = "instant"
    COUNT = "count"
    MONEY = "money"


class Column(msgspec.Struct, frozen=True):
    """One field of an entry; ``required`` columns are never null."""

    name: str
    type: ColumnType
    required: bool = False


COLUMNS: tuple[Column, ...] = (
    Column("id", ColumnType.TEXT, required=True),
    # Microseconds since the Unix epoch.
    Column("time_us", ColumnType.INSTANT, required=True),
    Column("kind", ColumnType.TEXT, required=True),
    Column("provider", ColumnType.TEXT, required=True),
    *(
        Column(dimension.name, ColumnType.FLAG if dimension.boolean else ColumnType.TEXT)
        for dimension in DIMENSIONS.values()
    ),
    # A JSON object with sorted names, or null.
    Column("tags", ColumnType.TEXT),
    Column("reported_cost", ColumnType.MONEY),
    Column("reported_currency", ColumnType.TEXT),
    *(Column(name, ColumnType.COUNT) for name in QUANTITY_COLUMNS),
)

COLUMN_NAMES = tuple(column.name for column in COLUMNS)
ID, TIME_US, KIND, PROJECT_ID = (
    COLUMN_NAMES.index(name) for name in ("id", "time_us", "kind", PROJECT)
)

_dimensions = attrgetter(*DIMENSIONS)
_encode_sorted = msgspec.json.Encoder(order="sorted").encode


def encode_tags(tags: dict[str, str]) -> str:
    """Tags as they are kept: a JSON object with sorted names."""
    return _encode_sorted(tags).decode()


def _plain_split(kind: Kind) -> Callable[[Event], tuple[int | None, ...]]:
    """A function that reads each quantity into its one column, scaled to stored units."""
    quantities = [
        (quantity.name, quantity.scale, quantity.default)
        for column in kind.columns
        for quantity in kind.quantities
        if quantity.columns == (column,)
    ]

    def split(event: Event) -> tuple[int, ...]:
        given = ((getattr(event, name), scale, default) for name, scale, default in quantities)
        return tuple(
            default if count is None else count if scale == 1 else round(count * scale)
            for count, scale, default in given
        )

    return split


_SPLITS: dict[Split, Callable[[Kind], Callable[[Event], tuple[int | None, ...]]]] = {
    Split.PLAIN: _plain_split,
    Split.TOKENS: lambda _kind: split_tokens,
}


class _Shape(msgspec.Struct, frozen=True):
    """How events of one kind fill an entry: the split, and where its counts go."""

    kind: str
    split: Callable[[Event], tuple[int | None, ...]]
    # Nulls before and after the kind's own columns; its columns may also lie
    # apart, then ``places`` says where each one goes.
    places: tuple[int, ...] | None
    before: tuple[None, ...]
    after: tuple[None, ...]

    def counts(self, event: Event) -> tuple[int | None, ...]:
        """The counts of all quantity columns; null for those of other kinds."""
        own = self.split(event)
        if self.places is None:
            return (*self.before, *own, *self.after)
        counts: list[int | None] = [None] * len(QUANTITY_COLUMNS)
        for place, count in zip(self.places, own, strict=True):
            counts[place] = count
        return tuple(counts)


def _shape(kind: Kind) -> _Shape:
    places = tuple(QUANTITY_COLUMNS.index(column) for column in kind.columns)
    first, last = places[0], places[-1]
    together = places == tuple(range(first, last + 1))
    return _Shape(
        kind.name,
        _SPLITS[kind.split](kind),
        None if together else places,
        (None,) * first,
        (None,) * (len(QUANTITY_COLUMNS) - last - 1),
    )


_SHAPES = {EVENT_TYPES[name]: _shape(kind) for name, kind in KINDS.items()}


def _time_us(event: Event, latest_us: int) -> int:
    """The event's time in microseconds, once it is known to be plausible."""
    time = event.time
    time_us = instants.from_moment(time)
    if instants.EARLIEST_SECONDS * instants.MICROSECONDS <= time_us <= latest_us:
        return time_us
    if time_us > latest_us:
        raise ImpossibleEvent(
            "time",
            f"time is {time}, more than {instants.AHEAD_SECONDS_MAX} seconds ahead of this server's"
            " clock; send Unix seconds (not milliseconds) or RFC 3339",
        )
    raise ImpossibleEvent(
        "time", f"time is {time}; it must not be before {instants.EARLIEST_SECONDS} (2015-01-01)"
    )


def _money(cost: ReportedCost) -> tuple[Decimal, str]:
    """The reported value and its currency, once the value is known to fit its column."""
    value = cost.value
    if not value.is_finite() or value.is_signed():
        raise ImpossibleEvent(
            "reported_cost", f"reported_cost.value is {value}; it must be a number, 0 or more"
        )
    # Without it, a zero may have any exponent, and written out be as long as memory is large.
    value = value.normalize(_EXACT)
    _, digits, exponent = value.as_tuple()
    decimals = -int(exponent)
    if decimals > COST_DECIMALS_MAX or len(digits) - decimals > COST_INTEGER_DIGITS_MAX:
        raise ImpossibleEvent(
            "reported_cost",
            f"reported_cost.value is {cost.value}; at most {COST_INTEGER_DIGITS_MAX} digits before"
            f" and {COST_DECIMALS_MAX} after the point are kept",
        )
    return value, cost.currency


def latest_us(now_seconds: float) -> int:
    """The last microsecond, inclusive, that an event's time may have at a moment."""
    return instants.from_seconds(now_seconds + instants.AHEAD_SECONDS_MAX)


def entry_of(event: Event, latest_us: int) -> Entry:
    """The entry of a decoded event.

    ``latest_us`` is the last plausible time, inclusive, in microseconds.
    Raises ImpossibleEvent when the event contradicts itself or the clock.
    """
    shape = _SHAPES[type(event)]
    cost = event.reported_cost
    return (
        event.id,
        _time_us(event, latest_us),
        shape.kind,
        event.provider,
        *_dimensions(event),
        None if not event.tags else encode_tags(event.tags),
        *((None, None) if cost is None else _money(cost)),
        *shape.counts(event),
    )
