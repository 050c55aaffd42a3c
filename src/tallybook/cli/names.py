"""Names of ids: which project, person and key the values of dimensions are, where it is known."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from tallybook.usage.pages import Bucket

# The dimensions whose values have names, and what asks for them (``docs/wire.md``, section 13).
NAMED = {"project_id": "project_ids", "user_id": "user_ids", "api_key_id": "api_key_ids"}

# A dimension and a value of it.
Value = tuple[str, str]


class Names(msgspec.Struct, frozen=True):
    """Names by dimension and value."""

    found: Mapping[Value, str]

    def of(self, dimension: str, value: object) -> str | None:
        """The name of a value of a dimension; None where nobody knows one."""
        return self.found.get((dimension, str(value)))


NONE = Names({})


def values_in(buckets: Iterable[Bucket], group_by: Sequence[str]) -> set[Value]:
    """The values in some buckets that may have names."""
    dimensions = [name for name in group_by if name in NAMED]
    return {
        (name, str(result[name]))
        for bucket in buckets
        for result in bucket.results
        for name in dimensions
        if result[name] is not None
    }
