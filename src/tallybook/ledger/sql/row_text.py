"""Rows as texts that the engine writes: a page is put together without an object per row.

What a row looks like is the wire's business: ``usage/`` says it as a list of
pieces, fixed text and slots, and the engine fills the slots. Numbers are
written from whole numbers, so no rounding is the engine's.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

import msgspec

from tallybook.domain.money import WIRE_DECIMALS
from tallybook.ledger.sql.statement import Statement


class Key(msgspec.Struct, frozen=True):
    """The value of a key that the query groups by, as a JSON value."""

    name: str


class Sum(msgspec.Struct, frozen=True):
    """The sum of some stored columns in units of ``scale`` stored ones, half a unit up."""

    columns: tuple[str, ...]
    scale: int = 1


class Amount(msgspec.Struct, frozen=True):
    """The amount of a row of costs, as a number of the wire."""


class Currency(msgspec.Struct, frozen=True):
    """The currency of a row of costs, as a JSON string."""


class Quantity(msgspec.Struct, frozen=True):
    """What a row of costs, grouped by line item, is charged for, as a number of the wire."""


class QuantityUnit(msgspec.Struct, frozen=True):
    """The unit of that, as a JSON string or null."""


class Other(msgspec.Struct, frozen=True):
    """True for the row that all but the top rows are folded into, else false."""


Slot = Key | Sum | Amount | Currency | Quantity | QuantityUnit | Other
RowText = Sequence[str | Slot]


def text_of(row: RowText, slots: Mapping[Slot, str], writable: str | None = None) -> Statement:
    """The text of a row as an expression; null unless the condition ``writable``, if any, holds.

    Expressions of slots are not null where it does.
    """
    parts: list[str] = []
    values: list[Any] = []
    for piece in row:
        if isinstance(piece, str):
            parts.append("?::VARCHAR")
            values.append(piece)
        else:
            parts.append(slots[piece])
    # One call for all parts takes the engine less than half the time of a chain of operators.
    text = f"concat({', '.join(parts)})"
    if writable is not None:
        text = f"CASE WHEN {writable} THEN {text} END"
    return Statement(text, tuple(values))


def without_unused(row: RowText, used: Set[str]) -> RowText:
    """A row whose sums of columns that nothing was ever counted in are written as they are: 0."""
    pieces: list[str | Slot] = []
    for piece in row:
        unused = isinstance(piece, Sum) and used.isdisjoint(piece.columns)
        text = "0" if unused else piece
        if isinstance(text, str) and pieces and isinstance(pieces[-1], str):
            pieces[-1] += text
        else:
            pieces.append(text)
    return pieces


def json_value(expression: str) -> str:
    """A dimension's value as JSON, as an expression over its column."""
    return f"coalesce(to_json({expression})::VARCHAR, 'null')"


def sum_text(piece: Sum) -> str:
    """A sum as JSON, as an expression over the sums of its columns."""
    total = " + ".join(piece.columns)
    if piece.scale != 1:
        total = f"({total} + {piece.scale // 2}) // {piece.scale}"
    return f"({total})::VARCHAR"


def rounded_quotient(quotient: str, rest: str, divisor: int) -> str:
    """A quotient to the nearest whole number, halves to the even one, from what division left."""
    half = f"{rest} * 2"
    return (
        f"({quotient} + CASE WHEN {half} > {divisor}"
        f" OR ({half} = {divisor} AND {quotient} % 2 = 1) THEN 1 ELSE 0 END)"
    )


def number_text(whole: str, scaled: str) -> str:
    """A number of the wire by its whole part, and 10^12 times the rest."""
    fraction = f"lpad(({scaled})::VARCHAR, {WIRE_DECIMALS}, '0')"
    # Without zeros at the end, nor a point.
    return f"regexp_replace(concat({whole}, '.', {fraction}), '\\.?0+$', '')"


def joined_rows(text: Statement, order: Iterable[str], source: str) -> Statement:
    """The texts of each bucket, joined by commas, and whether each row has one."""
    by = ", ".join(order) or "1"
    return Statement(
        f"SELECT bucket, string_agg(text, ',' ORDER BY {by}) AS texts,"  # noqa: S608
        f" bool_and(text IS NOT NULL) AS all_written\n"
        f"FROM (SELECT *, {text.sql} AS text FROM {source})\nGROUP BY bucket",
        text.values,
    )
