"""Instants: moments of time as whole microseconds since the Unix epoch.

Events are kept to the microsecond, as integers, so that two spellings of one
moment are one identity and bucket arithmetic is exact.
"""

from datetime import UTC, datetime, timedelta

MICROSECONDS = 1_000_000
DAY_SECONDS = 86_400
DAY_US = DAY_SECONDS * MICROSECONDS

# 2015-01-01T00:00:00Z. Nothing that Tallybook counts is older; an earlier
# time is milliseconds taken for seconds, or a clock that was never set.
EARLIEST_SECONDS = 1_420_070_400
# How far an event may lie ahead of the server's clock: a day, for clocks that are off.
AHEAD_SECONDS_MAX = DAY_SECONDS

# Beyond the year 9999 either way, and small enough to be a number of microseconds.
_SECONDS_MAX = 1 << 40

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def from_seconds(seconds: float) -> int:
    """Unix seconds, with or without a fraction, as microseconds.

    Exact for up to six decimals until the year 2242: below 2**33 seconds a
    double's error, times a million, stays under half a microsecond. What is
    further away than the calendar reaches comes out as just that.
    """
    return round(min(max(seconds, -_SECONDS_MAX), _SECONDS_MAX) * MICROSECONDS)


def from_datetime(moment: datetime) -> int:
    """A datetime that knows its zone as microseconds; exact."""
    return (moment - _EPOCH) // _MICROSECOND


def from_moment(moment: float | datetime) -> int:
    """Unix seconds, or a datetime that knows its zone, as microseconds."""
    return from_seconds(moment) if isinstance(moment, int | float) else from_datetime(moment)


def to_datetime(microseconds: int) -> datetime:
    """Microseconds since the epoch as a datetime in UTC; exact."""
    return _EPOCH + timedelta(microseconds=microseconds)


def iso(microseconds: int) -> str:
    """RFC 3339 in UTC, for people: messages, tables."""
    return to_datetime(microseconds).isoformat().replace("+00:00", "Z")


def iso_date(seconds: int) -> str:
    """The date of a moment in Unix seconds, in UTC: ``2026-11-25``."""
    return iso(seconds * MICROSECONDS).partition("T")[0]


def seconds_text(microseconds: int) -> str:
    """Microseconds as Unix seconds, exactly: a JSON number without an exponent."""
    whole, rest = divmod(microseconds, MICROSECONDS)
    return f"{whole}.{rest:06}".rstrip("0") if rest else str(whole)


def exclusive_now(seconds: float) -> int:
    """The first whole second after a moment: where a range that is open at its end stops.

    A range's end is exclusive and whole, so this is the only whole second
    that lets everything in that has happened up to now.
    """
    return int(seconds // 1) + 1
