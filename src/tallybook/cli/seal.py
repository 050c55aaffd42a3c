"""``tallybook seal`` and ``tallybook rebuild``: make sums that a server makes by itself."""

import time
from contextlib import AbstractContextManager

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress

from tallybook.cli.serving import Config, Data
from tallybook.cli.target import FolderTarget, Profile, folder_of
from tallybook.ledger.sealable import Sealable, SealedLedger
from tallybook.settings import Settings

# The status of a command that Ctrl-C ended.
INTERRUPTED = 130

_STOP_IT = "it seals by itself what is over, and nothing is to be done; to rebuild, stop it first."
_STOPPED = (
    "Stopped. What is not sealed is read from the events, as exactly and not as fast. To go on from"
    " here: tallybook seal"
)


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """What was sealed: ``hours``, of so many ``days``. ``left`` hours and days could not be."""

    hours: int
    days: int
    left: int
    seconds: float


def seal(*, data: Data = None, profile: Profile = None, config: Config = None) -> None:
    """Seal what is over: fold its events into the sums that questions are answered from.

    A server does that by itself. This is for a folder that no server owns, as
    after a large import: the first questions to the next server are fast. It
    may be interrupted, and goes on from there when it is run again.

    Example: tallybook seal --data ./tallybook-data
    """
    with _owned(folder_of(data, config, profile)) as ledger:
        _seal(ledger)


def rebuild(*, data: Data = None, profile: Profile = None, config: Config = None) -> None:
    """Make all sums anew from the events, which are the truth and are not touched.

    Of days whose events were let go (setting retention_days) the sums stay as they are.

    For when tallybook verify finds a difference. It works on a folder that no
    server owns. It may be interrupted: what is not sealed is read from the
    events, and tallybook seal goes on from there.

    Example: tallybook rebuild --data ./tallybook-data
    """
    with _owned(folder_of(data, config, profile)) as ledger:
        ledger.unseal()
        _seal(ledger)


def _owned(settings: Settings) -> AbstractContextManager[SealedLedger]:
    """The ledger of the data folder, to keep the tags of the settings.

    Where they name none, those that it keeps already: a shell may lack what a server is started
    with, and with other tags all is to be sealed again.
    """
    return FolderTarget(settings).own(_STOP_IT, settings.kept_tags or None)


def _seal(ledger: SealedLedger) -> None:
    """Seal what is due, and say what came of it."""
    aside, console = Console(stderr=True), Console(highlight=False, soft_wrap=True)
    try:
        with Progress(console=aside, transient=True, disable=not aside.is_terminal) as progress:
            sealed = seal_due(ledger, time.time(), progress)
    except KeyboardInterrupt:
        aside.print(_STOPPED, highlight=False, soft_wrap=True)
        raise typer.Exit(INTERRUPTED) from None
    if not sealed.days:
        console.print("Nothing was left to seal.")
        return
    console.print(
        f"Sealed {_counted(sealed.hours, 'hour')} of {_counted(sealed.days, 'day')} in"
        f" {sealed.seconds:,.1f} s."
    )
    if sealed.left:
        console.print(
            f"{_counted(sealed.left, 'hour or day', 'hours or days')} were not: their sums are too"
            " large to be kept. They are read from the events, as exactly."
        )


def seal_due(ledger: Sealable, now: float, progress: Progress) -> Sealed:
    """Seal what is due at a moment, in Unix seconds, in a ledger to which nothing more comes.

    ``progress`` shows the days. Interrupted, it leaves a ledger that is
    sealed so far, and right.
    """
    began = time.perf_counter()
    # The first look leaves alone what was stored just now, for more may come: here it does not.
    ledger.due(now)
    found = ledger.due(now)
    task = progress.add_task("Sealing days (Ctrl-C does no harm)", total=len(found))
    hours = 0
    for due in found:
        hours += ledger.seal(due)
        progress.advance(task)
    left = sum(len(due.hours) or 1 for due in ledger.due(now))
    return Sealed(hours=hours, days=len(found), left=left, seconds=time.perf_counter() - began)


def _counted(count: int, one: str, many: str = "") -> str:
    """A number with its noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
