"""Time zones the naive way: ask what a clock shows, moment after moment, and walk."""

import struct
import zoneinfo
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

ZONES = sorted(zoneinfo.available_timezones() - {"localtime"})
# Where days are not what one thinks: gaps and repeats at midnight, half hours, a date left out.
ODD_ZONES = (
    "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca",
    "Asia/Kathmandu", "America/Havana", "Asia/Beirut", "Pacific/Apia", "America/Sao_Paulo",
    "Atlantic/Azores", "America/St_Johns", "Asia/Gaza", "Africa/Monrovia", "Pacific/Kiritimati",
    "America/Caracas", "Asia/Pyongyang", "Antarctica/Troll", "Etc/UTC",
)  # fmt: skip

DAY_SECONDS = 86_400
# How far a bucket of a width may reach beyond what it is asked for, in seconds: an hour and a day
# more than it is long, where that is not all there is to say.
_REACH = {"1d": 2 * DAY_SECONDS, "1w": 9 * DAY_SECONDS, "1mo": 33 * DAY_SECONDS}

FIXED = {"1m": 60, "5m": 300, "15m": 900, "1h": 3_600}


def offset(zone: str, time: int) -> int:
    """What clocks show beyond UTC, in seconds."""
    found = datetime.fromtimestamp(time, ZoneInfo(zone)).utcoffset()
    assert found is not None
    return found // timedelta(seconds=1)


def unit(width: str, day: date) -> date:
    """The first date of the day, week or month of a date."""
    if width == "1w":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if width == "1mo" else day


def boundaries(zone: str, width: str, start: int, end: int, step: int) -> list[int]:
    """The boundaries of ``[start, end)``: where a walk of steps enters another bucket.

    Every boundary must be on a step.
    """
    return list(_turns(zone, width, start, end, step))


def _turns(zone: str, width: str, start: int, end: int, step: int) -> Iterator[int]:
    if width in FIXED:
        seconds = FIXED[width]
        for time in range(start, end, step):
            ahead = offset(zone, time)
            if (time + ahead) % seconds == 0 or (ahead - offset(zone, time - step)) % seconds:
                yield time
        return
    # The latest date that was shown: a clock that goes back does not end a day a second time.
    key = ZoneInfo(zone)
    latest = max(
        datetime.fromtimestamp(time, key).date()
        for time in (*range(start - 100_000, start, 450), start - 1)
    )
    for time in range(start, end, step):
        shown = datetime.fromtimestamp(time, key).date()
        if unit(width, shown) > unit(width, latest):
            yield time
        latest = max(latest, shown)


@lru_cache(1_000)
def spans(zone: str, width: str, start: int, end: int) -> list[tuple[int, int]]:
    """The buckets of a range since 1975, whose first and last may be short."""
    cuts = [cut for cut in _around(zone, width, start, end) if start < cut < end]
    return list(pairwise([start, *cuts, end]))


def whole(zone: str, width: str, start: int, end: int) -> tuple[int, int]:
    """A range since 1975 with both ends moved outwards to boundaries."""
    around = _around(zone, width, start, end)
    return max(cut for cut in around if cut <= start), min(cut for cut in around if cut >= end)


@lru_cache(1_000)
def _around(zone: str, width: str, start: int, end: int) -> list[int]:
    """The boundaries of a range and of what lies close to it. Zones had no odd seconds by then."""
    step = 60 if width in ("1m", "5m") else 900
    reach = _REACH.get(width, 7_200)
    first = (start - reach) // step * step
    return boundaries(zone, width, first, end + reach, step)


def changes(zone: str) -> list[tuple[int, int]]:
    """Every change of the offset that the zone's file lists: the moment, the offset after it."""
    data = _file(zone)
    v1 = struct.unpack(">4sc15x6l", data[:44])
    _, _, utc, std, leaps, times, types, letters = v1
    skip = 44 + times * 5 + types * 6 + letters + leaps * 8 + std + utc
    _, _, _, _, _, times, types, _ = struct.unpack(">4sc15x6l", data[skip : skip + 44])
    place = skip + 44
    moments = struct.unpack(f">{times}q", data[place : place + 8 * times])
    indexes = data[place + 8 * times : place + 9 * times]
    place += 9 * times
    offsets = [
        struct.unpack(">lbB", data[place + 6 * n : place + 6 * n + 6])[0] for n in range(types)
    ]
    found = [(moment, offsets[index]) for moment, index in zip(moments, indexes, strict=True)]
    before = [offsets[0], *(ahead for _, ahead in found)]
    return [each for each, old in zip(found, before, strict=False) if each[1] != old]


def _file(zone: str) -> bytes:
    for folder in zoneinfo.TZPATH:
        path = Path(folder, *zone.split("/"))
        if path.is_file():
            return path.read_bytes()
    *folders, name = zone.split("/")
    return resources.files(".".join(("tzdata", "zoneinfo", *folders))).joinpath(name).read_bytes()
