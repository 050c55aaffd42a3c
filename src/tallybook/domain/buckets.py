"""Buckets: half-open spans of time, and the grids that cut time into them.

All times here are whole Unix seconds. A span is ``[start, end)``: its start is
inside, its end is not.

Days, weeks and months belong to a time zone. They begin at its midnight: the
first one where clocks show two, the first moment of the day where they skip
it. So each is one unbroken span, be it of 23, 24 or 25 hours, and a date that
a zone left out has none.
"""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from itertools import islice

import msgspec

from tallybook.domain import zones
from tallybook.domain.instants import DAY_SECONDS

_WIDTH_SECONDS = {"1m": 60, "5m": 300, "15m": 900, "1h": 3_600, "1d": DAY_SECONDS}

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_WEEK_DAYS, _YEAR_MONTHS = 7, 12
# 1970-01-01 was a Thursday: the Monday of its week lies three days before.
_EPOCH_WEEKDAY = 3


class BucketWidth(StrEnum):
    """The size of a bucket. Weeks go from Monday to Monday."""

    MINUTE = "1m"
    FIVE_MINUTES = "5m"
    QUARTER_HOUR = "15m"
    HOUR = "1h"
    DAY = "1d"
    WEEK = "1w"
    MONTH = "1mo"

    @property
    def seconds(self) -> int:
        """The width in seconds, in UTC, up to a day. Raises ValueError for weeks and months.

        Boundaries of these widths are its multiples since the Unix epoch.
        """
        if self.value not in _WIDTH_SECONDS:
            raise ValueError(f"{self} is not cut by seconds, but by the calendar: use a Grid.")
        return _WIDTH_SECONDS[self.value]

    @property
    def by_calendar(self) -> bool:
        """Whether buckets begin with days of the zone's calendar, and not with its clocks."""
        return self in _CALENDAR

    def floor(self, time: int) -> int:
        """The last boundary in UTC that is not after ``time``. Raises as ``seconds`` does."""
        return time - time % self.seconds

    def next(self, time: int) -> int:
        """The first boundary in UTC that is after ``time``. Raises as ``seconds`` does."""
        return self.floor(time) + self.seconds


_CALENDAR = frozenset({BucketWidth.DAY, BucketWidth.WEEK, BucketWidth.MONTH})


class Span(msgspec.Struct, frozen=True, order=True):
    """A half-open span ``[start, end)`` of Unix seconds."""

    start: int
    end: int


class Grid(msgspec.Struct, frozen=True):
    """The boundaries of all buckets of a width in a time zone, a name of the IANA database.

    Widths below a day are aligned with the zone's clocks. Where these change
    by other than whole buckets, the change is a boundary too, so that no bucket
    is longer than its width; in zones of whole hours nothing differs from UTC,
    and an hour that clocks show twice is two buckets.
    """

    width: BucketWidth
    zone: str = zones.UTC

    def floor(self, time: int) -> int:
        """The last boundary that is not after ``time``."""
        if self._is_plain:
            return self.width.floor(time)
        if self.width.by_calendar:
            return self._start_of(self._unit_at(time))
        seconds = self.width.seconds
        # Of the last width of time, what shares its alignment with the moment.
        *_, (start, _, offset) = self._alignments(time - seconds, time + 1)
        return max(time - (time + offset) % seconds, start)

    def next(self, time: int) -> int:
        """The first boundary that is after ``time``."""
        if self._is_plain:
            return self.width.next(time)
        if self.width.by_calendar:
            return self._next_start(self._unit_at(time))[1]
        seconds = self.width.seconds
        _, end, offset = next(self._alignments(time, time + seconds + 1))
        return min(time - (time + offset) % seconds + seconds, end)

    def is_boundary(self, time: int) -> bool:
        """Whether a bucket starts at ``time``."""
        return self.floor(time) == time

    def between(self, start: int, end: int) -> Iterator[int]:
        """Yield the boundaries that are after ``start`` and before ``end``, in order."""
        if self.width.by_calendar and not self._is_plain:
            unit, boundary = self._next_start(self._unit_at(start))
            while boundary < end:
                yield boundary
                unit, boundary = self._next_start(unit)
            return
        seconds = self.width.seconds
        for begin, stop, offset in self._alignments(start, end):
            if begin > start:
                yield begin
            yield from range(begin - (begin + offset) % seconds + seconds, stop, seconds)

    @property
    def _is_plain(self) -> bool:
        """Whether boundaries are multiples of the width."""
        return self.zone == zones.UTC and self.width.value in _WIDTH_SECONDS

    def _alignments(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """The periods of ``[start, end)``, those together whose boundaries are aligned alike.

        Each is its start, its end, and an offset that aligns it.
        """
        begin, stop, aligned = start, start, 0
        for period in zones.periods(self.zone, start, end):
            offset = period.offset % self.width.seconds
            if offset != aligned and stop > begin:
                yield begin, stop, aligned
                begin = stop
            aligned, stop = offset, period.end
        yield begin, stop, aligned

    def _unit_at(self, time: int) -> int:
        """The number of the day, week or month that a moment belongs to."""
        day = zones.shown_at(self.zone, time) // DAY_SECONDS
        unit = _unit_of(self.width, day)
        # Where clocks went back over midnight, the date they show is over already.
        while self._start_of(unit + 1) <= time:
            unit += 1
        return unit

    def _next_start(self, unit: int) -> tuple[int, int]:
        """The number of the unit after one, and its start: a date that was left out is none."""
        start = self._start_of(unit)
        following = unit + 1
        while (boundary := self._start_of(following)) == start:
            following += 1
        return following, boundary

    def _start_of(self, unit: int) -> int:
        """The first moment of a day, week or month."""
        return zones.first_showing(self.zone, _first_day(self.width, unit) * DAY_SECONDS)


def _unit_of(width: BucketWidth, day: int) -> int:
    """The number of the day, week or month that a day since 1970-01-01 belongs to."""
    if width is BucketWidth.DAY:
        return day
    if width is BucketWidth.WEEK:
        return (day + _EPOCH_WEEKDAY) // _WEEK_DAYS
    found = date.fromordinal(day + _EPOCH_ORDINAL)
    return found.year * _YEAR_MONTHS + found.month - 1


def _first_day(width: BucketWidth, unit: int) -> int:
    """The first day, since 1970-01-01, of a day, week or month by its number."""
    if width is BucketWidth.DAY:
        return unit
    if width is BucketWidth.WEEK:
        return unit * _WEEK_DAYS - _EPOCH_WEEKDAY
    year, month = divmod(unit, _YEAR_MONTHS)
    return date(year, month + 1, 1).toordinal() - _EPOCH_ORDINAL


def spans(start: int, end: int, grid: Grid) -> Iterator[Span]:
    """Yield the buckets of ``[start, end)``, in order and without gaps.

    The first starts at ``start`` even off a boundary and the last ends at
    ``end``: short buckets, as the live service has them (contract, section 4).
    """
    if start >= end:
        return
    for stop in grid.between(start, end):
        yield Span(start, stop)
        start = stop
    yield Span(start, end)


def first_spans(start: int, end: int, grid: Grid, count: int) -> list[Span]:
    """The first ``count`` buckets of ``[start, end)``, or all when there are fewer."""
    return list(islice(spans(start, end, grid), count))
