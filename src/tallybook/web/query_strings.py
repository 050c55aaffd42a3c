"""Query strings taken apart: names and values, one value per scalar, several per array."""

import re
from urllib.parse import parse_qsl

import msgspec

from tallybook.domain.errors import InvalidType, InvalidValue

_INTEGER = re.compile(r"-?[0-9]{1,4000}")


class Parameters(msgspec.Struct, frozen=True):
    """A query string taken apart: one value per scalar, a list of values per array."""

    scalars: dict[str, str]
    arrays: dict[str, list[str]]

    def integer(self, name: str) -> int | None:
        """A scalar as an integer; None when absent or empty. Raises InvalidType."""
        text = self.scalars.get(name, "")
        if not text:
            return None
        if not _INTEGER.fullmatch(text):
            raise InvalidType(
                f"{name} is {text[:60]!r}, but it must be an integer"
                + (" of Unix seconds." if name.endswith("_time") else "."),
                param=name,
            )
        return int(text)

    def take_scalar(self, name: str, value: str, *, bracketed: bool) -> None:
        """Keep a scalar's value. Raises InvalidType when it is a list, or another than before."""
        if bracketed:
            raise InvalidType(f"{name} takes one value, not a list.", param=name)
        if self.scalars.setdefault(name, value) != value:
            raise InvalidType(f"{name} is given twice, with different values.", param=name)

    def take_items(self, name: str, items: list[str]) -> None:
        """Keep items of an array, after those that are there."""
        self.arrays.setdefault(name, []).extend(items)


def pairs_of(query_string: bytes) -> list[tuple[str, str]]:
    """The names and values of a query string, in order. Raises InvalidValue."""
    try:
        return parse_qsl(query_string.decode(), keep_blank_values=True, errors="strict")
    except (UnicodeDecodeError, ValueError) as fault:
        raise InvalidValue(f"The query string is not percent-encoded UTF-8: {fault}.") from fault
