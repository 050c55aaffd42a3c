"""Cursors of events: after which event the next page starts, and until when the pages go on.

The form is that of other pages, ``page_`` and base64url without padding. The
bytes are the range's end, four bytes that stand for the listing, the time of
the last event of the page before in microseconds, big-endian, and its id.
"""

import base64
import binascii
import re
import struct

import msgspec

from tallybook.domain.errors import InvalidValue
from tallybook.domain.instants import MICROSECONDS
from tallybook.domain.listings import NAME, Listing
from tallybook.domain.sheets import Identity
from tallybook.domain.voids import Voids
from tallybook.usage.cursor import PREFIX, fingerprint_of, sorted_conditions, token_of

_LAYOUT = struct.Struct(">q4sq")
_BASE64 = re.compile(r"[A-Za-z0-9_-]*")


def token_after(listing: Listing, last: Identity) -> str:
    """The token of the page that goes on after the identity ``last``."""
    id_, time_us = last
    return token_of(_LAYOUT.pack(listing.end, _fingerprint(listing), time_us) + id_.encode())


def resumed_listing(listing: Listing, token: str) -> Listing:
    """The listing as it goes on from a token. Raises InvalidValue, ``param`` ``page``."""
    text = token.removeprefix(PREFIX)
    try:
        if not _BASE64.fullmatch(text):
            raise _unreadable(token)
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        end, fingerprint, time_us = _LAYOUT.unpack_from(packed)
        id_ = packed[_LAYOUT.size :].decode()
    except (binascii.Error, struct.error, UnicodeDecodeError) as fault:
        raise _unreadable(token) from fault
    if fingerprint != _fingerprint(listing):
        raise InvalidValue(
            "page belongs to other events; repeat every parameter of the first page but limit.",
            param="page",
        )
    if not (listing.start * MICROSECONDS <= time_us < end * MICROSECONDS and id_):
        raise _unreadable(token)
    return msgspec.structs.replace(listing, end=end, after=(id_, time_us))


def _fingerprint(listing: Listing) -> bytes:
    """Four bytes for all that must stay the same from page to page: not the limit, nor the end."""
    told = [NAME, listing.start, sorted_conditions(listing.conditions)]
    # Tokens of lists without voided events are what they were before there were any.
    return fingerprint_of(told if listing.voided is Voids.EXCLUDE else [*told, listing.voided])


def _unreadable(token: str) -> InvalidValue:
    return InvalidValue(
        f"page is {token[:60]!r}, which is not a next_page value of this list.", param="page"
    )
