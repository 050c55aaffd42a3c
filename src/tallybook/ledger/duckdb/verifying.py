"""Proof that what is sealed equals its events: folded again, compared row by row."""

from collections.abc import Iterator, Sequence

import duckdb

from tallybook.domain.buckets import BucketWidth, Span
from tallybook.domain.instants import MICROSECONDS
from tallybook.ledger.duckdb.engine import Engine
from tallybook.ledger.duckdb.rate_cards import RateCards
from tallybook.ledger.duckdb.sealer import read_seals_of
from tallybook.ledger.ledger import Discrepancy, Verified
from tallybook.ledger.seals.rollups import DAY, HOUR, ROLLUPS
from tallybook.ledger.seals.seals import Seals, hours_of_day, span_of_hours
from tallybook.ledger.sql.folding import Folding
from tallybook.ledger.sql.samples import SAMPLE_TABLES
from tallybook.ledger.sql.sources import ranges_of
from tallybook.ledger.sql.statement import Statement

# Rows that only one of the two has, by the span that they are of. One aggregate over both takes a
# tenth of the time of EXCEPT ALL in both directions.
_DIFFERENCE = """\
WITH folded AS (
{folded}
), stored AS (
    SELECT * FROM {table} WHERE {ranges}
)
SELECT time_us - time_us % ?, sum(abs(surplus))::BIGINT
FROM (
    SELECT * EXCLUDE (side), sum(side) AS surplus
    FROM (SELECT *, 1 AS side FROM folded UNION ALL SELECT *, -1 FROM stored)
    GROUP BY ALL
    HAVING surplus <> 0
)
GROUP BY ALL
ORDER BY ALL"""


def verify(engine: Engine, cards: RateCards, kept_tags: Sequence[str]) -> Iterator[Verified]:
    """Compare every sealed hour and day with the fold of its events, day by day, the newest first.

    Each day is looked at in a transaction of its own, so events may go on
    arriving: what is sealed in it has to equal the events in it.
    """
    with engine.guard("read what is sealed") as cursor:
        seals = read_seals_of(cursor)
    days = {DAY.floor(hour) for hour in seals.hours} | seals.days.keys()
    for day in sorted(days, reverse=True):
        with engine.guard("verify what is sealed") as cursor:
            cursor.begin()
            seals = read_seals_of(cursor)
            # Known after the transaction began, so with every card of the events that it sees.
            folding = Folding(kept_tags, cards.unpriced)
            yield _verify_day(cursor, folding, seals, day)
            cursor.rollback()


def _verify_day(
    cursor: duckdb.DuckDBPyConnection, folding: Folding, seals: Seals, day: int
) -> Verified:
    hours = [hour for hour in hours_of_day(day) if hour in seals.hours]
    spans: dict[BucketWidth, list[Span]] = {
        HOUR: span_of_hours(hours),
        DAY: [Span(day, day + DAY.seconds)] if day in seals.days else [],
    }
    checks = [
        (rollup.table, rollup.width, folding.rows(rollup, spans[rollup.width]))
        for rollup in ROLLUPS
        if spans[rollup.width]
    ]
    checks += [
        (samples.table, width, samples.rows(spans[width]))
        for width, samples in SAMPLE_TABLES.items()
        if spans[width]
    ]
    found = []
    for table, width, folded in checks:
        for start_us, rows in _differences(cursor, table, width, folded, spans[width]):
            found.append(Discrepancy(start_us // MICROSECONDS, width, table, rows))
    return Verified(day, len(hours), day in seals.days, tuple(found))


def _differences(
    cursor: duckdb.DuckDBPyConnection,
    table: str,
    width: BucketWidth,
    folded: Statement,
    spans: Sequence[Span],
) -> list[tuple[int, int]]:
    ranges = ranges_of(spans)
    sql = _DIFFERENCE.format(folded=folded.sql, table=table, ranges=ranges.sql)
    values = [*folded.values, *ranges.values, width.seconds * MICROSECONDS]
    return cursor.execute(sql, values).fetchall()
