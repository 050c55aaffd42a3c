"""Stored events, one by one, as SQL: so many after a key, never after a count of rows."""

from typing import Any

from tallybook.domain.entries import COLUMN_NAMES
from tallybook.domain.instants import MICROSECONDS
from tallybook.domain.listings import Listing
from tallybook.ledger.seals.rollups import EVENTS
from tallybook.ledger.sql.conditions import conditions_of
from tallybook.ledger.sql.statement import Statement

# Events lie nearly in order of time, and an engine that keeps the smallest so many soon knows that
# nothing beyond them is wanted. So a page costs what it holds, however much comes after it.
_LISTED = """\
SELECT {columns} FROM {table}
WHERE time_us >= ? AND time_us < ?{after}{conditions}
ORDER BY time_us, id
LIMIT ?"""
_AFTER = " AND (time_us > ? OR id > ?)"


def listing_statement(listing: Listing) -> Statement:
    """The entries of a listing, their columns those of ``COLUMN_NAMES``."""
    first_us, after = listing.start * MICROSECONDS, Statement("", ())
    if listing.after is not None:
        id_, first_us = listing.after
        after = Statement(_AFTER, (first_us, id_))
    conditions = conditions_of(listing.conditions)
    values: tuple[Any, ...] = (first_us, listing.end * MICROSECONDS)
    return Statement(
        _LISTED.format(
            columns=", ".join(COLUMN_NAMES),
            table=EVENTS,
            after=after.sql,
            conditions=conditions.sql,
        ),
        (*values, *after.values, *conditions.values, listing.limit),
    )
