"""How many events have a charge that nobody prices, as one SQL statement.

A rollup's row counts them for its rate card, by all lines of the card that
have no price. Where a query asks for some of a card's lines only, the events
are counted themselves.
"""

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from tallybook.domain.buckets import Span
from tallybook.domain.charges import Charge
from tallybook.domain.dimensions import LINE_ITEM
from tallybook.domain.queries import CostsQuery
from tallybook.ledger.seals.rollups import EVENTS, STOCK_CHARGES, UNPRICED_COUNT
from tallybook.ledger.sql.costs import (
    OF_LINES,
    CostSources,
    conditions_on_events,
    owed,
)
from tallybook.ledger.sql.samples import charged_samples, of_flows
from tallybook.ledger.sql.sources import Branch, rows_of
from tallybook.ledger.sql.statement import NOTHING, Statement, joined


class UnpricedLine(msgspec.Struct, frozen=True):
    """A line of a rate card for which nobody states a price."""

    charge: Charge
    rate_card: int
    line_item: str


class Unpriced(msgspec.Struct, frozen=True):
    """The lines without a price that a query asks for, of flows and of stocks.

    ``partial`` says that of some card it asks for some of them only, ``every`` that
    it asks for all lines of all cards.
    """

    flows: tuple[UnpricedLine, ...]
    stocks: tuple[UnpricedLine, ...]
    partial: bool
    every: bool


def unpriced_of(query: CostsQuery, lines: Iterable[UnpricedLine]) -> Unpriced:
    """Those of all lines without a price that a query asks for."""
    of_lines = [each for each in query.conditions if each.dimension in OF_LINES]
    asked: list[UnpricedLine] = []
    left_out: set[int] = set()
    for line in lines:
        # It has no currency that could be asked for.
        own = {LINE_ITEM: line.line_item}
        if all(own.get(each.dimension) in each.values for each in of_lines):
            asked.append(line)
        else:
            left_out.add(line.rate_card)
    return Unpriced(
        tuple(each for each in asked if each.charge.name not in STOCK_CHARGES),
        tuple(each for each in asked if each.charge.name in STOCK_CHARGES),
        partial=any(each.rate_card in left_out for each in asked),
        every=not of_lines,
    )


def unpriced_statement(
    query: CostsQuery, span: Span, sources: CostSources, unpriced: Unpriced
) -> Statement:
    """The statement for the number of events of a span that are not priced in full.

    ``sources`` must be events alone where ``unpriced`` is partial, and may be
    totals only where it is of every line; of ``unpriced`` there is at least
    one line.
    """
    conditions = conditions_on_events(query.conditions)
    counts = []
    if unpriced.flows:
        counts.append(_flows(sources, unpriced, conditions))
    if unpriced.stocks:
        samples = charged_samples(sources.stocks, span)
        lacks = lacks_a_price(unpriced.stocks)
        counts.append(
            Statement(
                f"SELECT count(*) AS counted FROM (\n    {samples.sql}\n)"  # noqa: S608
                f" WHERE {lacks.sql}{conditions.sql}",
                (*samples.values, *lacks.values, *conditions.values),
            )
        )
    union = "\nUNION ALL\n".join(each.sql for each in counts)
    return Statement(
        f"SELECT coalesce(sum(counted), 0)::BIGINT FROM (\n{union}\n)",  # noqa: S608
        joined(*counts).values,
    )


def _flows(sources: CostSources, unpriced: Unpriced, conditions: Statement) -> Statement:
    lacks = lacks_a_price(unpriced.flows)
    cards = sorted({line.rate_card for line in unpriced.flows})
    counted = Statement(f"{UNPRICED_COUNT} AS counted", ())
    of_cards = Statement(f" AND rate_card IN ({', '.join('?' for _ in cards)})", tuple(cards))
    # Totals do not know cards, and of other cards there is nothing to count.
    of_lines = NOTHING if unpriced.every else of_cards
    one = Statement("1 AS counted", ())

    def branch(table: str) -> Branch:
        if table == EVENTS:
            owing = Statement(f" AND {lacks.sql}", lacks.values)
            return Branch(one, joined(of_flows(table), owing, conditions))
        return Branch(counted, joined(of_lines, conditions))

    rows = rows_of(sources.flows, branch)
    return Statement(
        f"SELECT sum(counted) AS counted FROM (\n    {rows.sql}\n)",  # noqa: S608
        rows.values,
    )


def lacks_a_price(lines: Iterable[UnpricedLine]) -> Statement:
    """The condition that an event owes for one of some lines, at least one, of its card."""
    missing: defaultdict[int, list[Charge]] = defaultdict(list)
    for line in lines:
        missing[line.rate_card].append(line.charge)
    # Cards that lack the same prices, together: those of unknown models are many, and all alike.
    alike: defaultdict[tuple[Charge, ...], list[int]] = defaultdict(list)
    for card, charges in missing.items():
        alike[tuple(charges)].append(card)
    parts: list[str] = []
    values: list[int] = []
    for lacking, cards in alike.items():
        owes = " OR ".join(f"{owed(charge)} > 0" for charge in lacking)
        parts.append(f"(rate_card IN ({', '.join('?' for _ in cards)}) AND ({owes}))")
        values += cards
    return Statement(f"({' OR '.join(parts)})", tuple(values))
