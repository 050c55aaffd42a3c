"""A backup on its way over a connection: a tar archive, whose last member is the manifest.

What was cut off has no manifest, and so is no backup. Where a backup fails
after its first bytes are gone, its last member says why instead.
"""

import tarfile
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Protocol

from tallybook.backup.manifest import (
    FILE_NAME,
    File,
    InvalidManifest,
    Manifest,
    decoded,
    encoded,
    is_own,
    sha256_of,
)
from tallybook.backup.taking import Part
from tallybook.domain.errors import TallybookError

MEDIA_TYPE = "application/x-tar"
# What stands in place of the manifest where there is none: one sentence.
FAULT_NAME = "fault.txt"
# Of folders in which files are put together; one that is left is of a process that died.
DRAFTS_PREFIX = ".receiving-"
_CHUNK_BYTES = 1 << 20
_MANIFEST_BYTES_MAX = 1 << 28


class BackupFailed(Exception):
    """A backup that was begun came to no end; the one before it is untouched."""


class Reads(Protocol):
    """Bytes that come one after the other: no more than asked for, none at the end."""

    def read(self, size: int, /) -> bytes:
        """The next bytes."""
        ...


def packed(parts: Iterable[Part | Manifest]) -> Iterator[bytes]:
    """An archive of parts, in pieces; a fault ends it with its sentence."""
    try:
        for part in parts:
            if isinstance(part, Manifest):
                yield _member(FILE_NAME, encoded(part))
            else:
                yield _header(part.file.path, part.file.bytes)
                yield from _padded(part.content)
    except (TallybookError, OSError) as fault:
        yield _member(FAULT_NAME, str(fault).encode())
    yield bytes(2 * tarfile.BLOCKSIZE)


def unpacked(archive: Reads, folder: Path) -> Iterator[Part | Manifest]:
    """The parts of an archive, whose files are made in ``folder`` one at a time.

    Raises BackupFailed, InvalidManifest, what ``archive`` raises, and OSError
    when the disk is full.
    """
    with TemporaryDirectory(dir=folder, prefix=DRAFTS_PREFIX) as drafts:
        yield from _members(archive, Path(drafts) / "draft")


def _members(archive: Reads, draft: Path) -> Iterator[Part | Manifest]:
    try:
        with tarfile.open(fileobj=_Stream(archive), mode="r|", bufsize=_CHUNK_BYTES) as members:
            for member in members:
                content = members.extractfile(member)
                if content is None:
                    raise BackupFailed(f"What came has {member.name[:60]!r}, which is no file.")
                if member.name in (FILE_NAME, FAULT_NAME):
                    yield _manifest(member.name, content.read(_MANIFEST_BYTES_MAX))
                    return
                yield _received(member.name, content, draft)
    except tarfile.TarError as fault:
        raise BackupFailed(f"What came is no backup, or was cut off: {fault}.") from fault
    raise BackupFailed("What came ended before its manifest: the backup was cut off.")


def _manifest(name: str, content: bytes) -> Manifest:
    if name == FAULT_NAME:
        raise BackupFailed(content.decode(errors="replace"))
    return decoded(content, "what came")


def _received(name: str, content: IO[bytes], draft: Path) -> Part:
    """A file as it came. Raises InvalidManifest for a name that no backup has."""
    if not is_own(name):
        raise InvalidManifest(f"What came names {name[:60]!r}, which is no file of a backup.")
    with draft.open("wb") as file:
        while piece := content.read(_CHUNK_BYTES):
            file.write(piece)
    return Part(File(name, draft.stat().st_size, sha256_of(draft)), draft)


def _member(name: str, content: bytes) -> bytes:
    return _header(name, len(content)) + content + bytes(-len(content) % tarfile.BLOCKSIZE)


def _header(name: str, size: int) -> bytes:
    member = tarfile.TarInfo(name)
    member.size = size
    member.mode = 0o600
    return member.tobuf(tarfile.PAX_FORMAT)


def _padded(path: Path) -> Iterator[bytes]:
    size = 0
    with path.open("rb") as file:
        while piece := file.read(_CHUNK_BYTES):
            size += len(piece)
            yield piece
    yield bytes(-size % tarfile.BLOCKSIZE)


class _Stream(BytesIO):
    """What tarfile takes for a file that can only be read on."""

    def __init__(self, source: Reads) -> None:
        super().__init__()
        self._source = source

    def read(self, size: int | None = -1, /) -> bytes:
        """The next bytes."""
        return self._source.read(_CHUNK_BYTES if size is None or size < 0 else size)
