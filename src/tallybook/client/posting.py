"""Events on their way out, and the receipt that comes back."""

from collections.abc import Iterable, Mapping

import msgspec

from tallybook.client.errors import AnswerError, UnreadableAnswer
from tallybook.domain.receipts import Fault, Receipt

PATH = "/events"
HEADERS = {"Content-Type": "application/json"}

# An event with the fields of ``docs/events.md``.
Event = Mapping[str, object]


class _Receipt(msgspec.Struct):
    """A receipt as it comes, with every field; those of Receipt itself have defaults."""

    accepted: int
    duplicates: int
    conflicts: tuple[Fault, ...]
    rejected: tuple[Fault, ...]


_decode = msgspec.json.Decoder(_Receipt).decode


def body_of(events: Event | Iterable[Event]) -> bytes:
    """The body that posts an event, or several."""
    several = [events] if isinstance(events, Mapping) else events
    return msgspec.json.encode([dict(event) for event in several])


def read_receipt(body: bytes) -> Receipt:
    """The receipt of an answer. Raises UnreadableAnswer for a body that has none."""
    try:
        found = _decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise UnreadableAnswer(
            f"the answer is no receipt of events: {fault}. Is the url that of a Tallybook?"
        ) from fault
    return Receipt(**msgspec.structs.asdict(found))


def refused(fault: AnswerError) -> Receipt:
    """The receipt of an answer that says that none of the events was stored.

    Raises the fault itself when it is about the request, and not about events.
    """
    try:
        return read_receipt(fault.body)
    except UnreadableAnswer:
        raise fault from None
