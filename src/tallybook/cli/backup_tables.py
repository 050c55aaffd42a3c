"""What ``tallybook verify`` finds of a backup, and how it is printed."""

import time
from pathlib import Path

import msgspec
from rich.console import Console
from rich.markup import escape

from tallybook.backup.checking import Checked, check
from tallybook.backup.manifest import read_manifest

_WHOLE = "Every file is what the backup says, and every day holds its events."
_DAMAGED = (
    "What is marked here is not what was backed up. Remove the file and take the backup again while"
    " the ledger is there: what is missing is written anew. Otherwise take another copy of it."
)


class BackupVerification(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="object", tag="backup.verification"
):
    """What was looked at of a backup, and what is wrong."""

    taken_at: str
    days: int
    events: int
    files: int
    damaged: list[Checked]
    seconds: float


def verification_of(folder: Path) -> BackupVerification:
    """Look at every file of a backup. Raises InvalidManifest and OSError."""
    began = time.perf_counter()
    manifest = read_manifest(folder)
    looked_at = list(check(folder, manifest))
    return BackupVerification(
        taken_at=manifest.taken_at,
        days=len(manifest.days),
        events=manifest.events,
        files=len(looked_at),
        damaged=[each for each in looked_at if each.fault],
        seconds=time.perf_counter() - began,
    )


def print_verification(found: BackupVerification, console: Console) -> None:
    """Tell of a backup, for people."""
    console.print(
        f"A backup as of {found.taken_at}: {found.events:,} events of {found.days:,} days in"
        f" {found.files:,} files, looked at in {found.seconds:,.1f} s."
    )
    for each in found.damaged:
        console.print(f"[bold red]{escape(each.path)}[/] {escape(each.fault or '')}")
    console.print(f"[bold red]{_DAMAGED}[/]" if found.damaged else _WHOLE)
