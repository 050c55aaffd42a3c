"""JSON in and out, to the last digit."""

import math
from decimal import Decimal
from typing import Any

import msgspec

from openapiopenai.documents.exact import ExactFloat
from openapiopenai.exceptions import ApiValueError

SHOWN_CHARACTERS_MAX = 80


def _digits(value: object) -> Decimal:
    """All digits of an ExactFloat; msgspec asks for what it cannot write by itself."""
    if not isinstance(value, ExactFloat):
        raise TypeError(f"{value!r} has no JSON form")
    return value.decimal


_decode = msgspec.json.Decoder(float_hook=ExactFloat).decode
_encode = msgspec.json.Encoder(enc_hook=_digits, decimal_format="number").encode


def decoded(text: str | bytes | bytearray, name: str) -> Any:
    """What a JSON text holds; its fractions as ExactFloat. ``name`` is the class that asks.

    Raises ApiValueError for what is no JSON (RFC 8259; ``NaN`` is none).
    """
    try:
        return _decode(text)
    # An exponent beyond a Decimal's is an ArithmeticError, brackets without end a RecursionError.
    except (ValueError, ArithmeticError, RecursionError) as fault:
        begin = text[:SHOWN_CHARACTERS_MAX]
        raise ApiValueError(
            f"{name}: {begin!r} is given, but must be a JSON object: {fault}"
        ) from fault


def encoded(value: Any) -> str:
    """The JSON text of a value, spaced as ``json.dumps`` does it, numbers with every digit."""
    return msgspec.json.format(_encode(value), indent=0).decode()


def shown(value: object) -> str:
    """A value for a message: as JSON where it has such a form, cut where it is long."""
    try:
        infinite = isinstance(value, float) and not math.isfinite(value)
        text = repr(value) if infinite else encoded(value)
    except (TypeError, ValueError, RecursionError):
        text = repr(value)
    cut = len(text) > SHOWN_CHARACTERS_MAX
    return f"{text[:SHOWN_CHARACTERS_MAX]}…" if cut else text
