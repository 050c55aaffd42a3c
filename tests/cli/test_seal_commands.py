"""``tallybook seal``, ``verify`` and ``rebuild``: sums made, proved, and made anew."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest
from typer.testing import CliRunner, Result

from support.command import run, told
from support.events import DAY, event
from support.ledgers import SETTINGS, store
from support.prices import source
from support.server import running
from tallybook.cli import seal as seal_module
from tallybook.cli.main import command_line
from tallybook.cli.verify import SHOWN_MAX
from tallybook.ledger.duckdb.files import FILE_NAME
from tallybook.ledger.duckdb.store import DuckDBLedger
from tallybook.ledger.seals.book import Due

DAY_SECONDS = 86_400
FIRST = DAY - 2 * DAY_SECONDS
# Two days and an hour are over, and the ten minutes in which late events are waited for.
NOW = DAY + 3_600 + 600
EVENTS = [
    event(kind, id=f"{kind}-{hour}", time=FIRST + hour * 3_600 + 5, tags={"team": "search"})
    for kind in ("completions", "images", "vector_stores")
    for hour in (0, 1, 23, 24, 47, 48)
]
EQUAL = "Everything that is sealed equals its events."
DIFFERS = (
    "What is marked here is not what its events add up to, and questions are answered from it. The"
    " events are the truth: make the sums anew with tallybook rebuild, and report this as a defect."
)
SEALED = "Sealed 49 hours of 3 days in "


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: float(NOW))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with events that nobody sealed."""
    ledger = DuckDBLedger(tmp_path, SETTINGS, source(tmp_path, None))
    store(ledger, *EVENTS)
    ledger.close()
    return tmp_path


def call(data: Path, *parts: str, **variables: str) -> Result:
    """A command on a folder."""
    return CliRunner().invoke(command_line(), [*parts, "--data", str(data)], env=variables)


def lines(result: Result) -> list[str]:
    """What a command printed: the cells of each line, without rules and blank lines."""
    cells = [" ".join(line.split()) for line in result.stdout.splitlines()]
    return [line for line in cells if line.strip("─")]


def verified(data: Path, **variables: str) -> dict[str, Any]:
    """What ``verify --json`` says, less the time that it took."""
    result = call(data, "verify", "--json", **variables)
    found: dict[str, Any] = msgspec.json.decode(result.stdout)
    assert found.pop("object") == "verification"
    assert found.pop("seconds") > 0
    assert result.exit_code == bool(found["differences"])
    return found


def tampered(data: Path, *statements: str) -> None:
    """Change what a file holds behind its back."""
    with duckdb.connect(str(data / FILE_NAME)) as connection:
        for each in statements:
            connection.execute(each)


def costs(data: Path) -> str:
    options = ("--start", "2026-09-29", "--end", "2026-10-02", "--group-by", "model", "--csv")
    result = call(data, "costs", *options)
    assert result.exit_code == 0
    return result.stdout


def test_sealing_changes_no_answer_and_is_proved(data: Path) -> None:
    assert lines(call(data, "verify")) == [
        "Nothing is sealed, so there is nothing to verify: all is read from the events."
    ]
    before = costs(data)
    result = call(data, "seal")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(SEALED)
    assert costs(data) == before
    *table, seconds, last = lines(call(data, "verify"))
    assert table == [
        "days looked at 3",
        "hours sealed 49",
        "days sealed 2",
        "rows that differ 0",
    ]
    assert seconds.startswith("seconds ")
    assert last == EQUAL
    assert call(data, "seal").stdout == "Nothing was left to seal.\n"


def test_what_differs_is_told_by_table_and_time_and_made_anew(data: Path) -> None:
    call(data, "seal")
    before = costs(data)
    tampered(
        data,
        "UPDATE rollup_days_by_model SET input_text_tokens = 1 WHERE kind = 'completions'",
        "DELETE FROM rollup_hour_samples WHERE id = 'vector_stores-0'",
    )
    result = call(data, "verify")
    assert result.exit_code == 1
    assert lines(result)[3:] == [
        # A row that has another sum is not there, and one is there that should not be.
        "rows that differ 7",
        "rollup_day_samples 2",
        "rollup_days_by_model 4",
        "rollup_hour_samples 1",
        *(line for line in lines(result) if line.startswith("seconds")),
        "hour or day",
        "UTC table rows that differ",
        "2026-09-30 rollup_days_by_model 2",
        "2026-09-29 rollup_days_by_model 2",
        "2026-09-29 00:00 rollup_hour_samples 1",
        "2026-09-29 rollup_day_samples 2",
        DIFFERS,
    ]
    assert verified(data) == {
        "days": 3,
        "hours_sealed": 49,
        "days_sealed": 2,
        "days_let_go": 0,
        "rows_that_differ": {
            "rollup_days_by_model": 4,
            "rollup_hour_samples": 1,
            "rollup_day_samples": 2,
        },
        "differences": [
            {"start_time": f"2026-09-{when}Z", "width": width, "table": table, "rows": rows}
            for when, width, table, rows in (
                ("30T00:00:00", "1d", "rollup_days_by_model", 2),
                ("29T00:00:00", "1d", "rollup_days_by_model", 2),
                ("29T00:00:00", "1h", "rollup_hour_samples", 1),
                ("29T00:00:00", "1d", "rollup_day_samples", 2),
            )
        ],
    }
    assert call(data, "rebuild").stdout.startswith(SEALED)
    assert verified(data)["differences"] == []
    assert costs(data) == before


