"""Moments as people name them: ``-7d``, ``2026-10-01``, Unix seconds."""

import re
from datetime import UTC, datetime

from tallybook.domain import zones
from tallybook.domain.buckets import Grid

_RELATIVE = re.compile(r"-([0-9]{1,6})([mhdw])")
_UNIT_SECONDS = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_SECONDS = re.compile(r"[0-9]{1,12}")


# 9999-12-31T23:59:59Z: what lies after it has no date.
SECONDS_MAX = 253_402_300_799


class InvalidMoment(ValueError):
    """Text that names no moment."""


def moment(text: str, now: int, grid: Grid) -> int:
    """The Unix seconds that ``text`` means at the moment ``now``.

    A relative moment is rounded down to the start of its bucket, so that the
    first bucket is a whole one. A date or time without an offset is by the
    clocks of the grid's zone: the first of two that show it, the jump that
    skips it. Raises InvalidMoment.
    """
    if relative := _RELATIVE.fullmatch(text):
        return max(grid.floor(now - int(relative[1]) * _UNIT_SECONDS[relative[2]]), 0)
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
    if found.tzinfo:
        return int(found.timestamp())
    return zones.first_showing(grid.zone, int(found.replace(tzinfo=UTC).timestamp()))
