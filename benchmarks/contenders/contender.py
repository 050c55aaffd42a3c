"""What all contenders can do."""

from pathlib import Path
from typing import Any, Protocol

from questions import Asked, Row

# What each may use: the machine that is measured has two cores.
THREADS = 2
MEMORY_MIB = 4_096


class Contender(Protocol):
    """Someone who holds the organization's events and is asked about them.

    ``ask`` is what is timed: everything until the client has the whole answer.
    ``rows`` makes of it what can be compared.
    """

    name: str

    def ask(self, asked: Asked) -> Any:
        """The whole answer, as the client gets it."""

    def rows(self, asked: Asked, answer: Any) -> list[Row]:
        """The rows of an answer."""

    def disk_bytes(self) -> int:
        """What the events and all that was made of them take of the disk."""

    def close(self) -> None:
        """Stop."""


class Missing(Exception):
    """A contender is not installed here; the message says what is missing."""


def folder_bytes(folder: Path) -> int:
    """The bytes of all files in a folder and below."""
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())
