"""Cursors: where the next page starts, and until when the pages go on.

The form is the live service's: ``page_`` and 20 bytes in base64url without
padding (``docs/wire.md``, section 5). The bytes are the range's end, four
bytes that stand for the query, and the start of the next bucket, big-endian.
The end is in it because a range that is open at its end must not grow while
someone walks its pages.
"""

import base64
import binascii
import hashlib
import re
import struct
from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec

from tallybook.domain.errors import InvalidValue
from tallybook.domain.queries import Condition, Query
from tallybook.domain.zones import UTC

PREFIX = "page_"

QueryT = TypeVar("QueryT", bound=Query)

_LAYOUT = struct.Struct(">q4sq")
_NO_EXTENSIONS = (UTC, None, None)
_BASE64 = re.compile(r"[A-Za-z0-9_-]*={0,2}")


class Cursor(msgspec.Struct, frozen=True):
    """The end of the range (exclusive), the query it belongs to, the next bucket's start."""

    end: int
    fingerprint: bytes
    resume: int

    def encode(self) -> str:
        """The token, made of letters, digits, ``-`` and ``_`` only."""
        return token_of(_LAYOUT.pack(self.end, self.fingerprint, self.resume))


def token_of(packed: bytes) -> str:
    """Bytes as a token, made of letters, digits, ``-`` and ``_`` only."""
    return PREFIX + base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def decode_cursor(token: str) -> Cursor:
    """Read a token; the prefix may be missing, the alphabet be standard base64, padding be there.

    Raises InvalidValue, ``param`` ``page``.
    """
    text = token.removeprefix(PREFIX).replace("+", "-").replace("/", "_").replace(" ", "-")
    try:
        if not _BASE64.fullmatch(text):
            raise _unreadable(token)
        text = text.rstrip("=")
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return Cursor(*_LAYOUT.unpack(packed))
    except (binascii.Error, struct.error) as fault:
        raise _unreadable(token) from fault


def _unreadable(token: str) -> InvalidValue:
    return InvalidValue(
        f"page is {token[:60]!r}, which is not a next_page value of this API.", param="page"
    )


def fingerprint(query: Query) -> bytes:
    """Four bytes for all that must stay the same from page to page: not the limit, nor the end."""
    conditions = sorted_conditions(query.conditions)
    parts: list[Any] = [query.subject, query.width.value, query.start, conditions, query.group_by]
    extensions = (query.zone, query.order_by, query.top)
    # Added only where they are asked for: a token of the contract's queries stays what it was.
    if extensions != _NO_EXTENSIONS:
        parts.append(extensions)
    return fingerprint_of(parts)


def sorted_conditions(conditions: Iterable[Condition]) -> list[tuple[str, list[str]]]:
    """Conditions, and the values of each, in an order that is the same however they were said."""
    return sorted((each.dimension, sorted(map(str, each.values))) for each in conditions)


def fingerprint_of(parts: list[Any]) -> bytes:
    """Four bytes for what must stay the same from page to page."""
    return hashlib.blake2s(msgspec.json.encode(parts), digest_size=4).digest()


def resumed(query: QueryT, token: str, latest: int) -> QueryT:
    """The query as it goes on from a token.

    ``latest`` is the latest end, inclusive, that a range can have now. Raises
    InvalidValue, ``param`` ``page``.
    """
    cursor = decode_cursor(token)
    if cursor.fingerprint != fingerprint(query):
        raise InvalidValue(
            "page belongs to another query; repeat every parameter of the first page but limit.",
            param="page",
        )
    in_range = query.start < cursor.resume < cursor.end <= latest
    if not (in_range and query.grid.is_boundary(cursor.resume) and query.can_end(cursor.end)):
        raise _unreadable(token)
    return msgspec.structs.replace(query, end=cursor.end, resume=cursor.resume)
