"""The published layout of ``next_page`` tokens, read and written without the code under test."""

import base64
import struct
from typing import NamedTuple

PREFIX = "page_"

_LAYOUT = struct.Struct(">q4sq")


class Token(NamedTuple):
    """What a token says: the end of the range, the query it is for, where to go on."""

    end: int
    fingerprint: bytes
    resume: int


def read_token(text: str) -> Token:
    """Take a token apart; one that is not written in the published form is an error."""
    assert text.startswith(PREFIX)
    return Token(*_LAYOUT.unpack(base64.urlsafe_b64decode(text.removeprefix(PREFIX) + "=")))


def write_token(token: Token) -> str:
    """Write a token as a client would see it."""
    packed = base64.urlsafe_b64encode(_LAYOUT.pack(*token)).decode()
    return PREFIX + packed.rstrip("=")
