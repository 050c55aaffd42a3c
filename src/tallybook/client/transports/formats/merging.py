"""Answers that come in pieces: what a later piece says holds."""

from typing import TypeVar

import msgspec

Known = TypeVar("Known", bound=msgspec.Struct)


def later(known: Known | None, piece: Known | None) -> Known | None:
    """What is known after one more piece: its fields that are not empty, over those before."""
    if known is None or piece is None:
        return known if piece is None else piece
    said = {
        field: value
        for field in piece.__struct_fields__
        if (value := getattr(piece, field)) not in (None, "")
    }
    return msgspec.structs.replace(known, **said)
