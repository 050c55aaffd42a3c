"""A query of costs as one SQL statement: quantities summed per rate card, joined with its rates.

Every value is bound; every identifier comes from the tables of kinds and
charges. The statement keeps to what both engines speak, but for how a tag is
read. Amounts are whole numbers throughout, of 10^-15 of a currency unit.
"""

from collections.abc import Iterable, Sequence

import msgspec

from tallybook.domain.buckets import Span
from tallybook.domain.charges import UNIT_PRICE_DECIMALS, Charge
from tallybook.domain.dimensions import CURRENCY, LINE_ITEM
from tallybook.domain.queries import Condition, CostsQuery
from tallybook.ledger.seals.rollups import EVENTS, PRODUCT, STOCK_CHARGES, charged_column
from tallybook.ledger.sql.bucketing import bucket_of
from tallybook.ledger.sql.conditions import aliases, conditions_of, expression_of
from tallybook.ledger.sql.samples import charged_samples, of_flows
from tallybook.ledger.sql.sources import Branch, Source, rows_of
from tallybook.ledger.sql.statement import Statement, joined, united

# What belongs to a line of a card, and not to the event.
OF_LINES = (LINE_ITEM, CURRENCY)

# A flow is charged by the event; a stock by the day, for the largest sample of each thing, at
# the moment of that sample. So a cost is a sum of charges however it is cut into buckets.
_CHARGED = """\
SELECT {bucket} AS bucket{keys}, rate_card, {sums}
    FROM (
    {rows}
    )
    GROUP BY ALL"""

_LINES = """\
SELECT charged.*, charge, line_item, currency, stored, price,
        CASE charge {quantities} END AS quantity
    FROM (
    {charged}
    ) AS charged JOIN (
        SELECT *, (unit_price::DECIMAL(38, {decimals}) * {scale})::HUGEINT AS price
        FROM rates WHERE charge IN ({names})
    ) USING (rate_card)"""

_PARTS = """\
SELECT bucket, {keys}currency, stored, min(charge) AS charge,
        sum(quantity) AS quantity, sum(quantity * price) AS product
    FROM (
    {lines}
    )
    WHERE quantity > 0{line_conditions}
    GROUP BY ALL"""

# Amounts that were kept are parts already, without what is told of a line item.
_KEPT = """\
SELECT {bucket} AS bucket, {keys}currency, stored, NULL AS charge, 0 AS quantity,
        sum(product) AS product
    FROM (
    {rows}
    )
    WHERE true{line_conditions}
    GROUP BY ALL"""

_TOGETHER = """\
SELECT bucket, {names}currency, stored, min(charge) AS charge,
        sum(quantity) AS quantity, sum(product) AS product
    FROM (
    {parts}
    )
    GROUP BY ALL"""


class CostSources(msgspec.Struct, frozen=True):
    """What is read for costs: for flows, and for the samples of stocks on whole days.

    ``kept`` are the rollups of amounts among what is read for flows, ``flows`` the others.
    """

    flows: Sequence[Source]
    kept: Sequence[Source]
    stocks: Sequence[Source]


def parts_statement(
    query: CostsQuery, buckets: Sequence[Span], sources: CostSources, charges: Sequence[Charge]
) -> Statement:
    """The costs of some buckets by bucket, keys, currency and what makes a priced unit.

    ``charges`` are those, at least one, that any rate card has. Its columns
    are the bucket's place, the keys (``key_0``, …), ``currency``, ``stored``, ``charge``,
    ``quantity`` and ``product``: quantity times unit price, in 10^-15. Where
    nobody prices a line, its currency and its product are null. Where amounts
    were kept there is no charge, and the quantity is 0.
    """
    names = aliases(query.group_by)
    keys = "".join(
        f"{key} AS {name}, " if key in OF_LINES else f"{name}, "
        for key, name in zip(query.group_by, names, strict=True)
    )
    line_conditions = conditions_of(each for each in query.conditions if each.dimension in OF_LINES)
    bucket = bucket_of(buckets)
    parts = []
    if relations := _charged_rows(query, buckets, sources, charges):
        rows = united(relations)
        charged = _CHARGED.format(
            bucket=bucket.sql,
            keys="".join(f", {name}" for name, _ in _event_keys(query.group_by)),
            sums=", ".join(f"sum({each.name}_owed) AS {each.name}_sum" for each in charges),
            rows=rows.sql,
        )
        sql = _PARTS.format(
            keys=keys, lines=priced_lines(charged, charges), line_conditions=line_conditions.sql
        )
        parts.append(Statement(sql, (*bucket.values, *rows.values, *line_conditions.values)))
    if sources.kept:
        amounts = _kept_rows(query, sources.kept)
        sql = _KEPT.format(
            bucket=bucket.sql, keys=keys, rows=amounts.sql, line_conditions=line_conditions.sql
        )
        parts.append(Statement(sql, (*bucket.values, *amounts.values, *line_conditions.values)))
    together = united(parts)
    if len(parts) == 1:
        return together
    sql = _TOGETHER.format(names="".join(f"{name}, " for name in names), parts=together.sql)
    return Statement(sql, together.values)


