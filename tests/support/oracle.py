"""The oracle: a plain loop over the events that says what every answer has to be.

It shares nothing with the product but the table of kinds' names: no columns,
no SQL, no splits. Slow and obvious is its purpose.
"""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

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

Event = dict[str, Any]
Bucket = dict[str, Any]


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
    """The value of an event's dimension, with the defaults of the wire."""
    return event.get(dimension, False if dimension == "batch" else None)


def content(event: Event) -> Any:
    """What has to be equal for two events of one identity to be one and the same."""
    dimensions = [value_of(event, name) for name in ROW_ORDER]
    stored = {"usage_bytes": event["usage_bytes"]} if "usage_bytes" in event else counts(event)
    reasoning = event.get("output_reasoning_tokens", 0)
    tags = sorted((event.get("tags") or {}).items())
    provider = event.get("provider", "openai")
    return event["kind"], provider, dimensions, sorted(stored.items()), reasoning, tags


def spans(start: int, end: int, width: str) -> list[tuple[int, int]]:
    """The buckets of a range, the first of which starts at the minute of its start."""
    seconds = WIDTH_SECONDS[width]
    found = []
    at = start - start % 60
    while at < end:
        stop = min(at - at % seconds + seconds, end)
        found.append((at, stop))
        at = stop
    return found


def sums(kind: str, events: list[Event]) -> dict[str, int]:
    """The counts of a group of events."""
    if kind == "vector_stores":
        largest: dict[Any, int] = {}
        for event in events:
            store = (
                event.get("provider", "openai"),
                *(event.get(name) for name in ("project_id", "vector_store_id")),
            )
            largest[store] = max(largest.get(store, 0), event["usage_bytes"])
        return {"usage_bytes": sum(largest.values())}
    total: defaultdict[str, int | Decimal] = defaultdict(int)
    for event in events:
        for name, count in counts(event).items():
            total[name] += count
    return {
        name: int(Decimal(count).quantize(Decimal(1), ROUND_HALF_UP))
        for name, count in total.items()
    }


def row_key(keys: tuple[Any, ...]) -> tuple[Any, ...]:
    """Sorts rows: strings by code point, false before true, null last."""
    return tuple((key is None, "" if key is None else key) for key in keys)


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
) -> list[Bucket]:
    """All buckets of a range, as the wire has them. ``dimensions`` are those of the kind."""
    grouped = [name for name in ROW_ORDER if name in group_by]
    buckets = []
    for first, stop in spans(start, end, width):
        groups: defaultdict[tuple[Any, ...], list[Event]] = defaultdict(list)
        for event in events:
            if event["kind"] != kind or not first <= event["time"] < stop:
                continue
            if all(value_of(event, name) in values for name, values in filters.items()):
                groups[tuple(value_of(event, name) for name in grouped)].append(event)
        results = [
            {"object": OBJECTS.get(kind, f"organization.usage.{kind}.result")}
            | dict.fromkeys(dimensions)
            | dict(zip(grouped, keys, strict=True))
            | sums(kind, groups[keys])
            for keys in sorted(groups, key=row_key)
        ]
        buckets.append(
            {"object": "bucket", "start_time": first, "end_time": stop, "results": results}
        )
    return buckets
