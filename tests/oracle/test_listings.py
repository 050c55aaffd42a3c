"""What is listed over HTTP equals a sorted loop over the events that were posted."""

from itertools import count
from typing import Any
from urllib.parse import urlencode

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from support import streams
from support.server import Server
from support.told_events import Event, listed
from tallybook.domain.kinds import KINDS

# 2016-01-01: each example gets a window of its own, so that one ledger serves all.
FIRST_WINDOW = 1_451_606_400
_windows = count()

FILTERS = {
    "kinds": ("kind", tuple(KINDS)),
    "models": ("model", ("alpha", "beta", streams.AWKWARD[1])),
    "providers": ("provider", ("openai", "anthropic")),
    "user_ids": ("user_id", ("Beta", *streams.AWKWARD[:3])),
    "tags[alpha]": ("tag:alpha", ("beta", "a b%2C[]&=+")),
}


@st.composite
def questions(draw: st.DrawFn) -> dict[str, Any]:
    start = draw(streams.moments)
    end = start + draw(st.sampled_from((1, 60, 7_200, streams.WINDOW_SECONDS)))
    names = draw(st.lists(st.sampled_from(tuple(FILTERS)), max_size=2, unique=True))
    filters = {
        name: draw(st.lists(st.sampled_from(FILTERS[name][1]), min_size=1, max_size=3))
        for name in names
    }
    return {"start": start, "end": end, "filters": filters, "limit": draw(st.integers(1, 9))}


def pages(server: Server, parameters: list[tuple[str, Any]], *, by_lines: bool) -> list[Event]:
    """All events of a list, page by page, in one of the two forms."""
    found: list[Event] = []
    token = None
    while True:
        query = urlencode([*parameters, *([("page", token)] if token else [])])
        accept = "application/x-ndjson" if by_lines else "application/json"
        answer = server.http.get(f"/v1/events?{query}", headers={"Accept": accept})
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == accept
        if by_lines:
            data = [msgspec.json.decode(line) for line in answer.content.splitlines()]
            token = answer.headers.get("tallybook-next-page")
        else:
            body = answer.json()
            assert sorted(body) == ["data", "has_more", "next_page", "object"]
            assert body["object"] == "list"
            assert body["has_more"] == (body["next_page"] is not None)
            data, token = body["data"], body["next_page"]
            assert "tallybook-next-page" not in answer.headers
        assert len(data) <= int(dict(parameters)["limit"])
        found += data
        if token is None:
            return found


@settings(streams.UNHURRIED, max_examples=60)
@given(scenario=streams.scenarios(), asked=st.lists(questions(), min_size=1, max_size=3))
def test_a_list_equals_a_sorted_loop_over_the_events(
    server: Server,
    scenario: tuple[list[Event], list[dict[str, Any]]],
    asked: list[dict[str, Any]],
) -> None:
    base = FIRST_WINDOW + next(_windows) * streams.WINDOW_SECONDS
    model: dict[tuple[str, float], Event] = {}
    for event in scenario[0]:
        moved = event | {"time": base + event["time"]}
        model.setdefault((moved["id"], moved["time"]), moved)
    events = list(model.values())
    assert server.post(events).json()["accepted"] == len(events)
    for question in asked:
        start, end = base + question["start"], base + question["end"]
        # The window beside this one is another example's.
        end = min(end, base + streams.WINDOW_SECONDS)
        if start >= end:
            continue
        parameters = [
            ("start_time", start),
            ("end_time", end),
            ("limit", question["limit"]),
            *((name, value) for name, values in question["filters"].items() for value in values),
        ]
        dimensions = {FILTERS[name][0]: values for name, values in question["filters"].items()}
        expected = listed(events, start, end, dimensions)
        assert pages(server, parameters, by_lines=False) == expected
        assert pages(server, parameters, by_lines=True) == expected
