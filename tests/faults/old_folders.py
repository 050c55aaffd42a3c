"""Folders as older versions left them: the first so many migrations, and the events in them."""

import random
from pathlib import Path

import duckdb

from tallybook.ledger.duckdb.files import FILE_NAME
from tallybook.ledger.duckdb.schema import MIGRATIONS

# Tables that an older version had too are copied with what is in them, as far as it had columns.
_COLUMNS = """\
SELECT old.table_name, old.column_name
FROM duckdb_columns() AS old JOIN duckdb_columns() AS new USING (table_name, column_name)
WHERE old.database_name = 'older' AND new.database_name = 'newer' AND NOT new.internal
    AND old.table_name <> 'migrations' AND old.table_name NOT IN ('seals', 'rollup_shape')
ORDER BY old.table_name, old.column_index"""


def make_older(data: Path, random_: random.Random) -> int:
    """Write the ledger of a folder anew as an older version would have; which version it is.

    Nobody may have it open. Its seals are left out, and with them the sums.
    """
    version = random_.randrange(1, len(MIGRATIONS))
    newer, older = data / FILE_NAME, data / "older.duckdb"
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{newer}' AS newer")
        connection.execute(f"ATTACH '{older}' AS older")
        connection.execute("USE older")
        connection.execute(
            "CREATE TABLE migrations (version INTEGER NOT NULL, applied_at TIMESTAMPTZ)"
        )
        for number, migration in enumerate(MIGRATIONS[:version], start=1):
            connection.execute(migration)
            connection.execute("INSERT INTO migrations VALUES (?, now())", [number])
        tables: dict[str, list[str]] = {}
        for table, column in connection.execute(_COLUMNS).fetchall():
            tables.setdefault(table, []).append(f'"{column}"')
        for table, columns in tables.items():
            listed = ", ".join(columns)
            connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names of the engine's
            connection.execute(
                f"INSERT INTO {table} ({listed}) SELECT {listed} FROM newer.{table}"  # noqa: S608
            )
    older.replace(newer)
    return version
