"""Bare DuckDB: one wide table of events in one file, in the order of time.

The same version, threads and memory as Tallybook's engine, in this process.
Times are TIMESTAMP in UTC, which it cuts faster than times with a zone, and
amounts DECIMAL(18, 15), which it adds faster than wider ones.
"""

from pathlib import Path
from typing import Any

import duckdb

from contenders.contender import MEMORY_MIB, THREADS
from questions import Asked, Dialect, Row

_DIALECT = Dialect(
    moment=lambda seconds: f"make_timestamp({seconds * 1_000_000})",
    bucket=lambda unit: f"date_trunc('{unit}', time)",
    parts="SELECT unnest(['input', 'cached input', 'output', 'other']) AS part",
)


class DuckDB:
    """One connection to the file."""

    name = "DuckDB"

    def __init__(self, folder: Path, parquet: Path) -> None:
        """Open the file, and load it if it is not there."""
        self._path = folder / "wide.duckdb"
        making = folder / "wide.making"
        config = {"memory_limit": f"{MEMORY_MIB}MiB", "threads": THREADS}
        if not self._path.exists():
            making.unlink(missing_ok=True)
            with duckdb.connect(str(making), config=config) as connection:
                connection.execute("SET enable_progress_bar = false")
                files = sorted(parquet.glob("*.parquet"))
                first, *others = files
                connection.execute(f"CREATE TABLE events AS FROM '{first}'")
                for each in others:
                    connection.execute(f"INSERT INTO events FROM '{each}'")
                connection.execute("CHECKPOINT")
            making.rename(self._path)
        self._connection = duckdb.connect(str(self._path), config=config)
        self._connection.execute("SET enable_progress_bar = false")

    def ask(self, asked: Asked) -> list[tuple[Any, ...]]:
        """The rows, fetched."""
        return self._connection.execute(asked.sql(_DIALECT)).fetchall()

    def rows(self, asked: Asked, answer: list[tuple[Any, ...]]) -> list[Row]:
        """The rows, comparable."""
        return asked.rows_of_table(answer)

    def disk_bytes(self) -> int:
        """The file."""
        return self._path.stat().st_size

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
