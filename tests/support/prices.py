"""Price books for tests: the catalogue's, and price files written on the spot."""

from datetime import UTC, datetime
from pathlib import Path

from genai_prices.data_snapshot import get_snapshot

from support.events import DAY
from tallybook.domain.instants import from_datetime, from_seconds
from tallybook.pricing.book import PriceBook
from tallybook.pricing.catalogue import Catalogue
from tallybook.pricing.own_prices import OwnPrices, read_prices
from tallybook.pricing.review import refuse_overlaps
from tallybook.pricing.source import FILE_NAME, PriceSource

NOW_US = from_seconds(DAY + 86_400)


def source(folder: Path, text: str | None = None) -> PriceSource:
    """The prices of a data folder, after its price file was written, if it is to have one."""
    if text is not None:
        (folder / FILE_NAME).write_text(text)
    return PriceSource(folder / FILE_NAME, lambda: DAY + 86_400.0)


def own(text: str) -> OwnPrices:
    """A price file's content, read and checked."""
    found = read_prices(text, FILE_NAME, NOW_US)
    refuse_overlaps(found)
    return found


def book(text: str = "") -> PriceBook:
    """The catalogue with a price file."""
    return PriceBook(Catalogue(get_snapshot()), own(text))


def at(text: str) -> int:
    """A moment in UTC, written like 2026-10-12T00:00, in microseconds."""
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=UTC))
