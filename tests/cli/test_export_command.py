"""``tallybook export``: stored events as files, from a folder and through a server."""

import csv
import gzip
import io
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from support.command import arguments, counts, environment, run, told
from support.events import DAY, event
from support.ledgers import opened, store
from support.server import ADMIN_KEY, INGEST_KEY, Server, running
from support.told_events import told as as_told
from tallybook.cli.exporting.formats import ExportFormat, writer_of
from tallybook.cli.exporting.pages import event_pages
from tallybook.cli.target import FolderTarget, ServerTarget
from tallybook.domain.listings import LIMIT_MAX
from tallybook.settings import load_settings

EVENTS: list[dict[str, Any]] = [
    event(id="a", time=DAY, model="gpt-5.5", tags={"team": "search"}, batch=True),
    event("images", id="b", time=DAY + 1.5, user_id='o"x,y'),
    event("audio_transcriptions", id="c", time=DAY + 86_400, seconds=0.25),
    event(id="d", time=DAY + 90_000, reported_cost={"value": "0.0123", "currency": "usd"}),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the events above, that no server owns."""
    data = tmp_path_factory.mktemp("folder")
    with opened(data) as ledger:
        store(ledger, *EVENTS)
    return data


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the same events."""
    with running(tmp_path_factory.mktemp("filled")) as server:
        assert server.post(EVENTS).json()["accepted"] == len(EVENTS)
        yield server


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_events_come_to_standard_output_by_time_one_to_a_line(folder: Path) -> None:
    result = run("export", "--data", folder)
    assert (result.returncode, result.stderr) == (0, "")
    assert lines(result.stdout) == [as_told(each) for each in EVENTS]


def test_a_folder_and_a_server_give_the_same_bytes(folder: Path, filled: Server) -> None:
    through = ("--url", filled.address, "--key", ADMIN_KEY)
    for options in ((), ("--format", "csv"), ("--kind", "completions")):
        here, there = run("export", *options, "--data", folder), run("export", *options, *through)
        assert there.stdout == here.stdout
        assert here.stdout


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (("--start", "2026-10-01", "--end", "2026-10-02"), "ab"),
        (("--start", "2026-10-02", "--timezone", "Europe/Paris"), "cd"),
        (("--end", "2026-10-02T00:00:01+00:00"), "abc"),
        (("--kind", "images", "--kind", "audio_transcriptions"), "bc"),
        (("--filter", "tag:team=search"), "a"),
        (("--filter", 'user_id=o"x,y', "--kind", "images"), ""),
        (("--filter", "batch=true"), "a"),
    ],
)
def test_a_range_kinds_and_filters_narrow_it(
    options: tuple[str, ...], ids: str, folder: Path
) -> None:
    result = run("export", *options, "--data", folder)
    assert result.returncode == 0, result.stderr
    assert "".join(each["id"] for each in lines(result.stdout)) == ids


def test_a_table_has_the_columns_of_its_kinds(folder: Path) -> None:
    result = run("export", "--format", "csv", "--kind", "images", "--data", folder)
    (row,) = csv.DictReader(io.StringIO(result.stdout))
    assert {name: cell for name, cell in row.items() if cell} == {
        "id": "b",
        "time": "2026-10-01T00:00:01.500000Z",
        "kind": "images",
        "provider": "openai",
        "user_id": 'o"x,y',
        "images": "2",
        "num_model_requests": "1",
    }
    assert "quality" in row
    assert "input_tokens" not in row


