"""What is read is what is written, to the last digit and with every field, property-tested."""

import json
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contract.contract import fields
from generated.rows import NAMES, any_rows, old_row, rows, sample_rows
from openapiopenai import models
from openapiopenai.documents.notation import encoded
from openapiopenai.models.usage_response import UsageResponse
from openapiopenai.models.usage_time_bucket import UsageTimeBucket
from openapiopenai.models.usage_time_bucket_result_inner import UsageTimeBucketResultInner


def exactly(text: str) -> Any:
    """A JSON text with its fractions as decimals: an oracle that shares nothing with the models."""
    return json.loads(text, parse_float=Decimal)


def text_of(row: dict[str, Any]) -> str:
    """A row as JSON, its decimals written out as they are."""
    return encoded(row)


@given(any_rows())
def test_a_row_comes_back_equal_from_json_and_from_a_dictionary(row: dict[str, Any]) -> None:
    read = UsageTimeBucketResultInner.from_json(text_of(row))
    as_dict = read.to_dict()
    assert as_dict is not None
    assert UsageTimeBucketResultInner.from_json(read.to_json()) == read
    assert UsageTimeBucketResultInner.from_dict(as_dict) == read
    assert UsageTimeBucketResultInner.from_dict(row) == read


@given(any_rows())
def test_writing_again_changes_nothing_more(row: dict[str, Any]) -> None:
    once = UsageTimeBucketResultInner.from_json(text_of(row)).to_json()
    by_dict = UsageTimeBucketResultInner.from_dict(json.loads(text_of(row), parse_float=Decimal))
    assert UsageTimeBucketResultInner.from_json(once).to_json() == once
    assert by_dict.to_json() == once


@given(any_rows())
def test_json_is_written_with_every_field_and_every_digit(row: dict[str, Any]) -> None:
    text = text_of(row)
    written = exactly(UsageTimeBucketResultInner.from_json(text).to_json())
    read = exactly(text)
    # What is null and what is absent mean the same; null is written for group keys.
    assert without_nulls(written) == without_nulls(read)
    name = next(name for name in NAMES if fields(name)["object"]["const"] == row["object"])
    nullable = {
        field
        for field, entry in fields(name).items()
        if entry["nullable"] and entry["since"] == "2.3.0"
    }
    assert nullable <= written.keys()


def without_nulls(row: dict[str, Any]) -> dict[str, Any]:
    """A row without its null fields, and its amount without them."""
    return {
        key: without_nulls(value) if key == "amount" else value
        for key, value in row.items()
        if value is not None
    }


@given(st.lists(st.lists(any_rows(), max_size=3), max_size=3), st.booleans(), st.text())
def test_a_page_of_rows_comes_back_equal(
    buckets: list[list[dict[str, Any]]], has_more: bool, next_page: str
) -> None:
    page = UsageResponse(
        object="page",
        data=[
            UsageTimeBucket(
                object="bucket",
                start_time=60 * place,
                end_time=60 * place + 60,
                result=[UsageTimeBucketResultInner.from_json(text_of(row)) for row in rows_],
            )
            for place, rows_ in enumerate(buckets)
        ],
        has_more=has_more,
        next_page=next_page.encode("utf-8", "replace").decode(),
    )
    assert UsageResponse.from_json(page.to_json()) == page
    assert UsageResponse.from_dict(page.to_dict()) == page


@given(st.data())
def test_each_class_reads_and_writes_its_own_rows(data: st.DataObject) -> None:
    for name in NAMES:
        row = data.draw(rows(name))
        chosen = UsageTimeBucketResultInner.from_dict(row).actual_instance
        assert chosen is not None
        own = getattr(models, type(chosen).__name__)
        assert own.from_json(text_of(row)) == chosen
        assert own.from_json(chosen.to_json()) == chosen
        assert own.from_dict(chosen.to_dict()) == chosen


def test_the_samples_of_the_target_generation_lose_nothing() -> None:
    for name in NAMES:
        for row in map(old_row, sample_rows(name)):
            read = UsageTimeBucketResultInner.from_dict(row)
            assert read.to_dict() == row
            assert json.loads(read.to_json()) == row
