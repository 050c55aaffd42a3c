"""Stored events, one by one: how they are named on the wire, and what comes back."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

import msgspec

from tallybook.client.errors import UnreadableAnswer
from tallybook.client.exchanges import Parameters
from tallybook.client.posting import PATH

VOID_PATH = f"{PATH}/void"

# Unix seconds, or a datetime that knows its zone.
EventTime = float | datetime
# A stored event: the fields that it was posted with, as ``GET /v1/events`` has them, and after it
# was voided ``voided``, an object of ``at``, ``by`` and ``reason``.
StoredEvent = dict[str, Any]


class _Voided(msgspec.Struct):
    data: list[StoredEvent]


def path_of(event_id: str) -> str:
    """The path of an event. Raises ValueError without an id."""
    if not event_id:
        raise ValueError("the event's id is empty.")
    return f"{PATH}/{quote(event_id, safe='')}"


def parameters_of(time: EventTime | None) -> Parameters:
    """The parameters that say which event is meant. Raises ValueError for a time without a zone."""
    return () if time is None else (("time", str(_wire_time(time))),)


def void_body(event_id: str, reason: str, time: EventTime | None) -> bytes:
    """The body that voids an event. Raises ValueError for a time without a zone."""
    fields: dict[str, Any] = {"id": event_id, "reason": reason}
    return msgspec.json.encode(fields if time is None else fields | {"time": _wire_time(time)})


def read_event(body: bytes) -> StoredEvent:
    """The event of an answer. Raises UnreadableAnswer for a body that has none."""
    try:
        event: StoredEvent = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
        raise _unreadable(fault) from fault
    return event


def read_voided(body: bytes) -> StoredEvent:
    """The voided event of an answer. Raises UnreadableAnswer for a body that has none."""
    try:
        (event,) = msgspec.json.decode(body, type=_Voided).data
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError) as fault:
        raise _unreadable(fault) from fault
    return event


def _wire_time(time: EventTime) -> float | str:
    if not isinstance(time, datetime):
        return time
    if time.utcoffset() is None:
        raise ValueError(f"{time} has no zone; an event's time is a moment, whoever's clock.")
    return time.isoformat()


def _unreadable(fault: Exception) -> UnreadableAnswer:
    return UnreadableAnswer(
        f"the answer is no stored event: {fault}. Is the url that of a Tallybook?"
    )
