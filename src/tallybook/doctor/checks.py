"""The checks: pure functions of the facts, each with a verdict, what was found, and what to do."""

from collections.abc import Callable, Iterable
from enum import StrEnum

import msgspec

from tallybook.doctor.facts import Facts
from tallybook.domain.instants import DAY_SECONDS, MICROSECONDS, iso, iso_date

# A lag that a sealing thread that works never has: it looks every two seconds.
SEAL_LAG_SECONDS_MAX = 3 * 3_600
# Some three releases of the catalogue.
PRICES_AGE_SECONDS_MAX = 60 * DAY_SECONDS
KEY_EXPIRY_SECONDS = 14 * DAY_SECONDS
KEY_UNUSED_SECONDS = 30 * DAY_SECONDS
# How far a clock may have gone back before it is told: as far as it is set without harm.
CLOCK_BACK_SECONDS_MAX = 5
# Events may lie ahead by a day, for the clocks of others.
EVENTS_AHEAD_SECONDS_MAX = 2 * 3_600
FILES_MIN = 1_024
PYTHON_MIN = (3, 11)
# Of the zones that there are.
ZONES_MIN = 300
_MIB = 1 << 20
_NAMES_SHOWN_MAX = 5


class Verdict(StrEnum):
    """How a check ends. ``fail``: something is, or is about to be, broken."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One check: what was found, and where that is not well, what to do."""

    name: str
    verdict: Verdict
    found: str
    advice: str = ""


class Examination(msgspec.Struct, frozen=True, kw_only=True, tag_field="object", tag="doctor"):
    """All checks, in the order in which one would mend what they find, and the worst verdict."""

    verdict: Verdict
    checks: tuple[Check, ...]


def examine(facts: Facts) -> Examination:
    """What the facts mean."""
    checks = tuple(check(facts) for check in CHECKS)
    worst = max((check.verdict for check in checks), key=tuple(Verdict).index)
    return Examination(verdict=worst, checks=checks)


def _ok(name: str, found: str) -> Check:
    return Check(name=name, verdict=Verdict.OK, found=found)


def _warn(name: str, found: str, advice: str) -> Check:
    return Check(name=name, verdict=Verdict.WARN, found=found, advice=advice)


def _fail(name: str, found: str, advice: str) -> Check:
    return Check(name=name, verdict=Verdict.FAIL, found=found, advice=advice)


def _unseen(name: str, facts: Facts) -> Check:
    return _warn(name, f"not looked at: {facts.unseen}", "Ask the server that has it: --url, --key")


def _folder(facts: Facts) -> Check:
    folder = facts.folder
    if not folder.exists:
        return _fail("folder", f"{folder.path} is not there", "Name the data folder with --data.")
    if not folder.writable:
        return _fail(
            "folder",
            f"{folder.path} cannot be written by user {folder.asker}; it is user {folder.owner}'s",
            f"Run Tallybook as its owner, or: chown -R {folder.asker} {folder.path}",
        )
    if folder.mode & 0o022:
        return _fail(
            "folder",
            f"{folder.path} may be written by others than its owner (mode {folder.mode:o})",
            f"chmod 700 {folder.path}",
        )
    if folder.open_to_others:
        return _warn(
            "folder",
            f"others may read {', '.join(folder.open_to_others)} in {folder.path}",
            f"chmod 700 {folder.path}",
        )
    return _ok("folder", f"{folder.path}, mode {folder.mode:o}, of user {folder.owner}")


def _disk(facts: Facts) -> Check:
    disk, needed = facts.disk, 2 * facts.settings.log_bytes_max
    if disk is None:
        return _unseen("disk", facts)
    found = (
        f"{disk.free_bytes // _MIB} MiB free; the ledger has {disk.ledger_bytes // _MIB} MiB, its"
        f" log {disk.log_bytes // _MIB} MiB"
    )
    if disk.free_bytes < needed:
        return _fail(
            "disk",
            f"{found}; twice the log (log_bytes_max) is {needed // _MIB} MiB",
            "Make room: below this nothing is sealed, and soon no event is stored.",
        )
    if disk.free_bytes < 4 * needed:
        return _warn("disk", found, "Make room before it is needed.")
    return _ok("disk", found)


