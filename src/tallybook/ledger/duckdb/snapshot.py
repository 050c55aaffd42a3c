"""The ledger as it is at one moment, written into files while events keep arriving."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from tallybook.domain.errors import BackupUnderWay
from tallybook.domain.instants import DAY_US
from tallybook.ledger.duckdb.digests import digest_of, marks
from tallybook.ledger.duckdb.engine import Engine
from tallybook.ledger.duckdb.kept_sums import kept_sums
from tallybook.ledger.duckdb.schema import kept_tables, version_of
from tallybook.ledger.ledger import DayMark
from tallybook.ledger.stopping import NEVER, Stop

_OF_DAY = "events WHERE time_us >= ? AND time_us < ?"
_COPY = "COPY ({selected}) TO ? (FORMAT parquet, COMPRESSION zstd)"


class DuckDBSnapshot:
    """See ``ledger/ledger.py``: what a transaction sees, for as long as it is open."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, drafts: Path) -> None:
        """Of the transaction that ``cursor`` has begun; files go into ``drafts``."""
        self._cursor = cursor
        self.folder = drafts
        # The first statement is what fixes the moment.
        self.version = version_of(cursor)

    def days(self) -> list[DayMark]:
        """The UTC days that have events."""
        return [DayMark(*each) for each in marks(self._cursor)]

    def tables(self) -> list[str]:
        """The tables beside the events that cannot be made of them, wholly or in part."""
        return [*kept_tables(self._cursor), *kept_sums(self._cursor)]

    def digest(self, day: int) -> str:
        """What the events of a day are, by its number since 1970: see ``digests.py``."""
        return digest_of(self._cursor, _OF_DAY, _bounds(day))[1]

    @contextmanager
    def day_file(self, day: int) -> Iterator[Path]:
        """The events of a day as a Parquet file, for the block."""
        with self._file(f"SELECT * FROM {_OF_DAY}", _bounds(day)) as path:  # noqa: S608
            yield path

    @contextmanager
    def table_file(self, name: str) -> Iterator[tuple[Path, int]]:
        """A table as a Parquet file, for the block, and how many rows it has."""
        selected = kept_sums(self._cursor).get(name, f'SELECT * FROM "{name}"')  # noqa: S608
        found = self._cursor.execute(f"SELECT count(*) FROM ({selected})").fetchone() or (0,)  # noqa: S608
        with self._file(selected, []) as path:
            yield path, found[0]

    @contextmanager
    def _file(self, selected: str, values: list[int]) -> Iterator[Path]:
        path = self.folder / "draft.parquet"
        try:
            self._cursor.execute(_COPY.format(selected=selected), [*values, str(path)])
            yield path
        finally:
            path.unlink(missing_ok=True)


@contextmanager
def snapshot(
    engine: Engine, under_way: threading.Lock, stop: Stop = NEVER
) -> Iterator[DuckDBSnapshot]:
    """A snapshot for the block, during which ``under_way`` is held.

    What an earlier one left behind, whose process died, is removed. Raises
    BackupUnderWay, StorageFull, LedgerUnavailable or a child of it.
    """
    if not under_way.acquire(blocking=False):
        raise BackupUnderWay(
            "A backup of this ledger is under way, and there is one at a time. Nothing was begun:"
            " wait for that one to end."
        )
    try:
        engine.check_room("be backed up")
        shutil.rmtree(engine.drafts, ignore_errors=True)
        engine.drafts.mkdir(mode=0o700)
        with engine.guard("be backed up", stop) as cursor:
            cursor.begin()
            try:
                yield DuckDBSnapshot(cursor, engine.drafts)
            finally:
                _end(cursor)
    finally:
        under_way.release()


def _bounds(day: int) -> list[int]:
    return [day * DAY_US, (day + 1) * DAY_US]


def _end(cursor: duckdb.DuckDBPyConnection) -> None:
    """Let go of the moment, which nothing was changed in."""
    try:
        cursor.rollback()
    except duckdb.Error:
        # It ended with what failed in it; that is what is told.
        return
