"""Questions answered: the cover of a range as one statement, its rows as texts."""

from collections.abc import Sequence
from typing import Any

from tallybook.domain.buckets import Span
from tallybook.domain.charges import Charge
from tallybook.domain.definitions import Fold
from tallybook.domain.dimensions import LINE_ITEM
from tallybook.domain.queries import CostsQuery, Query, UsageQuery
from tallybook.ledger.duckdb.engine import Engine
from tallybook.ledger.duckdb.rate_cards import RateCards
from tallybook.ledger.duckdb.used_columns import UsedColumns
from tallybook.ledger.ledger import CostRow
from tallybook.ledger.seals.book import SealBook
from tallybook.ledger.seals.horizon import check_sums
from tallybook.ledger.seals.rollups import BY_NAME, DAY, EVENTS, Measure
from tallybook.ledger.sql.costs import OF_LINES, CostSources, parts_statement
from tallybook.ledger.sql.costs_text import (
    cost_rows,
    cost_rows_statement,
    costs_ranking,
    costs_text_statement,
)
from tallybook.ledger.sql.ranking import Ranking
from tallybook.ledger.sql.row_text import RowText, without_unused
from tallybook.ledger.sql.sources import Source, flow_sources, stock_sources, whole_days
from tallybook.ledger.sql.statement import Statement
from tallybook.ledger.sql.unpriced import unpriced_of, unpriced_statement
from tallybook.ledger.sql.usage import sums_statement, usage_ranking, usage_statement
from tallybook.ledger.stopping import Stop

_AMOUNT_TABLES = {each.table for each in BY_NAME.values() if each.measure is Measure.AMOUNTS}
_QUANTITIES = (Measure.CARDS, Measure.TOTALS)