def _clock(facts: Facts) -> Check:
    now, ledger = facts.now, facts.ledger
    said = iso(int(now) * MICROSECONDS)
    ahead = "Set the clock (timedatectl); events are refused whose time is a day ahead of it."
    if ledger and ledger.newest_seal_us:
        back = ledger.newest_seal_us // MICROSECONDS - now
        if back > CLOCK_BACK_SECONDS_MAX:
            return _fail(
                "clock", f"it says {said}, {int(back)} s before something was sealed", ahead
            )
    newest_file_at = facts.clock.newest_file_at
    if newest_file_at and newest_file_at - now > CLOCK_BACK_SECONDS_MAX:
        back_seconds = int(newest_file_at - now)
        return _fail("clock", f"it says {said}, {back_seconds} s before a file was written", ahead)
    if facts.clock.zones < ZONES_MIN:
        return _fail(
            "clock",
            f"only {facts.clock.zones} time zones are known",
            "Install the time zone database: pip install tzdata",
        )
    if ledger and ledger.newest_hour and ledger.newest_hour - now > EVENTS_AHEAD_SECONDS_MAX:
        newest = iso(ledger.newest_hour * MICROSECONDS)
        return _warn(
            "clock",
            f"it says {said}, and there are events of {newest}",
            "Set the clock (timedatectl), or that of whoever sends events.",
        )
    return _ok("clock", f"{said}; {facts.clock.zones} time zones")


def _versions(facts: Facts) -> Check:
    found = facts.versions
    python = ".".join(map(str, found.python))
    told = f"Tallybook {found.tallybook}, Python {python}, DuckDB {found.duckdb}"
    if found.python < PYTHON_MIN:
        return _fail("versions", told, "Install Python 3.11 or later.")
    if found.data is not None and found.data > found.data_known:
        return _fail(
            "versions",
            f"{told}; the data is of version {found.data}, known are those up to"
            f" {found.data_known}",
            "Start the newer version again, or restore a backup.",
        )
    if found.data is not None and found.data < found.data_known:
        return _warn(
            "versions",
            f"{told}; the data is of version {found.data} and becomes {found.data_known}",
            "Make a backup, then start the server: it brings the data up to date.",
        )
    if not found.dashboard_built:
        return _warn("versions", f"{told}; the dashboard was not built", "pip install tallybook")
    return _ok("versions", f"{told}; data {'none' if found.data is None else found.data}")


def _seals(facts: Facts) -> Check:
    ledger = facts.ledger
    if ledger is None:
        return _unseen("seals", facts)
    found = f"{ledger.hours_sealed} hours and {ledger.days_sealed} days are sealed"
    if ledger.horizon:
        found += f", events before {iso(ledger.horizon * MICROSECONDS)} were let go"
    if ledger.oldest_due is None:
        return _ok("seals", f"{found}, and nothing is due")
    lag = ledger.seal_lag_seconds(int(facts.now), facts.settings.seal_grace_seconds)
    oldest = iso(ledger.oldest_due * MICROSECONDS)
    if lag > SEAL_LAG_SECONDS_MAX:
        return _warn(
            "seals",
            f"{found}; the oldest that is due is that of {oldest}",
            "A server seals by itself: see its log for why it does not. Without one: tallybook"
            " seal",
        )
    return _ok("seals", f"{found}; that of {oldest} is next")


