"""An organization in one of the two ways to it, and the commands that work on it."""

import re
import subprocess
from pathlib import Path
from typing import Any

import msgspec

from support.command import run, told

# What differs from run to run, and what stands for it.
_IDS = re.compile(r"\b(key|proj|svcacct)_[A-Za-z0-9]{24}\b|\b(user|audit_log)-[A-Za-z0-9]{24}\b")
_TIMES = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_SECRETS = re.compile(r"\bsk-(admin|ingest)-(?:\*{4})?[A-Za-z0-9_-]{4,43}")
_RULES = re.compile(r"─+")


class House:
    """A ledger's organization, and how it is reached."""

    def __init__(self, data: Path, options: tuple[str, ...]) -> None:
        self.data = data
        self.options = options

    @property
    def in_folder(self) -> bool:
        """Whether commands open the folder themselves."""
        return "--data" in self.options

    def run(self, *parts: str) -> "subprocess.CompletedProcess[str]":
        """A command on it, by an account called ada."""
        return run(*parts, *self.options, variables={"LOGNAME": "ada"})

    def good(self, *parts: str) -> "subprocess.CompletedProcess[str]":
        """A command that ends well."""
        result = self.run(*parts)
        assert result.returncode == 0, told(result)
        return result

    def out(self, *parts: str) -> str:
        """What a good command prints, without the end of the line."""
        return self.good(*parts).stdout.rstrip("\n")

    def table(self, *parts: str) -> list[str]:
        """The table that a good command prints, with names for what differs from run to run."""
        return lines(self.good(*parts).stdout)

    def listed(self, *parts: str) -> list[dict[str, Any]]:
        """The records that a good command prints with ``--json``."""
        found: list[dict[str, Any]] = msgspec.json.decode(self.out(*parts, "--json"))["data"]
        return found

    def refused(self, *parts: str) -> tuple[int, str]:
        """The status of a command that is refused, and what it says."""
        result = self.run(*parts)
        assert result.stdout == ""
        assert "Traceback" not in result.stderr
        return result.returncode, told(result)


def lines(text: str) -> list[str]:
    """Lines of cells, with one blank between them, and names for what differs from run to run."""
    for pattern, name in ((_IDS, _id), (_SECRETS, r"sk-\1-…"), (_TIMES, "TIME"), (_RULES, "")):
        text = pattern.sub(name, text)
    found = [" ".join(line.split()) for line in text.splitlines()]
    return [line for line in found if line]


def _id(found: "re.Match[str]") -> str:
    return f"{found[1] or found[2]}…"
