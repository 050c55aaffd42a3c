"""How many rounds the tests play: enough for minutes, and by flags for as long as is wished."""

import os
from pathlib import Path

from faults.book import seeded
from faults.hand import FAULTS, Fault
from faults.rounds import Tally, added, play, table

LONG = os.environ.get("TALLYBOOK_LONG") == "1"
SEED = os.environ.get("TALLYBOOK_FAULT_SEED", "faults")
# For each of the three files of rounds; the long run is that of ``python -m faults``.
ROUNDS = int(os.environ.get("TALLYBOOK_FAULT_ROUNDS", "60" if LONG else "6"))


def played(folder: Path, seed: str, *names: str) -> dict[str, Tally]:
    """Each of these faults once, then more of them by chance; what came of them, by name."""
    rows = {fault.name: fault for fault in FAULTS}
    faults: list[Fault] = [rows[name] for name in names]
    seed = f"{SEED} {seed}"
    print(f"TALLYBOOK_FAULT_SEED={SEED!r}")
    random_ = seeded(seed)
    plan = faults + random_.choices(faults, k=max(0, ROUNDS - len(faults)))
    random_.shuffle(plan)
    tallies = added([play(folder, plan, seed)])
    print(table(tallies))
    return {tally.fault: tally for tally in tallies}
