"""Rankings: the groups with the largest sums of a range, the rest folded into one row.

Groups are ranked by the whole range, so that each page and each bucket of it
shows the same ones; equal groups are ranked in the order of rows.
"""

from collections.abc import Mapping, Sequence

import msgspec

from tallybook.domain.dimensions import OTHER
from tallybook.ledger.sql.conditions import row_order
from tallybook.ledger.sql.statement import Statement


class Ranking(msgspec.Struct, frozen=True):
    """How groups are ranked.

    ``by`` are aggregates over the columns of a group's sums, which rank it, the
    first before the next. ``top`` is how many groups are kept (null: all). With
    ``ordered`` the rows of a bucket descend. ``totals`` are the sums of the
    whole range as one bucket, where those of the page's do not add up to them.
    """

    by: tuple[str, ...]
    top: int | None
    ordered: bool
    totals: Statement | None = None


def ranked(
    ranking: Ranking, sums: Statement, keys: Sequence[str], folds: Mapping[str, str]
) -> Statement:
    """The named parts of a statement up to ``folded``: the sums with the rest folded into one.

    ``sums`` has the columns ``bucket``, the keys, and others, which are folded
    as ``folds`` says; ``folded`` has ``other`` besides.
    """
    named = f"WITH sums AS (\n    {sums.sql}\n)"
    if ranking.top is None:
        all_kept = f", folded AS (SELECT *, false AS {OTHER} FROM sums)"  # noqa: S608
        return Statement(named + all_kept, sums.values)
    totals = ranking.totals
    over, values = ("sums", ()) if totals is None else (f"(\n    {totals.sql}\n)", totals.values)
    listed = ", ".join(keys)
    order = ", ".join((*(f"{each} DESC" for each in ranking.by), *row_order(keys)))
    same = " AND ".join(f"sums.{key} IS NOT DISTINCT FROM best.{key}" for key in keys)
    shown = ", ".join(
        f"CASE WHEN best.rank IS NOT NULL THEN sums.{key} END AS {key}" for key in keys
    )
    folded = ", ".join(f"{fold} AS {name}" for name, fold in folds.items())
    sql = f"""\
{named}, best AS (
    SELECT {listed}, 1 AS rank FROM {over}
    GROUP BY {listed}
    ORDER BY {order}
    LIMIT {ranking.top}
), folded AS (
    SELECT bucket, {shown}, best.rank IS NULL AS {OTHER}, {folded}
    FROM sums LEFT JOIN best ON {same}
    GROUP BY ALL
)"""  # noqa: S608 - names from the tables of kinds, and a whole number
    return Statement(sql, (*sums.values, *values))
