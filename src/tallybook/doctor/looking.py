"""Looking: the facts as the machine, the folder and the ledger give them. All I/O is here."""

import os
import resource
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import available_timezones

from tallybook.doctor.facts import Clock, Disk, Folder, KeyFound, Machine, Prices, Versions
from tallybook.domain.buckets import BucketWidth
from tallybook.domain.instants import DAY_SECONDS
from tallybook.domain.queries import CostsQuery
from tallybook.ledger.duckdb.files import FILE_NAME, LOG_NAME
from tallybook.ledger.duckdb.peeking import RELEASE
from tallybook.ledger.duckdb.schema import MIGRATIONS
from tallybook.ledger.ledger import Ledger
from tallybook.ledger.stopping import NEVER, Stop
from tallybook.organization.database import FILE_NAME as ORGANIZATION_FILE
from tallybook.organization.keys import all_keys
from tallybook.organization.organization import Organization
from tallybook.organization.records import Origin
from tallybook.organization.windows import LIMIT_MAX, Window
from tallybook.pricing.catalogue import catalogue_installed_at
from tallybook.pricing.source import PriceSource
from tallybook.version import __version__

UNPRICED_DAYS = 30

# What the folder holds that nobody but its owner has any business with.
_PRIVATE = (FILE_NAME, LOG_NAME, ORGANIZATION_FILE, f"{ORGANIZATION_FILE}-wal")
# Where a container's limit of memory is told; "max" where there is none.
_MEMORY_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def look_at_folder(path: Path) -> Folder:
    """The data folder and the rights of what is in it."""
    asker = os.geteuid()
    if not path.is_dir():
        return Folder(path=str(path), exists=False, asker=asker)
    found = path.stat()
    mode = stat.S_IMODE(found.st_mode)
    # Whoever cannot enter the folder cannot read what is in it.
    entered = mode & (stat.S_IXGRP | stat.S_IXOTH)
    return Folder(
        path=str(path),
        exists=True,
        mode=mode,
        owner=found.st_uid,
        asker=asker,
        writable=os.access(path, os.R_OK | os.W_OK | os.X_OK),
        open_to_others=tuple(_open_to_others(path)) if entered else (),
    )


def _open_to_others(folder: Path) -> Iterator[str]:
    for name in _PRIVATE:
        path = folder / name
        if path.exists() and path.stat().st_mode & _OTHERS:
            yield name


def bytes_of(path: Path) -> int:
    """How large a file is; 0 where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def look_at_disk(folder: Path) -> Disk | None:
    """The disk that holds a folder; None where there is no such folder."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return None
    return Disk(
        free_bytes=usage.free,
        total_bytes=usage.total,
        ledger_bytes=bytes_of(folder / FILE_NAME),
        log_bytes=bytes_of(folder / LOG_NAME),
    )


def look_at_machine() -> Machine:
    """What this process may use of the machine."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for path in _MEMORY_LIMITS:
        text = path.read_text().strip() if path.is_file() else ""
        if text.isdecimal():
            memory = min(memory, int(text))
    files_max, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return Machine(cores=os.cpu_count() or 1, memory_bytes=memory, files_max=files_max)


def look_at_versions(data: int | None, *, dashboard_built: bool) -> Versions:
    """What is installed, beside data of a version."""
    return Versions(
        tallybook=__version__,
        python=sys.version_info[:3],
        duckdb=RELEASE,
        data=data,
        data_known=len(MIGRATIONS),
        dashboard_built=dashboard_built,
    )


def look_at_clock(folder: Path) -> Clock:
    """What the clock of a machine with this folder is held against."""
    times = [path.stat().st_mtime for name in _PRIVATE if (path := folder / name).exists()]
    return Clock(
        newest_file_at=int(max(times)) if times else None, zones=len(available_timezones())
    )


def look_at_prices(prices: PriceSource) -> Prices:
    """The price book in force."""
    prices.book()
    return Prices(
        release=prices.release,
        installed_at=catalogue_installed_at(),
        file_changed_at=prices.file_changed_at(),
        fault=None if prices.fault is None else str(prices.fault),
    )


def count_unpriced(
    ledger: Ledger, now: float, days: int = UNPRICED_DAYS, stop: Stop = NEVER
) -> int:
    """How many events of the last days, today included, have a charge that nobody prices."""
    end = BucketWidth.DAY.next(BucketWidth.DAY.floor(int(now)))
    start = end - days * DAY_SECONDS
    query = CostsQuery(start=start, end=end, width=BucketWidth.DAY, limit=days, resume=start)
    return ledger.unpriced(query, query.page_spans, stop=stop)


def look_at_keys(organization: Organization) -> tuple[KeyFound, ...]:
    """The keys that are not revoked, and open something. Raises OrganizationUnavailable."""
    found: list[KeyFound] = []
    after: str | None = None
    with organization.reading() as connection:
        while True:
            page = all_keys(connection, Window(limit=LIMIT_MAX, after=after))
            found += (
                KeyFound(
                    id=key.id,
                    name=key.name,
                    created_at=key.created_at,
                    expires_at=key.expires_at,
                    last_used_at=key.last_used_at,
                )
                for key in page.records
                if key.origin is not Origin.REGISTERED
            )
            if not page.has_more:
                return tuple(found)
            after = page.records[-1].id
