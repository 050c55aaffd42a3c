"""Files of a snapshot, read: held against what they are to be, and made into a ledger again."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import msgspec

from tallybook.domain.errors import LedgerUnavailable
from tallybook.domain.instants import DAY_US
from tallybook.ledger.duckdb.digests import digest_of
from tallybook.ledger.duckdb.engine import EngineSettings
from tallybook.ledger.duckdb.files import FILE_NAME
from tallybook.ledger.duckdb.kept_sums import SUM_TABLES
from tallybook.ledger.duckdb.rollup_tables import make_rollups
from tallybook.ledger.duckdb.schema import kept_tables, migrate
from tallybook.ledger.seals.rollups import shape

_FILE = "read_parquet(?)"
_ENGINE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


class Loader:
    """A new ledger that is filled from files, in an engine of its own."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._sums: tuple[str, ...] = ()

    def tables(self) -> list[str]:
        """The tables beside the events that it has, to be loaded."""
        return [*kept_tables(self._connection), *self._sums]

    def make_sums(self, path: Path) -> None:
        """Make the tables of sums that are to be loaded too, in the shape that a file says.

        Raises LedgerUnavailable for a shape that this version does not make.
        """
        with _told(f"load {path}"):
            sql = f"SELECT shape, tags FROM {_FILE}"  # noqa: S608
            found = self._connection.execute(sql, [str(path)]).fetchone() or ("", "[]")
            tags = msgspec.json.decode(found[1], type=tuple[str, ...])
            if found[0] != shape(tags):
                raise LedgerUnavailable(
                    "The backup has sums of days whose events were let go, in a shape that this"
                    " Tallybook does not know: restore it with the version that made it."
                )
            make_rollups(self._connection, tags)
            self._sums = SUM_TABLES

    def load_table(self, name: str, path: Path) -> int:
        """Put the rows of a file in place of those of a table; how many it has then."""
        with _told(f"load {path}"):
            self._connection.begin()
            self._connection.execute(f'DELETE FROM "{name}"')  # noqa: S608 - one of ``tables``
            self._insert(name, path)
            self._connection.commit()
            return self._count(name)

    def load_day(self, path: Path) -> None:
        """Add the events of a file, whose columns go by their names."""
        with _told(f"load {path}"):
            self._insert("events", path)

    def digest(self, day: int) -> tuple[int, str]:
        """How many events a day has, by its number since 1970, and their digest."""
        bounds = [day * DAY_US, (day + 1) * DAY_US]
        with _told("be read"):
            return digest_of(self._connection, "events WHERE time_us >= ? AND time_us < ?", bounds)

    def count(self) -> int:
        """How many events there are."""
        with _told("be read"):
            return self._count("events")

    def _insert(self, name: str, path: Path) -> None:
        sql = f'INSERT INTO "{name}" BY NAME SELECT * FROM {_FILE}'  # noqa: S608
        self._connection.execute(sql, [str(path)])

    def _count(self, name: str) -> int:
        found = self._connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()  # noqa: S608
        return 0 if found is None else int(found[0])


@contextmanager
def loading(folder: Path, version: int, settings: EngineSettings) -> Iterator[Loader]:
    """A new ledger in ``folder``, of the shape that it had at ``version``, for the block.

    At its end it is on disk. Raises LedgerTooNew, StorageFull and
    LedgerUnavailable.
    """
    config = _ENGINE | {
        "memory_limit": f"{settings.memory_max_bytes >> 20}MiB",
        "threads": settings.threads,
        "temp_directory": str(folder / "spill"),
    }
    with _told(f"make a ledger in {folder}"):
        connection = duckdb.connect(str(folder / FILE_NAME), config=config)
    try:
        with _told(f"make a ledger in {folder}"):
            migrate(connection, version)
        yield Loader(connection)
        with _told("be put on disk"):
            connection.execute("CHECKPOINT")
    finally:
        connection.close()


def digest_of_file(path: Path) -> tuple[int, str]:
    """How many events a file has, and their digest. Raises LedgerUnavailable for a damaged one."""
    with _told(f"read {path}"), duckdb.connect(config=_ENGINE) as connection:
        return digest_of(connection, _FILE, [str(path)])


def rows_of_file(path: Path) -> int:
    """How many rows a file has. Raises LedgerUnavailable for a damaged one."""
    with _told(f"read {path}"), duckdb.connect(config=_ENGINE) as connection:
        found = connection.execute(f"SELECT count(*) FROM {_FILE}", [str(path)]).fetchone()  # noqa: S608
        return 0 if found is None else int(found[0])


@contextmanager
def _told(doing: str) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as fault:
        raise LedgerUnavailable(
            f"The ledger could not {doing}: {str(fault).splitlines()[0]}"
        ) from fault
