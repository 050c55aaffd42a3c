"""Stored events one by one: by their id, and in order."""

from typing import Any

import duckdb
import msgspec

from tallybook.domain.buckets import Span
from tallybook.domain.definitions import Fold
from tallybook.domain.dimensions import STOCK_IDENTITY
from tallybook.domain.entries import COLUMN_NAMES, KIND, Entry
from tallybook.domain.instants import DAY_US, MICROSECONDS
from tallybook.domain.kinds import KINDS
from tallybook.domain.listings import Listing
from tallybook.domain.voids import StoredEvent
from tallybook.ledger.duckdb.engine import Engine
from tallybook.ledger.duckdb.rate_cards import RateCards
from tallybook.ledger.duckdb.voiding import stored_event
from tallybook.ledger.ledger import PricedEvent
from tallybook.ledger.seals.book import SealBook
from tallybook.ledger.seals.horizon import Horizon, check_events
from tallybook.ledger.sql.listing import (
    STORED,
    STORED_COLUMNS,
    last_time_statement,
    listing_statement,
)
from tallybook.ledger.stopping import Stop

_WITH_ID = f"""\
SELECT {STORED_COLUMNS}, rate_card FROM {STORED} WHERE id = ? ORDER BY time_us"""  # noqa: S608

# The sample of a thing that its day is charged for: see ``ledger/sql/costs.py``.
_LARGEST = f"""\
SELECT time_us, id FROM events
WHERE kind = ? AND time_us >= ? AND time_us < ?
    AND {" AND ".join(f"{name} IS NOT DISTINCT FROM ?" for name in STOCK_IDENTITY)}
ORDER BY usage_bytes DESC, time_us, id
LIMIT 1"""  # noqa: S608


class StoredEvents:
    """Finds and lists stored events, for any thread."""

    def __init__(self, engine: Engine, cards: RateCards, book: SealBook) -> None:
        self._engine = engine
        self._cards = cards
        self._book = book

    def find(self, event_id: str, stop: Stop) -> list[PricedEvent]:
        """The stored events with an id, voided or not, by time; one id may have several."""
        with self._engine.guard("look for an event", stop) as cursor:
            # As of one moment: what it is charged for depends on the others of its day.
            cursor.begin()
            found = []
            for *columns, number in cursor.execute(_WITH_ID, [event_id]).fetchall():
                entry, voided = msgspec.structs.astuple(stored_event(columns))
                charged = voided is None and _is_charged(cursor, entry)
                found.append(PricedEvent(entry, self._cards.kept(number), charged, voided))
            cursor.rollback()
            return found

    def listed(self, listing: Listing, stop: Stop) -> list[StoredEvent]:
        """The events of a listing, at most as many as it says, by time and id.

        Raises BeforeHorizon where some of them were let go.
        """
        with self._engine.guard("list its events", stop) as cursor:
            # As of one moment: days may be let go between two statements.
            cursor.begin()
            rows = _listed(cursor, listing)
            cursor.rollback()
        # The horizon moves before events go: where it has not passed them, all were there.
        _check_listing(listing, self._book.horizon)
        return [stored_event(row) for row in rows]


def _is_charged(cursor: duckdb.DuckDBPyConnection, entry: Entry) -> bool:
    """Whether an event is charged: a sample of a stock only if its day has no larger one."""
    if KINDS[entry[KIND]].fold is not Fold.STOCK:
        return True
    named = dict(zip(COLUMN_NAMES, entry, strict=True))
    midnight = named["time_us"] - named["time_us"] % DAY_US
    thing = [named[name] for name in STOCK_IDENTITY]
    values = [named["kind"], midnight, midnight + DAY_US, *thing]
    largest = cursor.execute(_LARGEST, values).fetchone()
    return largest == (named["time_us"], named["id"])


def _listed(cursor: duckdb.DuckDBPyConnection, listing: Listing) -> list[Any]:
    """The rows of a listing's events."""
    found = last_time_statement(listing)
    last = cursor.execute(found.sql, found.values).fetchone()
    if last is None or last[0] is None:
        return []
    statement = listing_statement(listing, last[0])
    return cursor.execute(statement.sql, statement.values).fetchall()


def _check_listing(listing: Listing, horizon: Horizon) -> None:
    """Return when a listing lacks nothing that it asks for. Raises BeforeHorizon."""
    start = listing.start if listing.after is None else listing.after[1] // MICROSECONDS
    # From 0 on it is from the first event that there is.
    if start:
        check_events(horizon, Span(start, listing.end), "start_time")
