"""Moments as people name them: ``-7d``, ``2026-10-01``, Unix seconds, dates of Python."""

import re
from datetime import UTC, date, datetime

from tallybook.domain import zones
from tallybook.domain.buckets import Grid

_RELATIVE = re.compile(r"-([0-9]{1,6})([mhdw])")
_UNIT_SECONDS = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_SECONDS = re.compile(r"[0-9]{1,12}")

# Text as ``moment`` reads it, Unix seconds, a date, or a time with or without an offset.
Moment = str | float | date | datetime

# 9999-12-31T23:59:59Z: what lies after it has no date.
SECONDS_MAX = 253_402_300_799
# Of dates by the clocks of a zone, inclusive: what is known of zones ends there.
YEAR_MIN, YEAR_MAX = 1900, 9998


class InvalidMoment(ValueError):
    """Text, or a number, that names no moment."""


def unix_seconds(value: Moment, now: int, grid: Grid) -> int:
    """The Unix seconds of a moment in any form; fractions of a second are cut off.

    A date, and a time without an offset, is by the clocks of the grid's zone,
    as in text. Raises InvalidMoment, and TypeError for what is no moment.
    """
    if isinstance(value, str):
        return moment(value, now, grid)
    if isinstance(value, datetime):
        return _shown(value, grid)
    if isinstance(value, date):
        return _shown(datetime(value.year, value.month, value.day), grid)  # noqa: DTZ001
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(
            f"{value!r} is not a moment; give Unix seconds, a date, a datetime, or text like"
            " 2026-10-01 or -7d."
        )
    if not 0 <= value <= SECONDS_MAX:
        raise InvalidMoment(
            f"{value} is not between 1970 and the year 9999 in Unix seconds, which have ten digits."
        )
    return int(value)


def moment(text: str, now: int, grid: Grid) -> int:
    """The Unix seconds that ``text`` means at the moment ``now``.

    A relative moment is rounded down to the start of its bucket, so that the
    first bucket is a whole one. A date or time without an offset is by the
    clocks of the grid's zone: the first of two that show it, the jump that
    skips it. Raises InvalidMoment.
    """
    if relative := _RELATIVE.fullmatch(text):
        since = max(now - int(relative[1]) * _UNIT_SECONDS[relative[2]], 0)
        # The bucket that holds 1970 may have begun before it.
        return max(grid.floor(since), 0)
    if text == "now":
        return now
    if _SECONDS.fullmatch(text):
        if int(text) > SECONDS_MAX:
            raise InvalidMoment(f"{text} is after the year 9999; Unix seconds have ten digits.")
        return int(text)
    try:
        found = datetime.fromisoformat(text)
    except ValueError as fault:
        raise InvalidMoment(
            f'"{text}" is not a moment; write Unix seconds, a date like 2026-10-01 or'
            " 2026-10-01T14:30, or a time that has passed since, like -7d, -24h or -90m."
        ) from fault
    return _shown(found, grid)


def _shown(found: datetime, grid: Grid) -> int:
    """A time by its offset, or without one by the clocks of the grid's zone.

    Raises InvalidMoment for a year in which nobody knows those.
    """
    if found.utcoffset() is not None:
        return int(found.timestamp())
    if grid.zone != zones.UTC and not YEAR_MIN <= found.year <= YEAR_MAX:
        raise InvalidMoment(
            f"{found.isoformat()} is beyond what clocks in {grid.zone} are known to show: give a"
            f" year from {YEAR_MIN} to {YEAR_MAX}, or the time with its offset."
        )
    return zones.first_showing(grid.zone, int(found.replace(tzinfo=UTC).timestamp()))
