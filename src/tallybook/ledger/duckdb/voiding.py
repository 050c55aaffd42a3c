"""Voiding: events leave the table that everything is summed from, and are kept beside it.

They are moved, not marked, so that no query over the events has to know of
it: sums, costs, samples, counts and pricing again are right by themselves.
"""

from collections.abc import Sequence
from typing import Any

from tallybook.domain.entries import COLUMN_NAMES
from tallybook.domain.sheets import Identity
from tallybook.domain.voids import EventName, StoredEvent, Voided
from tallybook.ledger.clusters import clusters
from tallybook.ledger.duckdb.arrow import identities_table
from tallybook.ledger.duckdb.engine import Engine
from tallybook.ledger.duckdb.schema import TABLE_COLUMNS
from tallybook.ledger.duckdb.sealer import unseal
from tallybook.ledger.ledger import Void
from tallybook.ledger.seals.book import SealBook
from tallybook.ledger.seals.rollups import EVENTS, VOIDED_EVENTS
from tallybook.ledger.seals.seals import hours_of
from tallybook.ledger.sql.listing import MARK_COLUMNS, STORED, STORED_COLUMNS
from tallybook.ledger.stopping import Stop

_STORED = ", ".join(TABLE_COLUMNS)
_COUNTING = f"""\
SELECT id, time_us FROM {EVENTS} SEMI JOIN suspects USING (id, time_us)
WHERE {{ranges}}"""  # noqa: S608
_MOVE = f"""\
INSERT INTO {VOIDED_EVENTS} ({_STORED}, {", ".join(MARK_COLUMNS)})
SELECT {_STORED}, ?, ?, ? FROM {EVENTS} SEMI JOIN suspects USING (id, time_us)
WHERE {{ranges}}"""  # noqa: S608
_REMOVE = f"""\
DELETE FROM {EVENTS} USING suspects
WHERE {EVENTS}.id = suspects.id AND {EVENTS}.time_us = suspects.time_us AND ({{ranges}})"""  # noqa: S608
_NAMED = f"""\
SELECT {STORED_COLUMNS} FROM {STORED}
WHERE id IN (SELECT unnest(?::VARCHAR[])) AND ({{ranges}})
ORDER BY time_us, id"""  # noqa: S608


class Voider:
    """Voids stored events, by the thread that stores them."""

    def __init__(self, engine: Engine, book: SealBook) -> None:
        self._engine = engine
        self._book = book

    def void(self, void: Void) -> int:
        """Move events and unseal their hours, in one transaction; how many were moved.

        When it raises, it may be done all the same: a fault can come after
        the log was written. It is safe to ask again.
        """
        counting = self._counting(void.identities)
        if not counting:
            return 0
        times_us = [time_us for _, time_us in counting]
        ranges, bounds = time_ranges(times_us, f"{EVENTS}.time_us")
        mark = [void.mark.at_us, void.mark.by, void.mark.reason]
        with (
            self._book.changing(hours_of(times_us)) as sealed,
            self._engine.storing("void events") as cursor,
        ):
            cursor.begin()
            cursor.register("suspects", identities_table(counting))
            cursor.execute(_MOVE.format(ranges=ranges), [*mark, *bounds])
            cursor.execute(_REMOVE.format(ranges=ranges), bounds)
            if sealed:
                unseal(cursor, sealed)
            cursor.commit()
        return len(counting)

    def _counting(self, identities: Sequence[Identity]) -> list[Identity]:
        """Those of some identities that are stored and were not voided before."""
        ranges, bounds = time_ranges([time_us for _, time_us in identities])
        with self._engine.guard("look for events") as cursor:
            cursor.register("suspects", identities_table(identities))
            return cursor.execute(_COUNTING.format(ranges=ranges), bounds).fetchall()

    def named(self, names: Sequence[EventName], stop: Stop) -> list[StoredEvent]:
        """The stored events that some names fit, voided or not, by time and id."""
        times_us = [name.time_us for name in names if name.time_us is not None]
        # Where each name has its time, the engine can skip the rest of the table.
        whole = len(times_us) < len(names)
        ranges, bounds = ("TRUE", []) if whole else time_ranges(times_us)
        ids = list({name.id for name in names})
        with self._engine.guard("look for events", stop) as cursor:
            rows = cursor.execute(_NAMED.format(ranges=ranges), [ids, *bounds]).fetchall()
        by_id: dict[str, list[EventName]] = {}
        for name in names:
            by_id.setdefault(name.id, []).append(name)
        stored = map(stored_event, rows)
        return [e for e in stored if any(name.fits(e.entry) for name in by_id[e.entry[0]])]


def stored_event(row: Sequence[Any]) -> StoredEvent:
    """A row of ``STORED_COLUMNS`` as the event that it is."""
    entry, mark = tuple(row[: len(COLUMN_NAMES)]), row[len(COLUMN_NAMES) :]
    return StoredEvent(entry, None if mark[0] is None else Voided(*mark))


def time_ranges(times_us: Sequence[int], column: str = "time_us") -> tuple[str, list[int]]:
    """The condition for the stretches of time that some moments lie in, and its values."""
    spans = clusters(times_us)
    text = " OR ".join(f"{column} BETWEEN ? AND ?" for _ in spans)
    return text, [bound for span in spans for bound in span]
