"""``python -m fuzz TARGET|all``: coverage-guided runs, by atheris; see CONTRIBUTING.md."""

import argparse
import importlib.util
import sys
import tempfile
import time
from pathlib import Path

from fuzz.running import HANG_SECONDS, Wish, run, table, told
from fuzz.table import TARGETS


def main() -> int:
    """Run what is asked for; 1 when something was found."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("target", choices=("all", *TARGETS), help="a target, or all of them")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--seconds", type=int, default=60, help="how long each target is run")
    length.add_argument("--in-all", type=int, help="seconds for all targets together, by the clock")
    length.add_argument("--runs", type=int, default=0, help="executions of each target instead")
    length.add_argument("--replay", type=Path, help="check this one input, and say what happens")
    parser.add_argument("--seed", type=int, default=1, help="of all chance")
    parser.add_argument("--at-once", type=int, default=2, help="targets that are run side by side")
    parser.add_argument("--folder", type=Path, help="of corpora and faults; kept from run to run")
    asked = parser.parse_args()
    if asked.replay:
        return _replay(asked.target, asked.replay)
    if importlib.util.find_spec("atheris") is None:
        sys.exit("atheris is not installed: pip install -c constraints.txt -e '.[fuzz]'")
    names = list(TARGETS) if asked.target == "all" else [asked.target]
    seconds = asked.in_all * asked.at_once // len(names) if asked.in_all else asked.seconds
    folder = (asked.folder or Path(tempfile.mkdtemp(prefix="tallybook-fuzz-"))).resolve()
    print(
        f"{len(names)} targets, seed {asked.seed}; corpora and faults are in {folder}", flush=True
    )
    outcomes = run(names, folder, Wish(seconds, asked.runs, asked.seed), asked.at_once)
    print(f"\n{table(outcomes)}\n\n{told(outcomes)}")
    return 0 if all(each.is_good for each in outcomes) else 1


def _replay(name: str, path: Path) -> int:
    """Check an input without atheris: a fault is raised, and shows where it is."""
    target = TARGETS[name]
    with tempfile.TemporaryDirectory() as folder, target.opened(Path(folder)) as check:
        began = time.monotonic()
        target.tried(check, path.read_bytes())
        took = time.monotonic() - began
    print(f"{name}: no fault, {took:.2f} s")
    return int(took > HANG_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
