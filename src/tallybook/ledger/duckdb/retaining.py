"""Retention: the oldest day's events into the archive, and out of the table; its sums stay.

One day at a time, when it is sealed and old enough:

1. Its events, voided ones too, are written into the archive's folder under
   another name, and the file is read again and held against their digest. It
   is synced and named, and the folder is synced.
2. Nobody may change the day from here on, and questions that need its events
   are refused. Where one of them changed since 1 began, nothing is done.
3. In one transaction the events leave the tables, and the day is noted.

What dies or fails before 3 leaves every event where it was, and at most a
file in the archive, which the next try writes over.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from tallybook.domain.errors import LedgerUnavailable
from tallybook.domain.instants import DAY_SECONDS, DAY_US, MICROSECONDS
from tallybook.ledger.duckdb.digests import digest_of
from tallybook.ledger.duckdb.engine import Engine
from tallybook.ledger.duckdb.let_go import archive_file, read_horizon
from tallybook.ledger.duckdb.loading import digest_of_file
from tallybook.ledger.durable import sync
from tallybook.ledger.sealable import LetGo
from tallybook.ledger.seals.book import SealBook
from tallybook.ledger.seals.rollups import DAY, EVENTS, HOUR, VOIDED_EVENTS
from tallybook.ledger.sql.listing import STORED

_OF_DAY = "time_us >= ? AND time_us < ?"
_STORED_OF_DAY = f"{STORED} WHERE {_OF_DAY}"
_COUNT = f"SELECT count(*) FROM {_STORED_OF_DAY}"  # noqa: S608
_COPY = f"COPY (SELECT * FROM {_STORED_OF_DAY}) TO ? (FORMAT parquet, COMPRESSION zstd)"  # noqa: S608
_REMOVE = f"DELETE FROM {{table}} WHERE {_OF_DAY}"  # noqa: S608
_NOTE = "INSERT INTO let_go VALUES (?, ?, ?, epoch_us(now()))"
# What was priced by which card is told of all events that there ever were.
_NOTE_CARDS = f"""\
INSERT INTO let_go_cards
SELECT ?, rate_card, count(*), min(time_us), max(time_us) FROM {EVENTS} WHERE {_OF_DAY}
GROUP BY rate_card"""  # noqa: S608


class Retainer:
    """Lets days go, one at a time."""

    def __init__(self, engine: Engine, book: SealBook, days_kept: int, *, archived: bool) -> None:
        """Let go of what is older than so many days, of none when they are 0.

        ``archived`` says whether the events are kept as files.
        """
        self._engine = engine
        self._book = book
        self._days_kept = days_kept
        self._archived = archived
        self._turn = threading.Lock()
        # Set while the file may say something else of the horizon than the book.
        self._uncertain = False

    def let_go(self, now: float) -> LetGo | None:
        """Let the oldest day go when it is old enough at a moment, in Unix seconds; see above.

        Raises StorageFull or LedgerUnavailable: then no event is gone, but for
        a fault after the log was written, and the next call finds out.
        """
        with self._turn:
            if self._uncertain:
                with self._engine.guard("read its horizon") as cursor:
                    self._book.set_horizon(read_horizon(cursor))
                self._uncertain = False
            day = self._due(now)
            number = None if day is None else self._book.seals.days.get(day)
            if day is None or number is None:
                return None
            self._engine.check_room("let go of old events")
            found = self._kept(day)
            with self._book.letting_go(day, number) as free:
                if not free:
                    return None
                self._uncertain = True
                self._remove(found)
                self._uncertain = False
            return found

    def _due(self, now: float) -> int | None:
        """The start of the day that is to be let go, sealed or not; None when there is none.

        Old is what the newest event says too: a clock that jumps lets nothing go.
        """
        day, newest = self._book.oldest_day, self._book.newest_hour
        if not self._days_kept or day is None or newest is None:
            return None
        until = min(int(now), HOUR.next(newest)) - self._days_kept * DAY_SECONDS
        return day if DAY.next(day) <= until else None

    def _kept(self, day: int) -> LetGo:
        """The events of a day, in the archive when they are to be."""
        bounds = _bounds(day)
        with self._engine.guard("archive old events") as cursor:
            found = cursor.execute(_COUNT, bounds).fetchone() or (0,)
        if not self._archived or not found[0]:
            return LetGo(day, found[0])
        path = archive_file(self._engine.archive, day)
        draft = path.with_name(f".{path.name}.part")
        with self._engine.writing_files("archive old events"):
            path.parent.mkdir(mode=0o700, exist_ok=True)
            try:
                with self._engine.guard("archive old events") as cursor, _moment(cursor):
                    cursor.execute(_COPY, [*bounds, str(draft)])
                    counted = digest_of(cursor, _STORED_OF_DAY, bounds)
                if digest_of_file(draft) != counted:
                    raise LedgerUnavailable(
                        f"{draft} did not come out as the events that it is to hold. They stay in"
                        " the ledger."
                    )
                sync(draft)
                draft.replace(path)
            finally:
                draft.unlink(missing_ok=True)
            sync(path.parent)
            sync(path.parent.parent)
        return LetGo(day, *counted)

    def _remove(self, found: LetGo) -> None:
        """Take the events of a day out of the tables, and note it, in one transaction."""
        bounds = _bounds(found.day)
        with self._engine.storing("let go of old events") as cursor:
            cursor.begin()
            cursor.execute(_NOTE_CARDS, [found.day, *bounds])
            removed = 0
            for table in (EVENTS, VOIDED_EVENTS):
                (count,) = cursor.execute(_REMOVE.format(table=table), bounds).fetchone() or (0,)
                removed += count
            if removed != found.events:
                raise LedgerUnavailable(
                    f"{removed:,} events were to be let go of, and {found.events:,} were looked"
                    " at before: they stay in the ledger."
                )
            cursor.execute(_NOTE, [found.day, found.events, found.digest])
            cursor.commit()


@contextmanager
def _moment(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All that is read in the block as of one moment."""
    cursor.begin()
    yield
    cursor.rollback()


def _bounds(day: int) -> list[int]:
    return [day * MICROSECONDS, day * MICROSECONDS + DAY_US]
