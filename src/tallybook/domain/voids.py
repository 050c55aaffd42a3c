"""Voids: events that stay and count no more, and how callers name the events that they mean.

An event is named by its id, and by its time as well where several have that
id. Pure: what is stored under a name is handed in.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

import msgspec

from tallybook.domain.entries import ID, TIME_US, Entry
from tallybook.domain.errors import (
    AmbiguousEvent,
    InvalidType,
    InvalidValue,
    MissingParameter,
    UnknownEvent,
)
from tallybook.domain.instants import MICROSECONDS, from_datetime, seconds_text

# Characters (code points) of a reason, inclusive; blank ones do not count as one.
REASON_LENGTH_MAX = 500
# Events of a request, inclusive: they are voided in one transaction.
VOIDED_TOGETHER_MAX = 1_000
# Of the times that an error lists.
_TIMES_TOLD_MAX = 20

_SECONDS = re.compile(r"[0-9]{1,11}(?:\.[0-9]{1,6})?")


class Voids(StrEnum):
    """Whether a list of events has those that were voided."""

    EXCLUDE = "exclude"
    INCLUDE = "include"
    ONLY = "only"


class Voided(msgspec.Struct, frozen=True):
    """The mark of an event that was voided: when, in microseconds, by whom, and why.

    ``by`` is the id of a key or the name of an account, as in the audit log:
    names of keys are not for everyone who may see the event, and may be those
    of people, which can be erased there and not here.
    """

    at_us: int
    by: str
    reason: str


class StoredEvent(msgspec.Struct, frozen=True):
    """A stored event, and its mark when it was voided."""

    entry: Entry
    voided: Voided | None = None


class EventName(msgspec.Struct, frozen=True):
    """What a caller calls an event: its id, and its time in microseconds, if need be."""

    id: str
    time_us: int | None = None

    def fits(self, entry: Entry) -> bool:
        """Whether an entry has this id, and this time when there is one."""
        return entry[ID] == self.id and self.time_us in (None, entry[TIME_US])


def chosen(names: Iterable[EventName], found: Iterable[StoredEvent]) -> list[StoredEvent]:
    """The one event that each name means, in the order of the names, each event once.

    ``found`` are all events that the caller may know of with the ids of the
    names. Raises UnknownEvent, and AmbiguousEvent, which lists the times.
    """
    by_id: dict[str, list[StoredEvent]] = {}
    for each in found:
        by_id.setdefault(each.entry[ID], []).append(each)
    meant = {}
    for name in names:
        event = _the_one(name, [e for e in by_id.get(name.id, ()) if name.fits(e.entry)])
        meant[event.entry[ID], event.entry[TIME_US]] = event
    return list(meant.values())


def _the_one(name: EventName, fitting: Sequence[StoredEvent]) -> StoredEvent:
    told = repr(name.id[:200])
    if not fitting:
        at = "" if name.time_us is None else f" at {seconds_text(name.time_us)}"
        raise UnknownEvent(
            f"No event has the id {told}{at}; ids are told apart by every character, times to the"
            " microsecond.",
            param="id",
        )
    if len(fitting) > 1:
        times = [seconds_text(time_us) for time_us in sorted(e.entry[TIME_US] for e in fitting)]
        more = ", …" if len(times) > _TIMES_TOLD_MAX else ""
        raise AmbiguousEvent(
            f"{len(times)} events have the id {told}: say which by its time, one of"
            f" {', '.join(times[:_TIMES_TOLD_MAX])}{more}.",
            param="time",
        )
    return fitting[0]


def checked_reason(text: str) -> str:
    """A reason without the blanks around it. Raises MissingParameter and InvalidValue."""
    reason = text.strip()
    if not reason:
        raise MissingParameter(
            "reason is required: why the event is void, for whoever asks later.", param="reason"
        )
    if len(reason) > REASON_LENGTH_MAX:
        raise InvalidValue(
            f"reason has {len(reason)} characters, but at most {REASON_LENGTH_MAX} are kept.",
            param="reason",
        )
    return reason


def read_time_us(text: str) -> int:
    """A time as lists of events have it, or RFC 3339 with an offset, in microseconds.

    Raises InvalidType, ``param`` ``time``.
    """
    if _SECONDS.fullmatch(text):
        whole, _, fraction = text.partition(".")
        return int(whole) * MICROSECONDS + int(fraction.ljust(6, "0"))
    try:
        moment = datetime.fromisoformat(text)
        if moment.utcoffset() is not None:
            return from_datetime(moment)
    except ValueError:
        pass
    raise InvalidType(
        f"time is {text[:60]!r}, but it must be Unix seconds, with at most six decimals, or"
        " RFC 3339 with an offset.",
        param="time",
    )
