"""Entering by columns is entering one by one, only faster."""

from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from support import streams
from tallybook.domain.entries import COLUMN_NAMES, entry_of, latest_us
from tallybook.domain.errors import ImpossibleEvent
from tallybook.domain.events import AnyEvent, Event
from tallybook.domain.kinds import KINDS
from tallybook.domain.sheets import enter, joined, sheet_of_entries

NOW = 1_790_900_000
LATEST_US = latest_us(NOW)

decode = msgspec.json.Decoder(AnyEvent).decode


@st.composite
def event_lists(draw: st.DrawFn) -> list[Event]:
    """Events, plain and odd, among them impossible ones."""
    kinds = draw(st.lists(st.sampled_from(tuple(KINDS)), min_size=1, max_size=3))
    events: list[dict[str, Any]] = draw(
        st.lists(st.sampled_from(kinds).flatmap(streams.events), max_size=12)
    )
    for event in events:
        event["time"] += NOW - 86_400
        spoil = draw(st.integers(0, 9))
        if spoil == 0:
            event["time"] = draw(st.sampled_from((0, 1_420_070_399.999999, NOW + 90_000)))
        elif spoil == 1 and "input_cached_tokens" in event:
            event["input_cached_tokens"] += 10_000
        elif spoil == 2:
            event["time"] = "2026-09-30T23:59:59.123456+02:00"
        elif spoil == 3:
            event["reported_cost"] = {"value": "0.012300", "currency": "usd"}
    return [decode(msgspec.json.encode(event)) for event in events]


@given(event_lists())
def test_a_sheet_has_the_entries_of_its_events(events: list[Event]) -> None:
    entered = enter(events, LATEST_US)

    expected, faults = {}, {}
    for place, event in enumerate(events):
        try:
            expected[place] = entry_of(event, LATEST_US)
        except ImpossibleEvent as fault:
            faults[place] = (fault.field, fault.reason)
    entries = entered.sheet.entries()
    assert dict(zip(entered.positions, entries, strict=True)) == expected
    assert [entered.sheet.entry(row) for row in range(entered.sheet.count)] == entries
    assert {place: (fault.field, fault.reason) for place, fault in entered.faults} == faults


@given(event_lists(), event_lists(), st.sets(st.integers(0, 11)))
def test_sheets_join_and_lose_rows_like_lists(
    some: list[Event], more: list[Event], dropped: set[int]
) -> None:
    sheets = [enter(events, LATEST_US).sheet for events in (some, more)]
    rows = [entry for sheet in sheets for entry in sheet.entries()]
    whole = joined(sheets)
    assert whole.entries() == rows
    assert whole.count == len(rows)
    kept = [row for place, row in enumerate(rows) if place not in dropped]
    assert whole.without(dropped).entries() == kept
    assert sheet_of_entries(rows).identities() == whole.identities()


def test_a_reported_cost_is_kept_to_the_last_digit() -> None:
    event = decode(
        b'{"id":"a","time":1790812800,"kind":"images","images":1,'
        b'"reported_cost":{"value":1234567890123.123456789012345,"currency":"usd"}}'
    )
    entry = dict(zip(COLUMN_NAMES, entry_of(event, LATEST_US), strict=True))
    assert entry["reported_cost"] == Decimal("1234567890123.123456789012345")
    assert entry["reported_currency"] == "usd"
