"""The file's schema: it is made of an entry's fields, and newer files are left alone."""

from pathlib import Path

import duckdb
import pytest

from support.prices import source
from tallybook.domain.entries import COLUMNS, ColumnType
from tallybook.domain.errors import LedgerTooNew
from tallybook.ledger.duckdb.engine import EngineSettings
from tallybook.ledger.duckdb.files import FILE_NAME
from tallybook.ledger.duckdb.schema import MIGRATIONS, RATE_CARD, TABLE_COLUMNS, migrate
from tallybook.ledger.duckdb.store import DuckDBLedger
from tallybook.ledger.seals.rollups import EVENTS, VOIDED_EVENTS
from tallybook.ledger.sql.listing import MARK_COLUMNS

SQL_TYPES = {
    ColumnType.TEXT: "VARCHAR",
    ColumnType.FLAG: "BOOLEAN",
    ColumnType.INSTANT: "BIGINT",
    ColumnType.COUNT: "BIGINT",
    ColumnType.MONEY: "DECIMAL(28,15)",
}


def test_the_migrations_make_a_column_for_each_field_of_an_entry_and_its_rate_card() -> None:
    connection = duckdb.connect()
    migrate(connection)
    rows = connection.execute(
        "SELECT column_name, data_type, is_nullable FROM information_schema.columns"
        " WHERE table_name = 'events' ORDER BY ordinal_position"
    ).fetchall()
    connection.close()
    columns = {column.name: column for column in COLUMNS}
    assert set(TABLE_COLUMNS) == {*columns, RATE_CARD}
    assert rows == [
        (name, SQL_TYPES[columns[name].type], "NO" if columns[name].required else "YES")
        for name in TABLE_COLUMNS[:-1]
    ] + [(RATE_CARD, "INTEGER", "YES")]


def test_migrations_are_applied_once() -> None:
    connection = duckdb.connect()
    migrate(connection)
    migrate(connection)
    versions = connection.execute("SELECT version FROM migrations").fetchall()
    connection.close()
    assert versions == [(number,) for number in range(1, len(MIGRATIONS) + 1)]


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    connection = duckdb.connect(str(tmp_path / FILE_NAME))
    migrate(connection)
    connection.execute("INSERT INTO migrations VALUES (999, now())")
    connection.close()
    with pytest.raises(LedgerTooNew, match="version 999; this Tallybook knows up to"):
        DuckDBLedger(
            tmp_path, EngineSettings(memory_max_bytes=1 << 30, threads=1), source(tmp_path)
        )


def test_voided_events_have_the_columns_of_events_and_their_mark() -> None:
    connection = duckdb.connect()
    migrate(connection)
    events, voided = (
        connection.execute(
            "SELECT column_name, data_type FROM information_schema.columns"
            " WHERE table_name = ? ORDER BY ordinal_position",
            [table],
        ).fetchall()
        for table in (EVENTS, VOIDED_EVENTS)
    )
    connection.close()
    marks = list(zip(MARK_COLUMNS, ("BIGINT", "VARCHAR", "VARCHAR"), strict=True))
    assert sorted(voided) == sorted([*events, *marks])
