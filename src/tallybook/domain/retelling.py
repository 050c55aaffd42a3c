"""Stored entries as events again: the way back from ``domain/entries.py``.

An event that is told again has the fields of ``POST /v1/events`` and makes the
same entry, to the last digit. It has only what it needs for that: counts that
are the rest of a sum are left out, and so is what is null, false or nothing,
unless events of its kind must have it.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import msgspec

from tallybook.domain.definitions import Kind, Quantity
from tallybook.domain.entries import COLUMN_NAMES, KIND, Entry
from tallybook.domain.instants import seconds_text
from tallybook.domain.kinds import KINDS
from tallybook.domain.money import plain
from tallybook.domain.tokens import DERIVED_FIELDS

_PLACES = {name: place for place, name in enumerate(COLUMN_NAMES)}
_ID, _TIME_US, _PROVIDER = (_PLACES[name] for name in ("id", "time_us", "provider"))
_TAGS, _COST, _CURRENCY = (_PLACES[name] for name in ("tags", "reported_cost", "reported_currency"))


class _Count(msgspec.Struct, frozen=True):
    """A quantity of a kind: the places of its parts in an entry, and how its sum is written."""

    name: str
    places: tuple[int, ...]
    written: Callable[[int], Any]
    required: bool


class _Form(msgspec.Struct, frozen=True):
    """What is told of a kind's events: dimensions by name and place, and counts."""

    dimensions: tuple[tuple[str, int], ...]
    counts: tuple[_Count, ...]


def _millionths(count: int) -> msgspec.Raw:
    """A number of millionths as a JSON number, exactly."""
    return msgspec.Raw(seconds_text(count).encode())


def _count(quantity: Quantity) -> _Count:
    return _Count(
        quantity.name,
        tuple(_PLACES[column] for column in quantity.columns),
        int if quantity.scale == 1 else _millionths,
        quantity.required,
    )


def _form(kind: Kind) -> _Form:
    return _Form(
        tuple((name, _PLACES[name]) for name in kind.event_dimensions),
        tuple(_count(each) for each in kind.quantities if each.name not in DERIVED_FIELDS),
    )


_FORMS = {name: _form(kind) for name, kind in KINDS.items()}


def told_fields(kinds: Iterable[str]) -> tuple[str, ...]:
    """Every field that events of some kinds can be told with, in the order of tables."""
    forms = [_FORMS[kind] for kind in kinds]
    dimensions = (name for form in forms for name, _ in form.dimensions)
    counts = (count.name for form in forms for count in form.counts)
    return tuple(
        dict.fromkeys(
            ("id", "time", "kind", "provider", *dimensions, *counts, "tags", "reported_cost")
        )
    )


def event_of(entry: Entry) -> dict[str, Any]:
    """The fields of a stored event, to be encoded as JSON."""
    form = _FORMS[entry[KIND]]
    fields: dict[str, Any] = {
        "id": entry[_ID],
        "time": _millionths(entry[_TIME_US]),
        "kind": entry[KIND],
        "provider": entry[_PROVIDER],
    }
    for name, place in form.dimensions:
        # Null, or false.
        if value := entry[place]:
            fields[name] = value
    for count in form.counts:
        total = sum([entry[place] or 0 for place in count.places])
        if total or count.required:
            fields[count.name] = count.written(total)
    if tags := entry[_TAGS]:
        fields["tags"] = msgspec.Raw(tags.encode())
    if (cost := entry[_COST]) is not None:
        fields["reported_cost"] = {"value": plain(Decimal(cost)), "currency": entry[_CURRENCY]}
    return fields
