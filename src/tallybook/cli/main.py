"""The ``tallybook`` command: parse, call, print."""

import sys
from collections.abc import Callable

import typer
from rich.console import Console
from rich.markup import escape

from tallybook.backup.archive import BackupFailed
from tallybook.backup.manifest import InvalidManifest
from tallybook.backup.restoring import NotRestored
from tallybook.cli.backup import backup
from tallybook.cli.costs import costs
from tallybook.cli.demo import demo
from tallybook.cli.doctor import doctor
from tallybook.cli.exporting import export
from tallybook.cli.importing import import_files
from tallybook.cli.organizing.audit import audit
from tallybook.cli.organizing.keys import app as keys
from tallybook.cli.organizing.projects import app as projects
from tallybook.cli.organizing.users import app as users
from tallybook.cli.prices import app as prices
from tallybook.cli.profiles import InvalidProfiles, profiles
from tallybook.cli.recording import record
from tallybook.cli.reprice import reprice
from tallybook.cli.restore import restore
from tallybook.cli.seal import rebuild, seal
from tallybook.cli.serving import serve
from tallybook.cli.target import NoLedger
from tallybook.cli.top import top
from tallybook.cli.usage import usage
from tallybook.cli.verify import verify
from tallybook.cli.void import void
from tallybook.cli.watching import watch
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

app = typer.Typer(
    name="tallybook",
    help="The usage-and-cost ledger for AI APIs.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
# The commands as people look for them.
_PANELS: dict[str, dict[str, Callable[..., None]]] = {
    "Ask": {"usage": usage, "costs": costs, "top": top, "watch": watch},
    "Events in and out": {"record": record, "import": import_files, "export": export, "void": void},
    "Prices": {"reprice": reprice},
    "The organization": {"audit": audit},
    "The ledger": {
        "serve": serve,
        "demo": demo,
        "seal": seal,
        "verify": verify,
        "rebuild": rebuild,
        "doctor": doctor,
        "backup": backup,
        "restore": restore,
        "profiles": profiles,
    },
}
for panel, commands in _PANELS.items():
    for name, command in commands.items():
        app.command(name, rich_help_panel=panel)(command)
app.add_typer(prices, rich_help_panel="Prices")
for group in (keys, projects, users):
    app.add_typer(group, rich_help_panel="The organization")


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"tallybook {__version__}")
        raise typer.Exit


@app.callback()
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
        app(prog_name="tallybook")
    except FAULTS as fault:
        Console(stderr=True).print(f"[bold red]tallybook:[/] {escape(str(fault))}", soft_wrap=True)
        sys.exit(1)
