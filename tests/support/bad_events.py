"""Events that must be refused: what is wrong with each, and the field that the refusal names."""

from typing import Any, NamedTuple

from support.events import DAY

# Seconds: more than a server's clock may be behind, and far less than a year.
_WEEK = 7 * 86_400


class BadEvent(NamedTuple):
    """A fault in an otherwise good event of a kind; ``None`` as a change is JSON's null."""

    kind: str
    changes: dict[str, Any]
    field: str


def _bad(field: str, *values: Any, kind: str = "completions") -> list[BadEvent]:
    return [BadEvent(kind, {field: value}, field) for value in values]


def _impossible(field: str, **counts: int) -> BadEvent:
    """An event of 1830 input and 212 output tokens whose other counts do not fit."""
    return BadEvent("completions", counts, field)


def _cost(**cost: Any) -> BadEvent:
    return BadEvent("completions", {"reported_cost": cost}, "reported_cost")


def bad_events(now: float) -> list[BadEvent]:
    """Every sort of bad event there is, at a moment in Unix seconds."""
    return [*_IDENTITY, *_bad("time", now + _WEEK), *_COUNTS, *_SUMS, *_NAMES, *_COSTS]


_TIMES: tuple[Any, ...] = (
    None, True, [], {}, "", "yesterday", "2026-10-01", "2026-10-01T00:00:00", "1790812800",
    "2026-13-01T00:00:00Z", "2026-10-01T00:00:00+99:00", "2014-12-31T23:59:59.999999Z",
    "9999-12-31T23:59:59Z", 1.7976931348623157e308, -1.7976931348623157e308, 10**18,
    0, -1, 1_420_070_399, 1_420_070_399.999999, DAY * 1_000,
    DAY * 1_000_000, 1e300, -1e300, 10**30, -(10**30),
)  # fmt: skip

_IDENTITY = [
    *_bad("id", None, "", 7, [], "i" * 201),
    *_bad("time", *_TIMES),
    *_bad("kind", None, 5, "", [], "chat", "Completions", "costs", "completions "),
]

_COUNTS = [
    *_bad("input_tokens", None, True, "5", [], {}, 1.5, 1e3, -1, 2**53, 2**63, 2**64, 10**30),
    *_bad("output_tokens", None, -1, 0.5, 1e300),
    *_bad("num_model_requests", -1, "1", 2**53),
    *_bad("seconds", None, "5", -0.5, -1, 1e10, 1e300, 10**30, kind="audio_transcriptions"),
    *_bad("usage_bytes", None, -1, 1.0, 2**53, kind="vector_stores"),
    *_bad("images", None, -1, "two", kind="images"),
    # A misspelt field, and fields of other kinds.
    *_bad("input_token", 5),
    *_bad("images", 5),
    *_bad("output_tokens", 5, kind="embeddings"),
    *_bad("num_model_requests", 1, kind="vector_stores"),
    *_bad("context_level", "low", kind="file_search_calls"),
]

_SUMS = [
    _impossible("input_cached_tokens", input_cached_tokens=1_831),
    _impossible("input_cache_write_tokens", input_cache_write_tokens=1_831),
    _impossible("input_cached_tokens", input_cached_tokens=1_000, input_cache_write_tokens=831),
    _impossible("input_audio_tokens", input_audio_tokens=1_000, input_image_tokens=831),
    _impossible("input_audio_tokens", input_audio_tokens=831, input_cached_tokens=1_000),
    _impossible("input_text_tokens", input_text_tokens=1_829),
    _impossible("input_text_tokens", input_text_tokens=1_831),
    _impossible("input_uncached_tokens", input_uncached_tokens=1_829),
    _impossible("output_audio_tokens", output_audio_tokens=213),
    _impossible("output_text_tokens", output_text_tokens=200, output_audio_tokens=11),
    _impossible("output_reasoning_tokens", output_reasoning_tokens=213),
    _impossible(
        "input_cached_text_tokens",
        input_cached_tokens=100,
        input_cached_text_tokens=50,
        input_cached_audio_tokens=49,
    ),
    _impossible("input_cached_image_tokens", input_cached_tokens=9, input_cached_image_tokens=10),
    _impossible(
        "input_cache_write_30m_tokens",
        input_cache_write_tokens=10,
        input_cache_write_30m_tokens=4,
        input_cache_write_12h_tokens=5,
    ),
]

_NAMES = [
    *_bad("model", "", 5, "m" * 201),
    *_bad("project_id", "", ["proj"], "p" * 201),
    *_bad("user_id", 5, "é" * 201),
    *_bad("api_key_id", {}, False),
    *_bad("service_tier", 1),
    *_bad("provider", None, "", "p" * 201),
    *_bad("batch", None, "true", 1),
    *_bad("api_source", "", "elsewhere"),
    *_bad("source", "image.magic", kind="images"),
    *_bad("size", "", 1024, kind="images"),
    *_bad("context_level", "huge", "LOW", kind="web_search_calls"),
    *_bad("vector_store_id", "", 5, kind="file_search_calls"),
    *_bad("tags", "team", ["team"], 5, {"team": 5}, {"team": None}, {"team": {"a": "b"}}),
    *_bad("tags", {f"tag-{number}": "" for number in range(17)}, {"team": "v" * 257}),
    *_bad("tags", {"n" * 65: "value"}, {"": "value"}),
]

_COSTS = [
    *_bad("reported_cost", 5, "5", [], {"value": "abc", "currency": "usd"}),
    _cost(value="-1", currency="usd"),
    _cost(value="NaN", currency="usd"),
    _cost(value="sNaN", currency="usd"),
    _cost(value="Infinity", currency="usd"),
    _cost(value=True, currency="usd"),
    _cost(value="1", currency="USD"),
    _cost(value="1", currency="euros"),
    # At most 13 digits before and 15 after the point.
    _cost(value="0.0000000000000001", currency="usd"),
    _cost(value="10000000000000", currency="usd"),
    _cost(value="1234567890123.1234567890123456", currency="usd"),
    _cost(value="1e400", currency="usd"),
    _cost(value="1e-400", currency="usd"),
    _cost(value="1e999999999", currency="usd"),
    BadEvent("completions", {"reported_cost": {"value": "1"}}, "reported_cost.currency"),
    BadEvent("completions", {"reported_cost": {"currency": "usd"}}, "reported_cost.value"),
    BadEvent(
        "completions",
        {"reported_cost": {"value": "1", "currency": "usd", "unit": "x"}},
        "reported_cost.unit",
    ),
]
