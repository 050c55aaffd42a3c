"""The manifest: all that a backup holds, with what each file has to be.

A folder is a backup if and only if it has one. It is written last, and files
have the first of their digest in their names, so that a newer backup never
touches what the manifest of the one before it names.
"""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

FILE_NAME = "manifest.json"
FORMAT = 1

DAYS, TABLES = "days", "tables"
_CHUNK_BYTES = 1 << 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# All that a manifest may name, and all that is ever written or removed beside it.
_PATH = re.compile(
    r"(?:days/[0-9]{4,6}-[0-9]{2}-[0-9]{2}|tables/[a-z][a-z0-9_]*|organization|prices)"
    r"-[0-9a-f]{16}\.(?:parquet|ndjson|toml)"
)


class InvalidManifest(Exception):
    """A folder is no backup, or one that this version cannot read."""


class NotRestored(Exception):
    """A backup was not restored; there is no new data folder."""


class File(msgspec.Struct, frozen=True):
    """A file of a backup: where it is below the backup's folder, and what it has to be."""

    path: str
    bytes: int
    sha256: str


class Day(msgspec.Struct, frozen=True):
    """The events of a UTC day, written like 2026-10-01.

    ``digest`` is that of the events, whatever file they are in
    (``ledger/duckdb/digests.py``); ``mark`` is equal as long as they do not change.
    """

    day: str
    events: int
    digest: str
    mark: str
    file: File

    @property
    def number(self) -> int:
        """Which day it is, since 1970."""
        return (datetime.fromisoformat(self.day).replace(tzinfo=UTC) - _EPOCH).days


class Table(msgspec.Struct, frozen=True):
    """A table of the ledger beside the events."""

    name: str
    rows: int
    file: File


class Manifest(msgspec.Struct, frozen=True, kw_only=True, tag_field="object", tag="backup"):
    """A backup as of ``taken_at``, a time in RFC 3339.

    ``ledger_version`` is how many migrations the ledger had; ``prices`` is
    null where there was no price file.
    """

    format: int
    tallybook: str
    taken_at: str
    ledger_version: int
    days: list[Day]
    tables: list[Table]
    organization: File
    prices: File | None = None

    @property
    def files(self) -> list[File]:
        """Every file that it names."""
        own = [self.organization] if self.prices is None else [self.organization, self.prices]
        days, tables = (day.file for day in self.days), (table.file for table in self.tables)
        return [*days, *tables, *own]

    @property
    def events(self) -> int:
        """How many events there are."""
        return sum(each.events for each in self.days)


class _Versioned(msgspec.Struct):
    format: int


def day_name(number: int) -> str:
    """A UTC day, by its number since 1970, as it is written."""
    return (_EPOCH + timedelta(days=number)).date().isoformat()


def is_own(path: str) -> bool:
    """Whether a path, below a backup's folder, is one that a backup may have."""
    return _PATH.fullmatch(path) is not None


def described(path: Path, name: str) -> File:
    """A file that is to be one of a backup, called ``name`` before its digest. Raises OSError."""
    sha256 = sha256_of(path)
    stem, suffix = name.split(".")
    return File(f"{stem}-{sha256[:16]}.{suffix}", path.stat().st_size, sha256)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal. Raises OSError."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(_CHUNK_BYTES):
            digest.update(part)
    return digest.hexdigest()


def encoded(manifest: Manifest) -> bytes:
    """A manifest as the content of its file."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"


def decoded(content: bytes, where: object) -> Manifest:
    """The manifest that a file holds, told of as ``where``. Raises InvalidManifest."""
    try:
        found = msgspec.json.decode(content, type=_Versioned).format
        if found != FORMAT:
            raise InvalidManifest(
                f"{where} is a backup in format {found}, and this Tallybook reads {FORMAT}:"
                " restore it with the version that made it, or a newer one."
            )
        manifest = msgspec.json.decode(content, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
        raise InvalidManifest(f"{where} is damaged: {fault}.") from fault
    if strange := [file.path for file in manifest.files if not is_own(file.path)]:
        raise InvalidManifest(f"{where} names {strange[0][:60]!r}, which is no file of a backup.")
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a backup's folder. Raises InvalidManifest and OSError."""
    path = folder / FILE_NAME
    try:
        content = path.read_bytes()
    except FileNotFoundError as fault:
        raise InvalidManifest(
            f"{folder} is no backup: it has no {FILE_NAME}, which is written last. One that was"
            " cut off has none."
        ) from fault
    return decoded(content, path)
