"""The price book in force, read again when its file changes.

A file that cannot be used changes nothing: the prices that were in force stay,
and ``fault`` says why until the file is mended.
"""

import hashlib
import logging
import threading
from collections.abc import Callable
from pathlib import Path

from genai_prices.data_snapshot import get_snapshot

from tallybook.domain.instants import from_seconds
from tallybook.pricing.book import PriceBook
from tallybook.pricing.catalogue import Catalogue
from tallybook.pricing.own_prices import NONE, Fault, InvalidPrices, OwnPrices, read_prices
from tallybook.pricing.review import refuse_overlaps

FILE_NAME = "prices.toml"
NANOSECONDS = 1_000_000_000

_log = logging.getLogger("tallybook.pricing")

# What tells one state of a file from another; None when there is no file.
_Stamp = tuple[int, int, int] | None


def load_prices(path: Path, now_us: int) -> OwnPrices:
    """Read and check a price file. Raises InvalidPrices."""
    return _checked(_content(path), path, now_us)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise _unreadable(path, fault) from fault


def _checked(content: bytes, path: Path, now_us: int) -> OwnPrices:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise _unreadable(path, fault) from fault
    own = read_prices(text, path.name, now_us)
    refuse_overlaps(own)
    return own


def _unreadable(path: Path, fault: Exception) -> InvalidPrices:
    return InvalidPrices(path.name, [Fault(1, "file", f"it cannot be read: {fault}")])


class PriceSource:
    """The catalogue and one price file, which need not be there."""

    def __init__(self, path: Path | None, clock: Callable[[], float]) -> None:
        """Read the file when it is there; without a path, the catalogue alone is in force.

        Raises InvalidPrices.
        """
        self.path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._catalogue = Catalogue(get_snapshot())
        self._stamp = self._look()
        self._digest: str | None
        self._book, self._digest = self._read()
        # Why the file as it is now is not in force; null when it is.
        self.fault: InvalidPrices | None = None

    def book(self) -> PriceBook:
        """The book in force; another object once the file has changed. For any thread."""
        with self._lock:
            stamp = self._look()
            if stamp != self._stamp:
                self._stamp = stamp
                self._renew()
            return self._book

    def digest(self) -> str | None:
        """The SHA-256 of the price file in force, in hexadecimal; None when there is none."""
        self.book()
        return self._digest

    @property
    def release(self) -> str:
        """The name and release of the catalogue."""
        return self._catalogue.release

    def file_changed_at(self) -> int | None:
        """When the price file was changed last, in Unix seconds; None when there is none."""
        stamp = self._look()
        return None if stamp is None else stamp[0] // NANOSECONDS

    def _renew(self) -> None:
        try:
            self._book, self._digest = self._read()
            self.fault = None
            _log.warning("%s was read again", self.path)
        except InvalidPrices as fault:
            self.fault = fault
            _log.error("The prices in force stay, since %s", fault)

    def _look(self) -> _Stamp:
        if self.path is None:
            return None
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _read(self) -> tuple[PriceBook, str | None]:
        """The book of the file as it is now, and the file's digest. Raises InvalidPrices."""
        if self.path is None or self._stamp is None:
            return PriceBook(self._catalogue, NONE), None
        content = _content(self.path)
        own = _checked(content, self.path, from_seconds(self._clock()))
        return PriceBook(self._catalogue, own), hashlib.sha256(content).hexdigest()
