"""``tallybook verify``: the proof that what is sealed equals its events."""

import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.table import Table

from tallybook.cli.as_json import print_as_json
from tallybook.cli.backup_tables import print_verification, verification_of
from tallybook.cli.serving import Config, Data
from tallybook.cli.target import FolderTarget, Profile, folder_of
from tallybook.domain.buckets import BucketWidth
from tallybook.domain.instants import MICROSECONDS, iso, iso_date
from tallybook.ledger.sealable import Verified

# Discrepancies that a table tells one by one; all are counted, and JSON has all.
SHOWN_MAX = 20

_STOP_IT = "stop it first; a folder is verified while nobody else has it open."
_EQUAL = "Everything that is sealed equals its events."
_NOTHING = "Nothing is sealed, so there is nothing to verify: all is read from the events."
_LET_GO = (
    "The events of days that were let go are not there: of these the sums were held against finer"
    " sums, and what is in the archive against its digest."
)
_DIFFERS = (
    "What is marked here is not what its events add up to, and questions are answered from it. The"
    " events are the truth: make the sums anew with tallybook rebuild, and report this as a defect."
)
_NOT_ANEW = (
    " Of days that were let go no sums can be made anew: restore a backup, or the archive's file."
)


Backup = Annotated[
    Path | None,
    typer.Argument(
        metavar="[BACKUP]",
        help="The folder of a backup, to be verified instead of a ledger.",
        show_default=False,
    ),
]


class Difference(msgspec.Struct, frozen=True):
    """An hour (``1h``) or day (``1d``) of which a table has other rows than its events give."""

    start_time: str
    width: BucketWidth
    table: str
    rows: int


class Verification(msgspec.Struct, kw_only=True, tag_field="object", tag="verification"):
    """What was looked at so far, and what differs: ``rows_that_differ`` by table.

    Of the days that were let go, sums were held against finer sums, and archives against digests.
    """

    days: int = 0
    hours_sealed: int = 0
    days_sealed: int = 0
    days_let_go: int = 0
    rows_that_differ: Counter[str] = msgspec.field(default_factory=Counter)
    differences: list[Difference] = msgspec.field(default_factory=list)
    seconds: float = 0.0

    def add(self, verified: Verified) -> None:
        """Count a day."""
        self.days += 1
        self.hours_sealed += verified.hours
        self.days_sealed += verified.whole
        self.days_let_go += verified.let_go
        for each in verified.discrepancies:
            self.rows_that_differ[each.table] += each.rows
            start = iso(each.start * MICROSECONDS)
            self.differences.append(Difference(start, each.width, each.table, each.rows))


def verify(
    backup: Backup = None,
    *,
    data: Data = None,
    profile: Profile = None,
    config: Config = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Prove that the sums that questions are answered from equal the events, or a backup.

    Every sealed hour and day is folded again and compared row by row, in a
    folder that no server owns; nothing is changed. Ends with status 0 when
    all equals, with 1 when something differs.

    Of a backup every file's checksum, every count and every day's digest is
    held against its manifest, with the same status.

    Example: tallybook verify --data ./tallybook-data
    """
    if backup is not None:
        if data or profile:
            raise typer.BadParameter("A backup is verified by itself, without --data or --profile.")
        _verify_backup(backup, as_json=as_json)
        return
    with FolderTarget(folder_of(data, config, profile)).own(_STOP_IT) as ledger:
        found = _verified(ledger.verify())
    console = Console(highlight=False, soft_wrap=True)
    if as_json:
        print_as_json(found, console)
    else:
        _print(found, console)
    if found.differences:
        raise typer.Exit(1)


def _verify_backup(folder: Path, *, as_json: bool) -> None:
    """Look at a backup, and tell of it. Raises InvalidManifest and Exit."""
    found = verification_of(folder)
    console = Console(highlight=False, soft_wrap=True)
    if as_json:
        print_as_json(found, console)
    else:
        print_verification(found, console)
    if found.damaged:
        raise typer.Exit(1)


def _verified(days: Iterable[Verified]) -> Verification:
    """Everything that is found, with a line that says how far it is."""
    found, began, aside = Verification(), time.perf_counter(), Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    with Progress(
        *columns, console=aside, transient=True, disable=not aside.is_terminal
    ) as progress:
        task = progress.add_task("Verifying")
        for verified in days:
            found.add(verified)
            day = iso_date(verified.day)
            progress.update(task, description=f"Verifying: {found.days:,} days, back to {day}")
    found.seconds = time.perf_counter() - began
    return found


def _print(found: Verification, console: Console) -> None:
    if not found.days:
        console.print(_NOTHING)
        return
    table = Table(box=SIMPLE, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    for name, value in (
        ("days looked at", f"{found.days:,}"),
        ("hours sealed", f"{found.hours_sealed:,}"),
        ("days sealed", f"{found.days_sealed:,}"),
        *((("days let go", f"{found.days_let_go:,}"),) if found.days_let_go else ()),
        ("rows that differ", f"{found.rows_that_differ.total():,}"),
        *((f"  {name}", f"{rows:,}") for name, rows in sorted(found.rows_that_differ.items())),
        ("seconds", f"{found.seconds:,.1f}"),
    ):
        table.add_row(name, value)
    console.print(table)
    if found.days_let_go:
        console.print(_LET_GO)
    if not found.differences:
        console.print(_EQUAL)
        return
    _print_differences(found.differences, console)
    told = _DIFFERS + _NOT_ANEW if found.days_let_go else _DIFFERS
    console.print(f"[bold red]{told}[/]")


def _print_differences(differences: list[Difference], console: Console) -> None:
    table = Table(box=SIMPLE)
    table.add_column("hour or day\n[dim]UTC[/]", no_wrap=True)
    table.add_column("table", no_wrap=True)
    table.add_column("rows that differ", justify="right", no_wrap=True)
    for each in differences[:SHOWN_MAX]:
        day, _, clock = each.start_time.partition("T")
        span = day if each.width is BucketWidth.DAY else f"{day} {clock[:5]}"
        table.add_row(span, each.table, f"{each.rows:,}")
    console.print(table)
    if (more := len(differences) - SHOWN_MAX) > 0:
        console.print(f"… and {more:,} more; --json has all")
