"""The oracle: a plain loop over the events that says what every answer has to be.

It shares nothing with the product but the table of kinds' names: no columns,
no SQL, no splits. Slow and obvious is its purpose.
"""

from collections import defaultdict
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from support import zone_oracle

WIDTH_SECONDS = {"1m": 60, "1h": 3_600, "1d": 86_400}
ROW_ORDER = (
    "project_id",
    "user_id",
    "api_key_id",
    "model",
    "batch",
    "service_tier",
    "size",
    "source",
    "vector_store_id",
    "context_level",
    "api_source",
)
OBJECTS = {
    "file_search_calls": "organization.usage.file_searches.result",
    "web_search_calls": "organization.usage.web_searches.result",
}

# What kinds without requests are ranked by.
PLAIN = {
    "vector_stores": "usage_bytes",
    "code_interpreter_sessions": "num_sessions",
    "file_search_calls": "num_requests",
}

Event = dict[str, Any]
Bucket = dict[str, Any]
Keys = tuple[Any, ...]


def token_counts(event: Event) -> dict[str, int]:
    """Every token count of a result, from the totals and parts that an event gives."""
    given = {name: event.get(name) or 0 for name in event}
    audio, image = given.get("input_audio_tokens", 0), given.get("input_image_tokens", 0)
    cached_audio = given.get("input_cached_audio_tokens", 0)
    cached_image = given.get("input_cached_image_tokens", 0)
    cached_parts = given.get("input_cached_text_tokens", 0) + cached_audio + cached_image
    cached = given.get("input_cached_tokens", cached_parts)
    long = given.get("input_cache_write_12h_tokens", 0)
    written = given.get(
        "input_cache_write_tokens", given.get("input_cache_write_30m_tokens", 0) + long
    )
    uncached = given["input_tokens"] - cached - written
    output_audio = given.get("output_audio_tokens", 0)
    output_image = given.get("output_image_tokens", 0)
    return {
        "input_tokens": given["input_tokens"],
        "input_cached_tokens": cached,
        "input_cache_write_tokens": written,
        "input_uncached_tokens": uncached,
        "output_tokens": given["output_tokens"],
        "input_text_tokens": uncached - audio - image,
        "output_text_tokens": given["output_tokens"] - output_audio - output_image,
        "input_cached_text_tokens": cached - cached_audio - cached_image,
        "input_audio_tokens": audio,
        "input_cached_audio_tokens": cached_audio,
        "output_audio_tokens": output_audio,
        "input_image_tokens": image,
        "input_cached_image_tokens": cached_image,
        "output_image_tokens": output_image,
        "input_cache_write_30m_tokens": written - long,
        "input_cache_write_12h_tokens": long,
    }


def counts(event: Event) -> dict[str, int | Decimal]:
    """What one event adds to its bucket, by the result's field."""
    kind = event["kind"]
    found: dict[str, int | Decimal] = {}
    if kind in ("completions", "decisions"):
        found.update(token_counts(event))
    elif kind in ("embeddings", "moderations"):
        found["input_tokens"] = event["input_tokens"]
    elif kind == "audio_transcriptions":
        found["seconds"] = Decimal(str(event["seconds"]))
    else:
        for name in ("images", "characters", "num_sessions", "num_requests"):
            if name in event:
                found[name] = event[name]
    if kind not in ("vector_stores", "code_interpreter_sessions", "file_search_calls"):
        requests = event.get("num_model_requests")
        found["num_model_requests"] = 1 if requests is None else requests
    return found


def value_of(event: Event, dimension: str) -> Any:
    """The value of an event's dimension or tag, with the defaults of the wire."""
    if dimension.startswith("tag:"):
        return (event.get("tags") or {}).get(dimension.removeprefix("tag:"))
    if dimension == "provider":
        return event.get("provider", "openai")
    return event.get(dimension, False if dimension == "batch" else None)


def within(events: list[Event], projects: frozenset[str] | None) -> list[Event]:
    """The events that a key which is bound to projects may know of; null: which is not bound."""
    return [each for each in events if projects is None or each.get("project_id") in projects]


def content(event: Event) -> Any:
    """What has to be equal for two events of one identity to be one and the same."""
    dimensions = [value_of(event, name) for name in (*ROW_ORDER, "quality")]
    stored = {"usage_bytes": event["usage_bytes"]} if "usage_bytes" in event else counts(event)
    reasoning = event.get("output_reasoning_tokens", 0)
    tags = sorted((event.get("tags") or {}).items())
    provider = event.get("provider", "openai")
    return event["kind"], provider, dimensions, sorted(stored.items()), reasoning, tags


