"""Every result of the contract has a class, with every field and its type; what is new survives."""

import json
import pickle
import typing
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.rows import bucket_on_the_wire, on_the_wire
from contract.contract import CONTRACT, fields
from tallybook.client.errors import UnreadableAnswer
from tallybook.client.exchanges import Answer
from tallybook.client.pages import Page, read_page
from tallybook.client.results import (
    RESULTS,
    USAGE_RESULTS,
    Amount,
    CompletionsResult,
    CostsResult,
    Result,
    UnknownResult,
    result_of,
)
from tallybook.domain import costs
from tallybook.domain.dimensions import DIMENSIONS
from tallybook.domain.kinds import KINDS

NAMES = (*KINDS, costs.NAME)
_TYPES = {"integer": int, "string": str, "boolean": bool, "number": Decimal, "object": Amount}
_OWN = {"object", "extra"}


def class_of(name: str) -> type[Result]:
    return CostsResult if name == costs.NAME else USAGE_RESULTS[name]


def members(result: type[Result]) -> dict[str, tuple[Any, bool]]:
    """The fields of a class with their types, and whether they must be there."""
    hints = typing.get_type_hints(result)
    return {
        field.name: (hints[field.name], field.required)
        for field in msgspec.structs.fields(result)
        if field.name not in _OWN
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_class_has_the_fields_of_the_contract_with_their_types(name: str) -> None:
    expected = {}
    for field, row in fields(name).items():
        if field == "object":
            continue
        kind = _TYPES[row["type"]]
        # What an amount is of goes without saying in the contract, and so it is there.
        required = row["required"] or field == "amount"
        expected[field] = ((kind | None) if row["nullable"] else kind, required)
    assert members(class_of(name)) == expected
    constant = typing.get_type_hints(class_of(name))["object"]
    assert typing.get_args(constant) == (fields(name)["object"]["const"],)


@pytest.mark.parametrize("name", KINDS)
def test_a_class_has_the_fields_of_the_table_of_kinds(name: str) -> None:
    kind = KINDS[name]
    quantities = {
        each.name: ((int | None) if each.nullable else int, each.required)
        for each in kind.wire_quantities
    }
    keys = {
        key: ((bool if DIMENSIONS[key].boolean else str) | None, False) for key in kind.dimensions
    }
    assert members(USAGE_RESULTS[name]) == quantities | keys
    assert RESULTS[kind.object] is USAGE_RESULTS[name]


def test_costs_have_the_keys_of_their_table() -> None:
    numbers = {"amount", "quantity", "quantity_unit"}
    assert members(CostsResult).keys() == {*costs.CONTRACT_KEYS, *numbers}
    assert RESULTS[costs.OBJECT] is CostsResult


def page_of(body: Any) -> Page[Any]:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_page(Answer(200, {}, text))


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_of_the_contract_is_read_whole(name: str) -> None:
    sample = CONTRACT["samples"][name]["response"]
    exact = json.loads(json.dumps(sample), parse_float=Decimal)
    page = page_of(sample)
    for bucket, wanted in zip(page.data, exact["data"], strict=True):
        found = bucket_on_the_wire(bucket)
        assert [type(result) for result in bucket.results] == (
            [class_of(name)] * len(wanted["results"])
        )
        # What a sample of an older generation leaves out is as if there were none.
        for got, row in zip(found["results"], wanted["results"], strict=True):
            assert {field: got[field] for field in row} == row
            assert not any(got[field] for field in got.keys() - row.keys())
    assert (page.has_more, page.next_page) == (sample["has_more"], sample["next_page"])


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.text(max_size=20),
    st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-9999, max_value=9999),
)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner)
)


@given(
    name=st.sampled_from(NAMES),
    extra=st.dictionaries(
        st.one_of(st.sampled_from(("provider", "tag:team", "other", "extra")), st.text()), JSON
    ),
)
def test_fields_that_no_class_has_survive(name: str, extra: dict[str, Any]) -> None:
    (sample, *_) = (
        row for b in CONTRACT["samples"][name]["response"]["data"] for row in b["results"]
    )
    row = json.loads(json.dumps(sample), parse_float=Decimal)
    own = class_of(name).__struct_fields__
    unknown = {key: value for key, value in extra.items() if key not in own or key == "extra"}
    if name == "code_interpreter_sessions":
        unknown.pop("sessions", None)
    found = result_of(row | unknown)
    assert found.extra == unknown
    assert {key: getattr(found, key) for key in row} == vars_of(result_of(row), row)
    assert all(found.get(key) == value for key, value in unknown.items() if key != "extra")


