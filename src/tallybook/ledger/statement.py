"""What SQL for both engines has in common."""

from typing import Any

import msgspec


class Statement(msgspec.Struct, frozen=True):
    """SQL and the values of its placeholders, in order."""

    sql: str
    values: tuple[Any, ...]


# The bucket of an event: its boundary, or the start of the range in a short first bucket.
BUCKET = "greatest(time_us - time_us % ?, ?)"
