"""The plan of a month: how many events each hour has, and what they are likely to be."""

from collections.abc import Sequence
from itertools import accumulate

import msgspec

from tallybook.demo.chance import Chance
from tallybook.demo.organization import PROJECTS
from tallybook.demo.rhythm import HOUR_SECONDS, MONTH_HOURS, Rhythm, growth, shares, some_spike
from tallybook.demo.workloads import WORKLOADS, Workload

# Weights are whole numbers; so fine that what division drops does not matter.
_FINE = 10**12
# No hour is quite like the same hour of another day: this many percent up or down.
_NOISE_PERCENT = 10

_OFFSETS_SECONDS = {project.id: project.utc_offset * HOUR_SECONDS for project in PROJECTS}


class Hour(msgspec.Struct, frozen=True):
    """One hour: its start in Unix seconds, its events, and the running sums of the workloads."""

    start: int
    events: int
    sums: Sequence[int]


def plan(chance: Chance, start_seconds: int, events: int) -> list[Hour]:
    """Spread events over the 720 hours from ``start_seconds`` on; they add up exactly."""
    starts = range(start_seconds, start_seconds + MONTH_HOURS * HOUR_SECONDS, HOUR_SECONDS)
    spike = some_spike(chance, _popular())
    loads = [_loads(workload, starts) for workload in WORKLOADS]
    sums: list[list[int]] = []
    for index in range(MONTH_HOURS):
        level = growth(index) * (100 - _NOISE_PERCENT + int(chance() * (2 * _NOISE_PERCENT + 1)))
        weights = (
            load[index] * level * spike.factor(workload.project_id, index)
            for workload, load in zip(WORKLOADS, loads, strict=True)
        )
        sums.append(list(accumulate(weights)))
    counts = shares(events, [row[-1] for row in sums])
    return [Hour(*of) for of in zip(starts, counts, sums, strict=True)]


def _popular() -> list[str]:
    """The projects that the public uses, each once: a spike of one of them can be seen."""
    return list(
        dict.fromkeys(
            workload.project_id
            for workload in WORKLOADS
            if workload.rhythm is Rhythm.ALWAYS and workload.kind == "completions"
        )
    )


def _loads(workload: Workload, starts: Sequence[int]) -> list[int]:
    """The load of each hour, such that over the month it comes to the workload's weight."""
    offset = _OFFSETS_SECONDS[workload.project_id]
    busy = [workload.rhythm.weight(start + offset) for start in starts]
    scale = workload.weight * _FINE // sum(busy)
    return [scale * each for each in busy]
