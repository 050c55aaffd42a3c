"""``tallybook doctor``: what is well with an installation, what is not, and what to do."""

import os
import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tallybook.cli.as_json import print_as_json
from tallybook.cli.asking import understood
from tallybook.cli.serving import Config, Data
from tallybook.cli.target import (
    KEY_VARIABLES,
    ONCE,
    Key,
    Manner,
    Profile,
    ServerTarget,
    Target,
    Url,
    target_of,
)
from tallybook.client.errors import ClientError
from tallybook.doctor.checks import Examination, Verdict, examine
from tallybook.domain.errors import LedgerInUse, LedgerUnavailable
from tallybook.ledger.duckdb.peeking import version_in
from tallybook.settings import Settings

PATH = "/doctor"
# Whoever is examined answers soon, or is not well.
TIMEOUT_SECONDS = 30.0
# Of the package, where the build puts the page.
_PAGE = Path(__file__).parents[1] / "web" / "static" / "index.html"

_STYLES = {Verdict.OK: "green", Verdict.WARN: "yellow", Verdict.FAIL: "bold red"}


def doctor(
    *,
    url: Url = None,
    key: Key = None,
    data: Data = None,
    profile: Profile = None,
    config: Config = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="End with status 1 on warnings too.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Examine an installation: folder, disk, clock, versions, seals, prices, keys, settings.

    Each check says what was found and what to do. Of a folder that a server
    has open, that server is asked, at the address that the settings name and
    with a key of the environment; it needs the scope api.organization.read.
    Events and sums are left as they are. Ends with status 0, or with 1 when a
    check fails.

    Example: tallybook doctor --data ./tallybook-data
    """
    found = examined(target_of(url=url, key=key, data=data, config=config, profile=profile))
    console = Console(highlight=False, soft_wrap=True)
    if as_json:
        print_as_json(found, console)
    else:
        _print(found, console)
    bad = {Verdict.FAIL, Verdict.WARN} if strict else {Verdict.FAIL}
    if found.verdict in bad:
        raise typer.Exit(1)


def examined(target: Target) -> Examination:
    """The examination of a server, or of a folder. Raises ClientError of a server that is named."""
    if isinstance(target, ServerTarget):
        return _asked(target)
    owner = _server_with(target.settings)
    if owner is not None:
        try:
            return _asked(owner)
        except ClientError as fault:
            # It is examined from without: what is inside stays unseen, which is told.
            Console(stderr=True, soft_wrap=True).print(f"[yellow]{escape(str(fault))}[/]")
    # What it looks into takes half a second to import.
    from tallybook.doctor.visiting import visit_folder  # noqa: PLC0415

    return examine(visit_folder(target.settings, time.time(), dashboard_built=_PAGE.is_file()))


def _server_with(settings: Settings) -> ServerTarget | None:
    """The server that has a folder open, where settings and environment tell how to ask it."""
    key = next((os.environ[name] for name in KEY_VARIABLES if os.environ.get(name)), None)
    try:
        version_in(settings.data)
    except LedgerInUse:
        scheme = "https" if settings.tls_certificate else "http"
        return ServerTarget(f"{scheme}://{settings.host}:{settings.port}", key) if key else None
    except LedgerUnavailable:
        return None
    return None


def _asked(server: ServerTarget) -> Examination:
    with server.connect(Manner(retry=ONCE, timeout_seconds=TIMEOUT_SECONDS)) as connection:
        body = connection.get(PATH).body
        return understood(connection, msgspec.json.Decoder(Examination).decode, body)


def _print(found: Examination, console: Console) -> None:
    table = Table(box=SIMPLE)
    for name in ("check", "", "found, and what to do"):
        table.add_column(name, no_wrap=name != "found, and what to do")
    for check in found.checks:
        told = escape(check.found)
        if check.advice:
            told += f"\n[dim]→ {escape(check.advice)}[/]"
        style = _STYLES[check.verdict]
        table.add_row(check.name, f"[{style}]{check.verdict}[/]", told)
    console.print(table)
