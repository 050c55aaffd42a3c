"""Tallybook's own event format: a JSON object, a JSON array, or one object per line.

Bodies are decoded whole, by types, in one call. Only when that fails is the
body taken apart, so that a bad event never costs its neighbours and each fault
is told by index, id, field and reason.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import msgspec

from tallybook.domain.errors import (
    BodyTooLarge,
    MalformedBody,
    UnsupportedMedia,
)
from tallybook.domain.events import AnyEvent, Event
from tallybook.domain.kinds import KINDS
from tallybook.domain.receipts import Fault
from tallybook.domain.sheets import Sheet, enter
from tallybook.domain.shown import cut


class Format(StrEnum):
    """How events are laid out in a body."""

    JSON = "application/json"
    NDJSON = "application/x-ndjson"


_MEDIA_TYPES = {
    "application/json": Format.JSON,
    "application/x-ndjson": Format.NDJSON,
    "application/ndjson": Format.NDJSON,
    "application/jsonl": Format.NDJSON,
    "application/x-jsonlines": Format.NDJSON,
}

# Characters of a value that a message repeats.
VALUE_SHOWN_MAX = 60

_JSON_SPACE = b" \t\r\n"

_events = msgspec.json.Decoder(list[AnyEvent])
_event = msgspec.json.Decoder(AnyEvent)
_raw_events = msgspec.json.Decoder(list[msgspec.Raw])
_anything = msgspec.json.Decoder()


class Batch(msgspec.Struct, frozen=True):
    """What a body held: the entries that can be stored, and the faults of the rest.

    ``positions`` are the places of the sheet's entries among the body's events.
    """

    sheet: Sheet
    positions: Sequence[int]
    rejected: list[Fault]


def format_of(content_type: str | None) -> Format:
    """The format that a ``Content-Type`` header names. Raises UnsupportedMedia."""
    media_type = (content_type or "").partition(";")[0].strip().lower()
    if found := _MEDIA_TYPES.get(media_type):
        return found
    given = f"is {media_type!r}" if media_type else "is missing"
    raise UnsupportedMedia(
        f"Content-Type {given}; send {Format.JSON} for a JSON object or array,"
        f" or {Format.NDJSON} for one object per line.",
        param="Content-Type",
    )


def read_events(body: bytes, layout: Format, latest_us: int, events_max: int) -> Batch:
    """Decode a body of at most ``events_max`` events (inclusive) into entries.

    ``latest_us`` is the last plausible time of an event, in microseconds.
    Raises MalformedBody when nothing can be told apart, BodyTooLarge when
    there are too many events.
    """
    if not body.strip(_JSON_SPACE):
        raise MalformedBody("The body is empty; send a JSON object, a JSON array, or NDJSON.")
    try:
        events = _decode_whole(body, layout)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _read_apart(body, layout, latest_us, events_max)
    _check_count(events, events_max)
    return _enter(events, range(len(events)), [], latest_us)


def _decode_whole(body: bytes, layout: Format) -> list[Event]:
    events: list[Event]
    if layout is Format.NDJSON:
        events = _event.decode_lines(body)
    elif body.lstrip(_JSON_SPACE)[:1] == b"[":
        events = _events.decode(body)
    else:
        events = [_event.decode(body)]
    return events


def _check_count(events: Sequence[Any], events_max: int) -> None:
    if len(events) > events_max:
        raise BodyTooLarge(
            f"The body holds {len(events)} events, but at most {events_max} (setting events_max)"
            " are taken at a time; nothing was stored. Send them in several requests."
        )


def _read_apart(body: bytes, layout: Format, latest_us: int, events_max: int) -> Batch:
    """Decode event by event, once it is known that at least one is bad."""
    parts = _take_apart(body, layout)
    _check_count(parts, events_max)
    good: list[Event] = []
    places: list[int] = []
    bad: list[Fault] = []
    for index, part in enumerate(parts):
        try:
            good.append(_event.decode(part))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
            bad.append(_explain(index, part, fault))
        else:
            places.append(index)
    return _enter(good, places, bad, latest_us)


def _take_apart(body: bytes, layout: Format) -> Sequence[bytes | msgspec.Raw]:
    if layout is Format.NDJSON:
        return [line for line in body.split(b"\n") if line.strip(_JSON_SPACE)]
    try:
        if body.lstrip(_JSON_SPACE)[:1] == b"[":
            events: list[msgspec.Raw] = _raw_events.decode(body)
            return events
        _anything.decode(body)
    except msgspec.DecodeError as fault:
        hint = f"; for one object per line send {Format.NDJSON}" if b"\n" in body.strip() else ""
        raise MalformedBody(f"The body is not valid JSON: {fault}{hint}.") from fault
    except (UnicodeDecodeError, RecursionError) as fault:
        raise MalformedBody(f"The body is not valid JSON: {fault}.") from fault
    return [body]


def _enter(
    events: Sequence[Event], places: Sequence[int], bad: list[Fault], latest_us: int
) -> Batch:
    """Enter the events that stood at ``places``; those that are impossible join the bad ones."""
    entered = enter(events, latest_us)
    bad.extend(
        Fault(places[at], events[at].id, fault.field, fault.reason) for at, fault in entered.faults
    )
    bad.sort(key=lambda fault: fault.index)
    return Batch(entered.sheet, [places[at] for at in entered.positions], bad)


_AT_PATH = re.compile(r" - at (?:`key` in )?`\$\.([^.`\[]+)[^`]*`$")
_UNKNOWN_FIELD = re.compile(r"^Object contains unknown field `(.*?)`")
_MISSING_FIELD = re.compile(r"^Object missing required field `(.*?)`")


def _explain(index: int, part: bytes | msgspec.Raw, fault: Exception) -> Fault:
    """Say what is wrong with one event: the field, its value, the rule."""
    try:
        found = _anything.decode(part)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as unreadable:
        return Fault(index, None, None, f"not valid JSON: {unreadable}")
    if not isinstance(found, dict):
        return Fault(index, None, None, f"an event is a JSON object, but this is {shown(found)}")
    id_ = found.get("id")
    field, reason = _reword(str(fault), found)
    return Fault(index, id_ if isinstance(id_, str) else None, field, reason)


def _reword(message: str, found: dict[str, Any]) -> tuple[str | None, str]:
    """The decoder's message as a field and a sentence about it."""
    if unknown := _UNKNOWN_FIELD.match(message):
        where = _AT_PATH.search(message)
        field = f"{where[1]}.{unknown[1]}" if where else unknown[1]
        return field, f"{field} is not a field of {found.get('kind', 'an event')!r} events"
    if missing := _MISSING_FIELD.match(message):
        where = _AT_PATH.search(message)
        field = f"{where[1]}.{missing[1]}" if where else missing[1]
        kinds = f"; it is one of {', '.join(KINDS)}" if field == "kind" else ""
        return field, f"{field} is required{kinds}"
    if at := _AT_PATH.search(message):
        field, rule = at[1], message[: at.start()]
        if field == "kind":
            rule = f"it must be one of {', '.join(KINDS)}"
        rule = rule.replace("Expected ", "expected ", 1).replace("`", "")
        return field, f"{field} is {shown(found.get(field))}; {rule}"
    return None, message


def shown(value: Any) -> str:
    """A value as JSON, cut to a length that fits a message."""
    try:
        text = msgspec.json.encode(value).decode()
    except (ValueError, OverflowError):
        text = repr(value)
    return cut(text, VALUE_SHOWN_MAX)