def test_of_many_differences_the_first_are_shown_and_all_are_counted(data: Path) -> None:
    call(data, "seal")
    tampered(
        data,
        "INSERT INTO rollup_hour_totals_by_project (time_us, kind)"  # noqa: S608
        f" SELECT ({FIRST} + range * 3600) * 1000000, 'images' FROM range({SHOWN_MAX + 3})",
    )
    assert "… and 3 more; --json has all" in lines(call(data, "verify"))
    assert len(verified(data)["differences"]) == SHOWN_MAX + 3


def test_the_tags_of_the_settings_are_kept_and_those_of_the_file_without_it(data: Path) -> None:
    def kept() -> set[str | None]:
        with duckdb.connect(str(data / FILE_NAME), read_only=True) as connection:
            return {tags for (tags,) in connection.table("rollup_days").select("tags").fetchall()}

    call(data, "seal", TALLYBOOK_KEPT_TAGS="team")
    assert kept() == {'{"team":"search"}'}
    # A shell without the server's settings takes nothing away, and looking never does.
    assert call(data, "seal").stdout == "Nothing was left to seal.\n"
    assert verified(data, TALLYBOOK_KEPT_TAGS="env")["days"] == 3
    assert call(data, "rebuild").stdout.startswith(SEALED)
    assert kept() == {'{"team":"search"}'}


def stopping_after(days: int) -> Callable[[DuckDBLedger, Due], int]:
    """``seal``, which is interrupted after some days."""
    seal, done = DuckDBLedger.seal, iter(range(days))

    def stop_or_seal(self: DuckDBLedger, due: Due) -> int:
        if next(done, None) is None:
            raise KeyboardInterrupt
        return seal(self, due)

    return stop_or_seal


@pytest.mark.parametrize("command", ["seal", "rebuild"])
def test_interrupted_it_leaves_right_answers_and_goes_on(
    data: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = costs(data)
    if command == "rebuild":
        call(data, "seal")
    with monkeypatch.context() as patch:
        patch.setattr(DuckDBLedger, "seal", stopping_after(2))
        result = call(data, command)
    assert (result.exit_code, result.stdout) == (seal_module.INTERRUPTED, "")
    assert result.stderr.startswith("Stopped. What is not sealed is read from the events,")
    assert "tallybook seal" in result.stderr
    assert costs(data) == before
    assert verified(data) == {
        "days": 2,
        "hours_sealed": 25,
        "days_sealed": 1,
        "days_let_go": 0,
        "rows_that_differ": {},
        "differences": [],
    }
    assert call(data, "seal").stdout.startswith("Sealed 24 hours of 1 day in ")
    assert verified(data)["hours_sealed"] == 49


def test_sums_that_no_column_holds_are_told(data: Path) -> None:
    ledger = DuckDBLedger(data, SETTINGS, source(data, None))
    most = [event(id=f"{n}", time=FIRST + 3_600 + n, input_tokens=2**53 - 1) for n in range(1_030)]
    store(ledger, *most)
    ledger.close()
    sealed, left = call(data, "seal").stdout.splitlines()
    assert sealed.startswith("Sealed 48 hours of 3 days in ")
    assert left == (
        "1 hour or day were not: their sums are too large to be kept. They are read from the"
        " events, as exactly."
    )


@pytest.fixture
def owned(data: Path) -> Iterator[Path]:
    """A folder that a server owns."""
    with running(data):
        yield data


def test_a_folder_that_a_server_owns_says_how_to_go_on(owned: Path) -> None:
    for command, way in (
        ("verify", "If it is a server: stop it first; a folder is verified while nobody else"),
        ("seal", "If it is a server: it seals by itself what is over,"),
        ("rebuild", "to rebuild, stop it first."),
    ):
        result = run(command, "--data", owned)
        assert result.returncode == 1
        assert "is in use by another process" in told(result)
        assert way in told(result)


@pytest.mark.parametrize("command", ["verify", "seal", "rebuild"])
def test_a_folder_without_a_ledger_is_refused_and_left_as_it_is(
    tmp_path: Path, command: str
) -> None:
    result = run(command, "--data", tmp_path / "none")
    assert result.returncode == 1
    assert told(result).startswith(f"tallybook: {tmp_path / 'none'} holds no ledger.")
    assert not (tmp_path / "none").exists()


def test_an_import_into_a_folder_says_what_seals(tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson"
    file.write_bytes(b"\n".join(map(msgspec.json.encode, EVENTS)))
    data = tmp_path / "data"
    first = call(data, "import", str(file))
    assert first.stdout.rstrip().endswith("to do it now: tallybook seal")
    # Nothing is new.
    assert "tallybook seal" not in call(data, "import", str(file)).stdout
    other = call(tmp_path / "other", "import", str(file), "--json")
    assert msgspec.json.decode(other.stdout)["accepted"] == len(EVENTS)
