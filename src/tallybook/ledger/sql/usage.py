"""A usage query as one SQL statement over rollups and events.

Every value is bound; every identifier comes from the table of kinds. The
statement keeps to what both engines speak, but for how a tag is read.
"""

from collections.abc import Collection, Sequence
from typing import Any

from tallybook.domain.buckets import Span
from tallybook.domain.definitions import Fold, Kind
from tallybook.domain.dimensions import OTHER, STOCK_IDENTITY
from tallybook.domain.queries import UsageQuery
from tallybook.ledger.sql.bucketing import bucket_of
from tallybook.ledger.sql.conditions import aliases, conditions_of, expression_of, row_order
from tallybook.ledger.sql.ranking import Ranking, ranked
from tallybook.ledger.sql.row_text import (
    Key,
    Other,
    RowText,
    Slot,
    Sum,
    joined_rows,
    json_value,
    sum_text,
    text_of,
)
from tallybook.ledger.sql.sources import Branch, Source, rows_of
from tallybook.ledger.sql.statement import Statement

# A single bucket without keys groups by nothing, which would give a row even of nothing.
_SUM = """\
SELECT {bucket} AS bucket{keys}, {sums}
    FROM (
    {rows}
    )
    GROUP BY ALL
    HAVING count(*) > 0"""

# Inside, the largest sample of each stocked thing; outside, their sum.
_STOCK = """\
SELECT bucket{keys}, {sums}
    FROM (
    SELECT {bucket} AS bucket{keys}{identity}, {samples}
    FROM (
    {rows}
    )
    GROUP BY ALL
    )
    GROUP BY ALL
    HAVING count(*) > 0"""

_TEMPLATES = {Fold.SUM: _SUM, Fold.STOCK: _STOCK}


def usage_statement(
    query: UsageQuery, sums: Statement, row: RowText, ranking: Ranking | None
) -> Statement:
    """The statement for the rows of ``sums`` (``sums_statement``), written as ``row`` says.

    Its columns are the bucket's place, its rows' texts in the wire's order or
    by rank, joined by commas, and true; buckets without rows have no line.
    """
    names = aliases(query.group_by)
    slots: dict[Slot, str] = {
        Key(name): json_value(each) for name, each in zip(query.group_by, names, strict=True)
    }
    slots |= {piece: sum_text(piece) for piece in row if isinstance(piece, Sum)}
    slots[Other()] = f"{OTHER}::VARCHAR"
    order = row_order(names)
    if ranking is None:
        last = joined_rows(text_of(row, slots), order, "sums")
        return Statement(
            f"WITH sums AS (\n    {sums.sql}\n)\n{last.sql}", (*sums.values, *last.values)
        )
    folded = ranked(ranking, sums, names, {name: f"sum({name})" for name in query.kind.columns})
    order = [OTHER, *([f"({_ranked_sum(query)}) DESC"] if ranking.ordered else ()), *order]
    last = joined_rows(text_of(row, slots), order, "folded")
    return Statement(f"{folded.sql}\n{last.sql}", (*folded.values, *last.values))


def usage_ranking(query: UsageQuery, totals: Statement | None) -> Ranking:
    """How the groups of a query are ranked; ``totals`` as ``Ranking`` has them."""
    by = (f"sum({_ranked_sum(query)})",)
    return Ranking(by, query.top, query.order_by is not None, totals)


def _ranked_sum(query: UsageQuery) -> str:
    """The number that groups are ranked by, as an expression over the sums' columns."""
    quantity = next(each for each in query.kind.quantities if each.name == query.ranking)
    return " + ".join(quantity.columns)


def sums_statement(
    query: UsageQuery,
    buckets: Sequence[Span],
    sources: Sequence[Source],
    used: Collection[str],
) -> Statement:
    """The sums of some buckets by bucket and group: its place, the keys, the kind's columns.

    ``sources`` are what to read, and ``used`` the columns that may be more than 0.
    """
    kind = query.kind
    names = aliases(query.group_by)
    keys = list(zip(names, map(expression_of, query.group_by), strict=True))
    stocked = STOCK_IDENTITY if kind.fold is Fold.STOCK else ()
    of_thing = {f"thing_{place}": name for place, name in enumerate(stocked)}
    selected: list[str] = ["time_us"]
    values: list[Any] = []
    for name, expression in keys:
        selected.append(f"{expression.sql} AS {name}")
        values += expression.values
    selected += [f"{name} AS {each}" for each, name in of_thing.items()]
    selected += (column for column in kind.columns if column in used)
    conditions = conditions_of(query.conditions)
    branch = Branch(
        Statement(", ".join(selected), tuple(values)),
        Statement(f" AND kind = ?{conditions.sql}", (kind.name, *conditions.values)),
    )
    rows = rows_of(sources, lambda _table: branch)
    bucket = bucket_of(buckets)
    sql = _TEMPLATES[kind.fold].format(
        bucket=bucket.sql,
        keys="".join(f", {name}" for name in names),
        sums=_each("coalesce(sum({0}), 0)", kind, used),
        samples=_each("max({0})", kind, used),
        identity="".join(f", {each}" for each in of_thing),
        rows=rows.sql,
    )
    return Statement(sql, (*bucket.values, *rows.values))


def _each(expression: str, kind: Kind, used: Collection[str]) -> str:
    """An expression over each column of a kind, under its name; what is not used is nothing."""
    return ", ".join(
        f"{expression.format(column) if column in used else '0::HUGEINT'} AS {column}"
        for column in kind.columns
    )
