"""Sheets into the table, the shortest way for their size.

A statement over 37 columns takes the engine milliseconds to plan. A few
entries go through an appender that is made once and kept; many go in as an
Arrow table, which takes longer to prepare and a tenth of the time for each.
"""

from contextlib import suppress

import duckdb

from tallybook.domain.sheets import Sheet
from tallybook.ledger.duckdb.arrow import sheet_table
from tallybook.ledger.duckdb.engine import Engine

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

    def insert(self, sheet: Sheet) -> None:
        """Store a sheet of at least one entry, in one transaction.

        When it returns, all of it is on disk; when it raises, none of it is
        to be relied on. Raises StorageFull, Overloaded or LedgerUnavailable.
        """
        if sheet.count > APPENDED_MAX:
            with self._engine.guard("store events") as cursor:
                # By place, so the table's columns are in the order of an entry's. A statement
                # is a transaction.
                cursor.from_arrow(sheet_table(sheet)).insert_into("events")
            return
        try:
            self._append(sheet)
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

    def _append(self, sheet: Sheet) -> None:
        with self._engine.guard("store events"):
            if self._appender is None or self._opening != self._engine.openings:
                # Of a file that was closed since, its cursor would be of no use.
                self._opening = self._engine.openings
                self._cursor = self._engine.cursor()
                self._appender = self._cursor.appender("events")
            self._appender.append_rows(sheet.entries())
            # A flush is a statement, and so a transaction.
            self._appender.flush()
