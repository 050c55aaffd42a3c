"""How long a query of costs takes, against summing amounts that were stored with each event.

Tallybook stores with an event the number of its rate card, and works amounts
out when they are asked for. Beside it, in the same run and the same DuckDB
file, the other design: a table with one row for each event and line item, its
amount in it, and one with the amount of each event; both are only filtered and
summed. The answers are compared, decimal by decimal, and a difference ends the
run with status 1. The ratio of the two statements is the number to quote;
absolute numbers are this machine's.

    python benchmarks/costs.py [--events 5000000] [--rounds 5] [--folder DIR] [--json FILE]
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from tallybook.demo.month import MONTH_SECONDS, month
from tallybook.domain.buckets import BucketWidth
from tallybook.domain.charges import Charge
from tallybook.domain.dimensions import LINE_ITEM, in_row_order
from tallybook.domain.entries import latest_us
from tallybook.domain.instants import DAY_SECONDS, MICROSECONDS
from tallybook.domain.kinds import CHARGES
from tallybook.domain.money import rounded
from tallybook.domain.queries import CostsQuery
from tallybook.intake.native import Format, read_events
from tallybook.ledger.costs_sql import cost_rows, costs_statement
from tallybook.ledger.duckdb.engine import FILE_NAME as LEDGER_FILE
from tallybook.ledger.duckdb.engine import EngineSettings
from tallybook.ledger.duckdb.store import DuckDBLedger
from tallybook.ledger.ledger import Ledger, Lot
from tallybook.pricing.source import FILE_NAME as PRICES_FILE
from tallybook.pricing.source import PriceSource
from tallybook.usage.costs import amount_of, costs_page, unpriced_events
from tallybook.usage.dialects import Dialect, encode_page

SEED = 8321
END_SECONDS = 1_790_812_800
MONTHS = 6
LOT_EVENTS = 20_000
MEMORY_MIB = 4_096
THREADS = os.cpu_count() or 1
PLAN_FILE, COPY_FILE = "benchmark.json", "stored.duckdb"

# (what is asked, days, width of buckets, what it is grouped by)
CASES = (
    ("180 days by line_item, project_id", 180, BucketWidth.DAY, (LINE_ITEM, "project_id")),
    ("180 days by user_id", 180, BucketWidth.DAY, ("user_id",)),
    ("30 days by line_item, project_id", 30, BucketWidth.DAY, (LINE_ITEM, "project_id")),
    ("30 days by user_id", 30, BucketWidth.DAY, ("user_id",)),
    ("7 days, hourly, by line_item, project_id", 7, BucketWidth.HOUR, (LINE_ITEM, "project_id")),
    ("7 days, hourly, by user_id", 7, BucketWidth.HOUR, ("user_id",)),
)

# What the catalogue does not price, so that everything has a price. A microsecond of sound and a
# byte cost a whole number of 10^-15: with ordinary prices no stored amount is exact.
PRICES = """\
[[price]]
model = "gpt-5.5-mini-2026-04-23"
input = "0.40 / 1M tokens"
cached_input = "0.04 / 1M tokens"
output = "3.20 / 1M tokens"
[[price]]
model = "gpt-5.5-mini-2026-04-23"
service_tier = "priority"
input = "0.72 / 1M tokens"
cached_input = "0.072 / 1M tokens"
output = "5.76 / 1M tokens"
[[price]]
model = "gpt-5.5-2026-04-23"
kind = "decisions"
input = "5.00 / 1M tokens"
cached_input = "0.50 / 1M tokens"
[[price]]
model = "gpt-5.5-nano-2026-04-23"
input = "0.08 / 1M tokens"
cached_input = "0.008 / 1M tokens"
output = "0.64 / 1M tokens"
[[price]]
model = "gpt-realtime-2026-05-12"
input = "4.00 / 1M tokens"
audio_input = "32.00 / 1M tokens"
cached_input = "0.40 / 1M tokens"
cached_audio_input = "0.40 / 1M tokens"
output = "16.00 / 1M tokens"
audio_output = "64.00 / 1M tokens"
[[price]]
kind = "images"
images = "0.04 / image"
[[price]]
kind = "audio_speeches"
speech = "15.00 / 1M characters"
[[price]]
kind = "audio_transcriptions"
transcription = "0.36 / hour"
[[price]]
kind = "vector_stores"
storage = "0.1073741824 / GiB day"
[[price]]
kind = "code_interpreter_sessions"
code_interpreter = "0.03 / session"
[[price]]
kind = "file_search_calls"
file_search = "2.50 / 1k calls"
[[price]]
kind = "web_search_calls"
web_search = "10.00 / 1k calls"
"""

# The other design. Of a stock, the largest sample of a thing and day is charged.
BUILD = """\
CREATE TEMP TABLE lines AS
SELECT *, (quantity::DECIMAL(18) * price)::DECIMAL(18, 15) AS amount
FROM (
    SELECT events.rowid AS place, time_us, provider, project_id, user_id, api_key_id, model,
        api_source, line_item, currency, price, CASE charge {quantities} END AS quantity
    FROM events JOIN stored_unit_prices USING (rate_card)
    WHERE kind <> 'vector_stores' OR events.rowid IN (
        SELECT rowid FROM events WHERE kind = 'vector_stores' QUALIFY row_number() OVER (
            PARTITION BY provider, project_id, vector_store_id, time_us // {day}
            ORDER BY usage_bytes DESC, time_us, id
        ) = 1
    )
)
WHERE quantity > 0;
"""
TABLES = {
    "charges": """\
