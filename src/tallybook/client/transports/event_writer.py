"""From what was metered to events, and to whoever records them."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import cast

import msgspec

from tallybook.client.transports.metered import Metered
from tallybook.domain.dimensions import COMMON_DIMENSIONS
from tallybook.domain.events import NAME_LENGTH_MAX, TAGS_MAX
from tallybook.domain.kinds import KINDS

Event = Mapping[str, object]
Record = Callable[[Event], None]

# The tag that says what is missing in an event, and its values.
USAGE_TAG = "usage"
CUT_OFF = "cut_off"
NOT_REPORTED = "not_reported"
UNREADABLE = "unreadable"

_log = logging.getLogger("tallybook.client")

_ATTRIBUTES = frozenset({*COMMON_DIMENSIONS, "tags"}) - {"model"}
_REQUIRED = {
    name: {quantity.name: 0 for quantity in kind.quantities if quantity.required}
    | {quantity.name: quantity.default for quantity in kind.quantities if quantity.default}
    for name, kind in KINDS.items()
}

# The largest numbers that events have, inclusive.
_MOST = {
    name: {quantity.name: quantity.maximum for quantity in kind.quantities}
    for name, kind in KINDS.items()
}


class Occasion(msgspec.Struct, frozen=True, kw_only=True):
    """One model request: what its events share.

    ``time`` is when it was sent, in Unix seconds; ``request_id`` what the
    provider calls the request, where the answer has no id. ``note`` is the
    value of the tag that says what is missing; None when nothing is.
    """

    time: float
    provider: str
    request_id: str | None = None
    note: str | None = None


class EventWriter:
    """Where the events of a transport go, with the attributes that all of them have.

    Raises ValueError for an attribute that is none of an event's dimensions.
    """

    def __init__(self, record: Record, attributes: Event) -> None:
        self._record = record
        self._attributes, self._tags = _checked(attributes)
        self._told: set[str] = set()

    def write(self, occasion: Occasion, metered: Sequence[Metered]) -> None:
        """Record the events of a request: its own, then those of its tools."""
        for each in metered:
            self._record(self._event(occasion, each))

    def fault(self, where: str, error: Exception) -> None:
        """Log, once for each endpoint, that something went wrong; never what an answer held."""
        if where not in self._told:
            self._told.add(where)
            _log.warning(
                "%s: the usage of an answer could not be read or recorded (%s)",
                where,
                type(error).__name__,
            )

    def _event(self, occasion: Occasion, metered: Metered) -> dict[str, object]:
        quantities, note = dict(metered.quantities), occasion.note
        if not quantities:
            note = note or NOT_REPORTED
        elif any(count > _MOST[metered.kind][name] for name, count in quantities.items()):
            # No event can say it, and the request is counted all the same.
            quantities, note = {}, note or UNREADABLE
        tags = self._tags if note is None else self._tags | {USAGE_TAG: note}
        event: dict[str, object | None] = {
            "id": _id(metered, occasion.request_id),
            "time": occasion.time,
            "kind": metered.kind,
            "provider": occasion.provider,
            "model": _name(metered.model),
            "service_tier": _name(metered.service_tier),
            **{name: _name(value) for name, value in metered.dimensions.items()},
            **_REQUIRED[metered.kind],
            **quantities,
            **self._attributes,
            "tags": tags or None,
        }
        return {name: value for name, value in event.items() if value is not None}


def _checked(attributes: Event) -> tuple[dict[str, object], dict[str, str]]:
    """The attributes and, apart from them, the tags."""
    if unknown := sorted(set(attributes) - _ATTRIBUTES):
        raise ValueError(
            f"attributes has {', '.join(unknown)}: an event has {', '.join(sorted(_ATTRIBUTES))}"
        )
    tags = dict(cast(Mapping[str, str], attributes.get("tags") or {}))
    if len(tags) >= TAGS_MAX:
        raise ValueError(
            f"attributes has {len(tags)} tags: at most {TAGS_MAX - 1},"
            f" as the transport may add the tag {USAGE_TAG}"
        )
    return {name: value for name, value in attributes.items() if name != "tags"}, tags


def _id(metered: Metered, request_id: str | None) -> str | None:
    """The event's id; None, so that one is made, where the provider gave none that fits."""
    given = metered.id or request_id
    if not given:
        return None
    made = f"{given}:{metered.part}" if metered.part else given
    return made if len(made) <= NAME_LENGTH_MAX else None


def _name(value: str | None) -> str | None:
    """A name as events may have it: not empty, and not too long."""
    return value[:NAME_LENGTH_MAX] if value else None
