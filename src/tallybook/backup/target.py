"""The folder that a backup is written into, and in which the one before it stays whole.

1. Each file that is not there yet is written, synced, and given its name, which
   has its digest: what another manifest names is never overwritten.
2. The folders are synced, so that the names are on disk.
3. The manifest is written beside the one before it, synced, and put in its place.
   From here on the new backup is the one that is there.
4. Files that it does not name are removed.

A process that dies, or a disk that is full, before 3 leaves the backup before
it, and files that the next backup removes.
"""

import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tallybook.backup.archive import DRAFTS_PREFIX, BackupFailed
from tallybook.backup.manifest import (
    DAYS,
    FILE_NAME,
    TABLES,
    Day,
    File,
    InvalidManifest,
    Manifest,
    encoded,
    is_own,
    read_manifest,
)
from tallybook.backup.taking import Part
from tallybook.ledger.durable import sync

_FOLDERS = (DAYS, TABLES)
_DRAFT = ".part"


class Written(msgspec.Struct, frozen=True):
    """A backup that is there, and how much of it was written for it."""

    manifest: Manifest
    files: int
    bytes: int


class Target:
    """A backup's folder, while one backup is written into it."""

    def __init__(self, folder: Path) -> None:
        """Of a folder that is locked: see ``locked``. Raises InvalidManifest and OSError."""
        self.folder = folder
        self.before = read_manifest(folder) if (folder / FILE_NAME).exists() else None

    @property
    def known(self) -> list[Day]:
        """The days of the backup before whose files are there, and as long as they are to be."""
        days = [] if self.before is None else self.before.days
        return [day for day in days if self._is_there(day.file)]

    def write(self, parts: Iterable[Part | Manifest]) -> Written:
        """Write a backup. Raises BackupFailed, InvalidManifest, what the parts raise and OSError.

        When it raises, the backup before is what is there.
        """
        written: dict[str, File] = {}
        for part in parts:
            if isinstance(part, Manifest):
                self._check(part, written)
                self._finish(part)
                return Written(part, len(written), sum(each.bytes for each in written.values()))
            self._keep(part)
            written[part.file.path] = part.file
        raise BackupFailed("There was no manifest: the backup was cut off.")

    def _keep(self, part: Part) -> None:
        path = self.folder / part.file.path
        path.parent.mkdir(mode=0o700, exist_ok=True)
        draft = path.with_name(f".{path.name}{_DRAFT}")
        try:
            shutil.copyfile(part.content, draft)
            sync(draft)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)

    def _check(self, manifest: Manifest, written: dict[str, File]) -> None:
        """Return when every file came as the manifest has it, or was there. Raises BackupFailed."""
        before = {day.file.path: day.file for day in self.known}
        for file in manifest.files:
            if (written.get(file.path) or before.get(file.path)) != file:
                raise BackupFailed(f"{file.path} did not come as it is to be. Take it again.")

    def _finish(self, manifest: Manifest) -> None:
        for name in _FOLDERS:
            if (self.folder / name).exists():
                sync(self.folder / name)
        draft = self.folder / f".{FILE_NAME}{_DRAFT}"
        try:
            draft.write_bytes(encoded(manifest))
            sync(draft)
            sync(self.folder)
            draft.replace(self.folder / FILE_NAME)
        finally:
            draft.unlink(missing_ok=True)
        sync(self.folder)
        self._sweep({file.path for file in manifest.files})

    def _sweep(self, named: set[str]) -> None:
        """Remove what earlier backups had, and what those that were cut off left behind."""
        for folder in (self.folder, *(self.folder / name for name in _FOLDERS)):
            for path in folder.iterdir() if folder.exists() else ():
                name = str(path.relative_to(self.folder))
                left = path.name.startswith(".") and path.name.endswith(_DRAFT)
                if left or (is_own(name) and name not in named):
                    path.unlink()
                elif path.name.startswith(DRAFTS_PREFIX):
                    shutil.rmtree(path, ignore_errors=True)

    def _is_there(self, file: File) -> bool:
        path = self.folder / file.path
        return path.is_file() and path.stat().st_size == file.bytes


@contextmanager
def locked(folder: Path) -> Iterator[Target]:
    """The target in a folder, which is made when missing, for one backup at a time.

    Raises InvalidManifest for a folder that holds something else or is in use,
    and OSError.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (folder / FILE_NAME).exists():
        _refuse_what_is_none(folder)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as fault:
        os.close(handle)
        raise InvalidManifest(
            f"Another command is writing a backup into {folder}. Wait until it has ended."
        ) from fault
    try:
        yield Target(folder)
    finally:
        os.close(handle)


def _refuse_what_is_none(folder: Path) -> None:
    """Raise InvalidManifest for a folder in which there is something that no backup has."""
    for path in folder.iterdir():
        if not (path.name in _FOLDERS or path.name.startswith(".") or is_own(path.name)):
            raise InvalidManifest(
                f"{folder} is not empty and no backup: it holds {path.name[:60]!r}. Name a folder"
                " of its own; it is made when missing."
            )
