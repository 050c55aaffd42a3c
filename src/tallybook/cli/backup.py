"""``tallybook backup``: a ledger, its organization and its prices into a folder of files."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn

from tallybook.backup.archive import MEDIA_TYPE, unpacked
from tallybook.backup.manifest import Day, Manifest
from tallybook.backup.receiving import Pieces
from tallybook.backup.taking import Part, Source, parts
from tallybook.backup.target import Target, Written, locked
from tallybook.cli.accounts import actor_here
from tallybook.cli.as_json import print_as_json
from tallybook.cli.serving import Config, Data
from tallybook.cli.target import (
    ONCE,
    FolderTarget,
    Key,
    Manner,
    Profile,
    ServerTarget,
    Url,
    target_of,
)
from tallybook.client.connection import Connection
from tallybook.domain.instants import from_seconds, iso
from tallybook.ledger.opening import prices_path

_PATH = "/backups"
# Before the first byte all events are looked at, and before each day of them that day's.
_SILENCE_SECONDS_MAX = 1_800.0
_WAY = "add --url and --key to this command, and the server makes the backup while it serves."

Folder = Annotated[
    Path,
    typer.Argument(metavar="TARGET", help="The backup's own folder; it is made when missing."),
]


class BackedUp(msgspec.Struct, frozen=True, kw_only=True, tag_field="object", tag="backup.taken"):
    """A backup that is there: what it holds, and how much of it was written now."""

    target: str
    taken_at: str
    days: int
    events: int
    files: int
    files_written: int
    bytes_written: int
    seconds: float


def backup(
    target: Folder,
    *,
    data: Data = None,
    url: Url = None,
    key: Key = None,
    profile: Profile = None,
    config: Config = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Back up a ledger, its organization and its prices, of a running server or of a folder.

    All of it is as of one moment. Into a folder that has a backup already only
    days are written that have changed since; until the new one is whole, the
    one before it stays. The key needs the scopes organization.write and
    usage.read. See docs/backup.md.

    Example: tallybook backup ./tallybook-backup --data ./tallybook-data
    """
    source = target_of(url=url, key=key, data=data, profile=profile, config=config)
    began = time.perf_counter()
    if isinstance(source, FolderTarget):
        source.check_existing()
    with locked(target) as into:
        written = (
            _of_folder(source, into)
            if isinstance(source, FolderTarget)
            else (_of_server(source, into))
        )
    manifest = written.manifest
    done = BackedUp(
        target=str(target),
        taken_at=manifest.taken_at,
        days=len(manifest.days),
        events=manifest.events,
        files=len(manifest.files),
        files_written=written.files,
        bytes_written=written.bytes,
        seconds=time.perf_counter() - began,
    )
    console = Console(highlight=False, soft_wrap=True)
    if as_json:
        print_as_json(done, console)
    else:
        console.print(
            f"{done.events:,} events of {done.days:,} days, as of {done.taken_at}, are backed up in"
            f" {escape(done.target)}: {done.files_written:,} of {done.files:,} files were written"
            f" ({done.bytes_written / (1 << 20):,.1f} MiB) in {done.seconds:,.1f} s."
        )


def _of_folder(target: FolderTarget, into: Target) -> Written:
    """Back up a folder that no server owns."""
    from tallybook.organization.backups_log import record_backup  # noqa: PLC0415
    from tallybook.organization.organization import open_organization  # noqa: PLC0415

    settings = target.settings
    now = time.time()
    with (
        target.own(_WAY) as ledger,
        closing(open_organization(settings.data, settings.organization_url)) as organization,
    ):
        record_backup(organization, actor_here(), now)
        source = Source(ledger, organization, prices_path(settings))
        with _told(parts(source, into.known, iso(from_seconds(now)))) as told:
            return into.write(told)


def _of_server(target: ServerTarget, into: Target) -> Written:
    """Back up what a server has."""
    manner = Manner(retry=ONCE, timeout_seconds=_SILENCE_SECONDS_MAX)
    with target.connect(manner) as connection:
        return _received(connection, into)


def _received(connection: Connection, into: Target) -> Written:
    known: dict[str, list[Day]] = {"days": into.known}
    headers = {
        "Content-Type": "application/json",
        "Accept": MEDIA_TYPE,
        "Accept-Encoding": "identity",
    }
    body = msgspec.json.encode(known)
    with (
        connection.download(_PATH, body, headers) as pieces,
        _told(unpacked(Pieces(pieces), into.folder)) as told,
    ):
        return into.write(told)


@contextmanager
def _told(
    coming: Iterator[Part | Manifest],
) -> Iterator[Iterator[Part | Manifest]]:
    """The same parts, each of them told of on a terminal's standard error."""
    aside = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    with Progress(
        *columns, console=aside, transient=True, disable=not aside.is_terminal
    ) as progress:
        task = progress.add_task("Backing up")

        def passing() -> Iterator[Part | Manifest]:
            for part in coming:
                if isinstance(part, Part):
                    progress.update(task, description=f"Backing up: {part.file.path}")
                yield part

        yield passing()
