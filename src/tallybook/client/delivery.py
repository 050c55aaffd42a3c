"""Some events to the server, and the receipt for all of them."""

from collections.abc import Callable, Mapping
from http import HTTPStatus

import msgspec

from tallybook.client.errors import AnswerError
from tallybook.client.exchanges import Answer
from tallybook.client.posting import PATH, read_receipt
from tallybook.domain.receipts import Fault, Receipt

HEADERS = {"Content-Type": "application/x-ndjson"}

# Sends a body to a path: ``Connection.post``.
Post = Callable[[str, bytes, Mapping[str, str]], Answer]

# Answers that are about the body. All others are about the server, the network, the address or
# the key: these are mended some day, and the events wait for it.
_OF_THE_BODY = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.CONFLICT,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }
)


def deliver(post: Post, text: bytes) -> Receipt:
    """Post events, one a line; indices in the receipt count lines, from 0.

    A body that the server does not take as a whole, because it is too large
    or for a reason that names no event, is sent in halves, down to the event
    that it is about. Raises ClientError when the events are to be sent again.
    """
    try:
        return read_receipt(post(PATH, text, HEADERS).body)
    except AnswerError as fault:
        if fault.status not in _OF_THE_BODY:
            raise
        return _refused(post, text, fault)


def _refused(post: Post, text: bytes, fault: AnswerError) -> Receipt:
    """What became of events whose body was refused."""
    if b'"rejected"' in fault.body:
        return read_receipt(fault.body)
    lines = text.splitlines(keepends=True)
    if len(lines) == 1:
        return Receipt(rejected=(Fault(0, None, fault.param, fault.message),))
    middle = len(lines) // 2
    first, second = (deliver(post, b"".join(part)) for part in (lines[:middle], lines[middle:]))
    return Receipt(
        accepted=first.accepted + second.accepted,
        duplicates=first.duplicates + second.duplicates,
        conflicts=(*first.conflicts, *_moved(second.conflicts, middle)),
        rejected=(*first.rejected, *_moved(second.rejected, middle)),
    )


def _moved(faults: tuple[Fault, ...], by: int) -> tuple[Fault, ...]:
    return tuple(msgspec.structs.replace(fault, index=fault.index + by) for fault in faults)
