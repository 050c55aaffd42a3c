"""Sealing in the file: rows first, then the seal.

Two transactions. A crash between them leaves rows that nothing reads, to be
replaced by the next folding. One day's hours at a time, and the day after
them, so that a folding is short and holds nobody up.
"""

import threading
from collections.abc import Callable, Iterable, Sequence

import duckdb

from tallybook.domain.buckets import BucketWidth, Span
from tallybook.ledger.duckdb.engine import Engine
from tallybook.ledger.duckdb.let_go import read_horizon
from tallybook.ledger.duckdb.rate_cards import RateCards
from tallybook.ledger.seals.book import Due, SealBook
from tallybook.ledger.seals.rollups import DAY, EVENTS, HOUR, ROLLUPS, VOIDED_EVENTS
from tallybook.ledger.seals.seals import Seals, hours_of, hours_of_day, span_of_hours
from tallybook.ledger.sql.folding import Folding
from tallybook.ledger.sql.samples import SAMPLE_TABLES
from tallybook.ledger.sql.sources import ranges_of
from tallybook.ledger.sql.statement import Statement

_READ = "SELECT width, start, number FROM seals"
_FORGET = "DELETE FROM seals WHERE width = ? AND start IN (SELECT unnest(?::BIGINT[]))"
_KEEP = "INSERT INTO seals SELECT ?, unnest(?::BIGINT[]), ?"
# A day whose events were all voided is sealed too: else it could not be let go.
_FIRST_AND_LAST = f"""\
SELECT min(time_us), max(time_us) FROM (
    SELECT time_us FROM {EVENTS} UNION ALL SELECT time_us FROM {VOIDED_EVENTS}
)"""  # noqa: S608


def open_book(engine: Engine) -> SealBook:
    """The book of what the file has sealed, and of the hours that its events are in."""
    with engine.guard("read what is sealed") as cursor:
        seals = read_seals_of(cursor)
        ends = cursor.execute(_FIRST_AND_LAST).fetchone() or ()
        horizon = read_horizon(cursor)
    return SealBook(seals, hours_of([time_us for time_us in ends if time_us is not None]), horizon)


def read_seals_of(cursor: duckdb.DuckDBPyConnection) -> Seals:
    """What is sealed in the cursor's transaction."""
    by_width: dict[str, dict[int, int]] = {width: {} for width in (HOUR, DAY)}
    for width, start, number in cursor.execute(_READ).fetchall():
        by_width[width][start] = number
    return Seals(by_width[HOUR], by_width[DAY])


def unseal(cursor: duckdb.DuckDBPyConnection, hours: Iterable[int]) -> None:
    """Take the seals of hours, and of their days, away, in the cursor's transaction."""
    gone = sorted(hours)
    cursor.execute(_FORGET, [HOUR, gone])
    cursor.execute(_FORGET, [DAY, sorted({DAY.floor(hour) for hour in gone})])


class Sealer:
    """Folds what is due. One folding at a time, in whichever thread."""

    def __init__(self, engine: Engine, cards: RateCards, book: SealBook) -> None:
        self._engine = engine
        self._cards = cards
        self._book = book
        self._turn = threading.Lock()
        # Spans whose sums no column can hold: they are read from the events, which are exact.
        self._too_large: set[tuple[BucketWidth, int]] = set()

    def seal(self, due: Due) -> int:
        """Seal hours of a day, then the day if all its hours are; how many hours were.

        Raises StorageFull when the disk has little room left: what there is belongs to events.
        """
        with self._turn:
            if due.day < self._book.horizon.end:
                return 0
            self._engine.check_room("seal what is over")
            sealed = self._seal_hours(due.hours)
            hours = set(hours_of_day(due.day))
            if self._book.seals.hours.keys() >= hours and due.day not in self._book.seals.days:
                self._seal_day(due.day)
            return sealed

    def forget(self) -> None:
        """Take the seals of all that has its events away."""

        def write() -> None:
            with self._engine.storing("unseal everything") as cursor:
                cursor.execute("DELETE FROM seals WHERE start >= ?", [self._book.horizon.end])

        with self._turn:
            self._too_large.clear()
            self._book.unseal_all(write)

    def _seal_hours(self, hours: Iterable[int]) -> int:
        wanted = [hour for hour in hours if (HOUR, hour) not in self._too_large]
        if not wanted:
            return 0
        try:
            with self._book.folding(wanted) as free:
                if not free:
                    return 0
                self._fold(HOUR, span_of_hours(free))
                return len(self._book.seal_hours(free, self._writer(HOUR)))
        except _SumsTooLargeError:
            if len(wanted) == 1:
                self._too_large.add((HOUR, wanted[0]))
                return 0
        # One of them is too large; the others need not suffer.
        return sum(self._seal_hours((hour,)) for hour in wanted)

    def _seal_day(self, day: int) -> None:
        if (DAY, day) in self._too_large:
            return
        try:
            with self._book.folding(hours_of_day(day)):
                self._fold(DAY, [Span(day, day + DAY.seconds)])
                self._book.seal_day(day, self._writer(DAY))
        except _SumsTooLargeError:
            self._too_large.add((DAY, day))

    def _fold(self, width: BucketWidth, spans: Sequence[Span]) -> None:
        """Replace the rows of some spans in all rollups of a width, in one transaction."""
        folding = Folding(self._engine.kept_tags, self._cards.unpriced)
        ranges = ranges_of(spans)
        with self._engine.guard("fold events") as cursor:
            if not _has_rows(cursor, width, ranges):
                return
        with self._engine.storing("fold events") as cursor:
            cursor.begin()
            for rollup in ROLLUPS:
                if rollup.width is width:
                    _replace(cursor, rollup.table, ranges, folding.rows(rollup, spans))
            samples = SAMPLE_TABLES[width]
            _replace(cursor, samples.table, ranges, samples.rows(spans))
            cursor.commit()

    def _writer(self, width: BucketWidth) -> Callable[[set[int], int], None]:
        """What keeps the seals of spans of a width, with their number."""

        def write(starts: set[int], number: int) -> None:
            with self._engine.storing("seal") as cursor:
                cursor.begin()
                cursor.execute(_FORGET, [width, sorted(starts)])
                cursor.execute(_KEEP, [width, sorted(starts), number])
                cursor.commit()

        return write


class _SumsTooLargeError(Exception):
    """A sum of a rollup does not fit its column."""


def _has_rows(cursor: duckdb.DuckDBPyConnection, width: BucketWidth, ranges: Statement) -> bool:
    """Whether there are events in some spans, or rows of earlier ones that all others come from."""
    tables = [EVENTS, SAMPLE_TABLES[width].table]
    tables += (each.table for each in ROLLUPS if each.width is width and each.finer is None)
    exists = (f"EXISTS (SELECT 1 FROM {each} WHERE {ranges.sql})" for each in tables)  # noqa: S608
    found = cursor.execute(f"SELECT {' OR '.join(exists)}", ranges.values * len(tables)).fetchone()
    return bool(found and found[0])


def _replace(
    cursor: duckdb.DuckDBPyConnection, table: str, ranges: Statement, rows: Statement
) -> None:
    cursor.execute(f"DELETE FROM {table} WHERE {ranges.sql}", ranges.values)  # noqa: S608
    try:
        cursor.execute(f"INSERT INTO {table} {rows.sql}", rows.values)
    except (duckdb.ConversionException, duckdb.OutOfRangeException) as fault:
        raise _SumsTooLargeError from fault
