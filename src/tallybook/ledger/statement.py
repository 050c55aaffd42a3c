"""SQL with the values that are bound to it."""

from typing import Any

import msgspec


class Statement(msgspec.Struct, frozen=True):
    """SQL and the values of its placeholders, in order."""

    sql: str
    values: tuple[Any, ...]
