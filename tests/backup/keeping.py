"""Backups in this process: taken of a data folder, and what two folders hold."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb

from support.ledgers import SETTINGS
from tallybook.backup.archive import packed, unpacked
from tallybook.backup.manifest import Manifest
from tallybook.backup.receiving import Pieces
from tallybook.backup.restoring import RestoredDay, restore_into
from tallybook.backup.taking import Part, Source, parts
from tallybook.backup.target import Target, Written, locked
from tallybook.ledger.ledger import Ledger
from tallybook.organization.organization import open_organization

TAKEN_AT = "2026-10-02T00:00:00Z"


def made(ledger: Ledger, folder: Path, into: Target) -> Iterable[Part | Manifest]:
    """The parts of a backup of a data folder."""
    with closing(open_organization(folder, "")) as organization:
        source = Source(ledger, organization, folder / "prices.toml")
        yield from parts(source, into.known, TAKEN_AT)


def take(ledger: Ledger, folder: Path, target: Path, *, over_a_wire: bool = False) -> Written:
    """Back up a data folder, straight or through the archive that a server sends."""
    with locked(target) as into:
        coming = made(ledger, folder, into)
        if over_a_wire:
            return into.write(unpacked(Pieces(packed(coming)), target))
        return into.write(coming)


def restored(backup: Path, folder: Path) -> list[RestoredDay]:
    """Restore a backup; its days as they came out."""
    days: list[RestoredDay] = []
    restore_into(folder, backup, SETTINGS, "", days.append)
    return days


def rows(folder: Path, table: str) -> Sequence[tuple[Any, ...]]:
    """Every row of a table of a ledger that nobody has open, in an order of their own."""
    with duckdb.connect(str(folder / "ledger.duckdb"), read_only=True) as connection:
        found = connection.execute(f"SELECT COLUMNS(*) FROM {table} ORDER BY ALL")  # noqa: S608
        names = [each[0] for each in found.description]
        return [(*names,), *found.fetchall()]


def files(target: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path."""
    return {
        str(path.relative_to(target)): path.read_bytes()
        for path in target.rglob("*")
        if path.is_file()
    }