def _prices(facts: Facts) -> Check:
    prices = facts.prices
    if prices is None:
        return _unseen("prices", facts)
    own = (
        "no price file"
        if prices.file_changed_at is None
        else f"a price file of {iso(prices.file_changed_at * MICROSECONDS)}"
    )
    if prices.fault:
        return _fail("prices", prices.fault, "Mend it, and try: tallybook prices check")
    if prices.installed_at is None:
        return _ok("prices", f"{prices.release}, {own}")
    installed = iso_date(prices.installed_at)
    found = f"{prices.release}, installed on {installed}; {own}"
    if facts.now - prices.installed_at > PRICES_AGE_SECONDS_MAX:
        return _warn("prices", found, "pip install --upgrade genai-prices, then start it again.")
    return _ok("prices", found)


def _unpriced(facts: Facts) -> Check:
    if facts.unpriced is None:
        return _unseen("unpriced", facts)
    if facts.unpriced:
        return _warn(
            "unpriced",
            f"{facts.unpriced} events of the last 30 days have no price",
            "See which: tallybook costs --group-by model; state their prices, then: tallybook"
            " reprice",
        )
    return _ok("unpriced", "all events of the last 30 days have a price")


def _keys(facts: Facts) -> Check:
    if facts.keys is None:
        return _unseen("keys", facts)
    now = facts.now
    live = [key for key in facts.keys if key.expires_at is None or key.expires_at > now]
    ending = [key for key in live if key.expires_at and key.expires_at - now < KEY_EXPIRY_SECONDS]
    unused = [
        key
        for key in live
        if key.last_used_at is None and now - key.created_at > KEY_UNUSED_SECONDS
    ]
    found = f"{len(live)} in force"
    if ending:
        names = _named(f"{key.id} ({key.name})" for key in ending)
        return _warn("keys", f"{found}; expire within 14 days: {names}", "tallybook keys create")
    if unused:
        names = _named(f"{key.id} ({key.name})" for key in unused)
        return _warn(
            "keys",
            f"{found}; never used in 30 days: {names}",
            "What nobody needs only endangers: tallybook keys revoke KEY_ID",
        )
    return _ok("keys", found)


def _named(names: Iterable[str]) -> str:
    listed = list(names)
    more = len(listed) - _NAMES_SHOWN_MAX
    return ", ".join(listed[:_NAMES_SHOWN_MAX]) + (f" and {more} more" if more > 0 else "")


def _settings(facts: Facts) -> Check:
    settings, machine = facts.settings, facts.machine
    wanted = settings.memory_max_bytes + settings.queue_bytes_max
    if wanted > machine.memory_bytes:
        return _fail(
            "settings",
            f"memory_max_bytes and queue_bytes_max are {wanted // _MIB} MiB, and this machine has"
            f" {machine.memory_bytes // _MIB}",
            "Lower memory_max_bytes, or leave it out: then it is half of the machine's.",
        )
    if settings.threads > machine.cores:
        return _warn(
            "settings",
            f"threads is {settings.threads}, and this machine has {machine.cores} cores",
            "Leave threads out: then it is one per core.",
        )
    if settings.body_bytes_max > settings.queue_bytes_max:
        return _warn(
            "settings",
            f"body_bytes_max ({settings.body_bytes_max}) is above queue_bytes_max"
            f" ({settings.queue_bytes_max})",
            "Raise queue_bytes_max: one body fills the queue.",
        )
    return _ok(
        "settings", f"fit {machine.cores} cores and {machine.memory_bytes // _MIB} MiB of memory"
    )


def _files(facts: Facts) -> Check:
    files_max = facts.machine.files_max
    if files_max < FILES_MIN:
        return _warn(
            "files",
            f"a process may have {files_max} files and connections open",
            f"ulimit -n 65536, or LimitNOFILE=65536 in the unit; at least {FILES_MIN}",
        )
    return _ok("files", f"a process may have {files_max} files and connections open")


CHECKS: tuple[Callable[[Facts], Check], ...] = (
    _folder,
    _disk,
    _clock,
    _versions,
    _seals,
    _prices,
    _unpriced,
    _keys,
    _settings,
    _files,
)