def vars_of(result: Result, row: dict[str, Any]) -> dict[str, Any]:
    return {key: getattr(result, key) for key in row}


@given(name=st.text(), extra=st.dictionaries(st.text(), JSON))
def test_an_object_that_no_class_has_survives(name: str, extra: dict[str, Any]) -> None:
    row = extra | {"object": f"unknown {name}"}
    found = result_of(row)
    assert type(found) is UnknownResult
    assert on_the_wire(found) == row


def test_a_row_of_another_object_is_read_beside_the_others() -> None:
    body = CONTRACT["samples"]["completions"]["response"]
    (first, *_), stranger = body["data"][0]["results"], {"object": "organization.new", "n": 1.5}
    changed = body | {"data": [body["data"][0] | {"results": [first, stranger]}]}
    (bucket,) = page_of(changed).data
    assert isinstance(bucket.results[0], CompletionsResult)
    assert bucket.results[1] == UnknownResult(
        object="organization.new", extra={"n": Decimal("1.5")}
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1", "0.1"),
        ("0.30000000000000004", "0.30000000000000004"),
        (
            "123456789012345678901234567890.123456789012",
            "123456789012345678901234567890.123456789012",
        ),
        ("0", "0"),
        ("7", "7"),
        ("1e-12", "0.000000000001"),
        ('"0.0042"', "0.0042"),
        ('"0E-6176"', "0"),
        ('"0.1234567890123456789012345678901234"', "0.1234567890123456789012345678901234"),
    ],
)
def test_an_amount_is_what_was_written(text: str, value: str) -> None:
    amount = f'{{"value":{text},"currency":"usd"}}'
    row = f'{{"object":"{costs.OBJECT}","amount":{amount},"quantity":{text}}}'
    bucket = f'{{"object":"bucket","start_time":0,"end_time":1,"results":[{row}]}}'
    body = f'{{"object":"page","data":[{bucket}],"has_more":false,"next_page":null}}'
    (result,) = page_of(body.encode()).data[0].results
    assert result.amount.value == result.quantity == Decimal(value)
    assert type(result.amount.value) is type(result.quantity) is Decimal


REQUIRED = [
    (name, field)
    for name in NAMES
    for field, (_, required) in members(class_of(name)).items()
    if required
]


@pytest.mark.parametrize(("name", "field"), REQUIRED)
def test_what_must_be_there_is_missed_by_its_place_and_name(name: str, field: str) -> None:
    body = json.loads(json.dumps(CONTRACT["samples"][name]["response"]))
    (place, rows), *_ = [(n, b["results"]) for n, b in enumerate(body["data"]) if b["results"]]
    wrong: tuple[Any, ...] = (None, [], {"x": "y"})
    for value in wrong:
        rows[-1][field] = value
        with pytest.raises(UnreadableAnswer) as raised:
            page_of(body)
        assert f"data[{place}].results[{len(rows) - 1}]" in str(raised.value)
        assert field in str(raised.value) or "currency" in str(raised.value)


def test_a_count_that_is_null_is_as_if_it_were_absent() -> None:
    row = {"object": KINDS["completions"].object, "input_tokens": 1, "output_tokens": 2}
    row |= {"num_model_requests": 1}
    nulls = dict.fromkeys(CompletionsResult.__struct_fields__, None)
    del nulls["extra"]
    assert result_of(nulls | row) == result_of(row)
    found = result_of(row)
    assert isinstance(found, CompletionsResult)
    assert found.input_text_tokens == 0
    assert found.input_cache_write_30m_tokens is None


def test_a_result_is_a_value() -> None:
    row = {"object": costs.OBJECT, "amount": {"value": 1, "currency": "usd"}, "provider": "acme"}
    found = result_of(row)
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301 - our own
    assert "provider" in repr(found)
    assert "line_item" not in repr(found)
    with pytest.raises(AttributeError):
        found.object = "other"  # type: ignore[misc]
    assert (found.get("provider"), found.get("amount")) == ("acme", Amount(Decimal(1), "usd"))
    assert found.get("nothing") is None
