"""The command line, run as people run it: in a process of its own, in a folder of its own."""

import csv
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import msgspec

# Wide enough that no message is broken into lines.
WIDTH = "400"

_FRAMES = re.compile(r"[│╭╮╰╯─\s]+")


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The tests' environment without what would change the commands' meaning."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TALLYBOOK_")}
    return kept | {"COLUMNS": WIDTH, "TERM": "dumb", "NO_COLOR": "1"} | dict(more or {})


def arguments(*parts: object) -> list[str]:
    """The whole command, for this interpreter."""
    return [sys.executable, "-m", "tallybook", *map(str, parts)]


def run(
    *parts: object, folder: Path | None = None, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run ``tallybook`` with these arguments, in a folder, with these variables."""
    return subprocess.run(
        arguments(*parts),
        cwd=folder,
        env=environment(variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def told(result: subprocess.CompletedProcess[str]) -> str:
    """What a command said on standard error, without frames, on one line."""
    return _FRAMES.sub(" ", result.stderr).strip()


def receipt(result: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The receipt of ``import --json``, less the times that it took."""
    assert result.stdout, result.stderr
    found: dict[str, Any] = msgspec.json.decode(result.stdout)
    assert found.pop("seconds") > 0
    assert found.pop("rows_per_second") >= 0
    return found


def counts(result: subprocess.CompletedProcess[str]) -> tuple[int, int, int, int]:
    """Rows accepted, duplicate, in conflict and rejected."""
    found = receipt(result)
    return found["accepted"], found["duplicates"], found["conflicts"], found["rejected"]


def stored(data: Path, *columns: str) -> list[tuple[Any, ...]]:
    """These columns of all stored events, by id; of a folder that nobody has open."""
    with duckdb.connect(str(data / "ledger.duckdb"), read_only=True) as connection:
        return connection.table("events").order("id").select(*columns).fetchall()


def write_csv(path: Path, rows: Iterable[Sequence[object]], delimiter: str = ",") -> Path:
    """A CSV file of rows, the first of them its header."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path
