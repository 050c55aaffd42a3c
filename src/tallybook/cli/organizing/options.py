"""The options that the organization's commands have in common, and how they answer."""

from typing import Annotated, Any

import typer
from rich.console import Console

from tallybook.cli.as_json import print_as_json
from tallybook.domain.instants import MICROSECONDS, iso

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]


def print_json(answer: Any) -> None:
    """An answer as a JSON object, for programs, on standard output."""
    print_as_json(answer, Console(highlight=False))


def print_list(records: list[Any]) -> None:
    """Records as a JSON object."""
    print_json({"object": "list", "data": records})


def said(text: str) -> None:
    """A sentence about what was done, beside what it gave: on standard error."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(text)


def at_text(seconds: int) -> str:
    """A moment in UTC, to the second, for tables whose heading says so."""
    return iso(seconds * MICROSECONDS).rstrip("Z").replace("T", " ")
