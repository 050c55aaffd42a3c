"""Proof that what is sealed equals its events: folded again, compared row by row."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import msgspec

from tallybook.domain.buckets import BucketWidth, Span
from tallybook.domain.errors import LedgerUnavailable
from tallybook.domain.instants import MICROSECONDS
from tallybook.ledger.duckdb.engine import Engine
from tallybook.ledger.duckdb.let_go import archive_file, read_let_go
from tallybook.ledger.duckdb.loading import digest_of_file
from tallybook.ledger.duckdb.rate_cards import RateCards
from tallybook.ledger.duckdb.sealer import read_seals_of
from tallybook.ledger.sealable import Discrepancy, LetGo, Verified
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
            let_go = read_let_go(cursor).get(day)
            found = _verify_day(cursor, folding, seals, day, let_go=let_go is not None)
            cursor.rollback()
        yield found if let_go is None else _with_archive(found, engine.archive, let_go)


def _verify_day(
    cursor: duckdb.DuckDBPyConnection, folding: Folding, seals: Seals, day: int, *, let_go: bool
) -> Verified:
    """What is wrong with a day. Without its events, sums that come from finer ones are compared."""
    hours = [hour for hour in hours_of_day(day) if hour in seals.hours]
    spans: dict[BucketWidth, list[Span]] = {
        HOUR: span_of_hours(hours),
        DAY: [Span(day, day + DAY.seconds)] if day in seals.days else [],
    }
    checks = [
        (rollup.table, rollup.width, folding.rows(rollup, spans[rollup.width]))
        for rollup in ROLLUPS
        if spans[rollup.width] and (rollup.finer is not None or not let_go)
    ]
    checks += [
        (samples.table, width, samples.rows(spans[width]))
        for width, samples in SAMPLE_TABLES.items()
        if spans[width] and (width is DAY or not let_go)
    ]
    found = []
    for table, width, folded in checks:
        for start_us, rows in _differences(cursor, table, width, folded, spans[width]):
            found.append(Discrepancy(start_us // MICROSECONDS, width, table, rows))
    return Verified(day, len(hours), day in seals.days, tuple(found), let_go)


def _with_archive(found: Verified, archive: Path, let_go: LetGo) -> Verified:
    """The same, with what is wrong with the archive of a day; that it is elsewhere is not."""
    path = archive_file(archive, let_go.day)
    if let_go.digest is None or not path.exists():
        return found
    try:
        held = digest_of_file(path)
    except LedgerUnavailable:
        held = None
    if held == (let_go.events, let_go.digest):
        return found
    name = f"{archive.name}/{path.name}"
    damage = Discrepancy(let_go.day, DAY, name, let_go.events)
    return msgspec.structs.replace(found, discrepancies=(*found.discrepancies, damage))


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
