"""The database of the organization: SQLite in the data folder, or PostgreSQL by URL."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tallybook.domain.errors import OrganizationUnavailable
from tallybook.organization.schema import bring_up_to_date

FILE_NAME = "organization.sqlite"
# How long a change waits for those before it.
LOCK_SECONDS_MAX = 10
# The option of a connection that is going to write.
_CHANGING = "tallybook_changing"


def open_database(folder: Path, url: str) -> sa.Engine:
    """The database of a URL, or when that is empty of the data folder, in its newest shape.

    A file is made when missing, readable by its owner alone. Raises
    OrganizationUnavailable.
    """
    engine = open_bare(folder, url)
    try:
        with guarded():
            bring_up_to_date(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def open_bare(folder: Path, url: str) -> sa.Engine:
    """The same database in the shape that it has, which may be none.

    Raises OrganizationUnavailable.
    """
    return _postgresql(url) if url else _sqlite(folder / FILE_NAME)


def for_changing(engine: sa.Engine) -> sa.Engine:
    """The same database for transactions that write, which begin by waiting for one another."""
    return engine.execution_options(**{_CHANGING: True})


# What SQLite says of a disk that fails, and of one without room for what it keeps beside the file.
_IO_ERROR = "disk I/O error"
_FULL_OR_FAILING = " Its disk is full or fails."


@contextmanager
def guarded() -> Iterator[None]:
    """Turn what the database raises into OrganizationUnavailable, which shows no address or key."""
    try:
        yield
    except (sa.exc.DBAPIError, sa.exc.TimeoutError) as fault:
        # The engine's own words, without the statement and its values.
        reason = fault.orig if isinstance(fault, sa.exc.DBAPIError) else "all connections are taken"
        raise OrganizationUnavailable(
            f"The organization's database does not answer: {_first_line(reason)}."
            f"{_FULL_OR_FAILING if _IO_ERROR in str(reason) else ''} Nothing was changed."
        ) from fault


def _first_line(reason: object) -> str:
    text = str(reason).strip()
    return text.splitlines()[0].rstrip(".") if text else "it gave no reason"


def _postgresql(url: str) -> sa.Engine:
    """PostgreSQL through psycopg. Raises OrganizationUnavailable, without the URL's password."""
    try:
        address = sa.make_url(url)
        if address.get_backend_name() != "postgresql":
            raise ValueError("another database")  # noqa: TRY301 - told in one place
        return sa.create_engine(
            address,
            # Not held up by a server that went away and came back.
            pool_pre_ping=True,
            # Where a database has no encoding, texts would come as bytes.
            connect_args={"client_encoding": "utf8"},
        )
    except (sa.exc.ArgumentError, ValueError) as fault:
        raise OrganizationUnavailable(
            "The setting organization_url is no address of a database: it must look like"
            " postgresql+psycopg://USER@HOST/NAME."
        ) from fault
    except ModuleNotFoundError as fault:
        raise OrganizationUnavailable(
            f"The setting organization_url needs {fault.name}, which is not installed:"
            " pip install 'tallybook[postgres]', and begin the address with postgresql+psycopg://."
        ) from fault


def _sqlite(path: Path) -> sa.Engine:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as fault:
        raise OrganizationUnavailable(f"{path} cannot be opened: {fault.strerror}.") from fault
    engine = sa.create_engine(
        sa.URL.create("sqlite+pysqlite", database=str(path)),
        connect_args={"timeout": LOCK_SECONDS_MAX},
    )
    sa.event.listen(engine, "connect", _prepare)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    """Durable commits, readers beside the writer, and transactions that begin where we say so."""
    connection.isolation_level = None
    for name, value in (("journal_mode", "WAL"), ("synchronous", "FULL"), ("foreign_keys", "ON")):
        connection.execute(f"PRAGMA {name}={value}").close()


def _begin(connection: sa.Connection) -> None:
    """Begin a transaction; one that writes takes the lock now, when it can still wait for it."""
    changing = connection.get_execution_options().get(_CHANGING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if changing else "BEGIN")
