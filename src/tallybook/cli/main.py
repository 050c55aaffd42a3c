"""The ``tallybook`` command: parse, call, print.

A command is imported when it is called, and alone: what it takes to start is
what it needs itself. For help and completion all of them are.
"""

import sys
from importlib import import_module
from typing import Any, NamedTuple

import typer
from rich.console import Console
from rich.markup import escape

from tallybook.backup.archive import BackupFailed
from tallybook.backup.manifest import InvalidManifest, NotRestored
from tallybook.cli.profiles import InvalidProfiles
from tallybook.cli.target import NoLedger
from tallybook.client.errors import ClientError
from tallybook.domain.errors import TallybookError
from tallybook.organization.roles import InvalidKey
from tallybook.pricing.own_prices import InvalidPrices
from tallybook.settings import InvalidSetting
from tallybook.version import __version__
from tallybook.web.tls import InvalidCertificate

# What people can mend: told in one sentence.
FAULTS = (
    ClientError,
    TallybookError,
    NoLedger,
    BackupFailed,
    InvalidCertificate,
    InvalidKey,
    InvalidManifest,
    InvalidPrices,
    InvalidProfiles,
    InvalidSetting,
    NotRestored,
    OSError,
)


class Place(NamedTuple):
    """Where a command is: a function, or a group of commands of its own."""

    module: str
    name: str
    panel: str

    def load(self) -> Any:
        """The function, or the group."""
        return getattr(import_module(f"tallybook.cli.{self.module}"), self.name)


# In the order in which people look for them.
_ASK, _EVENTS, _PRICES = "Ask", "Events in and out", "Prices"
_LEDGER, _ORGANIZATION = "The ledger", "The organization"
COMMANDS = {
    "usage": Place("usage", "usage", _ASK),
    "costs": Place("costs", "costs", _ASK),
    "top": Place("top", "top", _ASK),
    "watch": Place("watching", "watch", _ASK),
    "record": Place("recording", "record", _EVENTS),
    "import": Place("importing", "import_files", _EVENTS),
    "export": Place("exporting", "export", _EVENTS),
    "void": Place("void", "void", _EVENTS),
    "reprice": Place("reprice", "reprice", _PRICES),
    "audit": Place("organizing.audit", "audit", _ORGANIZATION),
    "serve": Place("serving", "serve", _LEDGER),
    "demo": Place("demo", "demo", _LEDGER),
    "seal": Place("seal", "seal", _LEDGER),
    "verify": Place("verify", "verify", _LEDGER),
    "rebuild": Place("seal", "rebuild", _LEDGER),
    "doctor": Place("doctor", "doctor", _LEDGER),
    "backup": Place("backup", "backup", _LEDGER),
    "restore": Place("restore", "restore", _LEDGER),
    "profiles": Place("profiles", "profiles", _LEDGER),
    "prices": Place("prices", "app", _PRICES),
    "keys": Place("organizing.keys", "app", _ORGANIZATION),
    "projects": Place("organizing.projects", "app", _ORGANIZATION),
    "users": Place("organizing.users", "app", _ORGANIZATION),
}


def command_line(asked: str = "") -> typer.Typer:
    """The command line: with the one command that is asked for by its name, or with all."""
    app = typer.Typer(
        name="tallybook",
        help="The usage-and-cost ledger for AI APIs.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
    )
    app.callback()(options)
    for name in [asked] if asked in COMMANDS else COMMANDS:
        place = COMMANDS[name]
        command = place.load()
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name, rich_help_panel=place.panel)
        else:
            app.command(name, rich_help_panel=place.panel)(command)
    return app


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"tallybook {__version__}")
        raise typer.Exit


def options(
    *,
    _version: bool = typer.Option(
        False,
        "--version",
        # Before a command is asked for.
        is_eager=True,
        callback=_print_version,
        help="Print the version and exit.",
    ),
) -> None:
    """The usage-and-cost ledger for AI APIs."""


def main() -> None:
    """Run the command line; faults that people can mend end in one sentence and status 1."""
    try:
        command_line(*sys.argv[1:2])(prog_name="tallybook")
    except FAULTS as fault:
        Console(stderr=True).print(f"[bold red]tallybook:[/] {escape(str(fault))}", soft_wrap=True)
        sys.exit(1)
