"""The organization's database as lines of JSON, and made of them again, on either database.

The first line names the step of the migrations that the database is at; every
other is a row: the name of its table, and its columns. What is read in is put
into a database at that step, which the migrations then bring to the newest.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from tallybook.domain.errors import OrganizationUnavailable
from tallybook.organization.database import for_changing, guarded, open_bare
from tallybook.organization.organization import Organization
from tallybook.organization.schema import HEAD, bring_to, step_of

_VERSION_TABLE = "alembic_version"
_ROWS_AT_ONCE = 1_000
_PLACE = "place"


class _Head(msgspec.Struct):
    step: str


_Row = tuple[str, dict[str, Any]]
_read_head = msgspec.json.Decoder(_Head).decode
_read_row = msgspec.json.Decoder(_Row).decode


def copy_out(organization: Organization) -> Iterator[bytes]:
    """Every row, as of one moment. Raises OrganizationUnavailable."""
    with organization.reading() as opened:
        connection = opened
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        yield _line(_Head(step_of(connection) or ""))
        for table in _tables_of(connection):
            rows = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(_all_of(table))
            # Reflected names are texts of a sort of their own.
            columns = [str(column.name) for column in table.columns]
            for row in rows:
                yield _line((str(table.name), dict(zip(columns, row, strict=True))))


def copy_in(lines: Iterable[bytes], folder: Path, url: str) -> None:
    """Make the organization of ``folder``, or of the database at ``url``, all of it or nothing.

    Raises OrganizationUnavailable, also when there is one already, and
    OrganizationTooNew.
    """
    found = iter(lines)
    head = _read_head(next(found, b"{}"))
    engine = open_bare(folder, url)
    try:
        with guarded():
            if sa.inspect(engine).get_table_names():
                raise OrganizationUnavailable(
                    "The organization's database is not empty, and a backup is restored into an"
                    " empty one alone. Nothing was changed."
                )
            with for_changing(engine).begin() as connection:
                bring_to(connection, head.step)
                _fill(connection, map(_read_row, found))
                bring_to(connection, HEAD)
    finally:
        engine.dispose()


def _fill(connection: sa.Connection, rows: Iterator[_Row]) -> None:
    tables = {table.name: table for table in _tables_of(connection)}
    for table in reversed(tables.values()):
        # A step may have put rows in. Where there is none, to delete none could be refused.
        if connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one():
            connection.execute(sa.delete(table))
    for name, of_table in groupby(rows, key=lambda row: row[0]):
        while batch := [row for _, (_, row) in zip(range(_ROWS_AT_ONCE), of_table, strict=False)]:
            connection.execute(sa.insert(tables[name]), batch)
    if connection.dialect.name == "postgresql":
        for table in tables.values():
            if _PLACE in table.c:
                _count_on(connection, table)


def _count_on(connection: sa.Connection, table: sa.Table) -> None:
    """Have PostgreSQL give the next row the place after the last."""
    last = sa.select(sa.func.max(table.c[_PLACE])).scalar_subquery()
    sequence = sa.func.pg_get_serial_sequence(table.name, _PLACE)
    begun = sa.func.coalesce(last, 1), last.is_not(None)
    connection.execute(sa.select(sa.func.setval(sequence, *begun)))


def _tables_of(connection: sa.Connection) -> list[sa.Table]:
    """The tables that are there, each after those that it refers to."""
    metadata = sa.MetaData()
    metadata.reflect(connection)
    tables = [table for table in metadata.sorted_tables if table.name != _VERSION_TABLE]
    for table in tables:
        for column in table.columns:
            if isinstance(column.type, sa.JSON):
                # What is null is no JSON.
                column.type = sa.JSON(none_as_null=True)
    return tables


def _all_of(table: sa.Table) -> "sa.Select[Any]":
    return sa.select(table).order_by(*table.primary_key.columns)


def _line(value: object) -> bytes:
    return msgspec.json.encode(value) + b"\n"
