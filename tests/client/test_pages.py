"""A page says how to go on, in both dialects; what is no page is said to be none."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from contract.contract import CONTRACT
from tallybook.client.errors import UnreadableAnswer
from tallybook.client.exchanges import Answer
from tallybook.client.pages import Page, read_page
from tallybook.client.posting import read_receipt

SAMPLES = {name: sample["response"] for name, sample in CONTRACT["samples"].items()}


def read(body: Any, asked: str | None = None, **headers: str) -> Page[Any]:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_page(Answer(200, headers, text), asked)


def bucket(**fields: Any) -> dict[str, Any]:
    return {"object": "bucket", "start_time": 0, "end_time": 60, "results": []} | fields


def page(*buckets: Any, **fields: Any) -> dict[str, Any]:
    last = {"object": "page", "data": list(buckets), "has_more": False, "next_page": None}
    return last | fields


@pytest.mark.parametrize("name", SAMPLES)
def test_both_dialects_are_read_alike(name: str) -> None:
    current = SAMPLES[name]
    legacy = json.loads(json.dumps(current))
    old = json.loads(json.dumps(current))
    for both, only in zip(legacy["data"], old["data"], strict=True):
        for row in [*both["results"], *only["results"]]:
            if "num_sessions" in row:
                row["sessions"] = row["num_sessions"]
        both["result"] = both["results"]
        only["result"] = only.pop("results")
        for row in only["result"]:
            if "sessions" in row:
                del row["num_sessions"]
    if current["next_page"] is None:
        legacy["next_page"] = old["next_page"] = ""
    assert read(current) == read(legacy) == read(old)


def test_a_bucket_has_its_times_as_seconds_and_in_utc() -> None:
    (found,) = read(page(bucket(start_time=1_790_812_800, end_time=1_790_899_200))).data
    assert (found.start_time, found.end_time) == (1_790_812_800, 1_790_899_200)
    assert (found.start, found.end) == (
        datetime(2026, 10, 1, tzinfo=UTC),
        datetime(2026, 10, 2, tzinfo=UTC),
    )


def test_a_page_without_more_leads_nowhere() -> None:
    assert read(page(next_page="page_x")).next_page is None
    assert read(page(next_page="")).next_page is None
    assert read(page(has_more=True, next_page="page_x")).next_page == "page_x"


@pytest.mark.parametrize("token", [None, "", "page_again"])
def test_a_page_with_more_that_does_not_lead_to_it_is_unreadable(token: str | None) -> None:
    with pytest.raises(UnreadableAnswer, match="leads no further"):
        read(page(has_more=True, next_page=token), "page_again")


def test_unpriced_events_are_counted_where_the_server_says_so() -> None:
    assert read(page()).unpriced_events is None
    assert read(page(), **{"tallybook-unpriced-events": "12"}).unpriced_events == 12
    assert read(page(), **{"tallybook-unpriced-events": "many"}).unpriced_events is None


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not a page"),
        (b"<html>", "not a page"),
        (b"\xff", "not a page"),
        ([], "not a page"),
        ({}, "data"),
        (page(object="list"), "list"),
        (page(has_more=None), "has_more"),
        (page(has_more=1), "has_more"),
        (page(bucket(start_time="0")), "start_time"),
        (page(bucket(end_time=None)), "end_time"),
        (page(bucket(object="page")), r"data\[0\]"),
        (page(bucket(results=None)), r"data\[0\] has no results"),
        (page(bucket(), bucket(results=[1])), r"data\[1\].results"),
        (page(bucket(results=[{}])), r"data\[0\]\.results\[0\]"),
        (page(bucket(results=[{"object": 5}])), r"data\[0\]\.results\[0\]"),
        (page(bucket(results=[{"object": []}])), r"data\[0\]\.results\[0\]"),
    ],
)
def test_what_is_no_page_is_unreadable_by_its_place(body: Any, said: str) -> None:
    with pytest.raises(UnreadableAnswer, match=said):
        read(body)


@pytest.mark.parametrize("text", [b"[" * 100_000, b'{"data":[' + b'{"a":' * 100_000])
def test_what_is_nested_too_deep_is_no_page_and_no_receipt(text: bytes) -> None:
    with pytest.raises(UnreadableAnswer, match="not a page"):
        read(text)
    with pytest.raises(UnreadableAnswer, match="no receipt"):
        read_receipt(text)
