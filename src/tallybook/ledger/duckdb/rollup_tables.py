"""The tables of rollups: made to the shape that they are to have, and emptied when it changes.

What they hold is derived, so a new shape needs no migration: they are made
anew, and nothing is sealed until the events were folded again.
"""

from collections.abc import Sequence

import duckdb
import msgspec

from tallybook.domain.dimensions import CURRENCY, DIMENSIONS
from tallybook.ledger.seals.rollups import (
    DAY_SAMPLES,
    HOUR_SAMPLES,
    PREFIX,
    PRODUCT,
    ROLLUPS,
    SAMPLE_COLUMNS,
    shape,
)

_TYPES = {
    "time_us": "BIGINT NOT NULL",
    "rate_card": "INTEGER",
    "stored": "BIGINT",
    "usage_bytes": "BIGINT",
    CURRENCY: "VARCHAR",
    PRODUCT: "HUGEINT",
    **{each.name: "BOOLEAN" for each in DIMENSIONS.values() if each.boolean},
}


def make_rollups(
    connection: duckdb.DuckDBPyConnection, tags: Sequence[str] | None
) -> tuple[str, ...]:
    """Make what is missing of the rollups; the names of the tags that they keep.

    ``tags`` null means those that the file keeps already.
    """
    found = connection.execute("SELECT shape, tags FROM rollup_shape").fetchone()
    known, kept = (None, ()) if found is None else (found[0], tuple(msgspec.json.decode(found[1])))
    wanted = kept if tags is None else tuple(sorted(set(tags)))
    if known == shape(wanted):
        return wanted
    connection.begin()
    for (table,) in connection.execute(
        "SELECT table_name FROM information_schema.tables"
        " WHERE starts_with(table_name, ?) AND table_name <> 'rollup_shape'",
        [PREFIX],
    ).fetchall():
        connection.execute(f'DROP TABLE "{table}"')
    for rollup in ROLLUPS:
        _create(connection, rollup.table, ("time_us", *rollup.keys, "tags"), rollup.sums)
    for samples in (HOUR_SAMPLES, DAY_SAMPLES):
        _create(connection, samples, SAMPLE_COLUMNS, ())
    connection.execute("DELETE FROM seals")
    connection.execute("DELETE FROM rollup_shape")
    connection.execute(
        "INSERT INTO rollup_shape VALUES (?, ?)",
        [shape(wanted), msgspec.json.encode(wanted).decode()],
    )
    connection.commit()
    return wanted


def _create(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str], sums: Sequence[str]
) -> None:
    typed = [f"{name} {_TYPES.get(name, 'VARCHAR')}" for name in columns]
    typed += [f"{name} {_TYPES.get(name, 'BIGINT')}" for name in sums]
    connection.execute(f"CREATE TABLE {table} ({', '.join(typed)})")
