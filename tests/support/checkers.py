"""What type checkers find at fault in a file of examples, some of which are wrong on purpose."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]

_SOURCE = os.environ | {"MYPYPATH": str(ROOT / "src"), "PYTHONPATH": str(ROOT / "src")}

# Gives the numbers of the lines at fault: of the examples, with a folder to work in.
Checker = Callable[[Path, Path], set[int]]


def mypy(examples: Path, folder: Path) -> set[int]:
    """The lines that mypy finds at fault."""
    options = ["--strict", "--no-incremental", "--follow-imports=silent", "--no-error-summary"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file=", *options, str(examples)],
        cwd=folder,
        env=_SOURCE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr, done.stderr
    return {int(line) for line in re.findall(r"^[^:]+:(\d+): error", done.stdout, re.MULTILINE)}


def pyright(examples: Path, folder: Path) -> set[int]:
    """The lines that pyright finds at fault, in its standard mode."""
    settings = {
        "include": [str(examples)],
        "extraPaths": [str(ROOT / "src")],
        "typeCheckingMode": "standard",
        "pythonVersion": "3.11",
    }
    project = folder / "pyrightconfig.json"
    project.write_text(json.dumps(settings))
    options = ["--outputjson", "--pythonpath", sys.executable, "--project", str(project)]
    done = subprocess.run(
        [sys.executable, "-m", "basedpyright", *options],
        cwd=folder,
        env=_SOURCE,
        capture_output=True,
        text=True,
        check=False,
    )
    report = json.loads(done.stdout)
    found = [each for each in report["generalDiagnostics"] if each["severity"] == "error"]
    assert report["summary"]["filesAnalyzed"] == 1
    return {each["range"]["start"]["line"] + 1 for each in found}


def check(checker: Checker, examples: Path, folder: Path) -> int:
    """Raise AssertionError unless the lines that end in ``# WRONG`` are those at fault.

    The number of those lines.
    """
    wrong = {
        number
        for number, line in enumerate(examples.read_text().splitlines(), start=1)
        if line.endswith("# WRONG")
    }
    assert checker(examples, folder) == wrong
    return len(wrong)
