"""Some events to the server, and the receipt for all of them."""

from collections.abc import Callable, Mapping

import msgspec

from tallybook.client.errors import (
    AnswerError,
    BadRequest,
    Conflict,
    TooLarge,
    UnreadableAnswer,
)
from tallybook.client.exchanges import Answer
from tallybook.client.posting import PATH, read_receipt, refused
from tallybook.domain.receipts import Fault, Receipt

HEADERS = {"Content-Type": "application/x-ndjson"}
_END = b"\n"

# Sends a body to a path: ``Connection.post``.
Post = Callable[[str, bytes, Mapping[str, str]], Answer]


def deliver(post: Post, text: bytes) -> Receipt:
    """Post events, one a line; the receipt has each line, and its indices count them from 0.

    A body that is too large is sent in halves, down to the event that it is
    about. Raises ClientError when the events are to be sent again: an answer
    without a receipt says nothing about them, whatever its status, since it
    may come from a proxy, or from another server at a wrong address.
    """
    count = text.removesuffix(_END).count(_END) + 1
    try:
        receipt = read_receipt(post(PATH, text, HEADERS).body)
    except TooLarge as fault:
        return _in_halves(post, text) if count > 1 else _rejected(fault)
    except (BadRequest, Conflict) as fault:
        receipt = refused(fault)
    return _checked(receipt, count)


def lines_of(text: bytes) -> list[bytes]:
    """The lines of a text, without their ends; the last one may have none."""
    return text.removesuffix(_END).split(_END)


def _in_halves(post: Post, text: bytes) -> Receipt:
    lines = lines_of(text)
    middle = len(lines) // 2
    first, second = (
        deliver(post, b"".join(line + _END for line in part))
        for part in (lines[:middle], lines[middle:])
    )
    return Receipt(
        accepted=first.accepted + second.accepted,
        duplicates=first.duplicates + second.duplicates,
        conflicts=(*first.conflicts, *_moved(second.conflicts, middle)),
        rejected=(*first.rejected, *_moved(second.rejected, middle)),
    )


def _moved(faults: tuple[Fault, ...], by: int) -> tuple[Fault, ...]:
    return tuple(msgspec.structs.replace(fault, index=fault.index + by) for fault in faults)


def _rejected(fault: AnswerError) -> Receipt:
    """The receipt of one event that no body is small enough for."""
    return Receipt(rejected=(Fault(0, None, fault.param, fault.message),))


def _checked(receipt: Receipt, count: int) -> Receipt:
    """The receipt, when it is one of so many events. Raises UnreadableAnswer."""
    places = {fault.index for fault in (*receipt.conflicts, *receipt.rejected)}
    said = receipt.accepted + receipt.duplicates + receipt.failed
    if (
        said == count
        and len(places) == receipt.failed
        and all(0 <= place < count for place in places)
    ):
        return receipt
    raise UnreadableAnswer(
        f"the receipt is about {said} events, and {count} were sent. Is the url that of a"
        " Tallybook?"
    )
