"""What an answer says was used: the events of one request, before they have a time and an id."""

from collections.abc import Mapping

import msgspec

Number = int | float


class Metered(msgspec.Struct, frozen=True, kw_only=True):
    """One event in the making.

    ``quantities`` is empty where the answer does not say what was used. ``id`` is the
    provider's id of the answer; ``part`` tells further events of the same
    answer from the first.
    """

    kind: str
    quantities: Mapping[str, Number]
    id: str | None = None
    model: str | None = None
    service_tier: str | None = None
    part: str | None = None
    dimensions: Mapping[str, str] = {}
