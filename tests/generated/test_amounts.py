"""Money is a float to the caller and loses no digit on the way through."""

import copy
import json
import pickle
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openapiopenai.documents.exact import ExactFloat
from openapiopenai.exceptions import ApiValueError
from openapiopenai.models.costs_result_amount import CostsResultAmount


def test_digits_beyond_a_double_survive() -> None:
    text = '{"value": 123456789.123456789012, "currency": "usd"}'
    amount = CostsResultAmount.from_json(text)
    assert amount.to_json() == text
    assert amount.exact == Decimal("123456789.123456789012")
    assert CostsResultAmount.from_dict(amount.to_dict()).to_json() == text
    # A plain double would have written this.
    assert json.dumps(json.loads(text)) == '{"value": 123456789.12345679, "currency": "usd"}'


def test_an_amount_is_used_like_the_float_of_the_generated_client() -> None:
    value = CostsResultAmount.from_json('{"value": 0.06}').value
    assert isinstance(value, float)
    assert value == 0.06
    assert f"{value:.2f}" == "0.06"
    assert json.dumps({"value": value}) == '{"value": 0.06}'
    assert type(value + 0.01) is float
    assert sum([value, value]) == 0.12
    assert {value: 1}[0.06] == 1


def test_whole_amounts_are_integers_as_json_has_them() -> None:
    amount = CostsResultAmount.from_json('{"value": 12345678901234567890123}')
    assert amount.value == 12345678901234567890123
    assert type(amount.value) is int
    assert amount.exact == Decimal(12345678901234567890123)


@pytest.mark.parametrize(
    ("value", "exact"),
    [(0.1, "0.1"), (1, "1"), (1e-7, "1e-7"), (Decimal("0.10000000000000000001"), None)],
)
def test_an_amount_can_be_made_of_any_number(value: Any, exact: str | None) -> None:
    amount = CostsResultAmount(value=value, currency="usd")
    assert amount.exact == Decimal(exact or value)
    assert json.loads(amount.to_json(), parse_float=Decimal)["value"] == Decimal(exact or value)


@pytest.mark.parametrize(
    "value", ["0.06", True, float("nan"), float("inf"), Decimal("nan"), Decimal("-inf"), [], 1j]
)
def test_what_is_no_finite_number_is_refused(value: Any) -> None:
    with pytest.raises(ApiValueError, match=r"CostsResultAmount: value is .*, but must be a finit"):
        CostsResultAmount(value=value)


@pytest.mark.parametrize(
    ("text", "type_", "written"),
    [
        ("9007199254740993", int, "9007199254740993"),
        # Whole, and no int: the exponent makes it a float to every reader of JSON.
        ("9.007199254740993e15", ExactFloat, "9007199254740993.0"),
        ("1.0e1", ExactFloat, "10.0"),
        ("1e3", ExactFloat, "1E+3"),
        ("1.0", ExactFloat, "1.0"),
        ("0e-10", ExactFloat, "0E-10"),
        ("-0.0", ExactFloat, "-0.0"),
    ],
)
def test_a_number_of_any_form_comes_back_equal(text: str, type_: type, written: str) -> None:
    amount = CostsResultAmount.from_json(f'{{"value": {text}}}')
    assert type(amount.value) is type_
    assert amount.exact == Decimal(text)
    assert amount.to_json() == f'{{"value": {written}}}'
    again = CostsResultAmount.from_json(amount.to_json())
    assert again == amount
    assert type(again.value) is type_
    # A Decimal is what its own digits are read as.
    given: Any = Decimal(written)
    assert CostsResultAmount(value=given) == amount


def test_no_value_has_no_exact_value() -> None:
    assert CostsResultAmount().exact is None
    assert CostsResultAmount().to_dict() == {}


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_an_exact_float_is_the_double_next_to_its_decimal(number: Decimal) -> None:
    exact = ExactFloat(number)
    assert exact == float(number)
    assert exact.decimal == number
    for twin in (copy.deepcopy(exact), pickle.loads(pickle.dumps(exact))):  # noqa: S301
        assert type(twin) is ExactFloat
        assert twin.decimal == number


def test_what_is_no_number_makes_no_exact_float() -> None:
    with pytest.raises(ValueError, match="could not convert"):
        ExactFloat("1,5")
