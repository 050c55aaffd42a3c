"""Entries as Arrow tables: the engine's fastest way in.

One C call per column, no copy on the engine's side. ``arro3`` is the smallest
library that does it (``docs/decisions/0006-arrow-without-pyarrow.md``).
"""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

import arro3.core as arro3

from tallybook.domain.entries import COLUMN_NAMES, COLUMNS, ColumnType
from tallybook.domain.sheets import Identity, Sheet
from tallybook.ledger.duckdb.schema import RATE_CARD, TABLE_COLUMNS

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

# Where the columns of the table stand in an entry; the rate card, which is none of it, is last.
ENTRY_PLACES = tuple(COLUMN_NAMES.index(name) for name in TABLE_COLUMNS[:-1])
_STORED = [COLUMNS[place] for place in ENTRY_PLACES]
_TYPES = [_ARROW_TYPES[column.type] for column in _STORED]
_CARD_TYPE = arro3.DataType.int32()
_SCHEMA = arro3.Schema(
    [
        *(
            arro3.Field(column.name, arrow_type, nullable=not column.required)
            for column, arrow_type in zip(_STORED, _TYPES, strict=True)
        ),
        arro3.Field(RATE_CARD, _CARD_TYPE, nullable=False),
    ]
)
_CONVERT = [_CONVERSIONS.get(column.type) for column in _STORED]
_IDENTITY_SCHEMA = arro3.Schema([_SCHEMA.field("id"), _SCHEMA.field("time_us")])


# Columns without a value are common: most belong to other kinds. They are cut from these.
_NULLS_KEPT = 32_768
_NULLS = {arrow_type: arro3.Array((None,) * _NULLS_KEPT, arrow_type) for arrow_type in _TYPES}


def sheet_table(sheet: Sheet, rate_cards: Sequence[int]) -> arro3.Table:
    """The sheet, of at least one entry, with the number of each entry's card, as stored."""
    columns = [sheet.columns[place] for place in ENTRY_PLACES]
    arrays = [
        _nulls(sheet.count, arrow_type)
        if values is None
        else arro3.Array(values if convert is None else convert(values), arrow_type)
        for values, convert, arrow_type in zip(columns, _CONVERT, _TYPES, strict=True)
    ]
    arrays.append(arro3.Array(rate_cards, _CARD_TYPE))
    return arro3.Table.from_arrays(arrays, schema=_SCHEMA)


def _nulls(count: int, arrow_type: arro3.DataType) -> arro3.Array:
    if count > _NULLS_KEPT:
        return arro3.Array((None,) * count, arrow_type)
    return _NULLS[arrow_type].slice(0, count)


def identities_table(keys: Iterable[Identity]) -> arro3.Table:
    """Identities, at least one, as a table of ``id`` and ``time_us``."""
    ids, times = zip(*keys, strict=True)
    arrays = [
        arro3.Array(ids, _ARROW_TYPES[ColumnType.TEXT]),
        arro3.Array(times, _ARROW_TYPES[ColumnType.INSTANT]),
    ]
    return arro3.Table.from_arrays(arrays, schema=_IDENTITY_SCHEMA)


_CHANGE_SCHEMA = arro3.Schema(
    [
        arro3.Field("place", arro3.DataType.int64(), nullable=False),
        arro3.Field(RATE_CARD, _CARD_TYPE, nullable=False),
    ]
)


def changes_table(changes: Sequence[tuple[int, int]]) -> arro3.Table:
    """Places of events in the table and their new cards, at least one, as columns."""
    return _table(changes, _CHANGE_SCHEMA)


_TEXT, _COUNT = _ARROW_TYPES[ColumnType.TEXT], _ARROW_TYPES[ColumnType.COUNT]
_CARDS_SCHEMA = arro3.Schema(
    [
        arro3.Field(RATE_CARD, _CARD_TYPE, nullable=False),
        arro3.Field("digest", _TEXT, nullable=False),
        arro3.Field("card", _TEXT, nullable=False),
        arro3.Field("known_us", _COUNT, nullable=False),
    ]
)
_RATES_SCHEMA = arro3.Schema(
    [
        arro3.Field(RATE_CARD, _CARD_TYPE, nullable=False),
        arro3.Field("charge", _TEXT, nullable=False),
        arro3.Field("line_item", _TEXT, nullable=False),
        arro3.Field("currency", _TEXT, nullable=True),
        arro3.Field("stored", _COUNT, nullable=False),
        arro3.Field("unit_price", _TEXT, nullable=True),
    ]
)


def cards_table(rows: Sequence[tuple[int, str, str, int]]) -> arro3.Table:
    """Rate cards, at least one, as the columns of ``rate_cards``."""
    return _table(rows, _CARDS_SCHEMA)


def rates_table(rows: Sequence[tuple[Any, ...]]) -> arro3.Table:
    """The rates of cards, at least one, as the columns of ``rates``; prices as text."""
    *columns, prices = zip(*rows, strict=True)
    return _table([*zip(*columns, _money_text(prices), strict=True)], _RATES_SCHEMA)


def _table(rows: Sequence[tuple[Any, ...]], schema: arro3.Schema) -> arro3.Table:
    columns = zip(*rows, strict=True)
    types = [schema.field(name).type for name in schema.names]
    arrays = [arro3.Array(values, each) for values, each in zip(columns, types, strict=True)]
    return arro3.Table.from_arrays(arrays, schema=schema)
