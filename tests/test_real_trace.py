"""A real trace of production traffic, imported through a server, read by the official client.

The excerpt is in ``tests/data``; the whole trace is used where it is at hand.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from openai import OpenAI

from support.command import counts, run
from support.needs import require
from support.server import ADMIN_KEY, Server, running

EXCERPT = Path(__file__).parent / "data" / "azure-llm-2023" / "conv-excerpt.csv"
FULL_NAME = "azure-llm-2023/conv.csv"
# 2023-11-16T00:00:00Z.
START = 1_700_092_800
MAPPING = (
    *("--map", "time=TIMESTAMP", "--map", "input_tokens=ContextTokens"),
    *("--map", "output_tokens=GeneratedTokens", "--set", "kind=completions"),
    *("--set", "model=gpt-4o", "--set", "provider=azure"),
)
ROWS_FULL = 19_366

Sums = tuple[int, int, int]


def naive(file: Path, width: int) -> dict[int, Sums]:
    """Input tokens, output tokens and requests by bucket: a plain loop over the rows."""
    sums: defaultdict[int, Sums] = defaultdict(lambda: (0, 0, 0))
    with file.open(newline="") as lines:
        for row in csv.DictReader(lines):
            whole_second = row["TIMESTAMP"].partition(".")[0]
            moment = datetime.fromisoformat(whole_second).replace(tzinfo=UTC)
            bucket = int(moment.timestamp()) // width * width
            inputs, outputs, requests = sums[bucket]
            sums[bucket] = (
                inputs + int(row["ContextTokens"]),
                outputs + int(row["GeneratedTokens"]),
                requests + 1,
            )
    return dict(sums)


def answered(server: Server, width: str) -> dict[int, Sums]:
    """The same by the official client, all pages, without the empty buckets."""
    client = OpenAI(base_url=f"{server.address}/v1", admin_api_key=ADMIN_KEY)
    sums: dict[int, Sums] = {}
    page: str | None = None
    while True:
        more: dict[str, Any] = {"page": page} if page else {}
        answer = client.admin.organization.usage.completions(
            start_time=START,
            end_time=START + 86_400,
            bucket_width=width,  # type: ignore[arg-type]
            limit={"1m": 1440, "1h": 24, "1d": 1}[width],
            **more,
        )
        for bucket in answer.data:
            for result in bucket.results:
                found: Any = result
                sums[bucket.start_time] = (
                    found.input_tokens,
                    found.output_tokens,
                    found.num_model_requests,
                )
        page = answer.next_page
        if not page:
            return sums


def import_trace(file: Path, server: Server) -> tuple[int, int, int, int]:
    result = run("import", file, *MAPPING, "--url", server.address, "--key", ADMIN_KEY, "--json")
    assert result.returncode == 0, result.stderr
    return counts(result)


def test_an_excerpt_of_real_traffic_sums_to_what_a_loop_over_it_says(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        assert import_trace(EXCERPT, server) == (200, 0, 0, 0)
        for width, seconds in (("1m", 60), ("1h", 3_600), ("1d", 86_400)):
            assert answered(server, width) == naive(EXCERPT, seconds)
        assert import_trace(EXCERPT, server) == (0, 200, 0, 0)
        assert answered(server, "1d") == naive(EXCERPT, 86_400)


@pytest.fixture(scope="module")
def trace(shared_data: Path | None) -> Path:
    """The whole trace, where it is at hand."""
    file = (shared_data or Path("nowhere")) / FULL_NAME
    require("the whole trace", present=file.is_file())
    return file


@pytest.fixture(scope="module")
def traced(trace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server into which the whole trace was imported."""
    with running(tmp_path_factory.mktemp("traced")) as server:
        assert import_trace(trace, server) == (ROWS_FULL, 0, 0, 0)
        yield server


def test_a_day_of_real_traffic_is_one_bucket(traced: Server) -> None:
    assert answered(traced, "1d") == {START: (22_361_870, 4_088_665, ROWS_FULL)}


def test_an_hour_of_real_traffic_is_where_it_happened(traced: Server, trace: Path) -> None:
    hours = answered(traced, "1h")
    assert {start: sums[0] for start, sums in hours.items()} == {
        1_700_157_600: 18_444_477,
        1_700_161_200: 3_917_393,
    }
    assert hours == naive(trace, 3_600)


def test_a_minute_of_real_traffic_is_where_it_happened(traced: Server, trace: Path) -> None:
    minutes = answered(traced, "1m")
    assert len(minutes) == 60
    assert max(requests for _, _, requests in minutes.values()) == 502
    assert minutes == naive(trace, 60)


def test_real_traffic_imported_again_changes_nothing(traced: Server, trace: Path) -> None:
    before = answered(traced, "1m")
    assert import_trace(trace, traced) == (0, ROWS_FULL, 0, 0)
    assert answered(traced, "1m") == before
