"""Opening the ledger that the settings name."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from tallybook.domain.errors import LedgerUnavailable
from tallybook.ledger.duckdb.engine import EngineSettings
from tallybook.ledger.duckdb.store import DuckDBLedger
from tallybook.ledger.sealable import SealedLedger
from tallybook.pricing.own_prices import Fault, InvalidPrices
from tallybook.pricing.source import FILE_NAME, PriceSource
from tallybook.settings import Settings

# The most that the engine takes of a machine unless a setting says more.
MEMORY_MAX_BYTES = 4 << 30


def make_folder(folder: Path) -> None:
    """Make the data folder, readable by its owner alone. Raises LedgerUnavailable."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as fault:
        raise LedgerUnavailable(f"The data folder {folder} cannot be made: {fault}.") from fault


def prices_path(settings: Settings) -> Path:
    """The price file: that of the settings, or the one in the data folder; it need not be there."""
    return settings.prices or settings.data / FILE_NAME


def open_prices(settings: Settings, clock: Callable[[], float] = time.time) -> PriceSource:
    """The price book of the settings. Raises InvalidPrices."""
    path = prices_path(settings)
    if settings.prices and not path.exists():
        raise InvalidPrices(str(path), [Fault(1, "file", "there is none (setting prices)")])
    return PriceSource(path, clock)


def prices_for_reading(settings: Settings) -> PriceSource:
    """The price book for someone who stores nothing, whom a broken price file does not stop."""
    try:
        return open_prices(settings)
    except InvalidPrices:
        return PriceSource(None, time.time)


def open_ledger(
    settings: Settings, prices: PriceSource, kept_tags: tuple[str, ...] | None = None
) -> SealedLedger:
    """Open the ledger of the data folder, which is made when missing.

    Events are priced by ``prices``. ``kept_tags`` are those that its rollups
    are to keep, null the same as before; where they change, everything is to
    be sealed again. Raises LedgerInUse, LedgerTooNew or LedgerUnavailable.
    """
    make_folder(settings.data)
    return DuckDBLedger(settings.data, engine_settings(settings, kept_tags), prices)


def engine_settings(settings: Settings, kept_tags: tuple[str, ...] | None = None) -> EngineSettings:
    """What the engine may use of the machine, as the settings have it."""
    half = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    return EngineSettings(
        memory_max_bytes=settings.memory_max_bytes or min(half, MEMORY_MAX_BYTES),
        threads=settings.threads or os.cpu_count() or 1,
        log_bytes_max=settings.log_bytes_max,
        seal_grace_seconds=settings.seal_grace_seconds,
        kept_tags=kept_tags,
        retention_days=settings.retention_days,
        retention_archive=bool(settings.retention_archive),
    )
