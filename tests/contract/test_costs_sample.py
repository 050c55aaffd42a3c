"""The contract's sample request of costs, asked of events that add up to it, gives its page."""

import json
from typing import Any

import pytest

from contract.contract import later, sample
from support.events import DAY, event
from support.server import Server

_MODEL = "gpt-5.5-2026-04-23"
_ATLAS: dict[str, Any] = {"project_id": "proj_atlas", "model": _MODEL}

# Seconds after midnight, and what the event carries; the last ones lie outside of the sample.
_EVENTS: list[tuple[float, dict[str, Any]]] = [
    (0, event(**_ATLAS, input_tokens=40_000, input_cached_tokens=10_000, output_tokens=5_000)
     | {"user_id": "user-Lm4", "num_model_requests": 20, "api_key_id": "key_7fQ2"}),
    (86_399.999999, event(**_ATLAS, input_tokens=22_400, input_cached_text_tokens=8_800)
     | {"output_tokens": 4_350, "output_reasoning_tokens": 4_000, "tags": {"team": "search"}}),
    (3_600, event("web_search_calls", project_id="proj_borealis", model=_MODEL, num_requests=40)),
    (7_200, event("web_search_calls", project_id="proj_borealis", model=_MODEL, num_requests=5)
     | {"context_level": "high", "num_model_requests": 1}),
    # Nothing was used of these: they make no line.
    (7_201, event("web_search_calls", project_id="proj_borealis", model=_MODEL, num_requests=0)),
    (7_202, event(project_id="proj_cygnus", model=_MODEL, input_tokens=0, output_tokens=0)),
    (-0.000001, event(**_ATLAS, input_tokens=999_999)),
    (2 * 86_400, event(**_ATLAS, input_tokens=999_999)),
]  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _stored(server: Server) -> None:
    events = [
        sent | {"id": f"sample-{number}", "time": DAY + seconds}
        for number, (seconds, sent) in enumerate(_EVENTS)
    ]
    assert server.post(events).json()["accepted"] == len(events)


def _with_what_came_later(page: dict[str, Any]) -> dict[str, Any]:
    """The sample with the fields of 2026-11, null: it is older, and not grouped by them."""
    added = dict.fromkeys(later("costs")["fields"])
    buckets = [
        bucket | {"results": [row | added for row in bucket["results"]]} for bucket in page["data"]
    ]
    return page | {"data": buckets}


def test_the_sample_request_is_answered_with_the_sample_page(server: Server) -> None:
    request, wanted = sample("costs")
    answer = server.http.get(request)
    assert answer.json() == _with_what_came_later(wanted)
    # As text, so that no double stands between the numbers: 0.218 is not 0.21800000000000003.
    ours = json.loads(answer.content, parse_float=str)
    theirs = json.loads(json.dumps(wanted), parse_float=str)
    assert ours == _with_what_came_later(theirs)
    assert answer.headers["tallybook-unpriced-events"] == "0"


def test_the_days_of_the_sample_without_grouping_are_the_sums_of_its_rows(server: Server) -> None:
    request, _ = sample("costs")
    page = json.loads(server.http.get(request.split("&group_by")[0]).content, parse_float=str)
    assert [[row["amount"] for row in bucket["results"]] for bucket in page["data"]] == [
        [{"value": "0.9579", "currency": "usd"}],
        [],
    ]
