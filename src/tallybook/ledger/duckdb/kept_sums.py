"""The sums that cannot be made of the events any more: those of the days that were let go.

As long as there are none, everything in the rollups is derived, and may be
made anew. From the first one on they are part of what a backup holds.
"""

import duckdb

from tallybook.ledger.duckdb.let_go import read_horizon
from tallybook.ledger.seals.rollups import (
    DAY_SAMPLES,
    HOUR_SAMPLES,
    PRODUCT,
    ROLLUPS,
    SHAPE,
)

SEALS = "seals"
# The name of the tables, each with what is read of it: a Parquet file has no such integers.
_WHOLE = f"* REPLACE ({PRODUCT}::VARCHAR AS {PRODUCT})"
_SELECTED = {
    **{each.table: _WHOLE if PRODUCT in each.sums else "*" for each in ROLLUPS},
    HOUR_SAMPLES: "*",
    DAY_SAMPLES: "*",
}
# The tables of a backup that has such sums, beside those of every backup.
SUM_TABLES: tuple[str, ...] = (*_SELECTED, SEALS, SHAPE)


def kept_sums(cursor: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Of each table that has such sums what they are, as a statement; none when there are none."""
    horizon = read_horizon(cursor)
    if not horizon.end:
        return {}
    statements = {
        table: f"SELECT {selected} FROM {table} WHERE time_us < {horizon.end_us}"  # noqa: S608
        for table, selected in _SELECTED.items()
    }
    statements[SEALS] = f"SELECT * FROM {SEALS} WHERE start < {horizon.end}"  # noqa: S608
    statements[SHAPE] = f"SELECT * FROM {SHAPE}"  # noqa: S608
    return statements
