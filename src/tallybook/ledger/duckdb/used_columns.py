"""Which quantities any event has: what nothing was ever counted in need not be read or summed.

There are more quantities than most organizations use, and each that a
statement names costs time to plan and to read. A column is in use from the
first event on that has more than nothing in it, for good.
"""

from collections.abc import Iterable

import duckdb

from tallybook.domain.entries import COLUMN_NAMES
from tallybook.domain.kinds import QUANTITY_COLUMNS
from tallybook.domain.sheets import Sheet
from tallybook.ledger.duckdb.engine import Engine
from tallybook.ledger.duckdb.let_go import read_horizon

_PLACES = [(name, COLUMN_NAMES.index(name)) for name in QUANTITY_COLUMNS]
_READ = "SELECT DISTINCT name FROM used_columns"
_KEEP = "INSERT INTO used_columns SELECT unnest(?::VARCHAR[])"
_COUNT = ", ".join(f"bool_or({name} > 0) AS {name}" for name in QUANTITY_COLUMNS)


class UsedColumns:
    """The columns in use: read by any thread, added to by those that store."""

    def __init__(self, engine: Engine) -> None:
        """Read them from the open file. Raises LedgerUnavailable."""
        self._engine = engine
        with engine.guard("read which quantities it has") as cursor:
            known = frozenset(name for (name,) in cursor.execute(_READ).fetchall())
        # What the file says, and what queries go by: the same, but while an append is under way
        # and after one that may have failed.
        self._kept = known
        self._used = known

    @property
    def used(self) -> frozenset[str]:
        """The columns that some event may have more than nothing in."""
        return self._used

    def first_used(self, sheet: Sheet) -> list[str]:
        """The columns that a sheet has more than nothing in and the file does not know of.

        From here on queries read them.
        """
        first = [
            name
            for name, place in _PLACES
            if name not in self._kept and (values := sheet.columns[place]) and any(values)
        ]
        if first:
            self._used = self._used.union(first)
        return first

    def kept(self, names: Iterable[str]) -> None:
        """Columns are on disk as used."""
        self._kept = self._kept.union(names)

    def count_again(self) -> None:
        """Find them in the events; with those of events that were let go nothing is known of."""
        with self._engine.guard("look which quantities it has") as cursor:
            cursor.execute(f"SELECT {_COUNT} FROM events")  # noqa: S608 - names of the table of kinds
            found = cursor.fetchone() or ()
            names = [name for name, used in zip(QUANTITY_COLUMNS, found, strict=True) if used]
            if read_horizon(cursor).end:
                names = sorted({*names, *self._kept})
            cursor.begin()
            cursor.execute("DELETE FROM used_columns")
            keep_used(cursor, names)
            cursor.commit()
        self._used = self._used.union(names)
        self._kept = frozenset(names)


def keep_used(cursor: duckdb.DuckDBPyConnection, names: list[str]) -> None:
    """Keep on disk, in the cursor's transaction, that columns are used."""
    if names:
        cursor.execute(_KEEP, [names])
