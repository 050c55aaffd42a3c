"""Folding: the events of some spans as the rows of a rollup. Pure SQL, values bound.

The same statement fills a rollup and proves it: ``tallybook verify`` compares
what it gives now with what is stored.
"""

from collections.abc import Iterable, Sequence

from tallybook.domain.buckets import Span
from tallybook.domain.instants import MICROSECONDS
from tallybook.domain.kinds import CHARGES
from tallybook.ledger.seals.rollups import (
    BY_NAME,
    EVENT_COUNT,
    EVENTS,
    FLOW_COLUMNS,
    OWED,
    STOCK_CHARGES,
    UNPRICED_COUNT,
    Measure,
    Rollup,
    charged_column,
)
from tallybook.ledger.sql.conditions import pointer_of
from tallybook.ledger.sql.costs import owed, priced_lines
from tallybook.ledger.sql.samples import of_flows
from tallybook.ledger.sql.sources import ranges_of
from tallybook.ledger.sql.statement import Statement
from tallybook.ledger.sql.unpriced import UnpricedLine, lacks_a_price

_FROM_EVENTS = """\
SELECT time_us - time_us % {width} AS time_us, {keys}, {tags} AS tags, {sums}
FROM {table}
WHERE ({ranges}){conditions}
GROUP BY ALL"""

_FROM_FINER = """\
SELECT time_us, {keys}, tags, {sums}
FROM {table}
WHERE ({ranges})
GROUP BY ALL"""

_AMOUNTS = """\
SELECT time_us, {keys}, tags, sum(quantity * price) AS product
FROM (
    {lines}
)
WHERE quantity > 0
GROUP BY ALL"""

_FLOW_CHARGES = tuple(each for each in CHARGES.values() if each.name not in STOCK_CHARGES)


class Folding:
    """How events are folded: which tags are kept, and which lines of cards have no price.

    Rate cards come to be with their first event and never change, so what is
    known of them when a span is folded holds for all of its events.
    """

    def __init__(self, kept_tags: Sequence[str], unpriced: Iterable[UnpricedLine]) -> None:
        self._tags = _kept(kept_tags)
        flows = [line for line in unpriced if line.charge.name not in STOCK_CHARGES]
        self._lacks = lacks_a_price(flows) if flows else Statement("false", ())

    def rows(self, rollup: Rollup, spans: Sequence[Span]) -> Statement:
        """The rows of a rollup for some spans, of whole hours or days as its width is.

        A rollup that is folded from a finer one reads that one's rows.
        """
        ranges = ranges_of(spans)
        if rollup.finer is None:
            return self._from_events(rollup, ranges)
        finer = BY_NAME[rollup.finer]
        if finer.measure is Measure.CARDS and rollup.measure is Measure.AMOUNTS:
            return _amounts(rollup, finer, ranges)
        sql = _FROM_FINER.format(
            keys=", ".join(rollup.keys),
            sums=", ".join(_total(name, rollup) for name in rollup.sums),
            table=finer.table,
            ranges=ranges.sql,
        )
        return Statement(sql, ranges.values)

    def _from_events(self, rollup: Rollup, ranges: Statement) -> Statement:
        sums = [
            f"count(*) AS {EVENT_COUNT}",
            f"count(*) FILTER (WHERE {self._lacks.sql}) AS {UNPRICED_COUNT}",
            *(f"sum({name})::BIGINT AS {name}" for name in FLOW_COLUMNS),
            *(f"sum({owed(charge)})::BIGINT AS {charge.name}" for charge in OWED),
        ]
        flows = of_flows(EVENTS)
        sql = _FROM_EVENTS.format(
            width=rollup.width.seconds * MICROSECONDS,
            keys=", ".join(rollup.keys),
            tags=self._tags.sql,
            sums=", ".join(sums),
            table=EVENTS,
            ranges=ranges.sql,
            conditions=flows.sql,
        )
        values = (*self._tags.values, *self._lacks.values, *ranges.values, *flows.values)
        return Statement(sql, values)


def _amounts(rollup: Rollup, finer: Rollup, ranges: Statement) -> Statement:
    """Amounts from quantities by rate card."""
    quantities = (f"{charged_column(each)} AS {each.name}_sum" for each in _FLOW_CHARGES)
    charged = (
        f"SELECT time_us, {', '.join(rollup.dimensions)}, tags, rate_card, {', '.join(quantities)}"  # noqa: S608
        f" FROM {finer.table} WHERE ({ranges.sql})"
    )
    sql = _AMOUNTS.format(keys=", ".join(rollup.keys), lines=priced_lines(charged, _FLOW_CHARGES))
    return Statement(sql, ranges.values)


def _total(name: str, rollup: Rollup) -> str:
    """The sum of sums, in the type in which it is kept."""
    return f"sum({name}){'' if rollup.measure is Measure.AMOUNTS else '::BIGINT'} AS {name}"


def _kept(names: Sequence[str]) -> Statement:
    """The tags of an event that are kept, as an expression: a JSON object like its own, or null."""
    if not names:
        return Statement("NULL::VARCHAR", ())
    pairs = ", ".join("?, json_extract_string(tags, ?)" for _ in names)
    # A merge leaves out what is null (RFC 7396).
    merged = f"json_merge_patch('{{}}', json_object({pairs}))"
    values = [value for name in names for value in (name, pointer_of(name))]
    return Statement(f"nullif({merged}::VARCHAR, '{{}}')", tuple(values))
