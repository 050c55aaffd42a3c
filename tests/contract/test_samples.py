"""The contract's sample requests, asked of events that add up to them, give the sample pages."""

import math
import time
from typing import Any
from urllib.parse import urlsplit

import pytest

from contract.contract import NAMES, later, sample
from support.cursors import read_token
from support.events import DAY, event
from support.server import Server

_ELEVEN = 1_790_845_200 - DAY
_LAST_MICROSECOND = 3_599.999999
_NEXT_DAY = 86_400


def _atlas(**more: Any) -> dict[str, Any]:
    return {"project_id": "proj_atlas", "model": "gpt-5.5-2026-04-23"} | more


def _borealis(**more: Any) -> dict[str, Any]:
    return {"project_id": "proj_borealis", "model": "gpt-realtime-2026-05-12"} | more


# Per kind: seconds after midnight, and what the event carries. Of each list, what lies outside
# the sample's range or filters must not be in its page, and what it does not group by is null.
_EVENTS: dict[str, list[tuple[float, dict[str, Any]]]] = {
    "completions": [
        (_ELEVEN - 0.000001, _atlas(input_tokens=999_999, output_tokens=999_999)),
        (_ELEVEN, _atlas(input_tokens=40_000, input_cached_tokens=10_000,
                         input_cache_write_tokens=1_400, output_tokens=5_000,
                         num_model_requests=20, user_id="user-Lm4", service_tier="default")),
        (_ELEVEN + _LAST_MICROSECOND,
         _atlas(input_tokens=22_400, input_cached_text_tokens=8_800,
                input_cache_write_30m_tokens=1_000, input_uncached_tokens=12_600,
                output_tokens=4_350, output_reasoning_tokens=4_000, num_model_requests=17,
                user_id="user-Pq9", service_tier="flex")),
        (_ELEVEN + 60, _borealis(input_tokens=8_320, input_audio_tokens=2_200, output_tokens=2_820,
                                 output_audio_tokens=1_640, num_model_requests=3)),
        (_ELEVEN + 61, _borealis(input_tokens=1_530, input_image_tokens=1_530, output_tokens=0)),
        (_ELEVEN + 7_200, _atlas(input_tokens=77, output_tokens=7)),
    ],
    "embeddings": [
        (0, {"input_tokens": 900_000, "num_model_requests": 200, "api_key_id": "key_7fQ2",
             "model": "text-embedding-3-large", "project_id": "proj_atlas"}),
        (86_399, {"input_tokens": 18_400, "num_model_requests": 12, "api_key_id": "key_7fQ2",
                  "model": "text-embedding-3-large", "project_id": "proj_borealis"}),
        (5, {"input_tokens": 5_120, "num_model_requests": 3, "api_key_id": "key_Zr81",
             "model": "text-embedding-3-small"}),
        (_NEXT_DAY, {"input_tokens": 31, "model": "text-embedding-3-small"}),
    ],
    "moderations": [
        (10, {"input_tokens": 7_000, "num_model_requests": 60, "model": "omni-moderation-latest"}),
        (86_399.5, {"input_tokens": 733, "user_id": "user-Lm4"}),
        (_NEXT_DAY, {"input_tokens": 1}),
    ],
    "images": [
        (1, {"images": 6, "num_model_requests": 5, "size": "1024x1024", "source": "image.edit"}),
        (2, {"images": 17, "num_model_requests": 13, "size": "1024x1024",
             "source": "image.generation", "model": "gpt-image-1"}),
        (3, {"images": 1, "size": "1024x1024", "source": "image.generation"}),
    ],
    "audio_speeches": [
        (40, {"characters": 15_000, "num_model_requests": 28, "user_id": "user-Lm4",
              "model": "tts-1"}),
        (41, {"characters": 870, "user_id": "user-Lm4", "model": "tts-1-hd"}),
    ],
    "audio_transcriptions": [
        (0, {"seconds": 120.4, "model": "whisper-1"}),
        (59.25, {"seconds": 63.6}),
        (120, {"seconds": 47}),
        (240, {"seconds": 5}),
    ],
    "vector_stores": [
        (3_600, {"usage_bytes": 500_000_000, "project_id": "proj_atlas",
                 "vector_store_id": "vs_1"}),
        (7_200, {"usage_bytes": 524_288_000, "project_id": "proj_atlas",
                 "vector_store_id": "vs_1"}),
        (7_200, {"usage_bytes": 209_715_200, "project_id": "proj_atlas",
                 "vector_store_id": "vs_2"}),
        (10, {"usage_bytes": 20_971_520, "project_id": "proj_borealis",
              "vector_store_id": "vs_3"}),
        (20, {"usage_bytes": 1_048_576, "project_id": "proj_borealis",
              "vector_store_id": "vs_3"}),
    ],
    "code_interpreter_sessions": [
        (9, {"num_sessions": 5, "project_id": "proj_atlas"}),
        (9, {"num_sessions": 7}),
    ],
    "file_search_calls": [
        (100, {"num_requests": 80, "project_id": "proj_atlas", "vector_store_id": "vs_k19",
               "user_id": "user-Lm4"}),
        (101, {"num_requests": 8, "project_id": "proj_atlas", "vector_store_id": "vs_k19"}),
    ],
    "web_search_calls": [
        (7, {"num_model_requests": 9, "num_requests": 11, "context_level": "low"}),
        (8, {"num_model_requests": 20, "num_requests": 30, "context_level": "medium"}),
        (9, {"num_model_requests": 1, "num_requests": 4, "context_level": "medium",
             "project_id": "proj_atlas"}),
        (10, {"num_model_requests": 50, "num_requests": 60, "context_level": "high"}),
        (11, {"num_model_requests": 70, "num_requests": 80}),
    ],
    "decisions": [
        (30, {"input_tokens": 16_000, "input_cached_tokens": 3_000,
              "input_cache_write_12h_tokens": 400, "input_cache_write_30m_tokens": 500,
              "output_tokens": 600, "num_model_requests": 7, "model": "gpt-5.5-2026-04-23",
              "input_cache_write_tokens": 900, "api_source": "agents_api"}),
        (31, {"input_tokens": 1_000, "input_cached_tokens": 200, "input_cache_write_tokens": 100,
              "output_tokens": 40, "model": "gpt-5.5-2026-04-23"}),
    ],
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _stored(server: Server) -> None:
    events = [
        event(kind, id=f"{kind}-{number}", time=DAY + seconds, **carried)
        for kind, moments in _EVENTS.items()
        for number, (seconds, carried) in enumerate(moments)
    ]
    assert server.post(events).json()["accepted"] == len(events)


def _as_the_sample_has_it(page: dict[str, Any], name: str, wanted: dict[str, Any]) -> Any:
    """The page without the fields of 2026-11 that the sample, being older, does not have."""
    shown = {key for bucket in wanted["data"] for row in bucket["results"] for key in row}
    unshown = {*later(name).get("fields", {})} - shown
    return page | {
        "data": [
            bucket
            | {
                "results": [
                    {field: value for field, value in row.items() if field not in unshown}
                    for row in bucket["results"]
                ]
            }
            for bucket in page["data"]
        ],
        "next_page": wanted["next_page"],
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_request_is_answered_with_the_sample_page(server: Server, name: str) -> None:
    request, wanted = sample(name)
    before = time.time()
    page = server.http.get(request).json()
    assert _as_the_sample_has_it(page, name, wanted) == wanted
    if wanted["next_page"] is None:
        assert page["next_page"] is None
        return
    ours, theirs = read_token(page["next_page"]), read_token(wanted["next_page"])
    assert ours.resume == theirs.resume
    if "end_time=" in urlsplit(request).query:
        assert ours.end == theirs.end
    else:
        # The range of a request without an end goes up to the moment it was received.
        assert math.floor(before) <= ours.end <= math.ceil(time.time())


def test_a_sample_without_an_end_has_the_samples_token_once_its_end_is_written_out(
    server: Server,
) -> None:
    request, wanted = sample("embeddings")
    theirs = read_token(wanted["next_page"])
    page = server.http.get(f"{request}&end_time={theirs.end}").json()
    ours = read_token(page["next_page"])
    assert (ours.end, ours.resume) == (theirs.end, theirs.resume)
    assert page["data"] == wanted["data"]


def test_what_2026_11_adds_to_the_completions_sample_fits_its_other_numbers(
    server: Server,
) -> None:
    rows = server.http.get(sample("completions")[0]).json()["data"][0]["results"]
    assert [{field: row[field] for field in later("completions")["fields"]} for row in rows] == [
        {
            "input_cache_write_30m_tokens": 2_400,
            "input_cache_write_12h_tokens": 0,
            "api_source": None,
        },
        {"input_cache_write_30m_tokens": 0, "input_cache_write_12h_tokens": 0, "api_source": None},
    ]
