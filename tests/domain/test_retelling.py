"""A stored event is told as one that makes the same entry, and has nothing that it need not."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support import streams
from support.events import DAY, event
from support.told_events import told
from tallybook.domain.entries import Entry, entry_of
from tallybook.domain.events import AnyEvent
from tallybook.domain.kinds import KINDS
from tallybook.domain.retelling import event_of

LATEST_US = (DAY + 400 * 86_400) * 1_000_000

costs = st.fixed_dictionaries(
    {
        "value": st.decimals(0, 9_999_999_999_999, places=15).map(str) | st.just("0"),
        "currency": st.sampled_from(("usd", "eur")),
    }
)


@st.composite
def any_event(draw: st.DrawFn) -> dict[str, Any]:
    found = draw(st.sampled_from(tuple(KINDS)).flatmap(streams.events))
    found["time"] += DAY
    if draw(st.booleans()):
        found["reported_cost"] = draw(costs)
    return found


def entry(fields: dict[str, Any] | bytes) -> Entry:
    text = fields if isinstance(fields, bytes) else msgspec.json.encode(fields)
    return entry_of(msgspec.json.decode(text, type=AnyEvent), LATEST_US)


@given(any_event())
def test_what_is_told_makes_the_same_entry(fields: dict[str, Any]) -> None:
    stored = entry(fields)
    text = msgspec.json.encode(event_of(stored))
    assert entry(text) == stored


@given(any_event())
def test_what_is_told_is_what_a_plain_rule_says(fields: dict[str, Any]) -> None:
    found = msgspec.json.decode(msgspec.json.encode(event_of(entry(fields))))
    expected = told(fields)
    # Digits of money are compared by the test above: here they may be written in another way.
    assert (found.pop("reported_cost", None) is None) == (
        expected.pop("reported_cost", None) is None
    )
    assert found == expected


@pytest.mark.parametrize("kind", KINDS)
def test_a_small_event_is_told_in_few_words(kind: str) -> None:
    found = msgspec.json.decode(msgspec.json.encode(event_of(entry(event(kind)))))
    counts = {quantity.name for quantity in KINDS[kind].quantities if quantity.required}
    assert set(found) == {"id", "time", "kind", "provider", *counts}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        ("1790812800", b'"time":1790812800,'),
        ("1790812800.5", b'"time":1790812800.5,'),
        ("1790812800.000001", b'"time":1790812800.000001,'),
        ("1790812799.999999", b'"time":1790812799.999999,'),
    ],
)
def test_a_time_is_told_to_the_microsecond_and_no_further(seconds: str, text: bytes) -> None:
    line = f'{{"id":"a","time":{seconds},"kind":"images","images":1}}'.encode()
    assert text in msgspec.json.encode(event_of(entry(line)))


@pytest.mark.parametrize("zero", ["0", "0.00", "0e40", "0e999999999", "0e-999999999", "0E-30"])
def test_a_reported_cost_of_nothing_is_a_plain_zero_however_it_is_written(zero: str) -> None:
    stored = entry(event(reported_cost={"value": zero, "currency": "usd"}))
    # Written out with its exponent, one of these fills a gigabyte.
    assert Decimal(0).as_tuple() in [v.as_tuple() for v in stored if isinstance(v, Decimal)]
    assert event_of(stored)["reported_cost"] == {"value": "0", "currency": "usd"}


def test_a_reported_cost_is_told_as_plain_digits() -> None:
    stored = entry(event(reported_cost={"value": "1.2300E-10", "currency": "eur"}))
    assert event_of(stored)["reported_cost"] == {"value": "0.000000000123", "currency": "eur"}
