"""What each rollup costs and what it saves: rows, bytes, and the time of the same question.

Questions are asked, as sums and without a page around them, of the events, of
every rollup that could answer them, and of the one that the ledger chooses.
The answers are compared, and a difference ends the run with status 1. It reads
a sealed data folder, such as ``benchmarks/dashboard.py --keep`` leaves behind;
``docs/decisions/0017-which-rollups-earn-their-place.md`` quotes it.

    python benchmarks/rollups.py --data DIR [--rounds 9] [--json FILE]
"""

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from tallybook.domain.instants import DAY_SECONDS, MICROSECONDS
from tallybook.ledger.duckdb.engine import FILE_NAME
from tallybook.ledger.seals.rollups import (
    DAY,
    DAY_SAMPLES,
    EVENTS,
    HOUR,
    HOUR_SAMPLES,
    ROLLUPS,
    Measure,
    leanest,
)

THREADS = os.cpu_count() or 1
BLOCK_BYTES = 262_144


class Question(msgspec.Struct, frozen=True):
    """Sums of the last ``days`` by buckets of some seconds and a dimension."""

    name: str
    days: int
    bucket_seconds: int
    key: str
    measure: Measure


QUESTIONS = (
    Question("30 days of tokens by model", 30, DAY_SECONDS, "model", Measure.TOTALS),
    Question("30 days of tokens by project", 30, DAY_SECONDS, "project_id", Measure.TOTALS),
    Question("30 days of tokens by user", 30, 30 * DAY_SECONDS, "user_id", Measure.TOTALS),
    Question("7 days of tokens, hourly, by model", 7, 3_600, "model", Measure.TOTALS),
    Question("7 days of tokens, hourly, by project", 7, 3_600, "project_id", Measure.TOTALS),
    Question("30 days of costs by user", 30, 30 * DAY_SECONDS, "user_id", Measure.AMOUNTS),
    Question("30 days of costs by project", 30, DAY_SECONDS, "project_id", Measure.AMOUNTS),
    Question("180 days of costs by model", 180, DAY_SECONDS, "model", Measure.AMOUNTS),
)
TOKENS = ("input_text_tokens", "input_cached_text_tokens", "output_text_tokens")
CHARGED = (*TOKENS, "images", "num_requests")
# What events owe for but by the hour, the same in every table that knows rate cards.
OWED = """
    SELECT {columns}, quantity * price AS product FROM (
        SELECT {columns}, price, CASE charge WHEN 'input' THEN input_text_tokens
            WHEN 'cached_input' THEN input_cached_text_tokens WHEN 'images' THEN images
            WHEN 'web_search' THEN num_requests ELSE output_text_tokens END AS quantity
        FROM (
            SELECT {columns}, rate_card, {sums} FROM {table} WHERE {where} GROUP BY ALL
        ) AS charged JOIN (
            SELECT rate_card, charge, (unit_price * 1000000000000000::HUGEINT)::HUGEINT AS price
            FROM rates WHERE charge IN ('input', 'cached_input', 'output', 'images', 'web_search')
        ) USING (rate_card)
    )"""


def statement(question: Question, table: str, measure: Measure | None, end_us: int) -> str:
    """The question of one table; ``measure`` is what it holds, null for the events."""
    start_us = end_us - question.days * DAY_SECONDS * MICROSECONDS
    where = f"time_us >= {start_us} AND time_us < {end_us}"
    width_us = question.bucket_seconds * MICROSECONDS
    bucket = f"(time_us - {start_us}) // {width_us} AS bucket"
    if question.measure is Measure.TOTALS:
        sums = ", ".join(f"sum({name})" for name in TOKENS)
        kind = " AND kind = 'completions'"
        return (
            f"SELECT {bucket}, {question.key}, {sums} FROM {table} WHERE {where}{kind}"
            " GROUP BY ALL ORDER BY ALL"
        )
    if measure is Measure.AMOUNTS:
        rows = f"SELECT {bucket}, {question.key}, product FROM {table} WHERE {where} AND stored = 1"
    else:
        sums = ", ".join(f"sum({name}) AS {name}" for name in CHARGED)
        rows = OWED.format(
            columns=f"bucket, {question.key}",
            sums=sums,
            table=f"(SELECT {bucket}, * FROM {table} WHERE {where})",
            where="kind <> 'vector_stores'",
        )
    return (
        f"SELECT bucket, {question.key}, sum(product) FROM ({rows}) WHERE product > 0"
        " GROUP BY ALL ORDER BY ALL"
    )


