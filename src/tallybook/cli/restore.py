"""``tallybook restore``: a data folder made of a backup, and the proof that it is the same."""

import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.markup import escape

from tallybook.backup.checking import faults_of
from tallybook.backup.manifest import NotRestored, read_manifest
from tallybook.backup.restoring import RestoredDay, check_empty, restore_into
from tallybook.cli.as_json import print_as_json
from tallybook.cli.serving import Config
from tallybook.ledger.opening import engine_settings
from tallybook.settings import load_settings

Backup = Annotated[Path, typer.Argument(metavar="BACKUP", help="The folder of a backup.")]


class Restored(msgspec.Struct, frozen=True, kw_only=True, tag_field="object", tag="restored"):
    """A data folder that was made, whose days all have the digests of the backup."""

    data: str
    taken_at: str
    events: int
    days: list[RestoredDay]
    seconds: float


def restore(
    backup: Backup,
    *,
    data: Annotated[
        Path, typer.Option(help="The data folder to make; it must be missing, or empty.")
    ],
    config: Config = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Make a data folder of a backup.

    Every file of the backup is verified first. Then all is loaded beside the
    new folder, the digest of each day is taken of what was loaded, held
    against the backup's and printed, and only then the folder gets its name.
    A server that starts on it seals what is over by itself. See docs/backup.md.

    Example: tallybook restore ./tallybook-backup --data ./restored-data
    """
    began = time.perf_counter()
    console = Console(highlight=False, soft_wrap=True)
    check_empty(data)
    settings = load_settings({"data": str(data)}, config=config)
    manifest = read_manifest(backup)
    if faults := faults_of(backup):
        raise NotRestored(f"{backup} is damaged, and nothing was made: {'; '.join(faults)}.")
    days: list[RestoredDay] = []

    def tell(day: RestoredDay) -> None:
        days.append(day)
        if not as_json:
            console.print(f"{day.day}  {day.digest}  {day.events:>15,} events")

    restore_into(data, backup, engine_settings(settings), settings.organization_url, tell)
    done = Restored(
        data=str(data),
        taken_at=manifest.taken_at,
        events=manifest.events,
        days=days,
        seconds=time.perf_counter() - began,
    )
    if as_json:
        print_as_json(done, console)
        return
    console.print(
        f"{done.events:,} events of {len(days):,} days, as of {done.taken_at}, are in"
        f" {escape(done.data)}, each day with the digest of the backup. It took"
        f" {done.seconds:,.1f} s."
    )
