"""ClickHouse, in this process as chDB: one MergeTree of raw events.

Ordered by kind and time, partitioned by month, merged to the end after the
load; LowCardinality where there are few values, nothing Nullable; two threads.
"""

import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

from contenders.contender import MEMORY_MIB, THREADS, Missing
from questions import Asked, Dialect, Row

try:
    from chdb.session import Session
except ImportError:
    Session = None

_TABLE = """\
CREATE TABLE events (
    id String,
    time DateTime64(6, 'UTC'),
    kind LowCardinality(String),
    provider LowCardinality(String),
    project_id LowCardinality(String),
    user_id LowCardinality(String),
    api_key_id LowCardinality(String),
    model LowCardinality(String),
    batch Bool,
    service_tier LowCardinality(String),
    input_tokens Int64,
    input_cached_tokens Int64,
    output_tokens Int64,
    num_model_requests Int64,
    images Int64,
    seconds Decimal(18, 6),
    calls Int64,
    input_cost Decimal(18, 15),
    cached_cost Decimal(18, 15),
    output_cost Decimal(18, 15),
    other_cost Decimal(18, 15),
    cost Decimal(18, 15)
)
ENGINE = MergeTree PARTITION BY toYYYYMM(time) ORDER BY (kind, time)"""

_DIALECT = Dialect(
    moment=lambda seconds: f"toDateTime64({seconds}, 6, 'UTC')",
    bucket=lambda unit: f"toUnixTimestamp(toStartOf{unit.title()}(time))",
    parts="SELECT arrayJoin(['input', 'cached input', 'output', 'other']) AS part",
)


class ClickHouse:
    """One session."""

    name = "ClickHouse"

    def __init__(self, folder: Path, parquet: Path) -> None:
        """Open the folder's tables, and load them if they are not there. Raises Missing."""
        if Session is None:
            raise Missing("ClickHouse is left out: pip install chdb")
        self._folder = folder / "clickhouse"
        loaded = self._folder / "loaded"
        if not loaded.exists():
            shutil.rmtree(self._folder, ignore_errors=True)
        self._session = Session(str(self._folder))
        for name, value in {
            "max_threads": THREADS,
            "max_memory_usage": MEMORY_MIB << 20,
            # Names in WHERE are those of columns, as everywhere else.
            "prefer_column_name_to_alias": 1,
        }.items():
            self._session.query(f"SET {name} = {value}")
        if not loaded.exists():
            self._session.query("CREATE DATABASE IF NOT EXISTS bench")
            self._session.query("USE bench")
            self._session.query(_TABLE)
            for each in sorted(parquet.glob("*.parquet")):
                self._session.query(f"INSERT INTO events SELECT * FROM file('{each}', Parquet)")
            self._session.query("OPTIMIZE TABLE events FINAL")
            loaded.touch()
        self._session.query("USE bench")

    def ask(self, asked: Asked) -> bytes:
        """The rows as lines of JSON, the whole of them."""
        return self._session.query(asked.sql(_DIALECT), "JSONCompactEachRow").bytes()

    def rows(self, asked: Asked, answer: bytes) -> list[Row]:
        """The rows, comparable."""
        table: list[list[Any]] = [
            json.loads(line, parse_float=Decimal) for line in answer.splitlines()
        ]
        return asked.rows_of_table(table)

    def disk_bytes(self) -> int:
        """The parts that are in use, as its own books have it."""
        found = self._session.query(
            "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = 'bench'",
            "TabSeparated",
        )
        return int(found.bytes())

    def close(self) -> None:
        """Stop."""
        self._session.close()
