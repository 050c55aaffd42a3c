"""Where a query's rows come from: sealed spans from rollups, the rest from the events."""

from collections.abc import Callable, Collection, Iterable, Sequence

import msgspec

from tallybook.domain.buckets import Span
from tallybook.domain.dimensions import tags_of
from tallybook.domain.instants import MICROSECONDS
from tallybook.ledger.seals.cover import Level, cover
from tallybook.ledger.seals.rollups import (
    DAY,
    DAY_SAMPLES,
    EVENTS,
    HOUR,
    HOUR_SAMPLES,
    SEALED_WIDTHS,
    Measure,
    leanest,
)
from tallybook.ledger.seals.seals import Seals
from tallybook.ledger.sql.statement import Statement


class Source(msgspec.Struct, frozen=True):
    """A table, and the spans, in order and disjoint, for which it is read.

    ``instead`` is a relation with the same columns that is read in its place.
    """

    table: str
    spans: tuple[Span, ...]
    instead: str | None = None


def flow_sources(
    buckets: Sequence[Span],
    seals: Seals,
    measures: Collection[Measure],
    dimensions: Collection[str],
    kept_tags: Collection[str],
) -> list[Source]:
    """What to read for sums that tell some dimensions apart, at least one source.

    Of each sealed width the leanest rollup of one of the ``measures``; where
    there is none, and where nothing is sealed, the events.
    """
    rollups = [
        rollup
        for width in SEALED_WIDTHS
        if (rollup := leanest(width, measures, dimensions, kept_tags)) is not None
    ]
    parts = cover(buckets, [Level(each.width.seconds, seals.of(each.width)) for each in rollups])
    tables = [*(rollup.table for rollup in rollups), EVENTS]
    return _read(tables, parts)


def stock_sources(
    buckets: Sequence[Span], seals: Seals, dimensions: Collection[str]
) -> list[Source]:
    """What to read for the samples of stocks, at least one source.

    A day keeps one sample of each thing, whatever its tags; an hour keeps one of each set of tags.
    """
    kept = {DAY: DAY_SAMPLES, HOUR: HOUR_SAMPLES}
    if tags_of(dimensions):
        del kept[DAY]
    levels = [Level(width.seconds, seals.of(width)) for width in kept]
    return _read((*kept.values(), EVENTS), cover(buckets, levels))


def _read(tables: Sequence[str], parts: Sequence[Sequence[Span]]) -> list[Source]:
    return [
        Source(table, tuple(spans)) for table, spans in zip(tables, parts, strict=True) if spans
    ]


def whole_days(buckets: Sequence[Span]) -> list[Span]:
    """The range of some buckets with both ends moved outwards to UTC days, as one span."""
    return [Span(DAY.floor(buckets[0].start), DAY.next(buckets[-1].end - 1))]


class Branch(msgspec.Struct, frozen=True):
    """What is selected from a table, and a condition on its rows: empty, or beginning with AND."""

    select: Statement
    where: Statement


def rows_of(sources: Iterable[Source], branch: Callable[[str], Branch]) -> Statement:
    """The rows of some sources, at least one, as one relation; ``branch`` says what of a table."""
    branches, values = [], []
    for source in sources:
        each = branch(source.table)
        ranges = ranges_of(source.spans)
        branches.append(
            f"SELECT {each.select.sql}\n    FROM {source.instead or source.table}\n"  # noqa: S608
            f"    WHERE ({ranges.sql}){each.where.sql}"
        )
        values += [*each.select.values, *ranges.values, *each.where.values]
    return Statement("\n    UNION ALL\n    ".join(branches), tuple(values))


def ranges_of(spans: Sequence[Span]) -> Statement:
    """The condition that a row's time lies in one of some spans, at least one."""
    ranges = " OR ".join("time_us >= ? AND time_us < ?" for _ in spans)
    bounds = (bound * MICROSECONDS for span in spans for bound in (span.start, span.end))
    return Statement(ranges, tuple(bounds))
