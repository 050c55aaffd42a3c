"""Runs of targets, each in a process of its own, and what came of them as a table."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from fuzz.faults import replay_of
from fuzz.table import HOMES

# Of one input: beyond that it hangs, or takes what is everyone's.
HANG_SECONDS = 5
MEMORY_MIB_MAX = 2_048
# From the start of a process until it has opened its target.
_START_SECONDS_MAX = 120
_EXECUTED = re.compile(r"number_of_executed_units: (\d+)")
_RATE = re.compile(r"average_exec_per_sec: +(\d+)")
_COVERED = re.compile(r"cov: (\d+) ft: (\d+)")
_PEAK = re.compile(r"peak_rss_mb: +(\d+)")


class Wish(NamedTuple):
    """For how long each target is run: so many seconds, or so many executions."""

    seconds: int = 0
    runs: int = 0
    seed: int = 1


class Outcome(NamedTuple):
    """What came of a target. ``crashes`` are places, ``hangs`` inputs that hung twice."""

    target: str
    executions: int
    # By the fuzzer's own time, without the start.
    executions_per_second: int
    covered: int
    features: int
    peak_mib: int
    crashes: list[Path]
    hangs: list[Path]
    # A process that ended as none should: what it said last.
    broken: str | None = None

    @property
    def is_good(self) -> bool:
        """Whether nothing was found, and something was tried."""
        return not (self.crashes or self.hangs or self.broken) and self.executions > 0


def run(names: Sequence[str], folder: Path, wish: Wish, at_once: int) -> list[Outcome]:
    """Run targets, so many at a time; corpora, faults and logs stay in the folder."""
    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(lambda name: _run(name, folder / name, wish), names))


def _run(name: str, folder: Path, wish: Wish) -> Outcome:
    """Run one target to the end of its time, anew after each input that ends its process."""
    folder.mkdir(parents=True, exist_ok=True)
    known = set(_faults(folder))
    began, executions, attempts, broken = time.monotonic(), 0, 0, None
    said = ""
    while True:
        left = wish.seconds - round(time.monotonic() - began)
        if attempts and (wish.runs or left < 1):
            break
        before = set(_artifacts(folder))
        code, said = _process(name, folder, wish, left, wish.seed + attempts)
        attempts += 1
        executions += int(found[-1]) if (found := _EXECUTED.findall(said)) else 0
        if code and not set(_artifacts(folder)) - before:
            broken = said[-2_000:]
            break
    covered, features = (_COVERED.findall(said) or [(0, 0)])[-1]
    hangs = [each for each in _artifacts(folder) if each not in known and _hangs(name, each)]
    return Outcome(
        name,
        executions,
        int((_RATE.findall(said) or [0])[-1]),
        int(covered),
        int(features),
        int((_PEAK.findall(said) or [0])[-1]),
        [each for each in _faults(folder) if each not in known],
        hangs,
        broken,
    )


def _faults(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "faults").glob("*") if path.suffix != ".txt")


def _artifacts(folder: Path) -> list[Path]:
    """Inputs that libFuzzer itself put aside: hangs, and those that took the process along."""
    return sorted(folder.glob("artifact-*"))


def _process(name: str, folder: Path, wish: Wish, left: int, seed: int) -> tuple[int, str]:
    flags = [
        *([f"-runs={wish.runs}"] if wish.runs else []),
        f"-seed={seed}",
        f"-timeout={HANG_SECONDS}",
        f"-rss_limit_mb={MEMORY_MIB_MAX}",
        f"-artifact_prefix={folder}/artifact-",
        "-print_final_stats=1",
        "-verbosity=1",
    ]
    length = [] if wish.runs else [f"--seconds={max(left, 1)}"]
    command = [sys.executable, "-m", "fuzz.guided", HOMES[name], name, str(folder), *length]
    command += [f"--flag={flag}" for flag in flags]
    log = folder / "log"
    with log.open("wb") as output:
        limit = (600 if wish.runs else left) + 10 * HANG_SECONDS + _START_SECONDS_MAX
        try:
            ended = subprocess.run(
                command,
                stdout=output,
                stderr=output,
                timeout=limit,
                check=False,
                env=_environment(),
            )
        except subprocess.TimeoutExpired:
            # Of one target: the others are run.
            return 1, f"{log.read_text(errors='replace')}\nIt did not end within {limit} s."
    return ended.returncode, log.read_text(errors="replace")


def _hangs(name: str, path: Path) -> bool:
    """Whether an input that was put aside is at fault again: a busy machine is no hang."""
    command = [sys.executable, "-m", "fuzz", name, "--replay", str(path)]
    try:
        again = subprocess.run(
            command,
            timeout=_START_SECONDS_MAX,
            check=False,
            capture_output=True,
            env=_environment(),
        )
    except subprocess.TimeoutExpired:
        return True
    return again.returncode != 0


def _environment() -> dict[str, str]:
    """This process's, in which this package is found too."""
    paths = [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}


def table(outcomes: Sequence[Outcome]) -> str:
    """The outcomes, in Markdown."""
    head = ("target", "executions", "executions/s", "edges", "features", "crashes", "hangs")
    rows: list[tuple[str, ...]] = [
        (
            each.target,
            f"{each.executions:,}",
            f"{each.executions_per_second:,}",
            f"{each.covered:,}",
            f"{each.features:,}",
            str(len(each.crashes)),
            str(len(each.hangs)),
        )
        for each in outcomes
    ]
    total = sum(each.executions for each in outcomes)
    faults = (
        sum(len(each.crashes) for each in outcomes),
        sum(len(each.hangs) for each in outcomes),
    )
    rows.append(("all", f"{total:,}", "", "", "", *map(str, faults)))
    lines = ["| " + " | ".join(row) + " |" for row in (head, *rows)]
    lines.insert(1, "| --- |" + " ---: |" * (len(head) - 1))
    return "\n".join(lines)


def told(outcomes: Sequence[Outcome]) -> str:
    """Every fault, with the command that repeats it."""
    lines = [
        f"{each.target}: {replay_of(each.target, path)}"
        for each in outcomes
        for path in (*each.crashes, *each.hangs)
    ]
    lines += [f"{each.target} ended: {each.broken}" for each in outcomes if each.broken]
    return "\n".join(lines)
