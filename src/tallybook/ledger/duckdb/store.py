"""The ledger on DuckDB."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from tallybook.domain.entries import COLUMN_NAMES, ID, TIME_US, Entry
from tallybook.domain.instants import MICROSECONDS
from tallybook.domain.queries import UsageQuery
from tallybook.domain.sheets import Identity, joined
from tallybook.ledger.clusters import clusters
from tallybook.ledger.duckdb.arrow import identities_table
from tallybook.ledger.duckdb.engine import Engine, EngineSettings
from tallybook.ledger.duckdb.writer import Writer
from tallybook.ledger.judge import judge, suspects_of
from tallybook.ledger.ledger import Appended, Lot, UsageRow
from tallybook.ledger.recent import IDENTITIES_KEPT, RecentIdentities
from tallybook.ledger.usage_sql import usage_statement

# Column names are constants of the table of kinds; nothing else is put into SQL.
_COLUMN_LIST = ", ".join(COLUMN_NAMES)

# One branch for each stretch of time: the bounds let the engine skip the rest of the table.
_FIND = f"""\
SELECT {_COLUMN_LIST}
FROM events SEMI JOIN suspects USING (id, time_us)
WHERE time_us BETWEEN ? AND ?"""  # noqa: S608

_NEWEST = "SELECT id, time_us FROM events ORDER BY time_us DESC LIMIT ?"


class DuckDBLedger:
    """Events in one DuckDB file. See ``ledger/ledger.py`` for what it promises."""

    def __init__(self, folder: Path, settings: EngineSettings) -> None:
        """Open or make the ledger in ``folder``, which must exist.

        Raises LedgerInUse, LedgerTooNew or LedgerUnavailable.
        """
        self._engine = Engine(folder, settings)
        self._writer = Writer(self._engine)
        self._recent: RecentIdentities | None = self._newest()

    def append(self, lots: Sequence[Lot]) -> list[Appended]:
        """Store what is new in one transaction.

        1. Find the stored events that share an identity with one of the lots.
        2. Judge every entry: new, repeat, or conflict.
        3. Insert the new ones and commit. When this returns, they are on disk.
           When it raises, they may be all the same: a fault can come after the
           log was written. What is recent is then read from the file again.
        4. Remember them as recent. A crash before this loses only memory.
        """
        if self._recent is None:
            self._recent = self._newest()
        suspects = suspects_of(lots, self._recent)
        stored = self._find(suspects.late) if suspects.late else {}
        fresh, answers = judge(lots, suspects, stored)
        if fresh:
            recent, self._recent = self._recent, None
            self._writer.insert(joined(fresh))
            recent.add(suspects.distinct, suspects.latest_us)
            self._recent = recent
        return answers

    def usage(self, query: UsageQuery, start: int, end: int) -> list[UsageRow]:
        """The sums of ``[start, end)`` by bucket and group, in the wire's order of rows."""
        statement = usage_statement(query, start, end)
        with self._engine.guard("answer a query") as cursor:
            rows = cursor.execute(statement.sql, statement.values).fetchall()
        keys_end = 1 + len(query.group_by)
        return [UsageRow(row[0] // MICROSECONDS, row[1:keys_end], row[keys_end:]) for row in rows]

    def check(self) -> None:
        """Return when the engine answers."""
        with self._engine.guard("answer a check") as cursor:
            cursor.execute("SELECT 1").fetchone()

    def close(self) -> None:
        """Work everything into the main file and let go of it."""
        self._writer.close()
        self._engine.close()

    def _newest(self) -> RecentIdentities:
        """What is known of the newest events when the file is opened."""
        with self._engine.guard("read its newest events") as cursor:
            newest: list[Identity] = cursor.execute(_NEWEST, [IDENTITIES_KEPT]).fetchall()
        # Events as old as the last of them may have been cut off.
        floor_us = newest[-1][1] + 1 if len(newest) == IDENTITIES_KEPT else 0
        recent = RecentIdentities(floor_us)
        if newest:
            recent.add(set(newest), newest[0][1])
        return recent

    def _find(self, suspects: Iterable[Identity]) -> dict[Identity, Entry]:
        """The stored entries that have one of these identities, at least one of them given."""
        spans = clusters(time_us for _, time_us in suspects)
        sql = "\nUNION ALL\n".join([_FIND] * len(spans))
        with self._engine.guard("look for repeats") as cursor:
            cursor.register("suspects", identities_table(suspects))
            rows: list[Entry] = cursor.execute(
                sql, [bound for span in spans for bound in span]
            ).fetchall()
        return {(row[ID], row[TIME_US]): row for row in rows}
