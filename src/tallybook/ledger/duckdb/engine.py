"""The DuckDB file: opened, guarded, and opened again after a fatal fault.

Foreign errors become Tallybook's here and nowhere else. What DuckDB 2.0 does
when a disk is full or fails (``tests/faults/test_engine.py``):

- The log cannot be written: TransactionException. Nothing of the transaction
  is stored, and the open file stays usable.
- The log cannot be synced: FatalException. The file is unusable, and only
  opening it again tells whether the transaction is in it.
- Working the log into the main file fails: FatalException. Nothing is lost, and
  the open file is unusable; what queries read at that moment is freed under
  them, which now and then ends the process. So the engine is not left to begin
  it by itself, with a commit or when it is closed: ``storing`` and ``close`` do,
  where the disk has room.
"""

import errno
import logging
import re
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import duckdb
import msgspec

from tallybook.domain.errors import (
    InvalidValue,
    LedgerDamaged,
    LedgerInUse,
    LedgerUnavailable,
    Overloaded,
    StorageFull,
    TallybookError,
)
from tallybook.ledger.duckdb.damage import damage_of, is_owned, unread_from
from tallybook.ledger.duckdb.files import ARCHIVE_NAME, DRAFTS_NAME, FILE_NAME, LOG_NAME
from tallybook.ledger.duckdb.rollup_tables import make_rollups
from tallybook.ledger.duckdb.schema import migrate
from tallybook.ledger.duckdb.torn_log import cut_torn_log, refused_at
from tallybook.ledger.stopping import NEVER, Stop

_log = logging.getLogger("tallybook")

# How long a file that is to be closed waits for the queries on it, once interrupted, to end.
CLOSE_SECONDS_MAX = 5
_CLOSE_RETRY_SECONDS = 0.02
# What the main file may need beside what is in the log: the last rows of each table, written anew.
_SPARE_BYTES = 16 << 20

_NO_SPACE = re.compile(r"No space left on device|disk.*full|Disk quota exceeded", re.IGNORECASE)
LOCKED = re.compile(r"Could not set lock on file(?:.*\(PID (\d+)\))?", re.DOTALL)
_DAMAGED = re.compile(
    r"[Cc]orrupt|Could not read enough bytes|not a valid DuckDB database|WAL does not match"
    r"|WAL checkpoint iteration does not match"
)
_BY_SIGNAL = "Query interrupted"
_INVALIDATED = re.compile(r"database has been invalidated because of a previous fatal error")


class EngineSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the engine may use of the machine."""

    memory_max_bytes: int
    threads: int
    # How much the write-ahead log may hold before it is worked into the main
    # file, where the disk has room: more means rarer pauses, and a longer start
    # after a crash.
    log_bytes_max: int = 32 << 20
    # How long after its end an hour is sealed.
    seal_grace_seconds: int = 600
    # The tags that rollups keep; null: those that the file's keep already.
    kept_tags: tuple[str, ...] | None = None
    # Events of days that are older are let go; 0: none are. They are archived, or gone.
    retention_days: int = 0
    retention_archive: bool = True


class Engine:
    """One open DuckDB file. Threads read on cursors; one thread writes."""

    def __init__(self, folder: Path, settings: EngineSettings) -> None:
        """Open or make the file in ``folder``; raises LedgerUnavailable or a child of it."""
        self._path = folder / FILE_NAME
        self._log_path = folder / LOG_NAME
        # Where the engine may write files, which are its user's to remove.
        self.drafts = folder.absolute() / DRAFTS_NAME
        self.archive = folder.absolute() / ARCHIVE_NAME
        self._settings = settings
        self._log_bytes_max = settings.log_bytes_max
        # The tags that rollups keep.
        self.kept_tags: tuple[str, ...] = ()
        self._lock = threading.Condition()
        # The cursors of guarded blocks, to be interrupted when the file must be closed.
        self._lent: set[duckdb.DuckDBPyConnection] = set()
        self._connection = self._open()
        # Set when the engine has declared the open file unusable; the next use opens it anew.
        self._broken = False
        # How often the file has been opened. Cursors of an earlier opening are closed.
        self.openings = 1

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own for one thread, to be closed by the caller.

        When the file has to be opened anew (``openings`` tells), the cursor is
        closed under its owner, between calls. Raises LedgerUnavailable or a
        child of it.
        """
        return self._cursor()[0]

    @contextmanager
    def guard(self, doing: str, stop: Stop = NEVER) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor for the block; the engine's errors leave it as Tallybook's.

        ``stop`` interrupts the statement that runs, and raises its fault. The
        engine forgets an interrupt that comes when none runs, just before one
        begins: whoever presses ``stop`` does so until the work has ended.
        """
        cursor, connection = self._cursor(lend=True)
        try:
            # A cursor is a connection of its own: no other block's statement is interrupted.
            with cursor, stop.on(partial(_interrupt, cursor)):
                yield cursor
        except duckdb.Error as fault:
            if isinstance(fault, duckdb.InterruptException):
                stop.check()
            if isinstance(fault, duckdb.FatalException | duckdb.InternalException):
                with self._lock:
                    # A connection that is closed already says nothing of the one that is open.
                    self._broken = self._broken or connection is self._connection
            raise self._translated(fault, doing) from fault
        except RuntimeError as fault:
            # What the engine makes of Ctrl-C, if it looks for one while a statement runs.
            if str(fault) == _BY_SIGNAL:
                raise KeyboardInterrupt from fault
            raise
        finally:
            with self._lock:
                self._lent.discard(cursor)
                self._lock.notify_all()

    @contextmanager
    def storing(self, doing: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """A guarded cursor for a block that stores; a log that is large by then is worked in."""
        with self.guard(doing) as cursor:
            yield cursor
        size = self._log_bytes()
        if size >= self._log_bytes_max and self._has_room_for(size):
            self._work_in_log(size)

    def _work_in_log(self, size: int) -> None:
        """Work the log into the main file. Whatever comes of it, what was stored is stored."""
        try:
            with self.guard("work its log into its file") as cursor:
                cursor.execute("CHECKPOINT")
        except TallybookError as fault:
            if isinstance(fault.__cause__, duckdb.TransactionException):
                # Another transaction is under way: after the next one.
                return
            # Let it grow, or every commit from here on would break the engine again.
            self._log_bytes_max = 2 * size
            told = {"event": "log_not_worked_in", "log_bytes": size}
            _log.warning("%s Nothing that was stored is lost.", fault, extra={"told": told})

    def _log_bytes(self) -> int:
        try:
            return self._log_path.stat().st_size
        except FileNotFoundError:
            return 0

    def _has_room_for(self, log_bytes: int) -> bool:
        """Whether a log of this size can be worked in, as far as can be known before."""
        return self._free_bytes() >= 2 * log_bytes + _SPARE_BYTES

    @contextmanager
    def writing_files(self, doing: str) -> Iterator[None]:
        """Files are made in the block: a fault of the disk leaves it as Tallybook's."""
        try:
            yield
        except OSError as fault:
            if fault.errno in (errno.ENOSPC, errno.EDQUOT):
                raise StorageFull(
                    f"The disk that holds {self._path.parent} is full: the ledger could not"
                    f" {doing}. Nothing is lost: make room, and it goes on."
                ) from fault
            raise LedgerUnavailable(f"The ledger could not {doing}: {fault}.") from fault

    def check_room(self, doing: str) -> None:
        """Return when the disk has room for more than events. Raises StorageFull.

        Where a checkpoint fails while two transactions are under way, the file
        cannot be opened again before there is room, not even to be read. So
        what can wait is not written when a full log, twice, would not fit.
        """
        needed = 2 * self._settings.log_bytes_max
        free = self._free_bytes()
        if free < needed:
            raise StorageFull(
                f"The disk that holds {self._path.parent} has {free >> 20} MiB left, and the ledger"
                f" needs {needed >> 20} to {doing}. Nothing is lost: make room, and it goes on."
            )

    def _free_bytes(self) -> int:
        return shutil.disk_usage(self._path.parent).free

    def close(self) -> None:
        """Work the log in where the disk has room, and let go of the file, queries interrupted."""
        size = self._log_bytes()
        if size and not self._broken and self._has_room_for(size):
            self._work_in_log(size)
        with self._lock:
            self._let_go(self._connection)

    def _cursor(self, *, lend: bool = False) -> tuple[duckdb.DuckDBPyConnection, ...]:
        """A cursor and the connection it is of, which is opened anew when it is broken."""
        with self._lock:
            while self._broken:
                broken = self._connection
                self._let_go(broken)
                # Whoever waited may find it opened again by another.
                if broken is self._connection:
                    self._connection = self._open()
                    self._broken = False
                    self.openings += 1
            try:
                cursor = self._connection.cursor()
            except duckdb.Error as fault:
                raise self._translated(fault, "be used") from fault
            if lend:
                self._lent.add(cursor)
            return cursor, self._connection

    def _let_go(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Close a connection and all its cursors, so that the process has the file no more.

        Two instances of one file would overwrite each other's blocks, and the
        first to be closed would take the lock from the other. The engine
        refuses to close while a query runs. Raises LedgerUnavailable.
        """
        deadline = time.monotonic() + CLOSE_SECONDS_MAX
        while True:
            try:
                connection.close()
            except duckdb.Error as fault:
                if time.monotonic() > deadline:
                    raise self._translated(fault, "close its file") from fault
            else:
                return
            for cursor in tuple(self._lent):
                _interrupt(cursor)
            self._lock.wait(_CLOSE_RETRY_SECONDS)

    def _open(self) -> duckdb.DuckDBPyConnection:
        connection = None
        self._check_whole()
        try:
            connection = self._connected()
            # It would leave a full disk without the little that the next start needs.
            connection.execute("PRAGMA disable_checkpoint_on_shutdown")
            migrate(connection)
            self.kept_tags = make_rollups(connection, self._settings.kept_tags)
            # Nothing that reaches the engine may touch other files, load code, or undo this.
            allowed = [str(self.drafts), str(self.archive)]
            connection.execute("SET allowed_directories = [?, ?]", allowed)
            connection.execute("SET enable_external_access = false")
            connection.execute("SET lock_configuration = true")
        except BaseException as fault:
            if connection is not None:
                connection.close()
            if isinstance(fault, duckdb.Error):
                raise self._translated(fault, f"open {self._path}") from fault
            raise
        return connection

    def _check_whole(self) -> None:
        """Return when the engine may open the file. Raises LedgerDamaged and LedgerUnavailable.

        What a power cut tore off its log, and the engine would pass over, is put aside.
        """
        try:
            damage = damage_of(self._path)
            # Of what another process is writing, nothing can be said; the engine tells whose it is.
            if damage is None or is_owned(self._path):
                return
            entry = unread_from(self._log_path)
            if entry is not None and self._put_aside_torn(entry):
                damage = damage_of(self._path)
            if damage:
                raise _damaged(f"open {self._path}", damage)
        except OSError as fault:
            raise LedgerUnavailable(f"The ledger {self._path} cannot be read: {fault}.") from fault

    def _connected(self) -> duckdb.DuckDBPyConnection:
        """The file, opened; after what a power cut tore off its log was put aside."""
        try:
            return duckdb.connect(str(self._path), config=self._config())
        except duckdb.Error as fault:
            entry = refused_at(str(fault))
            try:
                if entry is None or not self._put_aside_torn(entry):
                    raise
            except OSError:
                raise fault from None
        return duckdb.connect(str(self._path), config=self._config())

    def _put_aside_torn(self, entry: int) -> bool:
        """Cut off the torn end of the log that has a damaged entry, if it is one; whether it was.

        Raises OSError.
        """
        torn_bytes = cut_torn_log(self._log_path, entry)
        if torn_bytes:
            _log.warning(
                "The last %d bytes of %s had been torn by a power cut, in the middle of a"
                " transaction that was never acknowledged: they are kept in %s.torn, and nothing"
                " else is missing.",
                torn_bytes,
                self._log_path,
                self._log_path.name,
            )
        return bool(torn_bytes)

    def _config(self) -> dict[str, str | bool | int | float | list[str]]:
        settings = self._settings
        return {
            "memory_limit": f"{settings.memory_max_bytes // (1 << 20)}MiB",
            "threads": settings.threads,
            # Never by the engine itself, which would look at the end of every query too.
            "checkpoint_threshold": "1024TiB",
            # Always into the log first. A commit that goes into the main file only, and fails
            # midway, may or may not be stored.
            "auto_checkpoint_skip_wal_threshold": 1 << 62,
            "temp_directory": str(self._path.with_name("spill")),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": True,
        }

    def _translated(self, fault: duckdb.Error, doing: str) -> TallybookError:
        message = str(fault)
        if _INVALIDATED.search(message) or isinstance(fault, duckdb.InterruptException):
            return LedgerUnavailable(
                f"The ledger could not {doing}: its file is being opened again after a fault."
                " Send the request again."
            )
        if _NO_SPACE.search(message):
            return StorageFull(
                f"The disk that holds {self._path.parent} is full: the ledger could not {doing}."
                " Nothing of this request was stored; make room and send it again."
            )
        if locked := LOCKED.search(message):
            owner = f" (process {locked[1]})" if locked[1] else ""
            return LedgerInUse(
                f"The data folder {self._path.parent} is in use by another process{owner}."
                " One process owns a data folder: talk to that server over HTTP, or stop it first."
            )
        if isinstance(fault, duckdb.OutOfRangeException):
            return InvalidValue(
                "The sums of this range are too large to be exact: an amount has to be below"
                " 1.7 * 10^23. Ask for a shorter range, or for fewer events.",
                param="start_time",
            )
        if isinstance(fault, duckdb.OutOfMemoryException):
            return Overloaded(
                f"The engine could not {doing} within its memory limit (setting"
                " memory_max_bytes); try again with less, or raise it."
            )
        first_line = message.splitlines()[0]
        damaged = _DAMAGED.search(message)
        unavailable = LedgerUnavailable(f"The ledger could not {doing}: {first_line}")
        return _damaged(doing, first_line.rstrip(".")) if damaged else unavailable


def _damaged(doing: str, what: str) -> LedgerDamaged:
    return LedgerDamaged(
        f"The ledger could not {doing}: it is damaged ({what}). Stop the server, keep"
        " a copy of the data folder, and restore a backup with tallybook restore;"
        ' without one, see "A damaged ledger" in docs/operations.md.'
    )


def _interrupt(cursor: duckdb.DuckDBPyConnection) -> None:
    """End the statement that runs on a cursor, if there is one."""
    # It may have been closed, since its file is.
    with suppress(duckdb.Error):
        cursor.interrupt()
