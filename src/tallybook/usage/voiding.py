"""One stored event, and events that are voided: whom a name means, and what is answered."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from tallybook.domain.entries import ID, PROJECT_ID, TIME_US
from tallybook.domain.errors import UnknownEvent
from tallybook.domain.instants import from_seconds
from tallybook.domain.voids import EventName, StoredEvent, Voided, chosen
from tallybook.ledger.ledger import Ledger, Void
from tallybook.ledger.stopping import NEVER, Stop
from tallybook.usage.event_pages import told


class VoidedEvents(msgspec.Struct, frozen=True, tag_field="object", tag="list"):
    """The events of a request to void some, in its order, each with its mark."""

    data: list[dict[str, Any]]


def meant(
    ledger: Ledger,
    names: Sequence[EventName],
    projects: frozenset[str] | None,
    stop: Stop = NEVER,
) -> list[StoredEvent]:
    """The events that names mean, in their order, each once.

    ``projects`` are those that the caller may know of, None being all there
    is. Raises UnknownEvent and AmbiguousEvent.
    """
    found = ledger.named(names, stop=stop)
    known = (e for e in found if projects is None or e.entry[PROJECT_ID] in projects)
    try:
        return chosen(names, known)
    except UnknownEvent as fault:
        raise UnknownEvent(ledger.horizon.added_to(fault.message), param=fault.param) from fault


def counting(events: Iterable[StoredEvent]) -> list[StoredEvent]:
    """Those that were not voided yet."""
    return [each for each in events if each.voided is None]


def full_names(events: Iterable[StoredEvent]) -> list[EventName]:
    """Names that fit these events alone."""
    return [EventName(each.entry[ID], each.entry[TIME_US]) for each in events]


def void_of(events: Iterable[StoredEvent], reason: str, by: str, now: float) -> Void:
    """What makes events void, at a moment in Unix seconds."""
    identities = tuple((each.entry[ID], each.entry[TIME_US]) for each in events)
    return Void(identities, Voided(from_seconds(now), by, reason))


def voided_events(events: Iterable[StoredEvent]) -> VoidedEvents:
    """The answer that tells of voided events."""
    return VoidedEvents([told(each) for each in events])
