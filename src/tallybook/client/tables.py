"""Tables: results as columns, handed on through the Arrow PyCapsule interface.

Each result is a row: the start and the end of its bucket, the keys that were
asked for, then what was counted. Counts are int64 and amounts decimals, so
every number is the one that was sent. The libraries are imported when a table
is asked for: who only reads results does not wait for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from tallybook.client.pages import Bucket
from tallybook.client.results import CostsResult, Result
from tallybook.domain.dimensions import CURRENCY, DIMENSIONS, LINE_ITEM, OTHER
from tallybook.domain.kinds import KINDS
from tallybook.domain.money import WIRE_DECIMALS, plain

if TYPE_CHECKING:
    import arro3.core
    import pandas
    import polars

# What an Arrow decimal of 128 bits holds, inclusive.
DECIMAL_DIGITS_MAX = 38
_MICROSECONDS = 1_000_000

Value = Callable[[Result], Any]


class Column(msgspec.Struct, frozen=True):
    """A column: its name, how it is stored, and where its value comes from.

    ``type`` is ``text``, ``flag``, ``count`` or ``decimal``.
    """

    name: str
    type: str
    value: Value


def usage_columns(kind: str, keys: Sequence[str]) -> tuple[Column, ...]:
    """The columns of a kind's results: its keys, then its quantities."""
    return (
        *_keys(keys),
        *(Column(each.name, "count", _field(each.name)) for each in KINDS[kind].wire_quantities),
    )


def costs_columns(keys: Sequence[str]) -> tuple[Column, ...]:
    """The columns of costs: keys, then ``amount`` and ``currency``; quantities by line item."""
    quantities = (
        Column("quantity", "decimal", _field("quantity")),
        Column("quantity_unit", "text", _field("quantity_unit")),
    )
    return (
        *_keys([key for key in keys if key != CURRENCY]),
        Column("amount", "decimal", _amount),
        Column(CURRENCY, "text", _currency),
        *(quantities if LINE_ITEM in keys else ()),
    )


def arrow_table(columns: Sequence[Column], buckets: Iterable[Bucket[Result]]) -> arro3.core.Table:
    """The rows of some buckets. Raises OverflowError for a number that no column holds."""
    import arro3.core as arro3  # noqa: PLC0415 - see above

    rows = [(bucket, result) for bucket in buckets for result in bucket.results]
    times = (
        ("bucket_start", [bucket.start_time * _MICROSECONDS for bucket, _ in rows]),
        ("bucket_end", [bucket.end_time * _MICROSECONDS for bucket, _ in rows]),
    )
    moment = arro3.DataType.timestamp("us", tz="UTC")
    arrays: dict[str, Any] = {
        name: arro3.Array(values, arro3.DataType.int64()).cast(moment) for name, values in times
    }
    made = {"text": arro3.DataType.string(), "flag": arro3.DataType.bool()}
    for column in columns:
        values = [column.value(result) for _, result in rows]
        if column.type == "decimal":
            texts, decimals = _decimals(column.name, values)
            exact = arro3.DataType.decimal128(DECIMAL_DIGITS_MAX, decimals)
            arrays[column.name] = arro3.Array(texts, arro3.DataType.string()).cast(exact)
        else:
            arrays[column.name] = arro3.Array(values, made.get(column.type, arro3.DataType.int64()))
    return arro3.Table(arrays)


def polars_frame(table: arro3.core.Table) -> polars.DataFrame:
    """The table as a frame of Polars. Raises ImportError, with what to install, without it."""
    try:
        import polars  # noqa: PLC0415 - an extra
    except ImportError as fault:
        raise ImportError(_missing("polars")) from fault
    return polars.DataFrame(table)


def pandas_frame(table: arro3.core.Table) -> pandas.DataFrame:
    """The table as a frame of pandas. Raises ImportError, with what to install, without it.

    Counts and flags may be missing (``Int64``, ``boolean``), and decimals stay
    decimals: nothing goes through a float.
    """
    try:
        import pandas  # noqa: PLC0415 - an extra
        import pyarrow  # noqa: PLC0415
    except ImportError as fault:
        raise ImportError(_missing("pandas")) from fault
    plain_types = {pyarrow.int64(): pandas.Int64Dtype(), pyarrow.bool_(): pandas.BooleanDtype()}

    def dtype(arrow: pyarrow.DataType) -> Any:
        return (
            pandas.ArrowDtype(arrow) if pyarrow.types.is_decimal(arrow) else plain_types.get(arrow)
        )

    return pyarrow.table(table).to_pandas(types_mapper=dtype)


def _missing(extra: str) -> str:
    return f"{extra} is not installed: pip install 'tallybook[{extra}]'. Or use to_arrow()."


def _keys(names: Iterable[str]) -> tuple[Column, ...]:
    return tuple(Column(name, "flag" if name in _FLAGS else "text", _field(name)) for name in names)


_FLAGS = {OTHER, *(name for name, dimension in DIMENSIONS.items() if dimension.boolean)}


def _field(name: str) -> Value:
    return lambda result: result.get(name)


def _amount(result: Result) -> Decimal | None:
    return result.amount.value if isinstance(result, CostsResult) else None


def _currency(result: Result) -> str | None:
    return result.amount.currency if isinstance(result, CostsResult) else None


def _decimals(name: str, values: Sequence[Decimal | None]) -> tuple[list[str | None], int]:
    """The values as text, and how many decimals they need: those of the wire, or more."""
    texts = [None if value is None else plain(value) for value in values]
    parts = [text.lstrip("-").partition(".") for text in texts if text is not None]
    decimals = max((len(fraction) for *_, fraction in parts), default=0)
    decimals = max(decimals, WIRE_DECIMALS)
    whole = max((len(digits) for digits, *_ in parts), default=0)
    if whole + decimals > DECIMAL_DIGITS_MAX:
        raise OverflowError(
            f"{name} has numbers of {whole} digits before and {decimals} after the point, and a"
            f" column holds {DECIMAL_DIGITS_MAX} together; read rows() instead."
        )
    return texts, decimals