def candidates(question: Question) -> list[tuple[str, Measure | None]]:
    """The events, and every rollup that could answer a question."""
    found: list[tuple[str, Measure | None]] = [(EVENTS, None)]
    for rollup in ROLLUPS:
        fits_width = rollup.width is HOUR or question.bucket_seconds % DAY_SECONDS == 0
        measures = {Measure.CARDS, question.measure}
        if fits_width and rollup.measure in measures and question.key in rollup.keys:
            found.append((rollup.table, rollup.measure))
    return found


def chosen(question: Question) -> str:
    """The table that the ledger reads for it where all is sealed."""
    width = DAY if question.bucket_seconds % DAY_SECONDS == 0 else HOUR
    measures = (
        (Measure.CARDS, question.measure)
        if question.measure is Measure.AMOUNTS
        else (Measure.CARDS, Measure.TOTALS)
    )
    rollup = leanest(width, measures, {question.key}, ())
    return EVENTS if rollup is None else rollup.table


def median_ms(connection: duckdb.DuckDBPyConnection, sql: str, rounds: int) -> tuple[float, Any]:
    """The median time of a statement, its rows fetched, and these."""
    times, rows = [], None
    for _ in range(rounds):
        began = time.perf_counter()
        rows = connection.execute(sql).fetchall()
        times.append((time.perf_counter() - began) * 1_000)
    return statistics.median(times), rows


def sizes(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, int]]:
    """Rows and bytes of each table."""
    found = {}
    for table in (EVENTS, HOUR_SAMPLES, DAY_SAMPLES, *(rollup.table for rollup in ROLLUPS)):
        (rows,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone() or (0,)
        (blocks,) = connection.execute(
            "SELECT count(DISTINCT block_id) FROM pragma_storage_info(?) WHERE block_id >= 0",
            [table],
        ).fetchone() or (0,)
        found[table] = (rows, blocks * BLOCK_BYTES)
    return found


def measure(data: Path, rounds: int) -> tuple[dict[str, Any], bool]:
    """Everything of a folder, printed as it comes; whether all answers agree."""
    connection = duckdb.connect(str(data / FILE_NAME), read_only=True, config={"threads": THREADS})
    report: dict[str, Any] = {"tables": {}, "questions": {}}
    print(f"{'table':42} {'rows':>13} {'bytes':>15}  of the events")
    tables = sizes(connection)
    for table, (rows, size) in tables.items():
        share = size / tables[EVENTS][1]
        print(f"{table:42} {rows:13,} {size:15,}  {share:.3f}")
        report["tables"][table] = {"rows": rows, "bytes": size}
    (newest,) = connection.execute(f"SELECT max(time_us) FROM {EVENTS}").fetchone() or (0,)
    end_us = -(-newest // (DAY_SECONDS * MICROSECONDS)) * DAY_SECONDS * MICROSECONDS
    same = True
    for question in QUESTIONS:
        print(f"\n{question.name}")
        wanted, raw_ms = None, 0.0
        for table, holds in candidates(question):
            ms, rows = median_ms(
                connection,
                statement(question, table, holds, end_us),
                rounds if table != EVENTS else min(rounds, 3),
            )
            wanted, raw_ms = (rows, ms) if table == EVENTS else (wanted, raw_ms)
            same = same and rows == wanted
            mark = "  <- chosen" if table == chosen(question) else ""
            differs = "" if rows == wanted else "  DIFFERS"
            print(f"  {table:40} {ms:9.1f} ms  {raw_ms / ms:7.1f}x{mark}{differs}")
            report["questions"].setdefault(question.name, {})[table] = ms
    connection.close()
    return report, same


def main() -> None:
    """Measure, print, and end with status 1 when two tables disagree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    report, same = measure(options.data, options.rounds)
    if options.json:
        options.json.write_text(json.dumps(report, indent=2), encoding="utf-8")
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    main()
