"""Tokens of pages: of usage, of costs and of events, forged with the fingerprint that fits."""

import base64
from random import Random

from fuzz.mutating import ODD_BYTES, after_a_choice, bytes_mutated
from fuzz.target import Target, pure
from support.events import DAY
from tallybook.domain.buckets import BucketWidth
from tallybook.domain.errors import InvalidValue
from tallybook.domain.kinds import KINDS
from tallybook.domain.listings import Listing
from tallybook.domain.queries import Condition, CostsQuery, Query, UsageQuery
from tallybook.usage import event_cursor
from tallybook.usage.cursor import PREFIX, Cursor, decode_cursor, fingerprint, resumed, token_of
from tallybook.usage.event_cursor import resumed_listing, token_after

_END = DAY + 40 * 86_400


def _usage(width: BucketWidth, zone: str) -> UsageQuery:
    return UsageQuery(
        kind=KINDS["completions"], start=DAY, end=_END, width=width, limit=31, resume=DAY, zone=zone
    )


QUERIES: tuple[Query, ...] = (
    _usage(BucketWidth.DAY, "UTC"),
    _usage(BucketWidth.MINUTE, "UTC"),
    _usage(BucketWidth.WEEK, "America/St_Johns"),
    _usage(BucketWidth.MONTH, "Pacific/Apia"),
    CostsQuery(start=DAY, end=_END, width=BucketWidth.DAY, limit=7, resume=DAY),
)
LISTING = Listing(
    start=DAY, end=_END, limit=10, conditions=(Condition("model", ("gpt-5.5", "名前")),)
)


def _asked(data: bytes) -> tuple[int, str]:
    return (data[0] if data else 0), data[1:].decode("utf-8", "replace")


def _forged(token: str, mark: bytes) -> str:
    """A token with a fingerprint that was not its own, as whoever has another token can make it."""
    text = token.removeprefix(PREFIX)
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return token
    return token_of(packed[:8] + mark + packed[12:])


def _page(data: bytes) -> None:
    way, token = _asked(data)
    query = QUERIES[way % len(QUERIES)]
    if way >= len(QUERIES):
        token = _forged(token, fingerprint(query))
    cursor = decode_cursor(token)
    assert decode_cursor(cursor.encode()) == cursor
    found = resumed(query, token, _END)
    assert query.start < found.resume < found.end <= _END
    spans = found.page_spans
    assert 0 < len(spans) <= query.limit
    assert spans[0].start == found.resume
    assert spans[-1].end <= found.end
    assert (
        resumed(query, Cursor(found.end, fingerprint(query), found.resume).encode(), _END) == found
    )


def _event(data: bytes) -> None:
    way, token = _asked(data)
    if way % 2:
        token = _forged(token, event_cursor._fingerprint(LISTING))
    found = resumed_listing(LISTING, token)
    assert found.after is not None
    id_, time_us = found.after
    assert id_
    assert found.start * 1_000_000 <= time_us < found.end * 1_000_000
    assert resumed_listing(LISTING, token_after(found, found.after)) == found


def _page_seeds() -> list[bytes]:
    tokens = [
        Cursor(_END, fingerprint(query), resume).encode()
        for query in QUERIES
        for resume in (DAY + 86_400, query.grid.next(DAY))
    ]
    tokens += [Cursor(2**63 - 1, b"\0" * 4, -(2**63)).encode(), "page_", "", tokens[0] + "=="]
    return [bytes([way]) + token.encode() for token in tokens for way in range(0, 10, 3)]


def _event_seeds() -> list[bytes]:
    ids = ("req_1", "名前-🙂", "x" * 200, "\0")
    return [
        bytes([way]) + token_after(LISTING, (id_, DAY * 1_000_000 + 5)).encode()
        for id_ in ids
        for way in (0, 1)
    ]


def _token_mutated(data: bytes, chance: Random) -> bytes:
    """Changes the text of a token, or the bytes that it stands for."""
    if chance.randrange(3) == 0:
        return bytes_mutated(data, chance, ODD_BYTES)
    text = data.decode("utf-8", "replace").removeprefix(PREFIX)
    try:
        packed = bytearray(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        return bytes_mutated(data, chance)
    if len(packed) >= 20 and chance.randrange(2):
        # A moment that fits, on a boundary of some grid or beside one.
        moment = (
            DAY
            + chance.choice((60, 3_600, 86_400)) * chance.randrange(50)
            + chance.choice((0, 0, 1))
        )
        at, scale = chance.choice(((0, 1), (12, 1), (12, 1_000_000)))
        packed[at : at + 8] = (moment * scale).to_bytes(8, signed=True)
        return token_of(bytes(packed)).encode()
    return token_of(bytes_mutated(bytes(packed), chance)).encode()


TARGETS = (
    Target(
        "page-cursors",
        "page tokens of usage and costs: forged, cut off, of other queries",
        pure(_page),
        _page_seeds,
        after_a_choice(2 * len(QUERIES), _token_mutated),
        (PREFIX.encode(), b"="),
        (InvalidValue,),
        bytes_max=400,
    ),
    Target(
        "event-cursors",
        "page tokens of lists of events: forged, cut off, of other lists",
        pure(_event),
        _event_seeds,
        after_a_choice(2, _token_mutated),
        (PREFIX.encode(), b"="),
        (InvalidValue,),
        bytes_max=400,
    ),
)
