"""Users of mypy and of pyright see the client's types, and both refuse what is wrong."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = Path(__file__).with_name("typed_examples.py")
WRONG = {
    number
    for number, line in enumerate(EXAMPLES.read_text().splitlines(), start=1)
    if line.endswith("# WRONG")
}
_SOURCE = os.environ | {"MYPYPATH": str(ROOT / "src"), "PYTHONPATH": str(ROOT / "src")}


def mypy(folder: Path) -> set[int]:
    """The lines that mypy finds at fault."""
    options = ["--strict", "--no-incremental", "--follow-imports=silent", "--no-error-summary"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file=", *options, str(EXAMPLES)],
        cwd=folder,
        env=_SOURCE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr, done.stderr
    return {int(line) for line in re.findall(r"^[^:]+:(\d+): error", done.stdout, re.MULTILINE)}


def pyright(folder: Path) -> set[int]:
    """The lines that pyright finds at fault, in its standard mode."""
    settings = {
        "include": [str(EXAMPLES)],
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


@pytest.mark.parametrize("checker", [mypy, pyright])
def test_right_uses_pass_and_each_wrong_one_is_refused(checker: object, tmp_path: Path) -> None:
    assert len(WRONG) >= 10
    assert callable(checker)
    assert Counter(checker(tmp_path)) == Counter(WRONG)
