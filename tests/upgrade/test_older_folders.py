"""A folder that an older version left opens with today's, whole; also after a crash in between."""

import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest

from support.command import run, told
from support.events import event
from support.ledgers import SETTINGS
from support.prices import source
from support.server import Server, running
from tallybook.domain.listings import Listing
from tallybook.ledger.duckdb.schema import MIGRATIONS
from tallybook.ledger.duckdb.store import DuckDBLedger
from upgrade.make_folder import DAY_SECONDS, FOLDERS

NAMES = sorted(path.name.removesuffix(".json") for path in FOLDERS.glob("*.json"))
KILLED = -9
_PATHS = (str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", ""))
_WITH_TESTS = os.environ | {"PYTHONPATH": os.pathsep.join(_PATHS)}
# The calls of the engine that bring a file up to date: two to look, and of each step four.
CALLS_BEFORE, CALLS_OF_A_STEP = 2, 4

# Brings a folder up to date, with one step more than there is, and dies just before a call.
_DYING = """
import os, signal, sys
from pathlib import Path
from support.ledgers import SETTINGS
from support.prices import source
from tallybook.ledger.duckdb import engine, schema
from tallybook.ledger.duckdb.store import DuckDBLedger

folder, left = Path(sys.argv[1]), int(sys.argv[2])

class Dying:
    def __init__(self, connection):
        self._connection = connection

    def __getattr__(self, name):
        def call(*arguments):
            global left
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)
            return getattr(self._connection, name)(*arguments)
        return call

schema.MIGRATIONS += ("ALTER TABLE events ADD COLUMN another VARCHAR; DELETE FROM seals",)
migrate = schema.migrate
engine.migrate = lambda connection: migrate(Dying(connection), len(schema.MIGRATIONS))
DuckDBLedger(folder, SETTINGS, source(folder))
"""


def unpacked(name: str, folder: Path) -> dict[str, Any]:
    """A copy of a folder that was kept, and what has to be found in it."""
    with tarfile.open(FOLDERS / f"{name}.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    found: dict[str, Any] = msgspec.json.decode((FOLDERS / f"{name}.json").read_bytes())
    return found


@pytest.fixture(scope="module", params=NAMES)
def opened(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, dict[str, Any]]]:
    """A server of today over a folder of before, and what has to be found in it."""
    folder = tmp_path_factory.mktemp("older")
    model = unpacked(request.param, folder)
    with running(folder, {"TALLYBOOK_KEPT_TAGS": "team"}) as server:
        yield server, model
    result = run("verify", "--data", folder)
    assert result.returncode == 0, told(result)


def span(model: dict[str, Any]) -> dict[str, Any]:
    end = model["start"] + model["days"] * DAY_SECONDS
    return {"start_time": model["start"], "end_time": end, "limit": model["days"]}


def results(answer: httpx2.Response) -> list[dict[str, Any]]:
    """The rows of all buckets of a page."""
    answer.raise_for_status()
    return [row for bucket in answer.json()["data"] for row in bucket["results"]]


def test_a_folder_is_kept() -> None:
    assert NAMES


def test_sums_are_those_of_what_was_sent(opened: tuple[Server, dict[str, Any]]) -> None:
    server, model = opened
    for kind, totals in model["usage"].items():
        rows = results(server.usage(kind, **span(model)))
        for name, total in totals.items():
            assert sum(row[name] for row in rows) == total, (kind, name)
    for team, total in model["tag"]["team"].items():
        rows = results(server.usage("completions", **span(model), **{"tags[team]": team}))
        assert sum(row["input_tokens"] for row in rows) == total


def test_costs_are_those_of_the_repriced_events(opened: tuple[Server, dict[str, Any]]) -> None:
    server, model = opened
    answer = server.http.get(
        "/v1/organization/costs", params=span(model) | {"group_by": "line_item"}
    )
    rows = json.loads(answer.text, parse_float=Decimal)["data"]
    found: dict[str, Decimal] = {}
    for row in (row for bucket in rows for row in bucket["results"]):
        item = row["line_item"] or ""
        name = "house-1" if item.startswith("house-1") else item
        found[name] = found.get(name, Decimal(0)) + Decimal(row["amount"]["value"])
    assert found["house-1"] == Decimal(model["costs"]["house-1"])
    assert [found[name] for name in found if "storage" in name] == [
        Decimal(model["costs"]["storage"])
    ]
    answer = server.http.get("/v1/prices/repricings")
    assert len(answer.json()["data"]) == model["repricings"]


def test_keys_open_what_they_opened(opened: tuple[Server, dict[str, Any]]) -> None:
    server, model = opened
    keys = model["keys"]

    def asked(key: str) -> int:
        headers = {"Authorization": f"Bearer {keys[key]}"}
        answer = server.http.get(
            "/v1/organization/usage/completions", params=span(model), headers=headers
        )
        return answer.status_code

    assert [asked(key) for key in ("admin", "second_admin")] == [200, 200]
    assert [asked(key) for key in ("ingest", "revoked")] == [401, 401]
    headers = {"Authorization": f"Bearer {keys['ingest']}"}
    sent = event(id="completions-0-0-search", time=model["start"], input_tokens=1)
    assert server.http.post("/v1/events", json=sent, headers=headers).status_code == 409


@pytest.mark.parametrize("name", NAMES)
def test_a_crash_while_it_is_brought_up_to_date_costs_nothing(name: str, tmp_path: Path) -> None:
    model = unpacked(name, tmp_path / "first")
    pending = len(MIGRATIONS) - int(name.split("-")[1])
    # The last call would keep the step that today's version does not know.
    calls = CALLS_BEFORE + CALLS_OF_A_STEP * (pending + 1)
    for left in range(1, calls + 1):
        folder = tmp_path / str(left)
        folder.mkdir()
        unpacked(name, folder)
        done = subprocess.run(
            [sys.executable, "-c", _DYING, folder, str(left)], check=False, env=_WITH_TESTS
        )
        assert done.returncode == KILLED
        check_whole(folder, model)


def check_whole(folder: Path, model: dict[str, Any]) -> None:
    """The ledger opens, has all events, and what is sealed equals them."""
    ledger = DuckDBLedger(folder, SETTINGS, source(folder))
    try:
        listing = Listing(start=0, end=1 << 40, limit=model["events"] + 1)
        assert len(ledger.events(listing)) == model["events"]
        assert not [each for day in ledger.verify() for each in day.discrepancies]
    finally:
        ledger.close()
