"""Small, valid events to start from."""

from typing import Any

# 2026-10-01T00:00:00Z.
DAY = 1_790_812_800

_REQUIRED: dict[str, dict[str, Any]] = {
    "completions": {"input_tokens": 1830, "output_tokens": 212},
    "embeddings": {"input_tokens": 512},
    "moderations": {"input_tokens": 77},
    "images": {"images": 2},
    "audio_speeches": {"characters": 400},
    "audio_transcriptions": {"seconds": 47},
    "vector_stores": {"usage_bytes": 1_048_576},
    "code_interpreter_sessions": {"num_sessions": 1},
    "file_search_calls": {"num_requests": 1},
    "web_search_calls": {"num_requests": 1},
    "decisions": {"input_tokens": 1700, "output_tokens": 64},
}


def event(kind: str = "completions", **fields: Any) -> dict[str, Any]:
    """An event with what its kind requires, and the given fields."""
    return {"id": "req_1", "time": DAY + 3600, "kind": kind, **_REQUIRED[kind], **fields}
