"""The README's session runs, and prints what the README says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.server import ADMIN_KEY, Server

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()

BLOCKS = re.findall(r"```(console|python|text)\n(.*?)```", README, re.DOTALL)
# What an import takes is its machine's: only these lines may differ.
# So is the moment at which a price was first needed.
KNOWN = re.compile(r"(known since )\S+")
TIMED = re.compile(r"^(\s+(?:seconds|rows a second)\s+)[\d.,]+ *$", re.MULTILINE)


def session() -> list[tuple[str, str, str]]:
    """The steps in order: the language, the source, and the output that the README shows."""
    steps = []
    for place, (language, text) in enumerate(BLOCKS):
        if language == "python":
            steps.append(("python", text, BLOCKS[place + 1][1]))
        elif language == "console" and "make" not in text:
            for command in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                source, output = split(command)
                steps.append(("bash", source, output))
    return steps


def split(command: str) -> tuple[str, str]:
    """A command, which may go on over lines, and its output."""
    lines = command.split("\n")
    for end in range(1, len(lines) + 1):
        source = "\n".join(lines[:end])
        complete = not source.endswith("\\") and source.count("'") % 2 == 0
        if complete:
            return source, "\n".join(lines[end:])
    raise AssertionError(f"no end of {command!r}")


def plain(output: str) -> str:
    """Output without what differs from machine to machine: times, and so the width of columns."""
    lines = [
        " ".join(line.split()) for line in KNOWN.sub(r"\1#", TIMED.sub(r"\1#", output)).splitlines()
    ]
    return "\n".join(lines).strip("\n")


def test_the_session_prints_what_the_readme_shows(server: Server) -> None:
    steps = session()
    assert len(steps) >= 5
    environment = os.environ | {
        "TALLYBOOK_URL": server.address,
        "TALLYBOOK_ADMIN_KEY": ADMIN_KEY,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "COLUMNS": "100",
    }
    for language, source, expected in steps:
        command = [sys.executable, "-c", source] if language == "python" else ["bash", "-c", source]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        assert plain(done.stdout) == plain(expected), done.stderr


@pytest.mark.parametrize("target", sorted(set(re.findall(r"^\$ make (\w+)", README, re.M))))
def test_every_target_that_the_readme_names_is_there(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert re.search(rf"^{target}:.* ## ", makefile, re.MULTILINE)
