"""The ledger on DuckDB keeps what it was given, whichever way it went in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support import streams
from support.events import DAY, event
from support.prices import source
from tallybook.domain.entries import latest_us
from tallybook.domain.events import AnyEvent
from tallybook.domain.kinds import KINDS
from tallybook.domain.sheets import Sheet, enter, sheet_of_entries
from tallybook.ledger.duckdb.engine import EngineSettings
from tallybook.ledger.duckdb.store import DuckDBLedger
from tallybook.ledger.duckdb.writer import APPENDED_MAX
from tallybook.ledger.ledger import Lot

NOW = DAY + 86_400
SETTINGS = EngineSettings(memory_max_bytes=1 << 30, threads=1)

decode = msgspec.json.Decoder(list[AnyEvent]).decode


def sheet_of(events: list[dict[str, Any]]) -> Sheet:
    entered = enter(decode(msgspec.json.encode(events)), latest_us(NOW))
    assert entered.faults == []
    return entered.sheet


def lot_of(sheet: Sheet, *, whole: bool = False) -> Lot:
    return Lot(sheet, range(sheet.count), whole)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[DuckDBLedger]:
    ledger = DuckDBLedger(tmp_path, SETTINGS, source(tmp_path))
    yield ledger
    ledger.close()


# Few go through the appender, many as an Arrow table; both must keep every value.
@pytest.mark.parametrize("copies", [1, APPENDED_MAX + 1])
@settings(max_examples=25, deadline=None)
@given(events=st.lists(st.sampled_from(tuple(KINDS)).flatmap(streams.events), max_size=6))
def test_what_is_stored_is_what_was_given(
    tmp_path_factory: pytest.TempPathFactory, copies: int, events: list[dict[str, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("ledger")
    ledger = DuckDBLedger(folder, SETTINGS, source(folder))
    try:
        events = [event("images", id=f"filler-{n}", reported_cost=COST) for n in range(copies)] + [
            each | {"id": f"{place}-{each['id']}"[:200], "time": DAY + each["time"] / 4}
            for place, each in enumerate(events)
        ]
        sheet = sheet_of(events)
        (first,) = ledger.append([lot_of(sheet)])
        assert first.accepted == len(events)
        # A second time, against a fresh memory of what is recent: every value is compared.
        ledger._recent = None
        (again,) = ledger.append([lot_of(sheet_of_entries(sheet.entries()))])
        assert (again.accepted, again.duplicates, again.conflicts) == (0, len(events), ())
    finally:
        ledger.close()


COST = {"value": "0.000000000000001", "currency": "usd"}


def test_a_repeat_is_found_after_the_file_was_closed_and_opened(tmp_path: Path) -> None:
    sheet = sheet_of([event(id=f"r{n}", time=DAY + n) for n in range(300)])
    for expected in (300, 0, 0):
        ledger = DuckDBLedger(tmp_path, SETTINGS, source(tmp_path))
        (answer,) = ledger.append([lot_of(sheet)])
        assert (answer.accepted, answer.duplicates) == (expected, 300 - expected)
        ledger.close()


def test_late_repeats_are_found_among_events_that_are_not_recent(ledger: DuckDBLedger) -> None:
    spread = [event(id=f"r{n}", time=DAY - 90 * 86_400 + n * 7_200) for n in range(1_000)]
    ledger.append([lot_of(sheet_of(spread))])
    assert ledger._recent is not None
    ledger._recent.floor_us = 2**62
    fresh = [event(id=f"late{n}", time=DAY - 80 * 86_400 + n * 9_000) for n in range(100)]
    conflict = spread[500] | {"input_tokens": 1}
    (answer,) = ledger.append([lot_of(sheet_of([*spread[::3], *fresh, conflict]))])
    assert (answer.accepted, answer.duplicates) == (100, 334)
    assert [(found.id, found.columns) for found in answer.conflicts] == [
        ("r500", ("input_text_tokens",))
    ]


def test_a_whole_lot_is_stored_completely_or_not_at_all(ledger: DuckDBLedger) -> None:
    known = event(id="known")
    ledger.append([lot_of(sheet_of([known]))])
    lots = [
        lot_of(sheet_of([event(id="a"), known | {"output_tokens": 0}]), whole=True),
        lot_of(sheet_of([event(id="a"), event(id="b"), known]), whole=True),
    ]
    refused, stored = ledger.append(lots)
    assert (refused.accepted, refused.duplicates, len(refused.conflicts)) == (0, 0, 1)
    assert (stored.accepted, stored.duplicates, stored.conflicts) == (2, 1, ())


def test_the_first_of_a_body_counts_whatever_its_kind(ledger: DuckDBLedger) -> None:
    # A sheet groups entries by kind; what stood first in the body still comes first.
    entered = enter(
        decode(
            msgspec.json.encode(
                [event("images", id="x"), event(id="twice"), event("images", id="twice")]
            )
        ),
        latest_us(NOW),
    )
    assert list(entered.positions) == [0, 2, 1]
    (answer,) = ledger.append([Lot(entered.sheet, entered.positions)])
    assert answer.accepted == 2
    assert [(found.position, found.kind) for found in answer.conflicts] == [(2, "images")]
