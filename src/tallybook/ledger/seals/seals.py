"""Which hours and days are sealed: the state that decides what a query reads.

A value, changed by making another one, so that a query that has begun keeps
the one it began with. What a query may take from it without looking again:

- A sealed span has its rows in every rollup, and they equal its events as
  they were when it was sealed or later: rows are replaced in one transaction,
  never taken away before the new ones are there.
- A span is unsealed before an event that it lacks is acknowledged. So whoever
  asks after that reads the events.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Self

import msgspec

from tallybook.domain.buckets import BucketWidth, Span
from tallybook.domain.instants import MICROSECONDS
from tallybook.ledger.seals.cover import append_span
from tallybook.ledger.seals.rollups import DAY, HOUR


class Seals(msgspec.Struct, frozen=True):
    """Sealed hours and days by their starts, in Unix seconds, each with the number of its sealing.

    Numbers ascend: a span that is sealed again has a larger one.
    """

    hours: Mapping[int, int]
    days: Mapping[int, int]

    def of(self, width: BucketWidth) -> Mapping[int, int]:
        """Those of one width, which must be the hour or the day."""
        return self.days if width is DAY else self.hours

    def whole(self, start: int, end: int) -> int | None:
        """The largest number of the sealings of ``[start, end)``; None when not all is sealed."""
        newest = 0
        at = start
        while at < end:
            width = DAY if at in self.days and at + DAY.seconds <= end else HOUR
            # A part of an hour is as sealed as the hour.
            number = self.of(width).get(width.floor(at))
            if number is None:
                return None
            newest = max(newest, number)
            at = width.next(at)
        return newest

    def without(self, hours: Iterable[int]) -> Self:
        """The same after something changed in some hours: they and their days are not sealed."""
        gone = set(hours)
        days = {DAY.floor(hour) for hour in gone}
        return type(self)(
            {hour: number for hour, number in self.hours.items() if hour not in gone},
            {day: number for day, number in self.days.items() if day not in days},
        )

    def before(self, end: int) -> Self:
        """Those of them that are of days before ``end``, the start of one."""
        return type(self)(
            {hour: number for hour, number in self.hours.items() if hour < end},
            {day: number for day, number in self.days.items() if day < end},
        )

    def with_sealed(self, hours: Iterable[int], days: Iterable[int], number: int) -> Self:
        """The same after some hours and days were sealed, as one sealing."""
        return type(self)(
            {**self.hours, **dict.fromkeys(hours, number)},
            {**self.days, **dict.fromkeys(days, number)},
        )


NOTHING_SEALED = Seals({}, {})


def hours_of_day(day: int) -> range:
    """The starts of the hours of a day that starts at ``day``."""
    return range(day, day + DAY.seconds, HOUR.seconds)


def span_of_hours(hours: Iterable[int]) -> list[Span]:
    """Hours as the fewest spans, in order."""
    spans: list[Span] = []
    for hour in sorted(hours):
        append_span(spans, hour, hour + HOUR.seconds)
    return spans


def hours_of(times_us: Sequence[int]) -> set[int]:
    """The starts of the hours that moments, in microseconds, lie in."""
    if not times_us:
        return set()
    hour_us = HOUR.seconds * MICROSECONDS
    first, last = min(times_us) // hour_us, max(times_us) // hour_us
    # Live traffic is of one hour: then its events need not be looked at one by one.
    numbers = {first} if first == last else {time_us // hour_us for time_us in times_us}
    return {number * HOUR.seconds for number in numbers}
