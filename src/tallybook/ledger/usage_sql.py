"""A usage query as one SQL statement.

Every value is bound; every identifier comes from the table of kinds. The
statement keeps to what both engines speak.
"""

from typing import Any

from tallybook.domain.definitions import Fold
from tallybook.domain.dimensions import STOCK_IDENTITY
from tallybook.domain.instants import MICROSECONDS
from tallybook.domain.queries import UsageQuery
from tallybook.ledger.statement import Statement

# The bucket of an event: its boundary, or the start of the range in a short first bucket.
_BUCKET = "greatest(time_us - time_us % ?, ?)"

_SUM = """\
SELECT {bucket} AS bucket_us{keys}, {sums}
FROM events
WHERE {conditions}
GROUP BY ALL
ORDER BY {order}"""

# Inside, the largest sample of each stocked thing; outside, their sum.
_STOCK = """\
SELECT bucket_us{keys}, {sums}
FROM (
    SELECT {bucket} AS bucket_us, {identity}, {samples}
    FROM events
    WHERE {conditions}
    GROUP BY ALL
)
GROUP BY ALL
ORDER BY {order}"""

_TEMPLATES = {Fold.SUM: _SUM, Fold.STOCK: _STOCK}


def usage_statement(query: UsageQuery, start: int, end: int) -> Statement:
    """The statement for the sums of ``[start, end)``, in Unix seconds.

    Its columns are the bucket's start in microseconds, the keys, and the
    kind's columns; its rows are in the wire's order.
    """
    kind = query.kind
    conditions, condition_values = _conditions(query, start, end)
    sql = _TEMPLATES[kind.fold].format(
        bucket=_BUCKET,
        keys="".join(f", {key}" for key in query.group_by),
        sums=", ".join(f"coalesce(sum({column}), 0) AS {column}" for column in kind.columns),
        samples=", ".join(f"max({column}) AS {column}" for column in kind.columns),
        identity=", ".join(dict.fromkeys((*query.group_by, *STOCK_IDENTITY))),
        conditions="\n  AND ".join(conditions),
        order=", ".join(("bucket_us", *(f"{key} NULLS LAST" for key in query.group_by))),
    )
    bucket_values = (query.width.seconds * MICROSECONDS, start * MICROSECONDS)
    return Statement(sql, (*bucket_values, *condition_values))


def _conditions(query: UsageQuery, start: int, end: int) -> tuple[list[str], list[Any]]:
    """The conditions, to be joined by AND, and the values of their placeholders."""
    conditions = ["kind = ?", "time_us >= ?", "time_us < ?"]
    values: list[Any] = [query.kind.name, start * MICROSECONDS, end * MICROSECONDS]
    for condition in query.conditions:
        places = ", ".join("?" for _ in condition.values)
        conditions.append(f"{condition.dimension} IN ({places})")
        values.extend(condition.values)
    return conditions, values
