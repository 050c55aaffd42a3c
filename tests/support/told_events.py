"""What stored events are told as: a plain sort and a plain rule, apart from the code under test."""

from decimal import Decimal
from typing import Any

from support import oracle

Event = dict[str, Any]

# What is the rest of a sum is never told; what events of a kind must have always is.
_RESTS = {
    "input_uncached_tokens",
    "input_text_tokens",
    "input_cached_text_tokens",
    "input_cache_write_30m_tokens",
    "output_text_tokens",
}
_ALWAYS = {
    "input_tokens", "output_tokens", "images", "characters", "seconds", "usage_bytes",
    "num_sessions", "num_requests", "num_model_requests",
}  # fmt: skip


def told(event: Event) -> Event:
    """A posted event as it is told again, numbers as Python reads them from JSON."""
    dimensions = {
        name: value
        for name in (*oracle.ROW_ORDER, "quality")
        if (value := oracle.value_of(event, name)) not in (None, False)
    }
    counts: dict[str, Any] = {**oracle.counts(event)}
    for name in ("usage_bytes", "output_reasoning_tokens"):
        if name in event:
            counts[name] = event[name]
    found = {
        "id": event["id"],
        "time": event["time"],
        "kind": event["kind"],
        "provider": oracle.value_of(event, "provider"),
        **dimensions,
        **{
            name: float(count) if isinstance(count, Decimal) else count
            for name, count in counts.items()
            if name not in _RESTS and (count or name in _ALWAYS)
        },
    }
    if event.get("tags"):
        found["tags"] = event["tags"]
    if event.get("reported_cost"):
        found["reported_cost"] = event["reported_cost"]
    return found


def listed(events: list[Event], start: int, end: int, filters: dict[str, list[Any]]) -> list[Event]:
    """The events of ``[start, end)`` that pass the filters, by time and id, as they are told."""
    matching = [
        event
        for event in events
        if start <= event["time"] < end
        and all(oracle.value_of(event, name) in values for name, values in filters.items())
    ]
    return [told(event) for event in sorted(matching, key=lambda e: (e["time"], e["id"]))]
