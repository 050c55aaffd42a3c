"""Entries as Arrow tables: the engine's fastest way in.

One C call per column, no copy on the engine's side. ``arro3`` is the smallest
library that does it (``docs/decisions/0006-arrow-without-pyarrow.md``).
"""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

import arro3.core as arro3

from tallybook.domain.entries import COLUMNS, ColumnType, Entry
from tallybook.ledger.judge import Identity

_ARROW_TYPES = {
    ColumnType.TEXT: arro3.DataType.string(),
    ColumnType.FLAG: arro3.DataType.bool(),
    ColumnType.INSTANT: arro3.DataType.int64(),
    ColumnType.COUNT: arro3.DataType.int64(),
    # As text: the engine casts it to its exact decimal.
    ColumnType.MONEY: arro3.DataType.string(),
}


def _money_text(values: Sequence[Decimal | None]) -> list[str | None]:
    return [None if value is None else format(value, "f") for value in values]


_CONVERSIONS: dict[ColumnType, Callable[[Sequence[Any]], Sequence[Any]]] = {
    ColumnType.MONEY: _money_text
}

_TYPES = [_ARROW_TYPES[column.type] for column in COLUMNS]
_SCHEMA = arro3.Schema(
    [
        arro3.Field(column.name, arrow_type, nullable=not column.required)
        for column, arrow_type in zip(COLUMNS, _TYPES, strict=True)
    ]
)
_CONVERT = [_CONVERSIONS.get(column.type) for column in COLUMNS]
_IDENTITY_SCHEMA = arro3.Schema([_SCHEMA.field("id"), _SCHEMA.field("time_us")])


def entries_table(entries: Iterable[Entry]) -> arro3.Table:
    """The entries, at least one, as a table with one column per entry column."""
    arrays = [
        arro3.Array(values if convert is None else convert(values), arrow_type)
        for values, convert, arrow_type in zip(
            zip(*entries, strict=True), _CONVERT, _TYPES, strict=True
        )
    ]
    return arro3.Table.from_arrays(arrays, schema=_SCHEMA)


def identities_table(keys: Iterable[Identity]) -> arro3.Table:
    """Identities, at least one, as a table of ``id`` and ``time_us``."""
    ids, times = zip(*keys, strict=True)
    arrays = [
        arro3.Array(ids, _ARROW_TYPES[ColumnType.TEXT]),
        arro3.Array(times, _ARROW_TYPES[ColumnType.INSTANT]),
    ]
    return arro3.Table.from_arrays(arrays, schema=_IDENTITY_SCHEMA)
