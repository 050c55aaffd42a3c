"""Buckets: half-open spans of time, and the widths that cut time into them.

All times here are whole Unix seconds, UTC. A span is ``[start, end)``: its
start is inside, its end is not.
"""

from collections.abc import Iterator
from enum import StrEnum
from itertools import islice

import msgspec

_WIDTH_SECONDS = {"1m": 60, "1h": 3_600, "1d": 86_400}


class BucketWidth(StrEnum):
    """The size of a bucket. Boundaries are multiples of it since the Unix epoch, in UTC."""

    MINUTE = "1m"
    HOUR = "1h"
    DAY = "1d"

    @property
    def seconds(self) -> int:
        """The width in seconds."""
        return _WIDTH_SECONDS[self.value]

    def floor(self, time: int) -> int:
        """The last boundary that is not after ``time``."""
        return time - time % self.seconds

    def next(self, time: int) -> int:
        """The first boundary that is after ``time``."""
        return self.floor(time) + self.seconds

    def is_boundary(self, time: int) -> bool:
        """Whether a bucket of this width starts at ``time``."""
        return self.floor(time) == time


class Span(msgspec.Struct, frozen=True, order=True):
    """A half-open span ``[start, end)`` of Unix seconds."""

    start: int
    end: int


def spans(start: int, end: int, width: BucketWidth) -> Iterator[Span]:
    """Yield the buckets of ``[start, end)``, in order and without gaps.

    The first starts at ``start`` even off a boundary and the last ends at
    ``end``: short buckets, as the live service has them (contract, section 4).
    """
    while start < end:
        stop = min(width.next(start), end)
        yield Span(start, stop)
        start = stop


def first_spans(start: int, end: int, width: BucketWidth, count: int) -> list[Span]:
    """The first ``count`` buckets of ``[start, end)``, or all when there are fewer."""
    return list(islice(spans(start, end, width), count))