def priced_lines(charged: str, charges: Sequence[Charge]) -> str:
    """Rows of ``rate_card`` and sums by charge (``…_sum``) as lines: one for each rate of a card.

    A line has ``charge``, ``line_item``, ``currency``, ``stored``, ``quantity`` in stored units
    and ``price`` in 10^-15 of a unit of the currency, besides what the rows have.
    """
    return _LINES.format(
        charged=charged,
        quantities=" ".join(f"WHEN '{each.name}' THEN {each.name}_sum" for each in charges),
        names=", ".join(f"'{each.name}'" for each in charges),
        decimals=UNIT_PRICE_DECIMALS,
        scale=10**UNIT_PRICE_DECIMALS,
    )


def _kept_rows(query: CostsQuery, sources: Sequence[Source]) -> Statement:
    keys, conditions = _event_keys(query.group_by), conditions_on_events(query.conditions)
    named = "".join(f"{each.sql} AS {name}, " for name, each in keys)
    branch = Branch(
        Statement(
            f"time_us, {named}{CURRENCY}, stored, {PRODUCT}",
            tuple(value for _, each in keys for value in each.values),
        ),
        conditions,
    )
    return rows_of(sources, lambda _table: branch)


def _event_keys(group_by: Sequence[str]) -> list[tuple[str, Statement]]:
    """The keys that events have, by their names among a statement's columns."""
    return [
        (alias, expression_of(name))
        for alias, name in zip(aliases(group_by), group_by, strict=True)
        if name not in OF_LINES
    ]


def conditions_on_events(conditions: Iterable[Condition]) -> Statement:
    """The conditions that an event meets or does not, whatever its lines are."""
    return conditions_of(each for each in conditions if each.dimension not in OF_LINES)


def _charged_rows(
    query: CostsQuery, buckets: Sequence[Span], sources: CostSources, charges: Sequence[Charge]
) -> list[Statement]:
    """Relations of ``time_us``, the keys, ``rate_card``, and what is owed for each charge."""
    keys, conditions = _event_keys(query.group_by), conditions_on_events(query.conditions)
    key_values = tuple(value for _, each in keys for value in each.values)

    def selected(table: str) -> Statement:
        owed = (
            f"{_owed(each, table)} AS {each.name}_owed"
            if (each.name in STOCK_CHARGES) is (table == _CHARGED_SAMPLES)
            else f"NULL AS {each.name}_owed"
            for each in charges
        )
        named = (f"{each.sql} AS {name}" for name, each in keys)
        return Statement(", ".join(("time_us", *named, "rate_card", *owed)), key_values)

    branches = []
    if sources.flows:
        branches.append(
            rows_of(
                sources.flows,
                lambda table: Branch(selected(table), joined(of_flows(table), conditions)),
            )
        )
    if any(each.name in STOCK_CHARGES for each in charges):
        samples = charged_samples(sources.stocks, Span(buckets[0].start, buckets[-1].end))
        select = selected(_CHARGED_SAMPLES)
        branches.append(
            Statement(
                f"SELECT {select.sql}\n    FROM (\n    {samples.sql}\n    )"  # noqa: S608
                f"\n    WHERE true{conditions.sql}",
                (*select.values, *samples.values, *conditions.values),
            )
        )
    return branches


_CHARGED_SAMPLES = "charged samples"


def owed(charge: Charge) -> str:
    """What an event owes for, in stored units, as an expression over its columns."""
    if charge.less is None:
        return charge.column
    return f"greatest({charge.column} - {charge.less}, 0)"


def _owed(charge: Charge, table: str) -> str:
    return owed(charge) if table == EVENTS else charged_column(charge)