class Answers:
    """Answers one question, by what is sealed when it begins.

    Raises BeforeHorizon where it needs events that were let go, also when that was meanwhile.
    """

    def __init__(
        self, engine: Engine, cards: RateCards, book: SealBook, columns: UsedColumns
    ) -> None:
        self._engine = engine
        self._cards = cards
        self._book = book
        self._seals = book.seals
        # For which spans events are read.
        self._events: list[Span] = []
        self._columns = columns

    def usage(
        self, query: UsageQuery, buckets: Sequence[Span], row: RowText, stop: Stop
    ) -> dict[int, str]:
        """The rows of some buckets of a query by the bucket's start: JSON, joined by commas."""
        sums, ranking = self._sums(query, buckets), None
        if _is_ranked(query):
            ranking = usage_ranking(query, self._usage_totals(query, buckets))
        used = self._columns.used
        statement = usage_statement(query, sums, without_unused(row, used), ranking)
        rows = self._rows(statement, stop)
        return {buckets[place].start: texts for place, texts, _ in rows}

    def costs(
        self, query: CostsQuery, buckets: Sequence[Span], row: RowText, stop: Stop
    ) -> dict[int, str] | None:
        """The costs of some buckets, like ``usage``; None when a row has to be made of values."""
        charges = self._charges()
        if not charges:
            return {}
        parts, ranking = self._parts(query, buckets, charges)
        rows = self._rows(costs_text_statement(query, parts, charges, row, ranking), stop)
        if not all(written for _, _, written in rows):
            return None
        return {buckets[place].start: texts for place, texts, _ in rows}

    def cost_rows(self, query: CostsQuery, buckets: Sequence[Span], stop: Stop) -> list[CostRow]:
        """The costs of some buckets, exactly, by bucket and group, in the order of keys."""
        charges = self._charges()
        if not charges:
            return []
        parts, ranking = self._parts(query, buckets, charges)
        rows = self._rows(cost_rows_statement(query, parts, ranking), stop)
        return cost_rows(buckets, query.group_by, rows)

    def unpriced(self, query: CostsQuery, buckets: Sequence[Span], stop: Stop) -> int:
        """How many events of some buckets have a charge that nobody prices."""
        used = self._columns.used
        asked = unpriced_of(
            query, (line for line in self._cards.unpriced if line.charge.column in used)
        )
        if not asked.flows and not asked.stocks:
            return 0
        span = Span(buckets[0].start, buckets[-1].end)
        measures = _QUANTITIES if asked.every else (Measure.CARDS,)
        sources = self._cost_sources(query, [span], () if asked.partial else measures)
        return int(self._rows(unpriced_statement(query, span, sources, asked), stop)[0][0])

    def _charges(self) -> list[Charge]:
        """The charges that some event may owe for."""
        used = self._columns.used
        return [charge for charge in self._cards.charges if charge.column in used]

    def _rows(self, statement: Statement, stop: Stop) -> list[tuple[Any, ...]]:
        with self._engine.guard("answer a query", stop) as cursor:
            rows = cursor.execute(statement.sql, statement.values).fetchall()
        # The horizon moves before events go: where it has not passed them, all were there.
        check_sums(self._book.horizon, self._events, self._engine.kept_tags)
        return rows

    def _parts(
        self, query: CostsQuery, buckets: Sequence[Span], charges: Sequence[Charge]
    ) -> tuple[Statement, Ranking | None]:
        parts = self._parts_of(query, buckets, charges)
        if not _is_ranked(query):
            return parts, None
        totals = None
        if query.top is not None and not _is_whole(query, buckets):
            totals = self._parts_of(query, [Span(query.start, query.end)], charges)
        return parts, costs_ranking(query, charges, totals)

    def _parts_of(
        self, query: CostsQuery, buckets: Sequence[Span], charges: Sequence[Charge]
    ) -> Statement:
        # Amounts that are kept know their currencies, but not their line items.
        by_line = LINE_ITEM in query.named
        measures = [Measure.CARDS] if by_line else [Measure.CARDS, Measure.AMOUNTS]
        sources = self._cost_sources(query, buckets, measures)
        return parts_statement(query, buckets, sources, charges)

    def _sums(self, query: UsageQuery, buckets: Sequence[Span]) -> Statement:
        sources = self._usage_sources(query, buckets)
        return sums_statement(query, buckets, sources, self._columns.used)

    def _usage_totals(self, query: UsageQuery, buckets: Sequence[Span]) -> Statement | None:
        """The sums of a query's range, where those of some buckets do not add up to them."""
        if query.top is None:
            return None
        # The largest samples of a range are no sum of those of its buckets.
        adds_up = query.kind.fold is Fold.SUM or len(buckets) == 1
        if adds_up and _is_whole(query, buckets):
            return None
        return self._sums(query, [Span(query.start, query.end)])

    def _usage_sources(self, query: UsageQuery, buckets: Sequence[Span]) -> list[Source]:
        seals, kept = self._seals, self._engine.kept_tags
        if query.kind.fold is Fold.STOCK:
            return self._noted(stock_sources(buckets, seals, query.named))
        return self._noted(flow_sources(buckets, seals, _QUANTITIES, query.named, kept))

    def _cost_sources(
        self, query: CostsQuery, buckets: Sequence[Span], measures: Sequence[Measure]
    ) -> CostSources:
        seals, of_events = self._seals, query.named.difference(OF_LINES)
        flows = self._noted(
            flow_sources(buckets, seals, measures, of_events, self._engine.kept_tags)
        )
        return CostSources(
            [each for each in flows if each.table not in _AMOUNT_TABLES],
            [each for each in flows if each.table in _AMOUNT_TABLES],
            self._noted(stock_sources(whole_days(buckets), seals, ())),
        )

    def _noted(self, sources: list[Source]) -> list[Source]:
        """Sources whose events are all there so far. Raises BeforeHorizon."""
        self._events += (span for each in sources if each.table == EVENTS for span in each.spans)
        check_sums(self._book.horizon, self._events, self._engine.kept_tags)
        return sources


def read_for(query: Query) -> tuple[int, int]:
    """The range ``[start, end)`` that the answer of a page depends on."""
    spans = query.page_spans
    start, end = spans[0].start, spans[-1].end
    if query.top is not None:
        start, end = query.start, query.end
    if isinstance(query, CostsQuery):
        # Which sample of a store is charged is decided by the day.
        start, end = DAY.floor(start), DAY.next(end - 1)
    return start, end


def _is_ranked(query: Query) -> bool:
    return query.top is not None or query.order_by is not None


def _is_whole(query: Query, buckets: Sequence[Span]) -> bool:
    """Whether some buckets are all of a query's."""
    return (buckets[0].start, buckets[-1].end) == (query.start, query.end)
