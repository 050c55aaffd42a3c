"""The ``tallybook`` command: parse, call, print."""

import sys

import typer
from rich.console import Console
from rich.markup import escape

from tallybook.cli.serving import serve
from tallybook.domain.errors import TallybookError
from tallybook.organization.keys import InvalidKey
from tallybook.settings import InvalidSetting
from tallybook.version import __version__

app = typer.Typer(
    name="tallybook",
    help="The usage-and-cost ledger for AI APIs.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.command()(serve)


@app.callback()
def options(
    version: bool = typer.Option(False, "--version", help="Print the version and exit."),
) -> None:
    """The usage-and-cost ledger for AI APIs."""
    if version:
        typer.echo(f"tallybook {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line; faults that people can mend end in one sentence and status 1."""
    try:
        app()
    except (TallybookError, InvalidSetting, InvalidKey, OSError) as fault:
        Console(stderr=True).print(f"[bold red]tallybook:[/] {escape(str(fault))}", soft_wrap=True)
        sys.exit(1)
