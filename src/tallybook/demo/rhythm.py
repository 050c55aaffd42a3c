"""When work is done: hours of the day, days of the week, growth, a spike.

Everything is a whole number, so that the split of a month into hours comes
out the same everywhere, and exactly.
"""

from collections.abc import Sequence
from enum import StrEnum
from itertools import accumulate, pairwise

import msgspec

from tallybook.demo.chance import Chance
from tallybook.domain.buckets import BucketWidth
from tallybook.domain.instants import DAY_SECONDS

HOUR_SECONDS = BucketWidth.HOUR.seconds
MONTH_HOURS = 30 * 24

# The usage of the last hour is this much more than that of the first, in percent.
GROWTH_PERCENT = 40
SPIKE_FACTOR = 4
# A spike is on one of the seven days from this hour of the month, and lasts this many hours.
_SPIKE_EARLIEST, _SPIKE_HOURS = 15 * 24, 9

# The Unix epoch was a Thursday; days count from Monday, 0.
_EPOCH_WEEKDAY = 3
_SATURDAY = 5

_HOURS = {
    # People at their desks, from nine to six, less at lunch.
    "office": (
        3, 2, 1, 1, 1, 2, 6, 20, 55, 90, 100, 96,
        70, 80, 98, 95, 88, 66, 38, 24, 18, 13, 9, 5,
    ),
    # A product that people use all day, most in the evening.
    "always": (
        22, 14, 10, 8, 8, 12, 24, 44, 62, 72, 78, 82,
        84, 80, 78, 80, 84, 90, 98, 100, 96, 82, 60, 38,
    ),
    # Jobs that run while nobody waits for them.
    "night": (60, 100, 100, 80, 40, 10, *(0,) * 16, 4, 20),
}  # fmt: skip
_WEEKEND_PERCENT = {"office": 12, "always": 70, "night": 60}


class Rhythm(StrEnum):
    """How work is spread over days and weeks."""

    OFFICE = "office"
    ALWAYS = "always"
    NIGHT = "night"

    def weight(self, local_seconds: int) -> int:
        """How busy the hour is that holds this moment, from 0 to 10,000.

        ``local_seconds`` are Unix seconds moved by the place's offset from UTC.
        """
        days, seconds = divmod(local_seconds, DAY_SECONDS)
        weekend = (days + _EPOCH_WEEKDAY) % 7 >= _SATURDAY
        percent = _WEEKEND_PERCENT[self.value] if weekend else 100
        return _HOURS[self.value][seconds // HOUR_SECONDS] * percent


class Spike(msgspec.Struct, frozen=True):
    """A project that is suddenly popular: from hour to hour of the month, the end exclusive."""

    project_id: str
    start: int
    end: int

    def factor(self, project_id: str, hour: int) -> int:
        """How many times its usual load a project has in an hour of the month."""
        ours = project_id == self.project_id and self.start <= hour < self.end
        return SPIKE_FACTOR if ours else 1


def some_spike(chance: Chance, project_ids: Sequence[str]) -> Spike:
    """A spike of one of these projects, somewhere in the third week."""
    project_id = project_ids[int(chance() * len(project_ids))]
    start = _SPIKE_EARLIEST + int(chance() * 7) * 24 + 8 + int(chance() * 4)
    return Spike(project_id, start, start + _SPIKE_HOURS)


def growth(hour: int) -> int:
    """How much is used in an hour of the month as against the first, which is 10,000."""
    return 10_000 + GROWTH_PERCENT * 100 * hour // MONTH_HOURS


def shares(total: int, weights: Sequence[int]) -> list[int]:
    """Whole numbers that add up to ``total`` and follow the weights, at least one above 0."""
    sums = list(accumulate(weights, initial=0))
    marks = [total * part // sums[-1] for part in sums]
    return [after - before for before, after in pairwise(marks)]
