"""What somebody wrote, as it may be repeated in a message: cut to a length that fits."""

from typing import Any

CHARACTERS_MAX = 80


def shown(value: Any) -> str:
    """A value as Python writes it: 80 characters of it at most, and a mark where it was cut.

    In base 16 a number may be written with more digits than Python writes in base 10.
    """
    try:
        text = repr(value)
    except ValueError:
        return "a number of too many digits"
    return text if len(text) <= CHARACTERS_MAX else f"{text[:CHARACTERS_MAX]}…"
