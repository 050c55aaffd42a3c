"""CSV and Parquet: tables, read and turned into events by an engine of the command's own.

The engine is in memory, reads the one file, and streams: a file larger than
the memory is no matter.
"""

import csv
import gzip
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from itertools import count, filterfalse, islice
from pathlib import Path

import duckdb

from tallybook.cli.importing.rows import ROWS_READ, Rows, UnreadableFile, check_gzip, is_gzip
from tallybook.cli.importing.sql import Column, Piece, lines_statement, used_places
from tallybook.domain.receipts import Fault
from tallybook.intake.cells import TimeUnit
from tallybook.intake.mapping import Plan

# A header line is at most this long.
HEADER_BYTES_MAX = 1 << 20

# Rows that cannot be taken apart are noted and passed over, all of them.
_CSV = """read_csv(?, auto_detect = false, header = true, columns = {{{columns}}}, delim = ?,
 quote = '"', escape = '"', nullstr = '', strict_mode = true, store_rejects = true,
 rejects_limit = 0, compression = ?)"""
_IS_NOTED = "SELECT 1 FROM duckdb_tables() WHERE table_name = 'reject_errors'"
_NOTED = "SELECT line, min(error_message) FROM reject_errors GROUP BY line ORDER BY line"
_PARQUET = "read_parquet(?, binary_as_string = true)"


class Delimiter(StrEnum):
    """What separates the cells of a line."""

    COMMA = "comma"
    SEMICOLON = "semicolon"
    TAB = "tab"
    PIPE = "pipe"

    @property
    def character(self) -> str:
        """The character itself."""
        return {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}[self.value]


class TableFile:
    """An open CSV or Parquet file: see ``RowFile``."""

    def __init__(
        self,
        path: Path,
        connection: duckdb.DuckDBPyConnection,
        source: Piece,
        columns: Sequence[Column],
    ) -> None:
        """Hold a source of rows with these columns, named ``c0``, ``c1``, … there."""
        self.path = path
        self.columns = tuple(column.name for column in columns)
        self.row_count: int | None = None
        self.unreadable: tuple[Fault, ...] = ()
        self._connection = connection
        self._source = source
        self._columns = columns

    @property
    def is_empty(self) -> bool:
        """Never: a table has columns."""
        return False

    def survey(self, plan: Plan) -> None:
        """Count the rows, and note those that cannot be taken apart. Raises UnreadableFile.

        A row whose only fault is in a column that the plan leaves out is readable.
        """
        # The engine looks only at what is asked for, so every column of the plan is.
        asked = ", ".join(f"count({place})" for place in used_places(plan, self._columns))
        with _readable(self.path):
            # To the last row: before that, nothing is noted.
            ((self.row_count, *_),) = self._connection.execute(
                f"SELECT count(*), {asked} FROM {self._source.sql}",  # noqa: S608
                self._source.values,
            ).fetchall()
            if self._connection.execute(_IS_NOTED).fetchall():
                found = self._connection.execute(_NOTED).fetchall()
                self.unreadable = tuple(_not_a_row(line, message) for line, message in found)

    def rows(self, plan: Plan, unit: TimeUnit) -> Iterator[Rows]:
        """Every readable row as an event, after a survey with this plan. Raises UnreadableFile."""
        missing = {fault.index for fault in self.unreadable}
        numbers = filterfalse(missing.__contains__, count(1))
        statement = lines_statement(plan, self._columns, unit, self._source.sql)
        given = 0
        with _readable(self.path):
            self._connection.execute(statement.sql, (*statement.values, *self._source.values))
            while found := self._connection.fetchmany(ROWS_READ):
                given += len(found)
                yield Rows(list(islice(numbers, len(found))), [line for (line,) in found])
        if given != self.row_count:
            raise UnreadableFile(f"{self.path} changed while it was read; import it again.")

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def _not_a_row(line: int, message: str) -> Fault:
    # The header is line 1, and the first row comes after it.
    return Fault(line - 1, None, None, f"not a row: {message.rstrip('.')}")


def open_csv(path: Path, delimiter: Delimiter | None) -> TableFile:
    """Open a CSV file, plain or gzip, whose first line names its columns.

    Without a ``delimiter`` it is the one that the first line has most of.
    Raises UnreadableFile.
    """
    compressed = is_gzip(path)
    if compressed:
        check_gzip(path)
    header = _header_line(path, compressed=compressed)
    chosen = delimiter or max(Delimiter, key=lambda each: header.count(each.character))
    separator = chosen.character
    try:
        cells = next(csv.reader([header], delimiter=separator))
    except csv.Error as fault:
        # As a carriage return by itself, which ended a line long ago.
        raise UnreadableFile(
            f"The first line of {path} is not the names of its columns: {fault}"
        ) from fault
    columns = [Column(name.strip(), "VARCHAR") for name in cells]
    names = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(columns)))
    source = Piece(
        _CSV.format(columns=names), (str(path), separator, "gzip" if compressed else "none")
    )
    return TableFile(path, _connect(), source, columns)


def open_parquet(path: Path) -> TableFile:
    """Open a Parquet file. Raises UnreadableFile."""
    connection = _connect()
    with _readable(path):
        described = connection.execute(
            f"DESCRIBE SELECT * FROM {_PARQUET}",  # noqa: S608
            [str(path)],
        ).fetchall()
    columns = [Column(name, type_) for name, type_, *_ in described]
    # Columns by their place: what the file calls them stays out of the statement.
    names = ", ".join(f"c{place}" for place in range(len(columns)))
    return TableFile(path, connection, Piece(f"{_PARQUET} AS t({names})", (str(path),)), columns)


def _connect() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(
        config={"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    )
    # A time without an offset is UTC, wherever the command runs.
    connection.execute("SET TimeZone = 'UTC'")
    # The engine would draw its own bar, on standard output, where it takes us for a console.
    connection.execute("SET enable_progress_bar = false")
    return connection


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """The engine's errors leave the block as UnreadableFile."""
    try:
        yield
    except duckdb.Error as fault:
        raise UnreadableFile(f"{path} cannot be read: {str(fault).splitlines()[0]}") from fault


def _header_line(path: Path, *, compressed: bool) -> str:
    """The first line of a CSV file. Raises UnreadableFile."""
    try:
        with gzip.open(path) if compressed else path.open("rb") as file:
            header = file.readline(HEADER_BYTES_MAX).decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as fault:
        raise UnreadableFile(f"{path} is not UTF-8: {fault}.") from fault
    if not header.strip():
        raise UnreadableFile(f"{path} is empty: its first line must name its columns.")
    return header
