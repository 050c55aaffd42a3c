"""The facts that checks judge: values, as they were found at one moment.

A part is null where it could not be looked at; ``unseen`` says why.
"""

import msgspec

from tallybook.ledger.condition import Condition
from tallybook.settings import Settings


class Folder(msgspec.Struct, frozen=True, kw_only=True):
    """The data folder: its rights, whose it is and who asks, and whether that one may write."""

    path: str
    exists: bool
    mode: int = 0
    owner: int = 0
    asker: int = 0
    writable: bool = False
    # Files in it that others than their owner may read or write, by name.
    open_to_others: tuple[str, ...] = ()


class Disk(msgspec.Struct, frozen=True, kw_only=True):
    """The disk that holds the data folder."""

    free_bytes: int
    total_bytes: int
    ledger_bytes: int
    log_bytes: int


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """What the machine has. ``memory_bytes`` is what this process may use of it."""

    cores: int
    memory_bytes: int
    files_max: int


class Versions(msgspec.Struct, frozen=True, kw_only=True):
    """What is installed, and the version of the data and of what is known of it.

    ``data`` is null where no ledger is.
    """

    tallybook: str
    python: tuple[int, int, int]
    duckdb: str
    data: int | None
    data_known: int
    dashboard_built: bool


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """What the clock is held against: the newest change of a file, the zones that are known."""

    newest_file_at: int | None
    zones: int
    boot_at: int | None = None


class Prices(msgspec.Struct, frozen=True, kw_only=True):
    """The price book: the catalogue's release and when it was installed; the price file."""

    release: str
    installed_at: int | None
    file_changed_at: int | None
    fault: str | None


class KeyFound(msgspec.Struct, frozen=True, kw_only=True):
    """A key that is not revoked, without what opens it."""

    id: str
    name: str
    created_at: int
    expires_at: int | None
    last_used_at: int | None


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """All that was found. ``owner`` is the process that has the ledger open, if another has."""

    now: float
    settings: Settings
    folder: Folder
    machine: Machine
    versions: Versions
    clock: Clock
    disk: Disk | None = None
    prices: Prices | None = None
    ledger: Condition | None = None
    unpriced: int | None = None
    keys: tuple[KeyFound, ...] | None = None
    unseen: str = ""
