"""Sheets: many entries side by side, as columns.

Events travel from the decoder to the engine by the hundred thousand a second,
so they are entered by columns: one pass of C over one field of all events is
several times cheaper than one pass of Python over all fields of one event.
What an entry *is* stands in ``domain/entries.py``; a sheet only gets there
faster, hands every event that is not plain to it, and a property test holds
the two equal.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

import msgspec

from tallybook.domain import instants
from tallybook.domain.definitions import Kind, Split
from tallybook.domain.entries import (
    COLUMN_NAMES,
    COLUMNS,
    ID,
    KIND,
    TIME_US,
    Entry,
    encode_tags,
    entry_of,
)
from tallybook.domain.errors import ImpossibleEvent
from tallybook.domain.events import EVENT_TYPES, Event
from tallybook.domain.kinds import KINDS
from tallybook.domain.tokens import PLAIN_TOKEN_FIELDS, split_plain_tokens, split_tokens

# What makes an event one event: its id, and its time in microseconds.
Identity = tuple[str, int]
# The values of one column; None stands for nulls throughout.
Values = Sequence[Any] | None


class Sheet(msgspec.Struct, frozen=True):
    """Entries as columns, one for each of ``domain/entries.py``'s ``COLUMNS``."""

    count: int
    columns: tuple[Values, ...]

    def identities(self) -> list[Identity]:
        """The identity of each entry, in order."""
        return list(zip(self.columns[ID] or (), self.columns[TIME_US] or (), strict=True))

    def entry(self, row: int) -> Entry:
        """One entry as a tuple."""
        return tuple(None if values is None else values[row] for values in self.columns)

    def entries(self) -> list[Entry]:
        """All entries as tuples, in order."""
        nulls = (None,) * self.count
        return list(
            zip(*(nulls if values is None else values for values in self.columns), strict=True)
        )

    def without(self, rows: set[int]) -> "Sheet":
        """The sheet less some of its rows."""
        kept = [row for row in range(self.count) if row not in rows]
        return Sheet(
            len(kept),
            tuple(
                None if values is None else [values[row] for row in kept] for values in self.columns
            ),
        )


EMPTY = Sheet(0, (None,) * len(COLUMNS))


def sheet_of_entries(entries: Sequence[Entry]) -> Sheet:
    """Entries, turned into columns."""
    return Sheet(len(entries), tuple(zip(*entries, strict=True))) if entries else EMPTY


def joined(sheets: Sequence[Sheet]) -> Sheet:
    """Sheets one below the other."""
    if len(sheets) == 1:
        return sheets[0]
    columns = zip(*(sheet.columns for sheet in sheets), strict=True)
    return Sheet(
        sum(sheet.count for sheet in sheets),
        tuple(
            None
            if all(values is None for values in parts)
            else list(
                chain.from_iterable(
                    (None,) * sheet.count if values is None else values
                    for sheet, values in zip(sheets, parts, strict=True)
                )
            )
            for parts in columns
        ),
    )


class Entered(msgspec.Struct, frozen=True):
    """The events that could be entered, where they stood, and the faults of the others.

    ``positions`` are the places of the sheet's entries among the events, by
    kind and ascending within a kind; ``faults`` come with theirs.
    """

    sheet: Sheet
    positions: Sequence[int]
    faults: list[tuple[int, ImpossibleEvent]]


def enter(events: Sequence[Event], latest_us: int) -> Entered:
    """Enter events, of which each that contradicts itself or the clock is left out.

    ``latest_us`` is the last plausible time, inclusive, in microseconds.
    """
    if len(set(map(type, events))) == 1:
        return _enter_kind(type(events[0]), events, range(len(events)), latest_us)
    places: defaultdict[type[Event], list[int]] = defaultdict(list)
    for place, event in enumerate(events):
        places[type(event)].append(place)
    parts = [
        _enter_kind(event_type, [events[place] for place in of_type], of_type, latest_us)
        for event_type, of_type in places.items()
    ]
    return Entered(
        joined([part.sheet for part in parts]) if parts else EMPTY,
        [place for part in parts for place in part.positions],
        sorted((fault for part in parts for fault in part.faults), key=lambda fault: fault[0]),
    )


def _enter_kind(
    event_type: type[Event], events: Sequence[Event], places: Sequence[int], latest_us: int
) -> Entered:
    """Enter events of one kind: by columns, or one by one when any of them is not plain."""
    try:
        columns = _FORMS[event_type].columns(events, latest_us)
    except _NotPlainError:
        return _enter_each(events, places, latest_us)
    return Entered(Sheet(len(events), columns), places, [])