def in_row_order(group_by: set[str], order: tuple[str, ...]) -> list[str]:
    """Keys in the order in which rows are sorted: as listed, and tags last, by name."""
    places = {name: place for place, name in enumerate(order)}
    return sorted(group_by, key=lambda name: (places.get(name, len(places)), name))


def exact(kind: str, events: list[Event]) -> dict[str, int | Decimal]:
    """The counts of a group of events, fractions and all."""
    if kind == "vector_stores":
        largest: dict[Any, int] = {}
        for event in events:
            store = (
                event.get("provider", "openai"),
                *(event.get(name) for name in ("project_id", "vector_store_id")),
            )
            largest[store] = max(largest.get(store, 0), event["usage_bytes"])
        return {"usage_bytes": sum(largest.values())}
    return added(counts(event) for event in events)


def added(found: Iterable[dict[str, int | Decimal]]) -> dict[str, int | Decimal]:
    """Counts added up, field by field."""
    total: defaultdict[str, int | Decimal] = defaultdict(int)
    for each in found:
        for name, count in each.items():
            total[name] += count
    return dict(total)


def shown(found: dict[str, int | Decimal]) -> dict[str, int]:
    """Counts as the wire has them: whole, halves up."""
    return {
        name: int(Decimal(count).quantize(Decimal(1), ROUND_HALF_UP))
        for name, count in found.items()
    }


def row_key(keys: tuple[Any, ...]) -> tuple[Any, ...]:
    """Sorts rows: strings by code point, false before true, null last."""
    return tuple((key is None, "" if key is None else key) for key in keys)


def ranked_by(kind: str, order_by: str | None, found: dict[str, int | Decimal]) -> int | Decimal:
    """The number that a group is ranked by: what is asked for, else requests, else what it has."""
    if order_by is not None:
        return found[order_by]
    return found["num_model_requests"] if "num_model_requests" in found else found[PLAIN[kind]]


def answer(
    events: list[Event],
    *,
    kind: str,
    dimensions: tuple[str, ...],
    start: int,
    end: int,
    width: str,
    group_by: set[str],
    filters: dict[str, list[Any]],
    zone: str = "UTC",
    order_by: str | None = None,
    top: int | None = None,
) -> list[Bucket]:
    """All buckets of a range, as the wire has them. ``dimensions`` are those of the kind."""
    grouped = in_row_order(group_by, (*ROW_ORDER, "provider"))
    start -= start % 60
    matching = [
        event
        for event in events
        if event["kind"] == kind
        and all(value_of(event, name) in values for name, values in filters.items())
    ]

    def groups(first: int, stop: int) -> dict[Keys, dict[str, int | Decimal]]:
        found: defaultdict[Keys, list[Event]] = defaultdict(list)
        for event in matching:
            if first <= event["time"] < stop:
                found[tuple(value_of(event, name) for name in grouped)].append(event)
        return {keys: exact(kind, of_keys) for keys, of_keys in found.items()}

    def rank(row: tuple[Keys, dict[str, int | Decimal]]) -> tuple[Any, ...]:
        return -ranked_by(kind, order_by, row[1]), row_key(row[0])

    best = [keys for keys, _ in sorted(groups(start, end).items(), key=rank)][:top]
    buckets = []
    for first, stop in zone_oracle.spans(zone, width, start, end):
        found = groups(first, stop)
        rows = [(keys, counted) for keys, counted in found.items() if keys in best]
        rows.sort(key=rank if order_by else lambda row: row_key(row[0]))
        rest = [counted for keys, counted in found.items() if keys not in best]
        rows += [((None,) * len(grouped), added(rest))] if rest else []
        results = [
            {"object": OBJECTS.get(kind, f"organization.usage.{kind}.result")}
            | dict.fromkeys(dimensions)
            | dict(zip(grouped, keys, strict=True))
            | shown(counted)
            | ({"other": bool(rest) and place == len(rows) - 1} if top is not None else {})
            for place, (keys, counted) in enumerate(rows)
        ]
        buckets.append(
            {"object": "bucket", "start_time": first, "end_time": stop, "results": results}
        )
    return buckets
