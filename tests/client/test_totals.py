"""A total is the exact sum of its rows; a stock is not summed over time."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallybook.client.pages import Bucket
from tallybook.client.results import Result, result_of
from tallybook.client.totals import costs_total, usage_total
from tallybook.domain.costs import OBJECT
from tallybook.domain.definitions import Fold
from tallybook.domain.kinds import KINDS

COUNTS = st.integers(0, 2**62)


def buckets(*rows: list[dict[str, Any]]) -> list[Bucket[Any]]:
    return [
        Bucket(start_time=at, end_time=at + 1, results=tuple(map(result_of, each)))
        for at, each in enumerate(rows)
    ]


@given(data=st.data(), kind=st.sampled_from([k for k in KINDS if k != "vector_stores"]))
def test_flows_are_summed(data: st.DataObject, kind: str) -> None:
    names = [quantity.name for quantity in KINDS[kind].wire_quantities]
    row = st.fixed_dictionaries(dict.fromkeys(names, COUNTS))
    rows = data.draw(st.lists(st.lists(row, max_size=4), max_size=4))
    key = {"object": KINDS[kind].object, "project_id": "p"}
    total = usage_total(kind, buckets(*[[key | row for row in each] for each in rows]))
    every = [row for each in rows for row in each]
    assert {name: total.get(name) for name in names} == {
        name: sum(row[name] for row in every) for name in names
    }
    assert total.object == KINDS[kind].object
    assert total.get("project_id") is None


def test_what_some_row_does_not_know_nobody_knows() -> None:
    row = {"object": KINDS["completions"].object, "input_tokens": 3, "output_tokens": 1}
    row |= {"num_model_requests": 1}
    known = row | {"input_cache_write_30m_tokens": 2}
    total = usage_total("completions", buckets([row, known], [known]))
    assert (total.get("input_tokens"), total.get("input_cache_write_30m_tokens")) == (9, None)
    assert (
        usage_total("completions", buckets([known], [known])).get("input_cache_write_30m_tokens")
        == 4
    )


def test_a_stock_is_that_of_the_bucket_that_has_the_most() -> None:
    assert [name for name, kind in KINDS.items() if kind.fold is Fold.STOCK] == ["vector_stores"]
    row = {"object": KINDS["vector_stores"].object}
    found = buckets(
        [row | {"usage_bytes": 7}, row | {"usage_bytes": 6}], [row | {"usage_bytes": 12}], []
    )
    assert usage_total("vector_stores", found).get("usage_bytes") == 13
    assert usage_total("vector_stores", []).get("usage_bytes") == 0


def test_what_is_not_of_the_kind_is_not_added_in_silence() -> None:
    with pytest.raises(TypeError, match=r"organization\.new cannot be added to embeddings"):
        usage_total("embeddings", buckets([{"object": "organization.new"}]))


AMOUNTS = st.decimals(
    allow_nan=False, allow_infinity=False, places=12, min_value=0, max_value=10**9
)


@given(
    rows=st.lists(
        st.lists(st.tuples(AMOUNTS, st.sampled_from(("usd", "eur"))), max_size=5), max_size=5
    )
)
def test_amounts_are_summed_exactly_by_currency(rows: list[list[tuple[Decimal, str]]]) -> None:
    found = buckets(
        *[
            [
                {"object": OBJECT, "amount": {"value": value, "currency": currency}}
                for value, currency in each
            ]
            for each in rows
        ]
    )
    total = costs_total(found)
    every = [pair for each in rows for pair in each]
    assert total.keys() == {currency for _, currency in every}
    for currency, amount in total.items():
        units = sum(int(value * 10**12) for value, each in every if each == currency)
        assert amount == Decimal(units).scaleb(-12)


def test_no_buckets_cost_nothing() -> None:
    assert costs_total([]) == {}
    assert isinstance(usage_total("images", []), Result)
