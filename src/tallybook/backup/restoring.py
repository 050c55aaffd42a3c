"""A data folder made of a backup: under another name, until it is proven to be the same.

Whatever ends it before its last step leaves no folder that could be taken for
a ledger.
"""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from tallybook.backup.manifest import Manifest, NotRestored, read_manifest
from tallybook.ledger.duckdb.engine import EngineSettings
from tallybook.ledger.duckdb.loading import Loader, loading
from tallybook.ledger.durable import sync
from tallybook.ledger.seals.rollups import SHAPE
from tallybook.pricing.source import FILE_NAME as PRICES_NAME


class RestoredDay(msgspec.Struct, frozen=True):
    """A day as it is in the restored ledger, whose digest is the manifest's."""

    day: str
    events: int
    digest: str


def check_empty(folder: Path) -> None:
    """Return when a data folder may be made at ``folder``. Raises NotRestored."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise NotRestored(
            f"{folder} is there and not empty. A backup is restored into a new folder alone: name"
            " another (--data), or move this one away first."
        )


def restore_into(
    folder: Path,
    backup: Path,
    settings: EngineSettings,
    organization_url: str,
    on_day: Callable[[RestoredDay], None],
) -> None:
    """Make a data folder of a backup that was checked; ``on_day`` is called for each day of it.

    1. In a new folder beside ``folder`` the ledger is loaded, and each day's
       digest is taken of what was loaded and held against the manifest's.
    2. The organization is made, in that folder or in its empty database.
    3. The new folder takes the place of ``folder``.

    Raises NotRestored, InvalidManifest, LedgerUnavailable, OrganizationUnavailable, a child of
    one of them, and OSError.
    """
    check_empty(folder)
    manifest = read_manifest(backup)
    folder = folder.absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.restoring-", dir=folder.parent))
    try:
        with loading(draft, manifest.ledger_version, settings) as loader:
            _load(loader, backup, manifest, on_day)
        if manifest.prices is not None:
            shutil.copyfile(backup / manifest.prices.path, draft / PRICES_NAME)
        with (backup / manifest.organization.path).open("rb") as lines:
            # The database\'s library, which commands that restore nothing start without.
            from tallybook.organization.copying import copy_in  # noqa: PLC0415

            copy_in(lines, draft, organization_url)
        for path in (*(each for each in draft.iterdir() if each.is_file()), draft):
            sync(path)
        draft.rename(folder)
        sync(folder.parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _load(
    loader: Loader, backup: Path, manifest: Manifest, on_day: Callable[[RestoredDay], None]
) -> None:
    tables = {table.name: table for table in manifest.tables}
    if SHAPE in tables:
        loader.make_sums(backup / tables[SHAPE].file.path)
    if strange := sorted(tables.keys() ^ {*loader.tables()}):
        raise NotRestored(
            f"The backup and a ledger of version {manifest.ledger_version} do not have the same"
            f" tables: {', '.join(strange)}. Nothing was made."
        )
    for table in tables.values():
        if loader.load_table(table.name, backup / table.file.path) != table.rows:
            raise NotRestored(f"{table.name} came out with other rows. Nothing was made.")
    for day in manifest.days:
        loader.load_day(backup / day.file.path)
        if loader.digest(day.number) != (day.events, day.digest):
            raise NotRestored(f"The events of {day.day} came out as others. Nothing was made.")
        on_day(RestoredDay(day.day, day.events, day.digest))
    if loader.count() != manifest.events:
        raise NotRestored("There are events of other days than the manifest has. Nothing was made.")
