"""Corrections in the audit log: events that are voided."""

from collections.abc import Iterable

import msgspec

from tallybook.organization.organization import Organization
from tallybook.organization.records import Actor


class VoidedEntry(msgspec.Struct, frozen=True):
    """What the log says of an event: its id, its time as text in Unix seconds, its project."""

    id: str
    time: str
    project_id: str | None


def record_voids(
    organization: Organization, actor: Actor, now: float, events: Iterable[VoidedEntry], reason: str
) -> None:
    """Record that events are about to be voided, all of them or none.

    To be called before they are: then there may be an entry of an event that
    still counts, since voiding it failed, and never a voided event without its
    entry. The event's own mark says when it happened.
    """
    with organization.changing(actor, now) as change:
        for event in events:
            change.record(
                "event.voided",
                event.id,
                project_id=event.project_id,
                after={"time": event.time, "reason": reason},
            )
