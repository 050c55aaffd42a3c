"""Every answer over HTTP equals a naive loop over the events that were posted."""

from itertools import count
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from support import oracle, streams
from support.query_strings import query_string
from support.server import Server
from tallybook.domain.kinds import KINDS

# 2015-01-02: each example gets a window of its own, so that one ledger serves all.
FIRST_WINDOW = 1_420_156_800
_windows = count()

Event = dict[str, Any]


def post(server: Server, model: dict[tuple[str, float], Event], batch: list[Event]) -> None:
    """Post a batch, and hold its receipt against the model, which learns it."""
    accepted = duplicates = 0
    conflicts = []
    for index, event in enumerate(batch):
        known = model.setdefault((event["id"], event["time"]), event)
        if known is event:
            accepted += 1
        elif oracle.content(known) == oracle.content(event):
            duplicates += 1
        else:
            conflicts.append(index)
    answer = server.post(batch)
    receipt = answer.json()
    assert (receipt["accepted"], receipt["duplicates"]) == (accepted, duplicates), receipt
    assert [fault["index"] for fault in receipt["conflicts"]] == conflicts
    assert receipt["rejected"] == []
    some = accepted or duplicates
    assert answer.status_code == (200 if not conflicts else 207 if some else 409)


def ask(server: Server, query: dict[str, Any], base: int, limit: int) -> list[Event]:
    """All buckets of a query, page by page."""
    buckets: list[Event] = []
    page = None
    while True:
        text = query_string(query, base, limit, page)
        answer = server.http.get(f"/v1/organization/usage/{query['kind']}?{text}")
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert body["has_more"] == (body["next_page"] is not None)
        assert len(body["data"]) <= limit
        buckets.extend(body["data"])
        page = body["next_page"]
        if page is None:
            return buckets


@settings(streams.UNHURRIED, max_examples=150)
@given(scenario=streams.scenarios(), order=st.randoms(use_true_random=False))
def test_an_answer_equals_a_loop_over_the_events(
    server: Server, scenario: tuple[list[Event], list[dict[str, Any]]], order: Any
) -> None:
    events, queries = scenario
    base = FIRST_WINDOW + next(_windows) * streams.WINDOW_SECONDS
    events = [event | {"time": base + event["time"]} for event in events]
    # Late, out of order, and some of them again: alone, in one body, in a later one.
    stream = events + [dict(event) for event in order.sample(events, len(events) // 3)]
    order.shuffle(stream)
    model: dict[tuple[str, float], Event] = {}
    while stream:
        size = order.randint(1, len(stream))
        post(server, model, stream[:size])
        stream = stream[size:]

    for query in queries:
        kind = KINDS[query["kind"]]
        filters = {
            filter_.dimension: query["filters"][filter_.name]
            for filter_ in kind.filters
            if filter_.name in query["filters"]
        }
        expected = oracle.answer(
            list(model.values()),
            kind=kind.name,
            dimensions=kind.dimensions,
            start=base + query["start"],
            end=base + query["end"],
            width=query["width"],
            group_by=query["group_by"],
            filters=filters,
        )
        most = {"1m": 1440, "1h": 168, "1d": 31}[query["width"]]
        assert ask(server, query, base, most) == expected
        assert ask(server, query, base, max(query["limit"], len(expected) // 5)) == expected
