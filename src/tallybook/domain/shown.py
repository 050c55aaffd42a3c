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
    return cut(text, CHARACTERS_MAX)


def cut(text: str, characters_max: int) -> str:
    """A text of which so many characters are shown (inclusive), and a mark where it was cut."""
    return text if len(text) <= characters_max else f"{text[:characters_max]}…"
