"""What is exported and imported again is the same ledger, in every format."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support import streams
from support.events import DAY
from support.ledgers import opened
from tallybook.cli.exporting.formats import ExportFormat, writer_of
from tallybook.cli.exporting.pages import event_pages
from tallybook.cli.importing.ndjson import NdjsonFile
from tallybook.cli.importing.report import Report
from tallybook.cli.importing.rows import RowFile
from tallybook.cli.importing.tables import open_csv, open_parquet
from tallybook.cli.importing.transfer import transfer
from tallybook.cli.target import FolderTarget
from tallybook.domain.entries import COLUMN_NAMES
from tallybook.domain.kinds import KINDS
from tallybook.domain.retelling import told_fields
from tallybook.intake.cells import TimeUnit
from tallybook.intake.mapping import VERBATIM, plan_mapping, read_wishes
from tallybook.intake.native import Format, read_events
from tallybook.ledger.ledger import Lot
from tallybook.settings import load_settings

NOW = DAY + 5 * 86_400
_numbers = itertools.count()

OPEN: dict[ExportFormat, Callable[[Path], RowFile]] = {
    ExportFormat.NDJSON: NdjsonFile,
    ExportFormat.CSV: lambda path: open_csv(path, None),
    ExportFormat.PARQUET: open_parquet,
}


@st.composite
def event(draw: st.DrawFn) -> dict[str, Any]:
    found = draw(st.sampled_from(tuple(KINDS)).flatmap(streams.events))
    if draw(st.booleans()):
        value = draw(st.decimals(0, 999, places=15).map(str))
        found["reported_cost"] = {"value": value, "currency": "eur"}
    return found | {"time": DAY + found["time"]}


def target(folder: Path) -> FolderTarget:
    return FolderTarget(load_settings({"data": str(folder)}, environment={}))


def filled(folder: Path, events: list[dict[str, Any]]) -> int:
    """A ledger with these events; how many of them it took."""
    folder.mkdir()
    batch = read_events(msgspec.json.encode(events), Format.JSON, NOW * 1_000_000, len(events))
    with opened(folder) as ledger:
        (answer,) = ledger.append([Lot(batch.sheet, batch.positions)])
    return answer.accepted


def rows(folder: Path) -> list[tuple[Any, ...]]:
    """Everything that a ledger keeps of its events, with what each is charged by."""
    with duckdb.connect(str(folder / "ledger.duckdb"), read_only=True) as connection:
        charged = connection.table("events").join(connection.table("rate_cards"), "rate_card")
        return charged.order("time_us, id").select(*COLUMN_NAMES, "card").fetchall()


def imported(path: Path, form: ExportFormat, into: Path) -> Report:
    file = OPEN[form](path)
    plan = VERBATIM
    if not file.is_empty:
        plan = plan_mapping(read_wishes([], [], [], only_mapped=False), file.columns, str(path))
    file.survey(plan)
    try:
        return transfer([(file, plan)], target(into), TimeUnit.SECONDS, lambda _rows: None)
    finally:
        file.close()


@pytest.mark.parametrize("form", ExportFormat)
@settings(streams.UNHURRIED, max_examples=12)
@given(events=st.lists(event(), min_size=1, max_size=25))
def test_an_export_is_imported_as_the_same_ledger(
    form: ExportFormat, events: list[dict[str, Any]], tmp_path: Path
) -> None:
    number = next(_numbers)
    here, there = tmp_path / f"here{number}", tmp_path / f"there{number}"
    count = filled(here, events)
    path = tmp_path / f"events{number}.{form}"
    with path.open("wb") as out:
        pages = event_pages(target(here), [], NOW)
        writer_of(form, told_fields(KINDS))(pages, out)
    report = imported(path, form, there)
    assert (report.accepted, report.refused, report.duplicates) == (count, 0, 0), report.faults
    assert rows(there) == rows(here)
    again = imported(path, form, here)
    assert (again.accepted, again.refused, again.duplicates) == (0, 0, count)


@pytest.mark.parametrize("form", ExportFormat)
def test_nothing_is_exported_and_imported_as_nothing(form: ExportFormat, tmp_path: Path) -> None:
    here, path = tmp_path / "here", tmp_path / "events"
    here.mkdir()
    with opened(here):
        pass
    with path.open("wb") as out:
        writer_of(form, told_fields(KINDS))(event_pages(target(here), [], NOW), out)
    assert imported(path, form, tmp_path / "there").rows == 0
