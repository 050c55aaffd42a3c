"""How long it takes to import a large CSV file, exactly once.

The rows come in random order of time, the hardest order: every lot of events
may repeat any that is stored. Beside it, in the same run, the same file through
a bare ``CREATE TABLE … AS SELECT * FROM read_csv(…)`` of DuckDB, which parses
and stores and does nothing else: no checks, no identity, one commit. The ratio
to it is the number to quote; absolute numbers are this machine's.

    python benchmarks/importing.py [--rows 5000000] [--again] [--json FILE]
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

START_SECONDS = 1_790_812_800
SPAN_SECONDS = 30 * 86_400
HEADER = (
    "id,time,model,project_id,user_id,api_key_id,input_tokens,input_cached_tokens,output_tokens\n"
)
MODELS = ("gpt-5.5-2026-04-23", "gpt-5.5-mini-2026-04-23", "gpt-4o-2024-08-06")


def write_rows(path: Path, count: int, seed: int) -> None:
    """A month of a busy organization's requests, about 110 bytes each, in random order of time."""
    rng = random.Random(seed)
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER)
        for _ in range(count):
            user = min(int(rng.paretovariate(0.7)), 5_000)
            moment = START_SECONDS - rng.randrange(SPAN_SECONDS * 1_000) / 1_000
            inputs = int(rng.lognormvariate(6.5, 1.2)) + 1
            file.write(
                f"req_{rng.getrandbits(64):016x},{moment:.3f},{MODELS[user % 3]}"
                f",proj_{user % 200:04d},user-{user:05d},key_{user:06d}"
                f",{inputs},{inputs // 3},{int(rng.lognormvariate(5, 1)) + 1}\n"
            )


def measured(work: Callable[[], None]) -> tuple[float, float]:
    """Seconds on the wall and of the processors, of this process and its children."""

    def processor_seconds() -> float:
        each = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        return sum(sum(resource.getrusage(who)[:2]) for who in each)

    began, used = time.perf_counter(), processor_seconds()
    work()
    return time.perf_counter() - began, processor_seconds() - used


def tallybook(source: Path, data: Path, count: int, *, known: bool) -> None:
    """Import the file with the command; all of it must be accepted, or known."""
    finished = subprocess.run(
        [sys.executable, "-m", "tallybook", "import", str(source), "--set", "kind=completions",
         "--data", str(data), "--json"],
        stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    report = json.loads(finished.stdout)
    assert report["duplicates" if known else "accepted"] == count, report


def bare(source: Path, file: Path) -> None:
    """Load the file with DuckDB alone."""
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE TABLE rows AS SELECT * FROM read_csv(?)", [str(source)])


def main() -> None:
    """Measure an import into an empty folder, perhaps the same again, and the bare load."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--again", action="store_true", help="also import the file a second time")
    parser.add_argument("--json", type=Path, help="also write the table here")
    options = parser.parse_args()

    count = options.rows
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source, data = folder / "rows.csv", folder / "data"
        write_rows(source, count, options.seed)
        works: list[tuple[str, Callable[[], None]]] = [
            ("bare read_csv", lambda: bare(source, folder / "bare.duckdb")),
            ("tallybook import", lambda: tallybook(source, data, count, known=False)),
        ]
        if options.again:
            works.append(("the same again", lambda: tallybook(source, data, count, known=True)))
        results = [(title, *measured(work)) for title, work in works]

    base = results[0][1]
    rows = [
        {
            "what": title,
            "rows": count,
            "seconds": round(wall, 1),
            "processor seconds": round(used, 1),
            "rows/s": round(count / wall),
            "times the bare load": round(wall / base, 1),
        }
        for title, wall, used in results
    ]
    print(f"{os.cpu_count()} cores, times in random order over {SPAN_SECONDS // 86_400} days")
    print(f"{'':16}  {'rows':>10}  {'seconds':>8}  {'cpu s':>8}  {'rows/s':>10}  of the bare load")
    for row in rows:
        print("{:16}  {:>10,}  {:>8.1f}  {:>8.1f}  {:>10,}  {:.1f}x".format(*row.values()))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main()
