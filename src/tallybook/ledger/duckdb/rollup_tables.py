"""The tables of rollups: made to the shape that they are to have, and emptied when it changes.

What they hold is derived, so a new shape needs no migration: they are made
anew, and nothing is sealed until the events were folded again.
"""

from collections.abc import Sequence

import duckdb
import msgspec

from tallybook.domain.dimensions import CURRENCY, DIMENSIONS
from tallybook.domain.errors import LedgerUnavailable
from tallybook.domain.instants import DAY_SECONDS, MICROSECONDS, iso
from tallybook.ledger.seals.rollups import (
    DAY_SAMPLES,
    HOUR_SAMPLES,
    PREFIX,
    PRODUCT,
    ROLLUPS,
    SAMPLE_COLUMNS,
    SHAPE,
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

    ``tags`` null means those that the file keeps already. Raises
    LedgerUnavailable where sums would go that cannot be made again.
    """
    found = connection.execute("SELECT shape, tags FROM rollup_shape").fetchone()
    known, kept = (None, ()) if found is None else (found[0], tuple(msgspec.json.decode(found[1])))
    wanted = kept if tags is None else tuple(sorted(set(tags)))
    if known == shape(wanted):
        return wanted
    _check_derived(connection, kept, stays=known == shape(kept))
    connection.begin()
    for (table,) in connection.execute(
        "SELECT table_name FROM information_schema.tables"
        " WHERE starts_with(table_name, ?) AND table_name <> ?",
        [PREFIX, SHAPE],
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


def _check_derived(
    connection: duckdb.DuckDBPyConnection, kept: Sequence[str], *, stays: bool
) -> None:
    """Return when all sums can be made of the events. Raises LedgerUnavailable.

    ``kept`` are the tags that there are sums by; ``stays`` says that with
    them the tables could stay as they are.
    """
    found = connection.execute("SELECT max(day) FROM let_go").fetchone()
    if found is None or found[0] is None:
        return
    until = iso((found[0] + DAY_SECONDS) * MICROSECONDS)
    said = (
        f"The sums of the days before {until} cannot be made in another shape: their events were"
        " let go (setting retention_days). Nothing was changed."
    )
    if stays:
        raise LedgerUnavailable(
            f"{said} Set kept_tags to what it was: {', '.join(kept) or 'no tags'}."
        )
    raise LedgerUnavailable(f"{said} Start the version of Tallybook that was there before.")


def _create(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str], sums: Sequence[str]
) -> None:
    typed = [f"{name} {_TYPES.get(name, 'VARCHAR')}" for name in columns]
    typed += [f"{name} {_TYPES.get(name, 'BIGINT')}" for name in sums]
    connection.execute(f"CREATE TABLE {table} ({', '.join(typed)})")
