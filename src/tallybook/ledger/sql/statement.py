"""SQL with the values that are bound to it."""

from collections.abc import Sequence
from typing import Any

import msgspec


class Statement(msgspec.Struct, frozen=True):
    """SQL and the values of its placeholders, in order."""

    sql: str
    values: tuple[Any, ...]


NOTHING = Statement("", ())


def joined(*statements: Statement) -> Statement:
    """Statements one after the other, as they are."""
    return Statement(
        "".join(each.sql for each in statements),
        tuple(value for each in statements for value in each.values),
    )


def united(statements: Sequence[Statement]) -> Statement:
    """The rows of statements, at least one, as one relation."""
    return Statement(
        "\n    UNION ALL\n    ".join(each.sql for each in statements), joined(*statements).values
    )
