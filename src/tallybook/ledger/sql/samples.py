"""Samples of stocks: which of them stand for the others, and which is charged."""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from tallybook.domain.buckets import BucketWidth, Span
from tallybook.domain.dimensions import STOCK_IDENTITY
from tallybook.domain.instants import MICROSECONDS
from tallybook.ledger.seals.rollups import (
    DAY,
    DAY_SAMPLES,
    EVENTS,
    HOUR,
    HOUR_SAMPLES,
    SAMPLE_COLUMNS,
    STOCKS,
)
from tallybook.ledger.sql.sources import Branch, Source, ranges_of, rows_of
from tallybook.ledger.sql.statement import NOTHING, Statement, united

_PLACES = ", ".join("?" for _ in STOCKS)

# The largest sample of each thing and span of time, and of equal ones the first.
_FIRST = """\
SELECT * EXCLUDE (place) FROM (
        SELECT *, row_number() OVER (
            PARTITION BY {thing}, time_us // {width}
            ORDER BY usage_bytes DESC, time_us, id
        ) AS place
        FROM (
        {rows}
        )
    )
    WHERE place = 1"""
_OF_SPAN = """\
SELECT * FROM (
    {rows}
    )
    WHERE {ranges}"""

_ALL_COLUMNS = Statement(", ".join(SAMPLE_COLUMNS), ())


def of_stocks(table: str) -> Statement:
    """The condition that a row is a sample of a stock; a table of samples has nothing else."""
    return Statement(f" AND kind IN ({_PLACES})", STOCKS) if table == EVENTS else NOTHING


def of_flows(table: str) -> Statement:
    """The condition that a row is no sample of a stock; a rollup of sums has none."""
    return Statement(f" AND kind NOT IN ({_PLACES})", STOCKS) if table == EVENTS else NOTHING


def charged_samples(sources: Sequence[Source], span: Span) -> Statement:
    """The charged samples of a span, as a relation with the columns of samples.

    ``sources`` are those of whole days: which sample is the largest is decided by the day. Sealed
    days know it already.
    """
    decided = [source for source in sources if source.table == DAY_SAMPLES]
    others = [source for source in sources if source.table != DAY_SAMPLES]
    parts = []
    if decided:
        parts.append(_samples(decided))
    if others:
        parts.append(_first(others, STOCK_IDENTITY, DAY))
    rows, ranges = united(parts), ranges_of((span,))
    sql = _OF_SPAN.format(rows=rows.sql, ranges=ranges.sql)
    return Statement(sql, (*rows.values, *ranges.values))


def _hour_samples(spans: Sequence[Span]) -> Statement:
    """The samples that stand for all samples of some spans, of whole hours."""
    return _first([Source(EVENTS, tuple(spans))], (*STOCK_IDENTITY, "tags"), HOUR)


def _day_samples(spans: Sequence[Span]) -> Statement:
    """The samples that are charged of some spans, of whole days, from those of their hours."""
    return _first([Source(HOUR_SAMPLES, tuple(spans))], STOCK_IDENTITY, DAY)


class SampleTable(msgspec.Struct, frozen=True):
    """A table of samples, and how it is filled for some spans."""

    table: str
    rows: Callable[[Sequence[Span]], Statement]


SAMPLE_TABLES = {
    HOUR: SampleTable(HOUR_SAMPLES, _hour_samples),
    DAY: SampleTable(DAY_SAMPLES, _day_samples),
}


def _first(sources: Iterable[Source], thing: Sequence[str], width: BucketWidth) -> Statement:
    """The largest sample of each thing and span of a width."""
    rows = _samples(sources)
    sql = _FIRST.format(thing=", ".join(thing), width=width.seconds * MICROSECONDS, rows=rows.sql)
    return Statement(sql, rows.values)


def _samples(sources: Iterable[Source]) -> Statement:
    return rows_of(sources, lambda table: Branch(_ALL_COLUMNS, of_stocks(table)))
