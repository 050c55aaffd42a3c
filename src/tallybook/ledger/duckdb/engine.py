"""The DuckDB file: opened, guarded, and opened again after a fatal fault.

Foreign errors become Tallybook's here and nowhere else.
"""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import msgspec

from tallybook.domain.errors import (
    LedgerInUse,
    LedgerUnavailable,
    Overloaded,
    StorageFull,
    TallybookError,
)
from tallybook.ledger.duckdb.schema import migrate

FILE_NAME = "ledger.duckdb"

_NO_SPACE = re.compile(r"No space left on device|disk.*full|Disk quota exceeded", re.IGNORECASE)
_LOCKED = re.compile(r"[Cc]onflicting lock is held in (?:.*?)\(PID (\d+)\)|set lock on file")


class EngineSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the engine may use of the machine."""

    memory_max_bytes: int
    threads: int
    # How much the write-ahead log may hold before it is worked into the main
    # file: more means rarer pauses, and a longer start after a crash.
    log_bytes_max: int = 128 << 20


class Engine:
    """One open DuckDB file. Threads read on cursors; one thread writes."""

    def __init__(self, folder: Path, settings: EngineSettings) -> None:
        """Open or make the file in ``folder``; raises LedgerUnavailable or a child of it."""
        self._path = folder / FILE_NAME
        self._settings = settings
        self._lock = threading.Lock()
        self._connection = self._open()
        # Set when the engine has declared the open file unusable; the next use opens it anew.
        self._broken = False

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own for one thread, to be closed by the caller."""
        with self._lock:
            if self._broken:
                self._connection.close()
                self._connection = self._open()
                self._broken = False
            return self._connection.cursor()

    @contextmanager
    def guard(self, doing: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor for the block; the engine's errors leave it as Tallybook's."""
        try:
            with self.cursor() as cursor:
                yield cursor
        except duckdb.Error as fault:
            raise self._translated(fault, doing) from fault

    def close(self) -> None:
        """Work the log into the file and let go of it."""
        with self._lock:
            self._connection.close()

    def _open(self) -> duckdb.DuckDBPyConnection:
        try:
            connection = duckdb.connect(str(self._path), config=self._config())
            migrate(connection)
        except duckdb.Error as fault:
            raise self._translated(fault, f"open {self._path}") from fault
        # Nothing that reaches the engine may touch other files, load code, or undo this.
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        return connection

    def _config(self) -> dict[str, str | bool | int | float | list[str]]:
        settings = self._settings
        return {
            "memory_limit": f"{settings.memory_max_bytes // (1 << 20)}MiB",
            "threads": settings.threads,
            "checkpoint_threshold": f"{settings.log_bytes_max // (1 << 20)}MiB",
            "temp_directory": str(self._path.with_name("spill")),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": True,
        }

    def _translated(self, fault: duckdb.Error, doing: str) -> TallybookError:
        message = str(fault)
        if isinstance(fault, duckdb.FatalException | duckdb.InternalException):
            self._broken = True
        if _NO_SPACE.search(message):
            return StorageFull(
                f"The disk that holds {self._path.parent} is full; nothing of this request was"
                " stored. Make room and send it again."
            )
        if locked := _LOCKED.search(message):
            owner = f" (process {locked[1]})" if locked[1] else ""
            return LedgerInUse(
                f"The data folder {self._path.parent} is in use by another process{owner}."
                " One process owns a data folder: talk to that server over HTTP, or stop it first."
            )
        if isinstance(fault, duckdb.OutOfMemoryException):
            return Overloaded(
                f"The engine could not {doing} within its memory limit (setting"
                " memory_max_bytes); try again with less, or raise it."
            )
        return LedgerUnavailable(f"The ledger could not {doing}: {message.splitlines()[0]}")
