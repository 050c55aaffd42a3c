"""``tallybook demo``: what it stores, what it says, and that twice is as good as once."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.progress import Progress
from typer.testing import CliRunner

from demo.months import END, EVENTS, SEED, of_kind, small_month
from tallybook.cli.demo import Filled, fill
from tallybook.cli.main import command_line
from tallybook.demo.month import MONTH_SECONDS
from tallybook.domain.buckets import BucketWidth
from tallybook.domain.definitions import Fold, Kind
from tallybook.domain.entries import latest_us
from tallybook.domain.kinds import KINDS
from tallybook.domain.queries import UsageQuery
from tallybook.intake.native import Format, read_events
from tallybook.ledger.ledger import Ledger, Lot
from tallybook.ledger.opening import open_ledger, open_prices
from tallybook.ledger.sealable import SealedLedger
from tallybook.settings import Settings, load_settings
from tallybook.usage.dialects import Dialect
from tallybook.usage.results import usage_row

# Half past one in the afternoon of the day whose midnight ends the month.
NOW = END + 48_600.5
DAY_SECONDS = 86_400


def stored(settings: Settings, now_seconds: float = NOW, seed: int = SEED) -> Filled:
    return fill(
        settings,
        seed=seed,
        events=EVENTS,
        now_seconds=now_seconds,
        show=Progress(disable=True),
    )


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return load_settings({"data": str(tmp_path_factory.mktemp("demo"))}, environment={})


@pytest.fixture(scope="module")
def first(settings: Settings) -> Filled:
    return stored(settings)


@pytest.fixture(scope="module")
def ledger(settings: Settings, first: Filled) -> Iterator[SealedLedger]:
    assert first.accepted == EVENTS
    # A second run, days later, before anything is read.
    again = stored(settings, now_seconds=END + 3 * DAY_SECONDS)
    assert (again.accepted, again.duplicates, again.refused) == (0, EVENTS, 0)
    ledger = open_ledger(settings, open_prices(settings))
    yield ledger
    ledger.close()


def test_the_first_run_stores_every_event(first: Filled) -> None:
    assert (first.accepted, first.duplicates, first.refused) == (EVENTS, 0, 0)
    assert (first.start, first.end) == (END - MONTH_SECONDS, END)


def test_the_month_is_sealed_when_it_is_looked_at(ledger: SealedLedger) -> None:
    days = list(ledger.verify())
    assert [day.discrepancies for day in days] == [()] * len(days)
    # The month, and what there is of the day on which it was made.
    assert sum(day.whole for day in days) >= MONTH_SECONDS // DAY_SECONDS
    assert ledger.due(NOW) == []


def test_what_it_counts_is_what_was_made(first: Filled) -> None:
    assert first.events == Counter(event["kind"] for event in small_month())
    assert first.amounts["completions", "output_tokens"] == sum(
        event["output_tokens"] for event in of_kind("completions")
    )


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_the_ledger_after_two_runs_equals_a_loop_over_the_events(
    ledger: Ledger, kind: Kind
) -> None:
    start = END - MONTH_SECONDS
    query = UsageQuery(
        kind=kind,
        start=start,
        end=END,
        width=BucketWidth.DAY,
        limit=31,
        resume=start,
        group_by=("project_id",),
    )
    found: Counter[tuple[int, str, str]] = Counter()
    row = usage_row(query, Dialect.CURRENT)
    for bucket, texts in ledger.usage(query, query.page_spans, row).items():
        for result in msgspec.json.decode(f"[{texts}]"):
            for quantity in kind.wire_quantities:
                found[bucket, result["project_id"], quantity.name] = result[quantity.name]
    naive = stock_by_loop(kind) if kind.fold is Fold.STOCK else sums_by_loop(kind)
    assert naive
    assert {key: found[key] for key in naive} == naive


def sums_by_loop(kind: Kind) -> dict[tuple[int, str, str], int]:
    """The sums of what the events of a kind bring themselves, in units of the wire."""
    sums: Counter[tuple[int, str, str]] = Counter()
    for event in of_kind(kind.name):
        for quantity in kind.quantities:
            if quantity.name in event or quantity.default:
                count = event.get(quantity.name, quantity.default) * quantity.scale
                sums[day_of(event), event["project_id"], quantity.name] += round(count)
    scales = {quantity.name: quantity.scale for quantity in kind.wire_quantities}
    return {
        (day, project, name): (count + scales[name] // 2) // scales[name]
        for (day, project, name), count in sums.items()
        if name in scales
    }


def stock_by_loop(kind: Kind) -> dict[tuple[int, str, str], int]:
    """The largest sample of each store and day, summed by project."""
    largest: dict[tuple[int, str, str], int] = {}
    for event in of_kind(kind.name):
        key = (day_of(event), event["project_id"], event["vector_store_id"])
        largest[key] = max(largest.get(key, 0), event["usage_bytes"])
    sums: Counter[tuple[int, str, str]] = Counter()
    for (day, project_id, _), size in largest.items():
        sums[day, project_id, "usage_bytes"] += size
    return sums


def day_of(event: dict[str, Any]) -> int:
    return int(event["time"]) // DAY_SECONDS * DAY_SECONDS


def test_another_day_or_seed_adds_to_a_folder_and_contradicts_nothing(tmp_path: Path) -> None:
    settings = load_settings({"data": str(tmp_path)}, environment={})
    runs = [stored(settings), stored(settings, seed=1), stored(settings, NOW + DAY_SECONDS)]
    assert [(run.accepted, run.duplicates, run.refused) for run in runs] == [(EVENTS, 0, 0)] * 3


def test_an_event_that_contradicts_the_ledger_is_counted_and_not_stored(tmp_path: Path) -> None:
    settings = load_settings({"data": str(tmp_path)}, environment={})
    other = small_month()[-1] | {"user_id": "user-somebody"}
    batch = read_events(msgspec.json.encode(other), Format.JSON, latest_us(NOW), 1)
    ledger = open_ledger(settings, open_prices(settings))
    ledger.append([Lot(batch.sheet, batch.positions)])
    ledger.close()
    filled = stored(settings)
    assert (filled.accepted, filled.duplicates, filled.refused) == (EVENTS - 1, 0, 1)


def run(*arguments: str) -> str:
    result = CliRunner().invoke(command_line(), ["demo", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_it_prints_what_there_is_and_what_to_do_next(tmp_path: Path) -> None:
    folder = tmp_path / "made up"
    output = run("--data", str(folder), "--events", "2000")
    for kind in KINDS:
        assert kind in output
    assert re.search(r"^all +2,000 *$", output, re.MULTILINE)
    assert "2,000 events were added." in output
    assert f"tallybook serve --data '{folder}'" in output
    assert f"tallybook usage completions --data '{folder}' --group-by model" in output
    assert re.search(r'"http://\S+/v1/organization/usage/completions\?start_time=\d+&\S+"', output)


def test_without_a_folder_it_makes_one_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TALLYBOOK_DATA", str(tmp_path / "real"))
    run("--events", "1000")
    assert [path.name for path in tmp_path.iterdir()] == ["tallybook-demo"]


@pytest.mark.parametrize(
    "arguments", [("--events", "999"), ("--seed", "-1"), ("--seed", str(2**63))]
)
def test_impossible_numbers_are_refused_before_anything_is_made(
    tmp_path: Path, arguments: tuple[str, str]
) -> None:
    folder = tmp_path / "data"
    result = CliRunner().invoke(command_line(), ["demo", "--data", str(folder), *arguments])
    assert result.exit_code == 2
    assert not folder.exists()