def test_parquet_has_moments_counts_and_flags_in_types_of_their_own(
    folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "events.parquet"
    result = run("export", "-o", path, "--data", folder)
    assert (result.returncode, result.stdout) == (0, "")
    assert told(result) == f"4 events are in {path}."
    with duckdb.connect() as engine:
        table = engine.read_parquet(str(path))
        types = dict(zip(table.columns, map(str, table.types), strict=True))
        first = table.select("id, epoch_us(time), batch, input_tokens, tags").fetchall()[0]
    assert types["time"] == "TIMESTAMP WITH TIME ZONE"
    assert (types["batch"], types["input_tokens"]) == ("BOOLEAN", "BIGINT")
    assert types["seconds"].startswith("DECIMAL")
    assert first == ("a", DAY * 1_000_000, True, 1830, '{"team":"search"}')


def test_a_name_that_ends_in_gz_is_packed(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson.gz"
    assert run("export", "-o", path, "--data", folder).returncode == 0
    assert lines(gzip.decompress(path.read_bytes()).decode()) == [as_told(each) for each in EVENTS]
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("form", ExportFormat)
def test_a_pipe_carries_one_ledger_into_another(
    form: ExportFormat, folder: Path, tmp_path: Path
) -> None:
    exported = subprocess.run(
        arguments("export", "--format", form, "--data", folder),
        env=environment(),
        capture_output=True,
        check=True,
    )
    for expected in ((4, 0, 0, 0), (0, 4, 0, 0)):
        result = subprocess.run(
            arguments("import", "-", "--format", form, "--data", tmp_path / "there", "--json"),
            env=environment(),
            input=exported.stdout,
            capture_output=True,
            check=False,
        )
        found = json.loads(result.stdout)
        names = ("accepted", "duplicates", "conflicts", "rejected")
        assert tuple(found[name] for name in names) == expected


def test_an_empty_standard_input_is_an_import_of_nothing(tmp_path: Path) -> None:
    result = subprocess.run(
        arguments("import", "-", "--data", tmp_path / "there", "--json"),
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert counts(result) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (("--kind", "image"), '--kind is "image"; it must be one of completions'),
        (("--start", "yesterday"), '"yesterday" is not a moment'),
        (("-o", "events.xlsx"), "none of the suffixes .ndjson, .jsonl, .csv, .parquet"),
        (("--filter", "line_item=x"), 'events cannot be filtered by "line_item"'),
        (("--timezone", "Paris"), "IANA time zone database"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(
    options: tuple[str, ...], part: str, folder: Path
) -> None:
    result = run("export", *options, "--data", folder)
    assert result.returncode == 2
    assert part in told(result)


def test_what_is_refused_leaves_no_file_and_not_half_of_one(filled: Server, tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    ingest = ("--url", filled.address, "--key", INGEST_KEY)
    for options, part in (
        (("--data", tmp_path / "nothing"), "holds no ledger"),
        (("--url", "http://127.0.0.1:1", "--key", ADMIN_KEY), "was not reached"),
        (ingest, "insufficient permissions"),
        (("--start", "2026-10-02", "--end", "2026-10-01", *ingest[:3], ADMIN_KEY), "before end"),
        (("--data", filled.data), "is in use by another process"),
    ):
        result = run("export", "-o", path, *options)
        assert result.returncode == 1
        assert part in told(result)
        assert list(tmp_path.iterdir()) == []


def test_a_reader_that_has_enough_is_no_fault(folder: Path) -> None:
    command = " ".join(arguments("export", "--data", folder))
    shell = ["bash", "-c", f"for n in 1 2 3; do {command}; done | head -n 1"]
    result = subprocess.run(
        shell,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.stdout.count("\n"), result.stderr) == (1, "")


def test_more_than_a_page_comes_page_by_page(server: Server, tmp_path: Path) -> None:
    many = [event("images", id=f"r{n:06}", time=DAY + n // 100) for n in range(LIMIT_MAX + 5)]
    assert server.post(many).json()["accepted"] == len(many)
    target = ServerTarget(server.address, ADMIN_KEY)
    pages = list(event_pages(target, [("kinds", "images")], DAY + 86_400))
    assert [page.count(b"\n") for page in pages] == [LIMIT_MAX, 5]
    with opened(tmp_path) as ledger:
        store(ledger, *many)
    here = FolderTarget(load_settings({"data": str(tmp_path)}, environment={}))
    assert list(event_pages(here, [], DAY + 86_400)) == pages


def test_an_export_writes_each_page_before_it_asks_for_the_next() -> None:
    asked: list[str] = []

    class Out(io.BytesIO):
        def write(self, part: Any) -> int:
            asked.append("written")
            return super().write(part)

    def pages() -> Iterator[bytes]:
        for name in ("first", "second"):
            asked.append(name)
            yield b'{"id":"a"}\n'

    writer_of(ExportFormat.NDJSON, ())(pages(), Out())
    assert asked == ["first", "written", "second", "written"]
