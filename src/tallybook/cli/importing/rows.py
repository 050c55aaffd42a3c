"""Rows on their way: what a file gives, and the loads in which it is sent on."""

import gzip
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from tallybook.domain.receipts import Fault
from tallybook.intake.cells import TimeUnit
from tallybook.intake.mapping import Plan

# Rows that a file gives at a time: a few MiB, whatever the destination takes.
ROWS_READ = 5_000

_GZIP_MAGIC = b"\x1f\x8b"
_CHUNK_BYTES = 1 << 20


class UnreadableFile(ValueError):
    """A file that is not what it should be, or damaged."""


class Rows(msgspec.Struct, frozen=True):
    """Rows of a file as events in JSON, each with its number in the file, from 1."""

    numbers: Sequence[int]
    lines: Sequence[bytes]


class RowFile(Protocol):
    """An open file of rows."""

    path: Path
    # As the file has them; of NDJSON, those of the first lines.
    columns: tuple[str, ...]
    # Known after a survey: how many rows can be read, or None when only reading
    # them would tell, and those that cannot, their index being their number.
    row_count: int | None
    unreadable: tuple[Fault, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it, not even the names of columns."""
        ...

    def survey(self, plan: Plan) -> None:
        """Look at all rows, where that is cheap. Raises UnreadableFile."""
        ...

    def rows(self, plan: Plan, unit: TimeUnit) -> Iterator[Rows]:
        """Every readable row, in order, as the plan says, after a survey with the same plan.

        Raises UnreadableFile.
        """
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


class Load(msgspec.Struct, frozen=True):
    """Rows of one file that are sent together, as a body of NDJSON."""

    path: Path
    numbers: Sequence[int]
    body: bytes


def loads(path: Path, parts: Iterable[Rows], rows_max: int, bytes_max: int) -> Iterator[Load]:
    """The rows of a file in loads of at most ``rows_max`` rows and about ``bytes_max`` bytes.

    A load holds at least one row, however long that is.
    """
    numbers: list[int] = []
    lines: list[bytes] = []
    size = 0
    for part in parts:
        for number, line in zip(part.numbers, part.lines, strict=True):
            if lines and (len(lines) >= rows_max or size + len(line) > bytes_max):
                yield Load(path, numbers, b"\n".join(lines))
                numbers, lines, size = [], [], 0
            numbers.append(number)
            lines.append(line)
            size += len(line) + 1
    if lines:
        yield Load(path, numbers, b"\n".join(lines))


def is_gzip(path: Path) -> bool:
    """Whether a file starts like gzip, whatever its name."""
    with path.open("rb") as file:
        return file.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC


def check_gzip(path: Path) -> None:
    """Read a gzip file to its end; raise UnreadableFile when it is damaged or cut off.

    Before anything is stored, because a checksum stands at the end: what a
    damaged stream unpacks to can look like rows.
    """
    try:
        with gzip.open(path, "rb") as file:
            while file.read(_CHUNK_BYTES):
                pass
    except (EOFError, zlib.error, gzip.BadGzipFile) as fault:
        raise UnreadableFile(f"{path} is damaged or cut off: {fault}.") from fault
