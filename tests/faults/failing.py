"""Servers that must not start."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

SECONDS_MAX = 30


def serve_in_vain(data: Path, before: Sequence[str] = ()) -> str:
    """Start a server that cannot start; the one sentence that it says.

    ``before`` is a command that runs the server's.
    """
    serve = [sys.executable, "-m", "tallybook", "serve", "--data", str(data), "--port=0"]
    ended = subprocess.run(
        [*before, *serve], check=False, capture_output=True, text=True, timeout=SECONDS_MAX
    )
    assert ended.returncode == 1, ended
    assert ended.stdout == ""
    lines = ended.stderr.splitlines()
    assert len(lines) == 1, ended.stderr
    assert lines[0].startswith("tallybook: ")
    return lines[0]


def contents(folder: Path) -> dict[str, bytes]:
    """The files of a folder, byte by byte."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
