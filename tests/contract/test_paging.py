"""Paging: pages put together are the whole answer."""

import math
import time
from typing import Any

import httpx2
import pytest

from contract.contract import NAMES, USAGE, WIDTHS, counts
from support.cursors import Token, read_token, write_token
from support.events import DAY, event
from support.server import Server

RANGE: dict[str, Any] = {"start_time": DAY - 5 * 86_400, "end_time": DAY + 86_400 + 3_661}
_BUCKETS = 7


@pytest.fixture(scope="module", autouse=True)
def _stored(server: Server) -> None:
    events = [
        event(name, id=f"{name}-{day}", time=DAY + day * 86_400 + 7, project_id="proj_a")
        for name in NAMES
        for day in range(-5, 2)
    ]
    assert server.post(events).json()["accepted"] == len(events)


def _ask(server: Server, name: str = "completions", **parameters: Any) -> httpx2.Response:
    return server.http.get(USAGE[name]["path"], params=parameters)


def _walk(server: Server, name: str, **parameters: Any) -> list[dict[str, Any]]:
    """All pages, as a client gets them that looks at ``next_page`` alone."""
    pages = [_ask(server, name, **parameters).json()]
    while pages[-1]["next_page"]:
        answer = _ask(server, name, **parameters, page=pages[-1]["next_page"])
        assert answer.status_code == 200, answer.text
        pages.append(answer.json())
    return pages


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 31])
@pytest.mark.parametrize("name", NAMES)
def test_pages_put_together_are_the_whole_answer(server: Server, name: str, limit: int) -> None:
    whole = _ask(server, name, **RANGE, limit=31).json()
    pages = _walk(server, name, **RANGE, limit=limit)
    assert [bucket for page in pages for bucket in page["data"]] == whole["data"]
    assert len(whole["data"]) == _BUCKETS
    assert [len(bucket["results"]) for bucket in whole["data"]] == [1] * _BUCKETS
    assert [len(page["data"]) for page in pages[:-1]] == [limit] * (len(pages) - 1)
    assert len(pages) == math.ceil(_BUCKETS / limit)
    # Both say the same, so that a client may look at either.
    assert [page["has_more"] for page in pages] == [True] * (len(pages) - 1) + [False]
    assert [page["next_page"] is None for page in pages] == [not page["has_more"] for page in pages]


@pytest.mark.parametrize("width", WIDTHS)
def test_short_buckets_at_both_ends_page_like_any_other(server: Server, width: str) -> None:
    asked: dict[str, Any] = {
        "start_time": DAY - 4_000,
        "end_time": DAY + 4_000,
        "bucket_width": width,
    }
    whole = _ask(server, **asked, limit={"1m": 1440, "1h": 168, "1d": 31}[width]).json()
    assert whole["has_more"] is False
    limit = {"1m": 50, "1h": 1, "1d": 1}[width]
    pages = _walk(server, "completions", **asked, limit=limit)
    assert [bucket for page in pages for bucket in page["data"]] == whole["data"]


def test_groups_and_filters_hold_on_every_page(server: Server) -> None:
    asked: dict[str, Any] = {**RANGE, "group_by[]": ["project_id", "model"]}
    asked |= {"project_ids": "proj_a,proj_b", "batch": "false"}
    whole = _ask(server, **asked, limit=31).json()
    pages = _walk(server, "completions", **asked, limit=2)
    assert [bucket for page in pages for bucket in page["data"]] == whole["data"]
    assert whole["data"][0]["results"][0]["project_id"] == "proj_a"


def test_the_end_of_a_range_that_is_open_is_fixed_on_the_first_page(server: Server) -> None:
    asked: dict[str, Any] = {"start_time": math.floor(time.time()) - 4 * 86_400}
    first = _ask(server, **asked, limit=1).json()
    fixed = read_token(first["next_page"])
    # As if the first page had been asked for a day ago.
    older = fixed._replace(end=fixed.end - 86_400)
    pages = _walk_on(server, older, **asked, limit=1)
    assert pages[-1]["data"][-1]["end_time"] == older.end
    pages = _walk_on(server, fixed, **asked, limit=1)
    assert pages[-1]["data"][-1]["end_time"] == fixed.end


def _walk_on(server: Server, token: Token, **asked: Any) -> list[dict[str, Any]]:
    pages = [_ask(server, **asked, page=write_token(token)).json()]
    while pages[-1]["has_more"]:
        pages.append(_ask(server, **asked, page=pages[-1]["next_page"]).json())
    return pages


def test_the_limit_may_change_from_page_to_page(server: Server) -> None:
    whole = _ask(server, **RANGE, limit=31).json()["data"]
    first = _ask(server, **RANGE, limit=2).json()
    second = _ask(server, **RANGE, limit=1, page=first["next_page"]).json()
    third = _ask(server, **RANGE, page=second["next_page"]).json()
    assert first["data"] + second["data"] + third["data"] == whole
    assert third["has_more"] is False


def test_an_empty_page_parameter_is_the_first_page(server: Server) -> None:
    first = _ask(server, **RANGE, limit=2)
    assert _ask(server, **RANGE, limit=2, page="").json() == first.json()


def test_rows_do_not_count_against_the_limit(server: Server) -> None:
    begin = DAY - 30 * 86_400
    main = counts("embeddings")[0]
    events = [
        event("embeddings", id=f"row-{number}", time=begin, user_id=f"user-{number:03}")
        for number in range(200)
    ]
    assert server.post(events).json()["accepted"] == len(events)
    asked: dict[str, Any] = {
        "start_time": begin,
        "end_time": begin + 86_400,
        "group_by": "user_id",
        "limit": 1,
    }
    page = _ask(server, "embeddings", **asked).json()
    assert page["has_more"] is False
    rows = page["data"][0]["results"]
    assert [row["user_id"] for row in rows] == [f"user-{number:03}" for number in range(200)]
    assert {row[main] for row in rows} == {512}
