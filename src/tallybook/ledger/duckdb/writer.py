"""Sheets into the table, the shortest way for their size.

A statement over some 40 columns takes the engine milliseconds to plan. A few
entries go through an appender that is made once and kept; many go in as an
Arrow table, which takes longer to prepare and a tenth of the time for each.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from itertools import repeat

import duckdb

from tallybook.domain.sheets import Sheet
from tallybook.ledger.duckdb.arrow import ENTRY_PLACES, sheet_table
from tallybook.ledger.duckdb.engine import Engine
from tallybook.ledger.duckdb.sealer import unseal
from tallybook.ledger.duckdb.used_columns import keep_used

# The two ways take equally long at about this many entries; see benchmarks/ingest.py.
APPENDED_MAX = 200


class Writer:
    """The one writer of the table, used by one thread at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._appender: duckdb.Appender | None = None
        self._cursor: duckdb.DuckDBPyConnection | None = None
        # The opening of the file that the two are of.
        self._opening = 0

    def insert(
        self,
        sheet: Sheet,
        rate_cards: Sequence[int],
        unsealed: Collection[int] = (),
        first_used: Sequence[str] = (),
    ) -> None:
        """Store a sheet of at least one entry, with the card of each, in one transaction.

        In the same transaction the hours ``unsealed``, and their days, lose
        their seals, and columns are kept as used.

        When it returns, all of it is on disk; when it raises, none of it is
        to be relied on. Raises StorageFull, Overloaded or LedgerUnavailable.
        """
        if unsealed or first_used:
            with self._engine.storing("store events") as cursor:
                cursor.begin()
                cursor.from_arrow(sheet_table(sheet, rate_cards)).insert_into("events")
                if unsealed:
                    unseal(cursor, unsealed)
                keep_used(cursor, list(first_used))
                cursor.commit()
            return
        if sheet.count > APPENDED_MAX:
            with self._engine.storing("store events") as cursor:
                # By place: both are in the file's order of columns. A statement is a transaction.
                cursor.from_arrow(sheet_table(sheet, rate_cards)).insert_into("events")
            return
        try:
            self._append(sheet, rate_cards)
        except BaseException:
            # Whatever the appender still holds must not go in with a later sheet.
            self.close()
            raise

    def close(self) -> None:
        """Let go of the engine; what an appender holds unflushed is dropped."""
        appender, cursor = self._appender, self._cursor
        self._appender = self._cursor = None
        with suppress(duckdb.Error):
            if appender is not None:
                appender.clear()
            if cursor is not None:
                cursor.close()

    def _append(self, sheet: Sheet, rate_cards: Sequence[int]) -> None:
        with self._engine.storing("store events"):
            if self._appender is None or self._opening != self._engine.openings:
                # Of a file that was closed since, its cursor would be of no use.
                self._opening = self._engine.openings
                self._cursor = self._engine.cursor()
                self._appender = self._cursor.appender("events")
            columns = (sheet.columns[place] for place in ENTRY_PLACES)
            filled = (repeat(None, sheet.count) if each is None else each for each in columns)
            self._appender.append_rows(list(zip(*filled, rate_cards, strict=True)))
            # A flush is a statement, and so a transaction.
            self._appender.flush()
