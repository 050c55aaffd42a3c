"""Corrections in the audit log: events that are voided."""

from collections.abc import Iterable

from tallybook.domain.entries import ID, PROJECT_ID, TIME_US
from tallybook.domain.instants import seconds_text
from tallybook.domain.voids import StoredEvent
from tallybook.organization.organization import Organization
from tallybook.organization.records import Actor


def record_voids(
    organization: Organization, actor: Actor, now: float, events: Iterable[StoredEvent], reason: str
) -> None:
    """Record that events are about to be voided, all of them or none.

    To be called before they are: then there may be an entry of an event that
    still counts, since voiding it failed, and never a voided event without its
    entry. The event's own mark says when it happened.
    """
    with organization.changing(actor, now) as change:
        for entry in (event.entry for event in events):
            change.record(
                "event.voided",
                entry[ID],
                project_id=entry[PROJECT_ID],
                after={"time": seconds_text(entry[TIME_US]), "reason": reason},
            )
