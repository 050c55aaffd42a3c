"""A backup held against its manifest: every file, every row, every day's digest."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from tallybook.backup.manifest import Day, File, Manifest, Table, read_manifest, sha256_of
from tallybook.domain.errors import LedgerUnavailable
from tallybook.ledger.duckdb.loading import digest_of_file, rows_of_file


class Checked(msgspec.Struct, frozen=True):
    """A file of a backup that was looked at, and what is wrong with it; null for nothing."""

    path: str
    fault: str | None


def check(folder: Path, manifest: Manifest) -> Iterator[Checked]:
    """Look at every file of a backup, one after the other."""
    for day in manifest.days:
        yield Checked(day.file.path, _fault(folder, day.file) or _fault_of_day(folder, day))
    for table in manifest.tables:
        yield Checked(table.file.path, _fault(folder, table.file) or _fault_of_table(folder, table))
    for file in (manifest.organization, manifest.prices):
        if file is not None:
            yield Checked(file.path, _fault(folder, file))


def faults_of(folder: Path) -> list[str]:
    """What is wrong with a backup, a sentence for each file. Raises InvalidManifest."""
    manifest = read_manifest(folder)
    return [f"{each.path} {each.fault}" for each in check(folder, manifest) if each.fault]


def _fault(folder: Path, file: File) -> str | None:
    path = folder / file.path
    try:
        if not path.exists():
            return "is missing"
        size = path.stat().st_size
        if size != file.bytes:
            return f"has {size:,} bytes, and had {file.bytes:,}"
        if sha256_of(path) != file.sha256:
            return "is damaged: its SHA-256 is another"
    except OSError as fault:
        return f"cannot be read: {fault.strerror}"
    return None


def _fault_of_day(folder: Path, day: Day) -> str | None:
    try:
        found = digest_of_file(folder / day.file.path)
    except LedgerUnavailable as fault:
        return f"cannot be read: {fault.message}"
    if found != (day.events, day.digest):
        return f"holds other events than the manifest says of {day.day}"
    return None


def _fault_of_table(folder: Path, table: Table) -> str | None:
    try:
        rows = rows_of_file(folder / table.file.path)
    except LedgerUnavailable as fault:
        return f"cannot be read: {fault.message}"
    return None if rows == table.rows else f"has {rows:,} rows, and had {table.rows:,}"
