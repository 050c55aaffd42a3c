"""A listing becomes a page: stored events as they can be posted again, in order of time and id."""

from typing import Any

import msgspec

from tallybook.domain.entries import ID, TIME_US
from tallybook.domain.instants import seconds_text
from tallybook.domain.listings import Listing
from tallybook.domain.retelling import event_of
from tallybook.domain.voids import StoredEvent
from tallybook.ledger.ledger import Ledger
from tallybook.ledger.stopping import NEVER, Stop
from tallybook.usage.event_cursor import token_after

# Of an answer in NDJSON, which has no place for it: the token of the next page, when there is one.
NEXT_PAGE_HEADER = "tallybook-next-page"

_encoder = msgspec.json.Encoder()


class EventList(msgspec.Struct, frozen=True, tag_field="object", tag="list"):
    """Events in order, and the token of the next page; null on the last one."""

    data: list[dict[str, Any]]
    has_more: bool
    next_page: str | None


def event_list(listing: Listing, ledger: Ledger, stop: Stop = NEVER) -> EventList:
    """One page of a listing."""
    # One more than is wanted says whether there are more.
    sought = msgspec.structs.replace(listing, limit=listing.limit + 1)
    events = ledger.events(sought, stop=stop)
    more = len(events) > listing.limit
    events = events[: listing.limit]
    last = (events[-1].entry[ID], events[-1].entry[TIME_US]) if more else None
    token = None if last is None else token_after(listing, last)
    return EventList([told(event) for event in events], more, token)


def told(event: StoredEvent) -> dict[str, Any]:
    """A stored event as it can be posted again, with its mark when it was voided."""
    fields = event_of(event.entry)
    if (mark := event.voided) is not None:
        at = msgspec.Raw(seconds_text(mark.at_us).encode())
        fields["voided"] = {"at": at, "by": mark.by, "reason": mark.reason}
    return fields


def ndjson(page: EventList) -> bytes:
    """The events of a page, one to a line; nothing of a page without events."""
    return _encoder.encode_lines(page.data)
