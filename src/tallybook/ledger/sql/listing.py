"""Stored events, one by one, as SQL: so many after a key, never after a count of rows.

Two statements: until when the wanted events go on, by their times alone, and
then those events. Bounded on both sides, whole events are read from the few
stretches of the table that hold them, however much lies around.
"""

from tallybook.domain.entries import COLUMN_NAMES
from tallybook.domain.instants import MICROSECONDS
from tallybook.domain.listings import Listing
from tallybook.domain.voids import Voids
from tallybook.ledger.seals.rollups import EVENTS, VOIDED_EVENTS
from tallybook.ledger.sql.conditions import conditions_of
from tallybook.ledger.sql.statement import Statement, joined

# The mark of an event that was voided: when, by whom, why. Null in all others.
MARK_COLUMNS = ("voided_us", "voided_by", "voided_reason")
# What is told of a stored event: its entry, and its mark.
STORED_COLUMNS = ", ".join((*COLUMN_NAMES, *MARK_COLUMNS))
_UNMARKED = f"""(
    SELECT *, NULL::BIGINT AS voided_us, NULL AS voided_by, NULL AS voided_reason FROM {EVENTS}
)"""  # noqa: S608
# Every stored event, voided or not, with its rate card: what an identity is looked for in.
STORED = f"(FROM {_UNMARKED} UNION ALL BY NAME FROM {VOIDED_EVENTS})"
_TABLES = {Voids.EXCLUDE: _UNMARKED, Voids.INCLUDE: STORED, Voids.ONLY: VOIDED_EVENTS}

_LAST_TIME = """\
SELECT coalesce(max(time_us), ?)
FROM (SELECT time_us FROM {table} WHERE {conditions} ORDER BY time_us LIMIT ?)"""
_LISTED = """\
SELECT {columns} FROM {table} WHERE {conditions} AND time_us <= ?{after}
ORDER BY time_us, id
LIMIT ?"""


def last_time_statement(listing: Listing) -> Statement:
    """A time, in microseconds, that none of a listing's events is after; null when there are none.

    Those at the time of the key it comes after are passed over: as many as are
    wanted, all of them later, are never too few. So no id has to be read.
    """
    key_us = None if listing.after is None else listing.after[1]
    first_us = listing.start * MICROSECONDS if key_us is None else key_us + 1
    wanted = _wanted(listing, first_us)
    sql = _LAST_TIME.format(table=_TABLES[listing.voided], conditions=wanted.sql)
    return Statement(sql, (key_us, *wanted.values, listing.limit))


def listing_statement(listing: Listing, last_us: int) -> Statement:
    """The events of a listing, none of them after that time; columns as ``STORED_COLUMNS``."""
    first_us, after = listing.start * MICROSECONDS, Statement("", ())
    if listing.after is not None:
        id_, first_us = listing.after
        after = Statement(" AND (time_us > ? OR id > ?)", (first_us, id_))
    wanted = _wanted(listing, first_us)
    sql = _LISTED.format(
        columns=STORED_COLUMNS,
        table=_TABLES[listing.voided],
        conditions=wanted.sql,
        after=after.sql,
    )
    return Statement(sql, (*wanted.values, last_us, *after.values, listing.limit))


def _wanted(listing: Listing, first_us: int) -> Statement:
    """The condition that an event lies in the range, from a time on, and passes the filters."""
    in_range = Statement("time_us >= ? AND time_us < ?", (first_us, listing.end * MICROSECONDS))
    return joined(in_range, conditions_of(listing.conditions))
