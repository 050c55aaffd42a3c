"""Answers for programs: every command's ``--json`` prints in this one form."""

from typing import Any

import msgspec
from rich.console import Console


def print_as_json(answer: Any, console: Console) -> None:
    """Print an answer as indented JSON, without colours and never broken to the window's width."""
    text = msgspec.json.format(msgspec.json.encode(answer), indent=2).decode()
    console.out(text, highlight=False)
