"""``tallybook usage``: the answers of the API, for people, spreadsheets and programs."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.command import run, told, write_csv
from support.events import DAY, event
from support.server import ADMIN_KEY, Server, running
from tallybook.version import __version__

END = DAY + 2 * 86_400
RANGE = ("--start", "2026-10-01", "--end", "2026-10-03")

EVENTS: list[dict[str, Any]] = [
    event(id="a", time=DAY, model="gpt-5.5", project_id="proj_1", input_tokens=1_000_000),
    event(id="b", time=DAY + 3_600, model="gpt-5.5", batch=True, input_cached_tokens=1_024),
    event(id="c", time=DAY + 90_000, model="o[1]", project_id="proj_2"),
    event(id="d", time=DAY + 90_060, model="o[1]", project_id="proj_2"),
    event("vector_stores", id="e", time=DAY, usage_bytes=5_000, vector_store_id="vs_1"),
    event("vector_stores", id="f", time=DAY + 60, usage_bytes=7_000, vector_store_id="vs_1"),
    event("file_search_calls", id="g", time=DAY, num_requests=12_345),
]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the events above."""
    with running(tmp_path_factory.mktemp("filled")) as server:
        assert server.post(EVENTS).json()["accepted"] == len(EVENTS)
        yield server


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the same events, that no server owns."""
    data = tmp_path_factory.mktemp("folder")
    with running(data) as server:
        assert server.post(EVENTS).json()["accepted"] == len(EVENTS)
    return data


def table(*options: object) -> list[str]:
    """The lines of a table, without blank ones and the spaces around them."""
    result = run("usage", *options)
    assert result.returncode == 0, result.stderr
    return [line[1:].rstrip() for line in result.stdout.splitlines() if line.strip()]


def test_the_table_has_whole_buckets_units_and_totals(folder: Path) -> None:
    assert table("completions", *RANGE, "--data", folder) == [
        "                           input       input                 num",
        " start            input   cached    uncached   output      model",
        " UTC             tokens   tokens      tokens   tokens   requests",
        "─" * 65,
        " 2026-10-01   1,001,830    1,024   1,000,806      424          2",
        " 2026-10-02       3,660        0       3,660      424          2",
        "─" * 65,
        " total        1,005,490    1,024   1,004,466      848          4",
    ]


def test_the_table_groups_and_names_what_is_missing(folder: Path) -> None:
    options = ("--width", "1h", "--group-by", "model,project_id", "--group-by", "batch")
    lines = table("completions", *RANGE, *options, "--data", folder)
    assert lines[1].split()[:2] == ["start", "project"]
    assert lines[2].split()[:4] == ["UTC", "id", "model", "batch"]
    assert [" ".join(line.split()) for line in lines[4:7]] == [
        "2026-10-01 00:00 proj_1 gpt-5.5 false 1,000,000 0 1,000,000 212 1",
        "2026-10-01 01:00 - gpt-5.5 true 1,830 1,024 806 212 1",
        "2026-10-02 01:00 proj_2 o[1] false 3,660 0 3,660 424 2",
    ]
    assert lines[8].split() == ["total", "1,005,490", "1,024", "1,004,466", "848", "4"]


def test_a_unit_stands_where_the_name_does_not_say_it(folder: Path) -> None:
    lines = table("file_search_calls", *RANGE, "--data", folder)
    assert [line.split() for line in lines[:4]] == [
        ["num"],
        ["start", "requests"],
        ["UTC", "calls"],
        ["─" * len(lines[3])],
    ]
    assert lines[-1].split() == ["total", "12,345"]


def test_a_stock_has_no_total(folder: Path) -> None:
    text = run("usage", "vector_stores", *RANGE, "--data", folder).stdout
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    assert lines[-2].split() == ["2026-10-01", "7,000"]
    assert lines[-1] == "These are samples of a level, not a flow: they have no total."


def test_a_narrow_terminal_never_cuts_a_number(folder: Path) -> None:
    result = run("usage", "completions", *RANGE, "--data", folder, variables={"COLUMNS": "20"})
    assert "1,004,466" in result.stdout
    assert "…" not in result.stdout


def test_json_is_one_page_of_the_api_with_all_buckets(filled: Server) -> None:
    # 2,880 minutes are two pages.
    options = (*RANGE, "--width", "1m", "--group-by", "model", "--json")
    result = run("usage", "completions", *options, "--url", filled.address, "--key", ADMIN_KEY)
    found = json.loads(result.stdout)
    asked: dict[str, Any] = {"bucket_width": "1m", "group_by": "model", "limit": 1440}
    first = filled.usage("completions", start_time=DAY, end_time=END, **asked).json()
    second = filled.usage(
        "completions", start_time=DAY, end_time=END, page=first["next_page"], **asked
    ).json()
    assert second["next_page"] is None
    assert found == second | {"data": first["data"] + second["data"]}
    assert len(found["data"]) == 2_880


@pytest.mark.parametrize(
    "options",
    [
        ("completions", "--json"),
        ("completions", "--csv", "--group-by", "model,batch,project_id"),
        ("completions", "--width", "1h"),
        ("completions", "--filter", "model=gpt-5.5", "--filter", "batch=true"),
        ("vector_stores", "--group-by", "project_id"),
        ("images",),
    ],
)
def test_a_folder_and_a_server_give_the_same_answer(
    options: tuple[str, ...], filled: Server, folder: Path
) -> None:
    here = run("usage", *options, *RANGE, "--data", folder)
    variables = {"TALLYBOOK_URL": filled.address, "TALLYBOOK_ADMIN_KEY": ADMIN_KEY}
    there = run("usage", *options, *RANGE, variables=variables)
    assert here.returncode == there.returncode == 0, here.stderr + there.stderr
    assert here.stdout == there.stdout


def test_csv_has_every_quantity_and_times_that_sort(folder: Path) -> None:
    result = run("usage", "completions", *RANGE, "--csv", "--group-by", "model", "--data", folder)
    first, second = csv.DictReader(io.StringIO(result.stdout))
    assert list(first)[:4] == ["start_time", "end_time", "model", "input_tokens"]
    assert (first["start_time"], first["end_time"]) == (
        "2026-10-01T00:00:00Z",
        "2026-10-02T00:00:00Z",
    )
    assert (first["model"], second["model"]) == ("gpt-5.5", "o[1]")
    assert (first["input_tokens"], first["input_cached_tokens"]) == ("1001830", "1024")
    assert second["input_cache_write_30m_tokens"] == "0"


@pytest.mark.parametrize(
    ("filters", "requests"),
    [
        (["model=gpt-5.5"], 2),
        (["model=gpt-5.5", "model=o[1]"], 4),
        (["model=gpt-5.5", "project_id=proj_1"], 1),
        (["batch=true"], 1),
    ],
)
def test_filters_are_by_dimension(filters: list[str], requests: int, folder: Path) -> None:
    options = [part for filter_ in filters for part in ("--filter", filter_)]
    found = json.loads(
        run("usage", "completions", *RANGE, *options, "--json", "--data", folder).stdout
    )
    results = [result for bucket in found["data"] for result in bucket["results"]]
    assert sum(result["num_model_requests"] for result in results) == requests


def test_nothing_is_said_to_be_nothing(folder: Path) -> None:
    assert run("usage", "images", *RANGE, "--data", folder).stdout == (
        "No usage of kind images from 2026-10-01T00:00:00Z to 2026-10-03T00:00:00Z.\n"
    )
    empty = run("usage", "images", *RANGE, "--csv", "--data", folder)
    assert empty.stdout == "start_time,end_time,images,num_model_requests\n"


def test_without_options_it_is_the_last_seven_days(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", [("time", "images"), (DAY, 1)])
    data = tmp_path / "tallybook-data"
    assert run("import", file, "--set", "kind=images", "--data", data).returncode == 0
    found = json.loads(run("usage", "images", "--json", folder=tmp_path).stdout)
    starts = [bucket["start_time"] for bucket in found["data"]]
    assert len(starts) == 8
    assert all(start % 86_400 == 0 for start in starts)


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (("completion",), ['KIND is "completion"', "completions, embeddings, moderations"]),
        (("completions", "--start", "yesterday"), ['"yesterday" is not a moment', "-7d, -24h"]),
        (("completions", "--width", "1y"), ["'1m', '5m', '15m', '1h', '1d', '1w', '1mo'"]),
        (("completions", "--filter", "size=1"), ['"size"', "project_id, user_id, api_key_id"]),
        (("completions", "--filter", "model"), ["it must be DIMENSION=VALUE"]),
        (("completions", "--json", "--csv"), ["exclude each other"]),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(
    options: tuple[str, ...], parts: list[str], folder: Path
) -> None:
    result = run("usage", *options, "--data", folder)
    assert result.returncode == 2
    for part in parts:
        assert part in told(result)


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (("--group-by", "size"), "completions can be grouped by project_id"),
        (("--start", "2026-10-03", "--end", "2026-10-01"), "it must be before end_time"),
    ],
)
def test_what_the_ledger_refuses_is_told_in_its_words_in_both_ways(
    options: tuple[str, ...], part: str, filled: Server, folder: Path
) -> None:
    target = ("--url", filled.address, "--key", ADMIN_KEY)
    for where in (("--data", folder), target):
        result = run("usage", "completions", *options, *where)
        assert result.returncode == 1
        assert part in told(result)


def test_a_folder_without_a_ledger_is_not_made_by_asking(tmp_path: Path) -> None:
    result = run("usage", "completions", "--data", tmp_path / "nothing")
    assert result.returncode == 1
    assert "holds no ledger" in told(result)
    assert not (tmp_path / "nothing").exists()


def test_the_version_needs_no_command() -> None:
    result = run("--version")
    assert (result.returncode, result.stdout) == (0, f"tallybook {__version__}\n")
