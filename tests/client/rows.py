"""Results and buckets as the wire has them, to be compared."""

from decimal import Decimal
from typing import Any

import msgspec

from tallybook.client.results import Result


def on_the_wire(result: Result) -> dict[str, Any]:
    """A result as the row that it was read from, with every field that its class has."""
    fields: dict[str, Any] = msgspec.to_builtins(result, builtin_types=(Decimal,))
    extra: dict[str, Any] = fields.pop("extra")
    return {**fields, **extra}


def bucket_on_the_wire(bucket: Any) -> dict[str, Any]:
    """A bucket of the wire."""
    return {
        "object": "bucket",
        "start_time": bucket.start_time,
        "end_time": bucket.end_time,
        "results": [on_the_wire(result) for result in bucket.results],
    }