CREATE TABLE charges AS SELECT * EXCLUDE (place, price) FROM lines ORDER BY place, line_item""",
    "event_amounts": """\
CREATE TABLE event_amounts AS
SELECT * EXCLUDE (place) REPLACE (amount::DECIMAL(18, 15) AS amount)
FROM (
    SELECT place, time_us, provider, project_id, user_id, api_key_id, model, api_source, currency,
        sum(amount) AS amount
    FROM lines GROUP BY ALL
)
ORDER BY place""",
    # For its size: all that an event has of our design.
    "cards": "CREATE TABLE cards AS SELECT rate_card FROM events ORDER BY rowid",
}
STORED = """\
SELECT time_us - time_us % ? AS bucket_us, {keys}, sum(amount) AS amount{quantity}
FROM {table}
WHERE time_us >= ? AND time_us < ?
GROUP BY ALL
ORDER BY ALL"""

Answer = dict[tuple[Any, ...], tuple[Decimal, int | None]]


def main() -> None:
    """Make what is missing, hold the answers equal, measure in turns; print medians."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="keep the files here, and use what is there")
    parser.add_argument("--json", type=Path, help="also write the table here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = options.folder or Path(name)
        bytes_each = prepare(folder, options.events)
        ledger = open_ledger(folder)
        try:
            with open_copy(folder) as connection:
                rows = measure(ledger, connection, options.rounds)
        finally:
            ledger.close()
    print_report(options.events, options.rounds, rows, bytes_each)
    if options.json:
        report = {"bytes per event": bytes_each, "rows": rows}
        options.json.write_text(json.dumps(report, indent=2))


def prepare(folder: Path, events: int) -> dict[str, float]:
    """Fill a folder with both designs, unless it is; the bytes on disk per event of each table."""
    plan = folder / PLAN_FILE
    if plan.exists():
        made = json.loads(plan.read_text())
        if made["events"] != events:
            sys.exit(f"{folder} has {made['events']:,} events, not {events:,}")
        return dict(made["bytes per event"])
    folder.mkdir(parents=True, exist_ok=True)
    fill(folder, events)
    shutil.copyfile(folder / LEDGER_FILE, folder / COPY_FILE)
    with open_copy(folder) as connection:
        bytes_each = {name: size / events for name, size in build(connection).items()}
    plan.write_text(json.dumps({"events": events, "bytes per event": bytes_each}))
    return bytes_each


def open_ledger(folder: Path) -> DuckDBLedger:
    """The ledger of a folder, with the prices above."""
    prices = folder / PRICES_FILE
    prices.write_text(PRICES)
    settings = EngineSettings(memory_max_bytes=MEMORY_MIB << 20, threads=THREADS)
    return DuckDBLedger(folder, settings, PriceSource(prices, lambda: END_SECONDS))


def open_copy(folder: Path) -> duckdb.DuckDBPyConnection:
    """The ledger's copy, which has the other design's tables too, opened like the ledger."""
    config = {"memory_limit": f"{MEMORY_MIB}MiB", "threads": THREADS}
    return duckdb.connect(str(folder / COPY_FILE), config=config)


def fill(folder: Path, events: int) -> None:
    """Store six months of one organization, through the gate that all events come in by."""
    ledger = open_ledger(folder)
    try:
        for number in range(MONTHS):
            end = END_SECONDS - (MONTHS - 1 - number) * MONTH_SECONDS
            count = events * (number + 1) // MONTHS - events * number // MONTHS
            made = month(seed=SEED, end_seconds=end, events=count)
            while lot := list(islice(made, LOT_EVENTS)):
                latest = latest_us(END_SECONDS)
                batch = read_events(msgspec.json.encode(lot), Format.JSON, latest, len(lot))
                (answer,) = ledger.append([Lot(batch.sheet, batch.positions)])
                assert answer.accepted == len(lot), answer
    finally:
        ledger.close()


def build(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Make the tables of the other design; how many bytes each table takes."""
    sizes = {"ledger": used_bytes(connection)}
    connection.execute(
        "CREATE TEMP TABLE stored_unit_prices"
        " (rate_card INTEGER, charge VARCHAR, line_item VARCHAR, currency VARCHAR,"
        " price DECIMAL(18, 15))"
    )
    rates = connection.execute("FROM rates").fetchall()
    connection.executemany(
        "INSERT INTO stored_unit_prices VALUES (?, ?, ?, ?, ?)",
        [(*rate[:4], stored_unit_price(*rate[4:])) for rate in rates],
    )
    connection.execute(
        BUILD.format(
            day=DAY_SECONDS * MICROSECONDS,
            quantities=" ".join(
                f"WHEN '{each.name}' THEN {each.column}" + (f" - {each.less}" if each.less else "")
                for each in charges_of(connection)
            ),
        )
    )
    for name, statement in TABLES.items():
        before = used_bytes(connection)
        connection.execute(statement)
        sizes[name] = used_bytes(connection) - before
    return sizes


def used_bytes(connection: duckdb.DuckDBPyConnection) -> int:
    """What the file holds, once everything is worked into it."""
    connection.execute("CHECKPOINT")
    sizes = connection.execute("SELECT used_blocks * block_size FROM pragma_database_size()")
    return int(sizes.fetchall()[0][0])


def stored_unit_price(stored: int, unit_price: Decimal) -> Decimal:
    """The price of one stored unit: a byte, a microsecond, a token."""
    price = unit_price / stored
    assert price == rounded(price, 15), f"{unit_price} by {stored} has too many decimals"
    return price


def charges_of(connection: duckdb.DuckDBPyConnection) -> tuple[Charge, ...]:
    """The charges that any rate card has."""
    names = connection.execute("SELECT DISTINCT charge FROM rates ORDER BY charge").fetchall()
    return tuple(CHARGES[name] for (name,) in names)


def measure(
    ledger: Ledger, connection: duckdb.DuckDBPyConnection, rounds: int
) -> list[dict[str, Any]]:
    """Every case in each round, the three ways in turn, after one round that is not counted."""
    charges = charges_of(connection)
    rows = []
    for title, days, width, keys in CASES:
        query = query_of(days, width, keys)
        works = [
            lambda query=query: page_of(ledger, query),
            lambda query=query: ours(connection, query, charges),
            lambda query=query: stored(connection, query),
        ]
        assert unpriced_events(query, ledger) == 0, "something has no price"
        found = check(query, *(work() for work in works))
        times = [[seconds(work) for work in works] for _ in range(rounds)]
        page, sql, bare = (statistics.median(each) * 1_000 for each in zip(*times, strict=True))
        rows.append(
            {
                "query": title,
                "results": found,
                "ours, page, ms": round(page, 1),
                "ours, SQL, ms": round(sql, 1),
                "stored amounts, SQL, ms": round(bare, 1),
                "SQL by SQL": round(statistics.median(sql / bare for _, sql, bare in times), 2),
            }
        )
    return rows


def query_of(days: int, width: BucketWidth, keys: Sequence[str]) -> CostsQuery:
    """The costs of the last days, in one page."""
    start = END_SECONDS - days * DAY_SECONDS
    limit = (END_SECONDS - start) // width.seconds
    return CostsQuery(
        start=start, end=END_SECONDS, width=width, limit=limit, resume=start,
        group_by=in_row_order(keys),
    )  # fmt: skip


def seconds(work: Callable[[], Any]) -> float:
    """How long something takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def page_of(ledger: Ledger, query: CostsQuery) -> bytes:
    """Our whole answer."""
    return encode_page(costs_page(query, ledger), Dialect.CURRENT)


def ours(
    connection: duckdb.DuckDBPyConnection, query: CostsQuery, charges: Sequence[Charge]
) -> list[tuple[Any, ...]]:
    """What our statement answers."""
    statement = costs_statement(query, query.start, query.end, charges)
    return connection.execute(statement.sql, statement.values).fetchall()


def stored(connection: duckdb.DuckDBPyConnection, query: CostsQuery) -> list[tuple[Any, ...]]:
    """What the other design answers."""
    by_line = LINE_ITEM in query.group_by
    sql = STORED.format(
        keys=", ".join(query.group_by),
        table="charges" if by_line else "event_amounts",
        quantity=", sum(quantity) AS quantity" if by_line else "",
    )
    bounds = [each * MICROSECONDS for each in (query.width.seconds, query.start, query.end)]
    return connection.execute(sql, bounds).fetchall()


def check(
    query: CostsQuery, page: bytes, rows: list[tuple[Any, ...]], bare: list[tuple[Any, ...]]
) -> int:
    """How many results there are; exit when amounts, quantities or the page differ."""
    by_line = LINE_ITEM in query.group_by
    mine: Answer = {}
    for key, group in groupby(cost_rows(query, rows), key=lambda row: (row.bucket, *row.keys)):
        parts = list(group)
        quantity = sum(part.quantity for part in parts) if by_line else None
        mine[key] = amount_of(parts).value, quantity
    width = 1 + len(query.group_by)
    theirs: Answer = {
        (row[0] // MICROSECONDS, *row[1:width]): (row[width], row[width + 1] if by_line else None)
        for row in bare
    }
    shown: dict[tuple[Any, ...], Decimal] = {
        (bucket["start_time"], *(result[key] for key in query.group_by)): result["amount"]["value"]
        for bucket in json.loads(page, parse_float=Decimal)["data"]
        for result in bucket["results"]
    }
    if mine != theirs or shown != {key: rounded(each, 12) for key, (each, _) in mine.items()}:
        sys.exit(f"The answers differ for {query}")
    return len(mine)


def print_report(
    events: int, rounds: int, rows: list[dict[str, Any]], bytes_each: dict[str, float]
) -> None:
    """The table, for people."""
    print(f"{events:,} events of 180 days, {THREADS} threads, medians of {rounds} rounds")
    heads = f"{'our page':>8}  {'our SQL':>8}  {'stored amounts SQL':>18}  SQL by SQL"
    print(f"{'milliseconds':42}{'results':>8}  {heads}")
    for row in rows:
        print("{:42}{:>8,}  {:>8,.1f}  {:>8,.1f}  {:>18,.1f}  {:.2f}".format(*row.values()))
    print(f"\nbytes on disk per event; the whole ledger has {bytes_each['ledger']:.1f}")
    print(f"{'the number of a rate card (ours)':42}{bytes_each['cards']:>8.2f}")
    print(f"{'stored amounts by event and line item':42}{bytes_each['charges']:>8.2f}")
    print(f"{'stored amounts by event':42}{bytes_each['event_amounts']:>8.2f}")


if __name__ == "__main__":
    main()