def _enter_each(events: Iterable[Event], places: Iterable[int], latest_us: int) -> Entered:
    entries: list[Entry] = []
    positions: list[int] = []
    faults: list[tuple[int, ImpossibleEvent]] = []
    for place, event in zip(places, events, strict=True):
        try:
            entries.append(entry_of(event, latest_us))
        except ImpossibleEvent as fault:
            faults.append((place, fault))
        else:
            positions.append(place)
    return Entered(sheet_of_entries(entries), positions, faults)


class _NotPlainError(Exception):
    """These events have to be entered one by one: some are at fault, or rare in form."""


class _Form(msgspec.Struct, frozen=True):
    """How events of one kind become columns: a getter for each that is read as it is."""

    kind: str
    getters: tuple[tuple[int, Callable[[Event], Any]], ...]
    counts: Callable[[Sequence[Event]], Iterable[tuple[str, Values]]]

    def columns(self, events: Sequence[Event], latest_us: int) -> tuple[Values, ...]:
        """The columns of these events. Raises _NotPlainError."""
        columns: list[Values] = [None] * len(COLUMNS)
        for place, getter in self.getters:
            columns[place] = _null_or(list(map(getter, events)))
        columns[TIME_US] = _times([event.time for event in events], latest_us)
        columns[KIND] = [self.kind] * len(events)
        if any(map(_reported_cost, events)):
            raise _NotPlainError
        tags = [event.tags for event in events]
        columns[_TAGS] = _null_or([encode_tags(each) if each else None for each in tags])
        for name, values in self.counts(events):
            columns[COLUMN_NAMES.index(name)] = values
        return tuple(columns)


_TAGS = COLUMN_NAMES.index("tags")
_reported_cost = attrgetter("reported_cost")


def _null_or(values: list[Any]) -> Values:
    """The values, or None when all of them are null."""
    return None if values[0] is None and values.count(None) == len(values) else values


def _times(times: Sequence[Any], latest_us: int) -> list[int]:
    """Times in microseconds, when all are numbers and plausible."""
    if not set(map(type, times)) <= {int, float}:
        raise _NotPlainError
    scale = instants.MICROSECONDS
    # Before they are scaled: the largest doubles would be infinite then.
    if min(times) < instants.EARLIEST_SECONDS or max(times) * scale > latest_us:
        raise _NotPlainError
    return [round(time * scale) for time in times]


def _plain_counts(kind: Kind) -> Callable[[Sequence[Event]], Iterable[tuple[str, Values]]]:
    """Counts that are stored as they come, when none is left to its default."""
    fields = [
        (quantity.columns[0], attrgetter(quantity.name), quantity.scale)
        for quantity in kind.quantities
    ]

    def counts(events: Sequence[Event]) -> Iterable[tuple[str, Values]]:
        for column, getter, scale in fields:
            values = list(map(getter, events))
            if None in values:
                raise _NotPlainError
            yield column, values if scale == 1 else [round(value * scale) for value in values]

    return counts


def _token_counts(kind: Kind) -> Callable[[Sequence[Event]], Iterable[tuple[str, Values]]]:
    """Token counts taken apart: in bulk when only totals are given, else one by one."""
    details = [quantity.name for quantity in kind.quantities]
    details = [name for name in details if name not in PLAIN_TOKEN_FIELDS]
    detail_getter = attrgetter(*details)
    no_detail = (None,) * len(details)
    plain_getters = [attrgetter(name) for name in PLAIN_TOKEN_FIELDS]

    def counts(events: Sequence[Event]) -> Iterable[tuple[str, Values]]:
        if all(map(no_detail.__eq__, map(detail_getter, events))):
            split = split_plain_tokens(*(list(map(getter, events)) for getter in plain_getters))
        else:
            try:
                split = list(zip(*map(split_tokens, events), strict=True))
            except ImpossibleEvent as fault:
                raise _NotPlainError from fault
        if split is None:
            raise _NotPlainError
        return zip(kind.columns, split, strict=True)

    return counts


_COUNTS = {Split.PLAIN: _plain_counts, Split.TOKENS: _token_counts}


def _form(kind: Kind) -> _Form:
    read = ("id", "provider", *kind.event_dimensions)
    return _Form(
        kind.name,
        tuple((COLUMN_NAMES.index(name), attrgetter(name)) for name in read),
        _COUNTS[kind.split](kind),
    )


_FORMS = {EVENT_TYPES[name]: _form(kind) for name, kind in KINDS.items()}
