"""Every answer about costs over HTTP equals a naive loop over the events that were posted."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from itertools import count
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support import cost_oracle, cost_prices, oracle, streams
from support.cost_oracle import Bucket, Event
from support.cost_prices import FIRST_WINDOW, TURNS
from support.query_strings import query_string
from support.server import Server, running
from support.wire import fault, refusal

_MOST = {"1m": 1440, "1h": 168, "1d": 180}
# Plain: no exponent, no sign, no zeros at the end, no more than twelve decimals.
_NUMBER = re.compile(rb"(0|[1-9][0-9]*)(\.[0-9]{0,11}[1-9])?")
_VALUE = re.compile(rb'"(?:value|quantity)":([^,}"]+)')

_windows = count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the prices of the oracle and an empty ledger."""
    folder = tmp_path_factory.mktemp("priced")
    (folder / "prices.toml").write_text(cost_prices.price_file(), encoding="utf-8")
    with running(folder) as server:
        yield server


def stored(server: Server, events: list[Event], order: Any) -> tuple[int, list[Event]]:
    """Post events in a window of their own, late and some of them again; what the ledger has."""
    base = FIRST_WINDOW + next(_windows) * streams.WINDOW_SECONDS
    events = [event | {"time": base + event["time"]} for event in events]
    stream = events + [dict(event) for event in order.sample(events, len(events) // 3)]
    order.shuffle(stream)
    kept: dict[tuple[str, float], Event] = {}
    while stream:
        size = order.randint(len(stream) // 2 + 1, len(stream))
        batch, stream = stream[:size], stream[size:]
        before = len(kept)
        for event in batch:
            kept.setdefault((event["id"], event["time"]), event)
        assert server.post(batch).json()["accepted"] == len(kept) - before
    return base, list(kept.values())


def exact(answer: httpx2.Response) -> Any:
    """A body with its numbers as fractions, each of which is written as the contract says."""
    numbers = [text for text in _VALUE.findall(answer.content) if text != b"null"]
    assert all(_NUMBER.fullmatch(text) for text in numbers), numbers
    return json.loads(answer.content, parse_float=Fraction)


def walk(
    server: Server, query: dict[str, Any], base: int, limit: int, wanted: list[Bucket]
) -> None:
    """Ask page by page; every page is the next part of what is wanted, and so is its header."""
    page = None
    while wanted:
        part, wanted = wanted[:limit], wanted[limit:]
        text = query_string(query, base, limit, page)
        answer = server.http.get(f"/v1/organization/costs?{text}")
        if any(bucket.results is None for bucket in part):
            assert fault(answer) == refusal("group_by", "invalid_value")
            return
        assert answer.status_code == 200, answer.text
        body = exact(answer)
        assert body["data"] == [bucket.on_the_wire for bucket in part]
        unpriced = sum(bucket.unpriced for bucket in part)
        assert answer.headers["tallybook-unpriced-events"] == str(unpriced)
        assert body["has_more"] == (body["next_page"] is not None) == bool(wanted)
        page = body["next_page"]


@settings(streams.UNHURRIED, max_examples=80)
@given(
    events=streams.spendings(),
    queries=st.lists(streams.cost_queries(), min_size=1, max_size=3),
    order=st.randoms(use_true_random=False),
)
def test_an_answer_equals_a_loop_over_the_events(
    server: Server, events: list[Event], queries: list[dict[str, Any]], order: Any
) -> None:
    base, kept = stored(server, events, order)
    for query in queries:
        wanted = cost_oracle.answer(
            kept,
            start=base + query["start"],
            end=base + query["end"],
            width=query["width"],
            group_by=query["group_by"],
            filters=query["filters"],
        )
        walk(server, query, base, _MOST[query["width"]], wanted)
        limit = max(query["limit"], len(wanted) // 5)
        if limit < len(wanted):
            walk(server, query, base, limit, wanted)


def test_every_sort_of_event_at_every_edge_costs_what_the_oracle_says(server: Server) -> None:
    base = FIRST_WINDOW + TURNS[0] * streams.WINDOW_SECONDS
    events = [event | {"time": base + event["time"]} for event in streams.edges_of_costs()]
    assert server.post(events).json()["accepted"] == len(events)
    query: dict[str, Any] = {"start": 0, "end": 2 * 86_400, "width": "1h", "forms": ["comma"]}
    query |= {"group_by": {"user_id", "line_item"}, "filters": {}}
    wanted = cost_oracle.answer(
        events,
        start=base,
        end=base + query["end"],
        width="1h",
        group_by=query["group_by"],
        filters={},
    )
    walk(server, query, base, 48, wanted)


def amounts(server: Server, base: int, days: int, **asked: Any) -> dict[tuple[int, str], Fraction]:
    """The sum of all rows by day and currency, of the days from the start of a window on."""
    group_by = {"currency", *asked.pop("group_by", ())}
    answer = server.http.get(
        "/v1/organization/costs",
        params={
            "start_time": base,
            "end_time": base + days * 86_400,
            "group_by[]": sorted(group_by),
            **asked,
        },
    )
    assert answer.status_code == 200, answer.text
    found: defaultdict[tuple[int, str], Fraction] = defaultdict(Fraction)
    for bucket in exact(answer)["data"]:
        for row in bucket["results"]:
            day = (bucket["start_time"] - base) // 86_400
            found[day, row["amount"]["currency"]] += row["amount"]["value"]
    return {key: amount for key, amount in found.items() if amount}


@settings(streams.UNHURRIED, max_examples=25)
@given(
    events=streams.spendings(),
    group_by=st.sets(st.sampled_from(("tag:team", *cost_oracle.ROW_ORDER)), max_size=6),
    order=st.randoms(use_true_random=False),
)
def test_a_sum_is_the_same_however_it_is_cut(
    server: Server, events: list[Event], group_by: set[str], order: Any
) -> None:
    base, kept = stored(server, events, order)
    whole = amounts(server, base, 3)
    bills: defaultdict[tuple[int, str], Fraction] = defaultdict(Fraction)
    for event in cost_oracle.charged(kept):
        for line in cost_oracle.lines(event):
            if line.currency is not None and line.amount:
                bills[(int(event["time"]) - base) // 86_400, line.currency] += line.amount
    assert whole == dict(bills)
    assert amounts(server, base, 3, group_by=group_by) == whole
    assert amounts(server, base, 3, group_by=group_by, bucket_width="1h", limit=72) == whole
    first = {key: amount for key, amount in whole.items() if key[0] == 0}
    minutes = amounts(server, base, 1, group_by=group_by, bucket_width="1m", limit=1440)
    assert minutes == first


def test_reasoning_beyond_the_text_of_an_answer_is_the_same_sum_however_it_is_cut(
    server: Server,
) -> None:
    base = FIRST_WINDOW - streams.WINDOW_SECONDS // 3
    # Most of the second answer is spoken, and so is most of what it thought.
    sent = [
        {"id": "text", "user_id": "a", "output_tokens": 100},
        {"id": "voice", "user_id": "b", "output_tokens": 50, "output_audio_tokens": 50}
        | {"output_reasoning_tokens": 40},
    ]
    known = {"time": base, "kind": "completions", "model": "gamma_3", "input_tokens": 0}
    assert server.post([known | event for event in sent]).json()["accepted"] == 2
    whole = amounts(server, base, 1)
    assert amounts(server, base, 1, group_by={"user_id"}) == whole
    by_line = amounts(server, base, 1, group_by={"line_item"})
    assert by_line == whole


def test_the_price_list_of_the_oracle_prices_and_leaves_unpriced() -> None:
    event = {"id": "x", "time": FIRST_WINDOW, "kind": "completions", "input_tokens": 10}
    event |= {"output_tokens": 2}
    turned = event | {"time": FIRST_WINDOW + 3_600, "model": "ALPHA"}
    found = [
        [(line.item, str(line.currency), str(line.amount * 10**6)) for line in lines]
        for lines in map(
            cost_oracle.lines,
            (
                event,
                event | {"model": "alpha"},
                turned,
                turned | {"batch": True},
                turned | {"service_tier": "priority"},
                turned | {"service_tier": "alpha"},
                turned | {"input_tokens": 101},
            ),
        )
    ]
    assert found == [
        [("no model, input, unpriced", "None", "0"), ("no model, output, unpriced", "None", "0")],
        [("alpha, input", "usd", "25/2"), ("alpha, output", "usd", "20")],
        [("ALPHA, input", "usd", "15"), ("ALPHA, output", "usd", "20")],
        [("ALPHA, input", "usd", "6"), ("ALPHA, output", "usd", "24/5")],
        [
            ("ALPHA, input, estimated", "usd", "105/4"),
            ("ALPHA, output, estimated", "usd", "35"),
        ],
        [("ALPHA, input, unpriced", "None", "0"), ("ALPHA, output, unpriced", "None", "0")],
        [("ALPHA, input", "usd", "303"), ("ALPHA, output", "usd", "18")],
    ]
    assert oracle.WIDTH_SECONDS["1d"] == 86_400
