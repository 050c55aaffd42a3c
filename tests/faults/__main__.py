"""The long run: ``python -m faults --rounds 500 --seed SEED``, from the folder ``tests``.

Plays so many rounds that end in ``kill -9``, a tenth as many full disks, and
some of every other fault, several at a time; prints the table of
docs/operations.md and writes it to ``--out``. Ends with status 1 when anything
was lost, doubled, wrong, or not back within five seconds. A round that
failed says its seed and number; the same seed plays the same rounds again.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from faults.book import seeded
from faults.rounds import READY_SECONDS_MAX, Tally, added, planned, play, table

_decode = msgspec.json.Decoder(list[Tally]).decode


def main() -> int:
    """Play, or be one of those who do."""
    given = _parsed()
    lane: int | None = given.lane
    if lane is not None:
        seed = f"{given.seed}.{lane}"
        plan = planned(given.rounds, seeded(seed))
        tallies = play(given.folder, plan, seed, keep_on=True)
        (given.folder / "tallies.json").write_bytes(msgspec.json.encode(tallies))
        return 0
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tallybook-faults-") as folder:
        tallies = _all_lanes(given, Path(folder))
    return _report(given, tallies, time.monotonic() - began)


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m faults", description=__doc__)
    parser.add_argument("--rounds", type=int, default=500, help="rounds that end in kill -9")
    parser.add_argument("--seed", default="faults", help="replays the rounds")
    parser.add_argument("--lanes", type=int, default=2, help="how many are played at a time")
    parser.add_argument("--out", type=Path, help="a file for the table")
    parser.add_argument("--lane", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def _all_lanes(given: argparse.Namespace, folder: Path) -> list[Tally]:
    """Play in several processes; the tallies of all."""
    each = -(-given.rounds // given.lanes)
    lanes = []
    for lane in range(given.lanes):
        place = folder / str(lane)
        place.mkdir()
        parts = [f"--rounds={each}", f"--seed={given.seed}", f"--lane={lane}", f"--folder={place}"]
        lanes.append((place, subprocess.Popen([sys.executable, "-m", "faults", *parts])))
    found = []
    for place, process in lanes:
        if process.wait():
            sys.exit(process.returncode)
        found.append(_decode((place / "tallies.json").read_bytes()))
    return added(found)


def _report(given: argparse.Namespace, tallies: list[Tally], seconds: float) -> int:
    failures = [failure for tally in tallies for failure in tally.failures]
    kills = sum(tally.rounds for tally in tallies if tally.killed)
    refusals = sum(tally.refusals for tally in tallies)
    lost = sum(tally.lost for tally in tallies)
    slowest = max(tally.ready_seconds_max for tally in tallies)
    text = table(tallies)
    print(text)
    print(
        f"seed {given.seed!r}: {kills} rounds ended in kill -9; {len(failures)} rounds failed;"
        f" longest restart {slowest:.2f} s; power cuts took back {lost} pages, sizes and names;"
        f" {refusals} starts were refused for a damaged end of the log;"
        f" {seconds / 60:.1f} minutes"
    )
    for failure in failures:
        print(failure)
    if given.out:
        given.out.write_text(text, encoding="utf-8")
    return 1 if failures or slowest > READY_SECONDS_MAX else 0


if __name__ == "__main__":
    sys.exit(main())
