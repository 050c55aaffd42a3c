"""Opening the ledger that the settings name."""

import os
from pathlib import Path

from tallybook.domain.errors import LedgerUnavailable
from tallybook.ledger.duckdb.engine import EngineSettings
from tallybook.ledger.duckdb.store import DuckDBLedger
from tallybook.ledger.ledger import Ledger
from tallybook.settings import Settings

# The most that the engine takes of a machine unless a setting says more.
MEMORY_MAX_BYTES = 4 << 30


def make_folder(folder: Path) -> None:
    """Make the data folder, readable by its owner alone. Raises LedgerUnavailable."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as fault:
        raise LedgerUnavailable(f"The data folder {folder} cannot be made: {fault}.") from fault


def open_ledger(settings: Settings) -> Ledger:
    """Open the ledger of the data folder, which is made when missing.

    Raises LedgerInUse, LedgerTooNew or LedgerUnavailable.
    """
    make_folder(settings.data)
    half = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    return DuckDBLedger(
        settings.data,
        EngineSettings(
            memory_max_bytes=settings.memory_max_bytes or min(half, MEMORY_MAX_BYTES),
            threads=settings.threads or os.cpu_count() or 1,
            log_bytes_max=settings.log_bytes_max,
        ),
    )
