"""Time zones: what clocks show in a place, as arithmetic on whole seconds.

The seconds that a clock in a zone shows are counted since its own
1970-01-01T00:00. They run with Unix seconds but for the changes of the zone's
offset, where they jump: ahead, so that some are never shown, or back, so that
some are shown twice.

A zone's changes are looked for once, chunk by chunk; between them everything
is whole numbers. Moments are those of the years 1900 to 9998.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

import msgspec

from tallybook.domain.instants import DAY_SECONDS

UTC = "UTC"

# Of all zones since 1900, the two changes that lie closest are four days apart (Africa/Freetown,
# 1939): looking once a day misses none.
_STEP_SECONDS = DAY_SECONDS
# Looking for the changes of a chunk takes half a millisecond.
_CHUNK_SECONDS = 400 * DAY_SECONDS
# A zone's year or so each, a few hundred bytes.
_CHUNKS_MAX = 4_096


class Period(msgspec.Struct, frozen=True):
    """A half-open span ``[start, end)`` of Unix seconds in which the offset is the same.

    Clocks show Unix seconds plus ``offset`` seconds.
    """

    start: int
    end: int
    offset: int


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """The names of all zones of the IANA database; not the one that means this machine's."""
    return frozenset(available_timezones() - {"localtime"})


def periods(zone: str, start: int, end: int) -> Iterator[Period]:
    """Yield the periods of ``[start, end)``, in order and without gaps.

    Two that follow each other may have the same offset.
    """
    if zone == UTC:
        yield Period(start, end, 0)
        return
    while start < end:
        for period in _chunk(zone, start // _CHUNK_SECONDS):
            stop = min(period.end, end)
            if start < stop:
                yield Period(start, stop, period.offset)
                start = stop


@lru_cache(maxsize=_CHUNKS_MAX)
def _chunk(zone: str, number: int) -> tuple[Period, ...]:
    """The periods of one chunk of time."""
    key = ZoneInfo(zone)
    start = number * _CHUNK_SECONDS
    end = start + _CHUNK_SECONDS
    offset = _offset(key, start)
    found = []
    for seen in range(start, end, _STEP_SECONDS):
        following = _offset(key, seen + _STEP_SECONDS)
        if following != offset:
            change = _change(key, seen, seen + _STEP_SECONDS)
            if change < end:
                found.append(Period(start, change, offset))
                start, offset = change, following
    return (*found, Period(start, end, offset))


def _change(key: ZoneInfo, before: int, after: int) -> int:
    """The first moment with the offset of ``after``, between two with different ones."""
    offset = _offset(key, after)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(key, middle) == offset:
            after = middle
        else:
            before = middle
    return after


def _offset(key: ZoneInfo, time: int) -> int:
    offset = datetime.fromtimestamp(time, key).utcoffset()
    return 0 if offset is None else offset.days * DAY_SECONDS + offset.seconds


def shown_at(zone: str, time: int) -> int:
    """The seconds that a clock in the zone shows at a moment."""
    return time + next(periods(zone, time, time + 1)).offset


def first_showing(zone: str, seconds: int) -> int:
    """The first moment at which a clock in the zone shows so many seconds, or more.

    Of a time that is shown twice it is the first, of one that is skipped the
    moment of the jump.
    """
    # Offsets are less than a day.
    for period in periods(zone, seconds - DAY_SECONDS, seconds + DAY_SECONDS):
        moment = max(period.start, seconds - period.offset)
        if moment < period.end:
            return moment
    return seconds + DAY_SECONDS


def local_iso(zone: str, time: int) -> str:
    """RFC 3339 by the clocks of the zone, for people: with its offset, or Z for none."""
    moment = datetime.fromtimestamp(time, ZoneInfo(zone))
    return moment.isoformat().replace("+00:00", "Z")
