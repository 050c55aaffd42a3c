"""The sessions of the docs: the blocks of a page that run, and what the page says they print.

A ``python`` block prints what the ``text`` block right after it shows, and
nothing when there is none. The blocks of a page are one session: what one of
them imports and names is there in the next. Each command of a ``console`` block
begins with ``$`` and is followed by what it prints. Other blocks do not run.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
# What sets a machine up is shown and not run.
_SET_UP = re.compile(r"make |pip install ")
# What an import takes is its machine's: only these lines may differ.
# So is the moment at which a price was first needed.
_KNOWN = re.compile(r"(known since )\S+")
# And so are moments to the second, and what is random in ids and keys.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_RANDOM = re.compile(r"(\bkey_|\bsk-admin-\*{4})[\w-]+")
_TIMED = re.compile(r"^(\s+(?:seconds|rows a second)\s+)[\d.,]+ *$", re.MULTILINE)

# Runs each block that is read as a line of JSON, and says what it printed or how it failed.
_INTERPRETER = """
import contextlib, io, json, sys, traceback
answers, names = sys.stdout, {"__name__": "__main__"}
for line in sys.stdin:
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(json.loads(line), "the page", "exec"), names)
    except BaseException:
        printed.write(traceback.format_exc())
    print(json.dumps(printed.getvalue()), file=answers, flush=True)
"""


class Step(NamedTuple):
    """Something that runs, in ``python`` or ``console``, and what it prints."""

    language: str
    source: str
    expected: str


def steps(page: str) -> list[Step]:
    """The steps of a page's text, in order."""
    found = []
    blocks = list(_BLOCK.finditer(page))
    for place, block in enumerate(blocks):
        language, text = block[1], block[2]
        if language == "python":
            after = blocks[place + 1] if place + 1 < len(blocks) else None
            adjoins = after and after[1] == "text" and not page[block.end() : after.start()].strip()
            found.append(Step(language, text, after[2] if after and adjoins else ""))
        elif language == "console":
            for command in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                source, output = _split(command)
                if not _SET_UP.match(source):
                    found.append(Step(language, source, output))
    return found


def check(page: str, environment: Mapping[str, str]) -> int:
    """Run a page's session with these variables beside our own; the number of its steps.

    Raises AssertionError, with what ran, when one prints something else than the page says.
    """
    variables = os.environ | {"COLUMNS": "100"} | dict(environment)
    variables["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    session = steps(page)
    with _interpreter(variables) as python:
        for step in session:
            printed = python(step.source) if step.language == "python" else _run(step, variables)
            assert plain(printed) == plain(step.expected), f"{step.source}\nprinted:\n{printed}"
    return len(session)


def plain(output: str) -> str:
    """Output without what differs from machine to machine: times, and so the width of columns."""
    for pattern, known in ((_TIMED, r"\1#"), (_KNOWN, r"\1#"), (_RANDOM, r"\1#"), (_MOMENT, "#")):
        output = pattern.sub(known, output)
    lines = [" ".join(line.split()) for line in output.splitlines()]
    return "\n".join(lines).strip("\n")


def _split(command: str) -> tuple[str, str]:
    """A command, which may go on over lines, and its output."""
    lines = command.split("\n")
    for end in range(1, len(lines) + 1):
        source = "\n".join(lines[:end])
        complete = not source.endswith("\\") and source.count("'") % 2 == 0
        if complete:
            return source, "\n".join(lines[end:])
    raise AssertionError(f"no end of {command!r}")


def _run(step: Step, variables: Mapping[str, str]) -> str:
    command = ["bash", "-c", step.source]
    done = subprocess.run(
        command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False
    )
    return done.stdout or done.stderr


@contextmanager
def _interpreter(variables: Mapping[str, str]) -> Iterator["_Python"]:
    """A Python of its own, in which warnings are errors as in the tests."""
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", _INTERPRETER],
        cwd=ROOT,
        env=variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield _Python(process)


class _Python:
    """Calls run a block in the process and give what it printed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __call__(self, source: str) -> str:
        asked, answered = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answered is not None
        asked.write(json.dumps(source) + "\n")
        asked.flush()
        printed: str = json.loads(answered.readline())
        return printed
