"""A table has the rows, exactly: counts whole, amounts decimal, times in UTC."""

import sys
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import arro3.core as arro3
import pandas
import polars
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallybook.client.pages import Bucket
from tallybook.client.results import result_of
from tallybook.client.tables import (
    arrow_table,
    costs_columns,
    pandas_frame,
    polars_frame,
    usage_columns,
)
from tallybook.domain.costs import OBJECT
from tallybook.domain.kinds import KINDS

DAY = 1_790_812_800
START, END = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 10, 2, tzinfo=UTC)


def bucket(*rows: dict[str, Any]) -> list[Bucket[Any]]:
    results = tuple(map(result_of, rows))
    empty: Bucket[Any] = Bucket(start_time=DAY - 86_400, end_time=DAY, results=())
    return [empty, Bucket(start_time=DAY, end_time=DAY + 86_400, results=results)]


def usage_row(**fields: Any) -> dict[str, Any]:
    row = {"object": KINDS["completions"].object, "input_tokens": 2**53 + 1, "output_tokens": 0}
    return row | {"num_model_requests": 1} | fields


def costs_row(value: Any, **fields: Any) -> dict[str, Any]:
    return {"object": OBJECT, "amount": {"value": value, "currency": "usd"}} | fields


def rows_of(table: arro3.Table) -> list[dict[str, Any]]:
    """The rows, read by a library that shares nothing with what made them."""
    rows: list[dict[str, Any]] = pyarrow.table(table).to_pylist()
    return rows


USAGE = arrow_table(
    usage_columns("completions", ("model", "batch", "tag:team", "other")),
    bucket(
        usage_row(model="m", batch=True, other=False, **{"tag:team": "search"}),
        usage_row(batch=False, other=True, **{"tag:team": None}, input_cache_write_30m_tokens=5),
    ),
)
COSTS = arrow_table(
    costs_columns(("project_id", "line_item", "currency")),
    bucket(
        costs_row(Decimal("0.000000000001"), project_id="p", line_item="a, b", quantity=7),
        costs_row(Decimal("99999999999999.999999999999"), quantity=Decimal("0.5")),
        costs_row(0, quantity_unit="tokens"),
    ),
)


def test_columns_are_times_keys_and_numbers() -> None:
    schema = pyarrow.table(USAGE).schema
    assert schema.names[:6] == [
        "bucket_start",
        "bucket_end",
        "model",
        "batch",
        "tag:team",
        "other",
    ]
    assert schema.names[6:] == [each.name for each in KINDS["completions"].wire_quantities]
    types = dict(zip(schema.names, schema.types, strict=True))
    assert types["bucket_start"] == types["bucket_end"] == pyarrow.timestamp("us", tz="UTC")
    assert types["model"] == types["tag:team"] == pyarrow.string()
    assert types["batch"] == types["other"] == pyarrow.bool_()
    assert {types[name] for name in schema.names[6:]} == {pyarrow.int64()}
    money = pyarrow.table(COSTS).schema
    assert money.names == [
        "bucket_start",
        "bucket_end",
        "project_id",
        "line_item",
        "amount",
        "currency",
        "quantity",
        "quantity_unit",
    ]
    assert money.field("amount").type == money.field("quantity").type == pyarrow.decimal128(38, 12)
    assert pyarrow.table(arrow_table(costs_columns(()), [])).schema.names == [
        "bucket_start",
        "bucket_end",
        "amount",
        "currency",
    ]


def test_rows_are_those_of_the_buckets() -> None:
    first, second = rows_of(USAGE)
    assert (first["bucket_start"], first["bucket_end"]) == (START, END)
    assert (first["model"], first["batch"], first["tag:team"]) == ("m", True, "search")
    assert (second["model"], second["batch"], second["tag:team"]) == (None, False, None)
    assert (first["other"], second["other"]) == (False, True)
    assert first["input_tokens"] == 2**53 + 1
    assert (first["input_cache_write_30m_tokens"], second["input_cache_write_30m_tokens"]) == (
        None,
        5,
    )
    assert [row["amount"] for row in rows_of(COSTS)] == [
        Decimal("0.000000000001"),
        Decimal("99999999999999.999999999999"),
        Decimal(0),
    ]
    assert [row["quantity"] for row in rows_of(COSTS)] == [Decimal(7), Decimal("0.5"), None]


def test_polars_has_the_same_rows_and_exact_types() -> None:
    assert polars_frame(USAGE).to_dicts() == rows_of(USAGE)
    frame = polars_frame(COSTS)
    assert frame.to_dicts() == rows_of(COSTS)
    assert frame.schema["amount"] == polars.Decimal(38, 12)
    assert frame["amount"].sum() == Decimal("100000000000000.000000000000")


def test_pandas_has_the_same_rows_and_exact_types() -> None:
    for table in (USAGE, COSTS):
        rows = pandas_frame(table).astype(object).to_dict("records")
        found = [
            {name: None if pandas.isna(value) else value for name, value in row.items()}
            for row in rows
        ]
        assert found == rows_of(table)
    usage, costs = pandas_frame(USAGE), pandas_frame(COSTS)
    assert str(usage["bucket_start"].dtype) == "datetime64[us, UTC]"
    assert (str(usage["input_tokens"].dtype), str(usage["batch"].dtype)) == ("Int64", "boolean")
    # Through a float it would be 2**53.
    assert usage["input_tokens"].tolist() == [2**53 + 1] * 2
    assert costs["amount"].sum() == Decimal("100000000000000.000000000000")


# Sixteen digits before the point and 22 after it are all that a column holds.
AMOUNTS = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=22
)


@given(values=st.lists(AMOUNTS, min_size=1))
def test_an_amount_is_exact(values: list[Decimal]) -> None:
    table = arrow_table(costs_columns(()), bucket(*map(costs_row, values)))
    assert [row["amount"] for row in rows_of(table)] == values


@pytest.mark.parametrize("value", ["1e-38", "1e26", "0.1234567890123456789012345678901234567891"])
def test_an_amount_that_no_column_holds_is_refused(value: str) -> None:
    with pytest.raises(OverflowError, match=r"read rows\(\) instead"):
        arrow_table(costs_columns(()), bucket(costs_row(value), costs_row("12")))


def test_a_zero_of_many_decimals_is_a_zero() -> None:
    table = arrow_table(costs_columns(()), bucket(costs_row("0E-6176")))
    assert [row["amount"] for row in rows_of(table)] == [Decimal(0)]


def test_a_count_that_no_column_holds_is_refused() -> None:
    with pytest.raises(OverflowError):
        arrow_table(usage_columns("completions", ()), bucket(usage_row(input_tokens=2**63)))


@pytest.mark.parametrize(
    ("missing", "frame"),
    [("polars", polars_frame), ("pandas", pandas_frame), ("pyarrow", pandas_frame)],
)
def test_a_library_that_is_missing_is_named_with_its_extra(
    monkeypatch: pytest.MonkeyPatch, missing: str, frame: Any
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    extra = "polars" if missing == "polars" else "pandas"
    with pytest.raises(ImportError, match=rf"pip install 'tallybook\[{extra}\]'"):
        frame(USAGE)
