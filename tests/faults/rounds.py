"""Rounds of faults, drawn from a seed, and the table of what came of them."""

import random
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from faults.book import seeded
from faults.hand import FAULTS, Fault
from faults.stage import EVENTS_MAX, Stage, staged

READY_SECONDS_MAX = 5.0
# What a plan has of each: rounds that end in ``kill -9``, full disks, and of each other fault.
FULL_DISK_SHARE = 10
OTHERS_SHARE = 25

_COLUMNS = (
    "fault",
    "rounds",
    "of them power cuts",
    "requests",
    "events acknowledged",
    "lost",
    "doubled",
    "longest restart",
)


class Tally(msgspec.Struct):
    """What came of the rounds of one fault."""

    fault: str
    killed: bool
    rounds: int = 0
    requests: int = 0
    acknowledged: int = 0
    survived: int = 0
    hours_sealed: int = 0
    cuts: int = 0
    lost: int = 0
    refusals: int = 0
    ready_seconds_max: float = 0.0
    failures: list[str] = []

    def add(self, other: "Tally") -> None:
        """Count another one's rounds too."""
        self.rounds += other.rounds
        self.requests += other.requests
        self.acknowledged += other.acknowledged
        self.survived += other.survived
        self.hours_sealed += other.hours_sealed
        self.cuts += other.cuts
        self.lost += other.lost
        self.refusals += other.refusals
        self.ready_seconds_max = max(self.ready_seconds_max, other.ready_seconds_max)
        self.failures = self.failures + other.failures


def able(stage: Stage) -> set[str]:
    """What this machine has of what faults need."""
    has = {""}
    if stage.broken is not None:
        has.add("layer")
    if stage.disk is not None:
        has.add("disk")
    return has


def planned(rounds: int, random_: random.Random, faults: Sequence[Fault] = FAULTS) -> list[Fault]:
    """So many rounds that end in ``kill -9``, a tenth as many full disks, some of each other."""
    kills = [fault for fault in faults if fault.killed]
    plan = random_.choices(kills, weights=[fault.weight for fault in kills], k=rounds)
    for fault in faults:
        if not fault.killed:
            share = FULL_DISK_SHARE if fault.needs == "disk" else OTHERS_SHARE
            plan += [fault] * -(-rounds // share)
    random_.shuffle(plan)
    return plan


def play(folder: Path, plan: Iterable[Fault], seed: str, *, keep_on: bool = False) -> list[Tally]:
    """Play rounds one after the other; what came of them, by fault.

    Raises AssertionError at the first that loses, doubles or breaks something,
    or with ``keep_on`` notes it and goes on with a new folder.
    """
    tallies: dict[str, Tally] = {}
    with staged(folder) as stage:
        has = able(stage)
        for number, fault in enumerate(plan):
            if fault.needs not in has:
                continue
            tally = tallies.setdefault(fault.name, Tally(fault.name, fault.killed, failures=[]))
            try:
                _play_one(stage, fault, f"{seed}.{number}", tally)
            except Exception as broken:
                said = f"{fault.name}, seed {seed!r}, round {number}: {broken!r}"
                if not keep_on:
                    raise AssertionError(said) from broken
                print(said, flush=True)
                tally.failures.append(said[:2_000])
                _leave(stage)
    return list(tallies.values())


def _play_one(stage: Stage, fault: Fault, name: str, tally: Tally) -> None:
    random_ = seeded(name)
    if len(stage.model.events) > EVENTS_MAX:
        _leave(stage)
    began = time.monotonic()
    tally.rounds += 1
    cuts, lost, refusals = stage.cuts, stage.lost, stage.refusals
    fault.strike(stage, random_, name.replace(" ", "_"))
    tally.requests += len(stage.record.attempts)
    found = stage.recover(random_, may_keep_refused=fault.may_keep_refused)
    tally.acknowledged += found.events
    tally.survived += found.survived
    tally.hours_sealed += found.hours_sealed
    tally.cuts += stage.cuts - cuts
    tally.lost += stage.lost - lost
    tally.refusals += stage.refusals - refusals
    tally.ready_seconds_max = max(tally.ready_seconds_max, found.ready_seconds)
    print(
        f"{name}: {fault.name}: {found.events} events acknowledged, ready in"
        f" {found.ready_seconds:.2f} s, {time.monotonic() - began:.1f} s in all",
        flush=True,
    )


def _leave(stage: Stage) -> None:
    """A new folder, and nothing left of what was told to the disk and the clock."""
    if stage.server is not None:
        stage.server.kill()
    if stage.broken is not None:
        stage.broken.heal()
    stage.begin_anew()


def added(parts: Iterable[Sequence[Tally]]) -> list[Tally]:
    """The tallies of several players as one, in the order of the table of faults."""
    order = {fault.name: place for place, fault in enumerate(FAULTS)}
    found: dict[str, Tally] = {}
    for tally in (each for part in parts for each in part):
        if tally.fault in found:
            found[tally.fault].add(tally)
        else:
            found[tally.fault] = tally
    return sorted(found.values(), key=lambda tally: order[tally.fault])


def table(tallies: Sequence[Tally]) -> str:
    """The table of the docs."""
    lines = [
        f"| {' | '.join(_COLUMNS)} |",
        f"| ---{' | ---:' * (len(_COLUMNS) - 1)} |",
    ]
    whole = Tally("**all**", killed=False, failures=[])
    for tally in tallies:
        whole.add(tally)
    for tally in [*tallies, whole]:
        # What was lost or doubled ends its round with a failure: a sound one has none of either.
        found = Counter(_sort(failure) for failure in tally.failures)
        ready = f"{tally.ready_seconds_max:.1f} s" if tally.ready_seconds_max else ""
        counts = (tally.rounds, tally.cuts, tally.requests, tally.acknowledged)
        numbers = [f"{number:,}" for number in (*counts, found["lost"], found["doubled"])]
        lines.append(f"| {' | '.join([tally.fault, *numbers, ready])} |")
    return "\n".join(lines) + "\n"


def _sort(failure: str) -> str:
    if "are stored" in failure or "are lost" in failure:
        return "lost"
    return "doubled" if "twice" in failure else "other"
