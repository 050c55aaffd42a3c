"""PostgreSQL: one table of events with its indexes, in a server of its own on a Unix socket.

The primary key is (id, time), which is what makes events exactly once; indexes
are on the time, and on project and user with the time. Loaded by COPY, indexed
after that, then VACUUM ANALYZE. Settings are those that an engineer would give
it on two cores: ``_SETTINGS``. Commits are durable, as by default.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from contenders.contender import THREADS, Missing
from questions import Asked, Dialect, Row

try:
    import psycopg
except ImportError:
    psycopg = None  # type: ignore[assignment]

_SETTINGS = {
    "shared_buffers": "4GB",
    "effective_cache_size": "12GB",
    "work_mem": "256MB",
    "maintenance_work_mem": "1GB",
    "max_parallel_workers": THREADS,
    "max_parallel_workers_per_gather": THREADS,
    "max_parallel_maintenance_workers": THREADS,
    "max_wal_size": "16GB",
    "checkpoint_timeout": "30min",
    "wal_compression": "on",
    "random_page_cost": 1.1,
    "effective_io_concurrency": 200,
    "timezone": "UTC",
    "listen_addresses": "",
}
_TABLE = """\
CREATE TABLE events (
    id text NOT NULL,
    time timestamptz NOT NULL,
    kind text NOT NULL,
    provider text NOT NULL,
    project_id text,
    user_id text,
    api_key_id text,
    model text,
    batch boolean,
    service_tier text,
    input_tokens bigint,
    input_cached_tokens bigint,
    output_tokens bigint,
    num_model_requests bigint,
    images bigint,
    seconds numeric,
    calls bigint,
    input_cost numeric,
    cached_cost numeric,
    output_cost numeric,
    other_cost numeric,
    cost numeric
)"""
_INDEXES = (
    "ALTER TABLE events ADD PRIMARY KEY (id, time)",
    "CREATE INDEX ON events (time)",
    "CREATE INDEX ON events (project_id, time)",
    "CREATE INDEX ON events (user_id, time)",
)
COPY = "COPY {table} FROM STDIN (FORMAT csv)"
BLOCK_BYTES = 1 << 20

_DIALECT = Dialect(
    moment=lambda seconds: f"to_timestamp({seconds})",
    bucket=lambda unit: f"date_trunc('{unit}', time)",
    parts="SELECT unnest(ARRAY['input', 'cached input', 'output', 'other']) AS part",
)


class Postgres:
    """A server on a folder, and a connection to its database of events."""

    name = "PostgreSQL"

    def __init__(self, folder: Path, parquet: Path) -> None:
        """Start it, and load it if it is not. Raises Missing."""
        self._bin = programs()
        self._data = folder / "postgres"
        self._as = _other_user()
        self._sockets = Path(tempfile.mkdtemp(prefix="bench-"))
        loaded = folder / "postgres.loaded"
        if not loaded.exists():
            shutil.rmtree(self._data, ignore_errors=True)
            self._data.mkdir(mode=0o700)
        for each in (self._data, self._sockets):
            shutil.chown(each, self._as.get("user"), self._as.get("group")) if self._as else None
        if not loaded.exists():
            self._run("initdb", "--auth=trust", "--username=bench", "--encoding=UTF8", "--locale=C")
        self._start()
        try:
            if not loaded.exists():
                with self.connect("postgres") as connection:
                    connection.execute("CREATE DATABASE events")
                load(self, parquet)
                loaded.touch()
            self._connection = self.connect("events")
        except BaseException:
            self._stop()
            raise

    def connect(self, database: str) -> "psycopg.Connection[Any]":
        """A connection of its own, where each statement is a transaction."""
        return psycopg.connect(
            host=str(self._sockets), user="bench", dbname=database, autocommit=True
        )

    @contextmanager
    def copy_of_events(self, *, empty: bool) -> Iterator[str]:
        """The name of a database with a copy of the table or one that is empty, for the block."""
        self._connection.close()
        name = "flow"
        with self.connect("postgres") as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name}")
            connection.execute(
                f"CREATE DATABASE {name} TEMPLATE {'template0' if empty else 'events'}"
                " STRATEGY file_copy"
            )
            if empty:
                with self.connect(name) as inside:
                    for each in (_TABLE, *_INDEXES):
                        inside.execute(each)
            try:
                yield name
            finally:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
                self._connection = self.connect("events")

    def ask(self, asked: Asked) -> list[tuple[Any, ...]]:
        """The rows, fetched."""
        return self._connection.execute(asked.sql(_DIALECT)).fetchall()

    def rows(self, asked: Asked, answer: list[tuple[Any, ...]]) -> list[Row]:
        """The rows, comparable."""
        return asked.rows_of_table(answer)

    def disk_bytes(self) -> int:
        """The table and its indexes, without the log."""
        found = self._connection.execute("SELECT pg_total_relation_size('events')").fetchone()
        return int(found[0]) if found else 0

    def close(self) -> None:
        """Stop the server."""
        self._connection.close()
        self._stop()

    def _start(self) -> None:
        settings = _SETTINGS | {"unix_socket_directories": self._sockets}
        given = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        log = self._sockets / "log"
        self._run("pg_ctl", "-w", "-t", "600", "-l", str(log), "-o", given, "start")

    def _stop(self) -> None:
        self._run("pg_ctl", "-w", "-t", "600", "-m", "fast", "stop")
        shutil.rmtree(self._sockets, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        """Run one of its programs on the folder, as somebody who is not root."""
        finished = subprocess.run(
            [self._bin / program, "-D", self._data, *arguments],
            check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, cwd="/", **self._as,
        )  # fmt: skip
        if finished.returncode:
            raise Missing(
                f"PostgreSQL is left out: {program} failed in {self._data}"
                f"{' as the user ' + str(self._as['user']) if self._as else ''}"
            )


def programs() -> Path:
    """The folder of the newest PostgreSQL's programs. Raises Missing."""
    if psycopg is None:
        raise Missing("PostgreSQL is left out: pip install 'psycopg[binary]'")
    if found := shutil.which("initdb"):
        return Path(found).parent
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda each: float(each.parts[-3])
    )
    if not versions:
        raise Missing("PostgreSQL is left out: its programs (initdb, pg_ctl) are not installed")
    return versions[-1].parent


def load(server: Postgres, parquet: Path) -> None:
    """Copy all events, then make the indexes, then the statistics."""
    with (
        server.connect("events") as connection,
        tempfile.NamedTemporaryFile(suffix=".csv") as file,
        duckdb.connect() as reader,
    ):
        reader.execute("SET enable_progress_bar = false")
        connection.execute(_TABLE)
        with connection.cursor() as cursor, cursor.copy(COPY.format(table="events")) as copy:
            for each in sorted(parquet.glob("*.parquet")):
                reader.execute(f"COPY (FROM '{each}') TO '{file.name}' (HEADER false)")
                with Path(file.name).open("rb") as lines:
                    while block := lines.read(BLOCK_BYTES):
                        copy.write(block)
        for statement in (*_INDEXES, "VACUUM ANALYZE events", "CHECKPOINT"):
            connection.execute(statement)


def _other_user() -> dict[str, Any]:
    """Who runs the server: PostgreSQL refuses to be root. Nothing when we are not."""
    if os.geteuid():
        return {}
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        raise Missing("PostgreSQL is left out: it does not run as root") from None
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
