"""Taking a backup: the parts of it one after the other, all as of one moment.

The ledger's moment is fixed first, by its engine; the organization and the
prices are read right after, so whatever was acknowledged before is in it.
"""

from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import msgspec

from tallybook.backup.manifest import (
    DAYS,
    FORMAT,
    TABLES,
    Day,
    File,
    Manifest,
    Table,
    day_name,
    described,
)
from tallybook.ledger.ledger import Ledger, Snapshot
from tallybook.ledger.stopping import NEVER, Stop
from tallybook.version import __version__

if TYPE_CHECKING:
    from tallybook.organization.organization import Organization


class Source(msgspec.Struct, frozen=True):
    """What is backed up: a ledger, an organization, and a price file that need not be there."""

    ledger: Ledger
    organization: "Organization"
    prices: Path


class Part(msgspec.Struct, frozen=True):
    """A file of a backup, as it is on disk until the next part is asked for."""

    file: File
    content: Path


def parts(
    source: Source, known: Sequence[Day], taken_at: str, stop: Stop = NEVER
) -> Generator[Part | Manifest, None, None]:
    """Every file of a backup that is not known, and at last its manifest.

    ``known`` are days of an earlier backup, whose files are kept there: of
    those whose events are the same, the manifest names that file. The first
    part comes when the moment is fixed. Raises BackupUnderWay, StorageFull,
    LedgerUnavailable, OrganizationUnavailable, QueryStopped and OSError.
    """
    with (
        source.ledger.snapshot(stop=stop) as snapshot,
        TemporaryDirectory(dir=snapshot.folder) as folder,
    ):
        version = snapshot.version
        organization = _organization(source, Path(folder))
        yield organization
        prices = _prices(source, Path(folder))
        if prices is not None:
            yield prices
        tables = yield from _tables(snapshot)
        days = yield from _days(snapshot, {each.day: each for each in known})
    yield Manifest(
        format=FORMAT,
        tallybook=__version__,
        taken_at=taken_at,
        ledger_version=version,
        days=days,
        tables=tables,
        organization=organization.file,
        prices=None if prices is None else prices.file,
    )


def _organization(source: Source, folder: Path) -> Part:
    path = folder / "organization"
    with path.open("wb") as file:
        # The database's library, which commands that take no backup start without.
        from tallybook.organization.copying import copy_out  # noqa: PLC0415

        for line in copy_out(source.organization):
            file.write(line)
    return Part(described(path, "organization.ndjson"), path)


def _prices(source: Source, folder: Path) -> Part | None:
    try:
        content = source.prices.read_bytes()
    except FileNotFoundError:
        return None
    # As it is now: someone may be writing it.
    path = folder / "prices"
    path.write_bytes(content)
    return Part(described(path, "prices.toml"), path)


def _tables(snapshot: Snapshot) -> Generator[Part, None, list[Table]]:
    found = []
    for name in snapshot.tables():
        with snapshot.table_file(name) as (path, rows):
            part = Part(described(path, f"{TABLES}/{name}.parquet"), path)
            yield part
        found.append(Table(name, rows, part.file))
    return found


def _days(snapshot: Snapshot, known: Mapping[str, Day]) -> Generator[Part, None, list[Day]]:
    found = []
    for each in snapshot.days():
        name = day_name(each.day)
        before = known.get(name)
        if before is not None and (before.events, before.mark) == (each.events, each.mark):
            found.append(before)
            continue
        with snapshot.day_file(each.day) as path:
            part = Part(described(path, f"{DAYS}/{name}.parquet"), path)
            yield part
        found.append(Day(name, each.events, snapshot.digest(each.day), each.mark, part.file))
    return found
