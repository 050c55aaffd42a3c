"""Costs: whole buckets, pages and cursors, and both dialects."""

import math
import time
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from contract.contract import CONTRACT, COSTS, NAMES, USAGE, error
from support.cursors import Token, read_token, write_token
from support.events import DAY, event
from support.server import Server
from support.wire import fault

PATH = COSTS["path"]
_WIDTHS = {"1m": 60, "1h": 3_600, "1d": 86_400}
RANGE: dict[str, Any] = {"start_time": DAY - 5 * 86_400 + 17, "end_time": DAY + 86_400 + 3_661}
_BUCKETS = 7


@pytest.fixture(scope="module", autouse=True)
def _stored(server: Server) -> None:
    events = [
        event(id=f"{day}-{project}", time=DAY + day * 86_400 + at, project_id=project)
        | {"model": "gpt-5.5-2026-04-23", "input_tokens": 1 << day + 5}
        for day in range(-5, 2)
        for project, at in (("proj_atlas", 0), ("proj_borealis", 86_399.999999))
    ]
    assert server.post(events).json()["accepted"] == len(events)


def _ask(server: Server, **parameters: Any) -> httpx2.Response:
    return server.http.get(PATH, params=parameters)


def _page(server: Server, **parameters: Any) -> dict[str, Any]:
    answer = _ask(server, **parameters)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def _spans(page: dict[str, Any]) -> list[tuple[int, int]]:
    return [(bucket["start_time"], bucket["end_time"]) for bucket in page["data"]]


def _row(case: str) -> dict[str, Any]:
    return {key: error(case)[key] for key in ("status", "type", "param", "code")}


@pytest.mark.parametrize("start", [DAY, DAY + 1, DAY + 59, DAY + 3_600, DAY + 86_399])
@pytest.mark.parametrize("end", [DAY + 2 * 86_400, DAY + 86_401, DAY + 86_400 + 3_600])
def test_days_are_whole_at_both_ends_of_a_range(server: Server, start: int, end: int) -> None:
    page = _page(server, start_time=start, end_time=end, group_by="project_id")
    assert _spans(page) == [(DAY, DAY + 86_400), (DAY + 86_400, DAY + 2 * 86_400)]
    # All of both days, what lies before the start and after the end as well.
    assert [[row["project_id"] for row in bucket["results"]] for bucket in page["data"]] == [
        ["proj_atlas", "proj_borealis"]
    ] * 2


@pytest.mark.parametrize(("width", "seconds"), [*_WIDTHS.items()])
def test_a_range_within_one_bucket_is_that_whole_bucket(
    server: Server, width: str, seconds: int
) -> None:
    start = DAY + 17 * 3_600 + 31 * 60 + 7
    page = _page(server, start_time=start, end_time=start + 1, bucket_width=width)
    first = start - start % seconds
    assert _spans(page) == [(first, first + seconds)]


@pytest.mark.parametrize(("width", "seconds"), [*_WIDTHS.items()])
@pytest.mark.parametrize("ahead", [None, 60, 86_400, 50 * 365 * 86_400])
def test_an_open_or_future_end_is_the_end_of_the_bucket_of_now(
    server: Server, width: str, seconds: int, ahead: int | None
) -> None:
    before = math.floor(time.time())
    asked = {} if ahead is None else {"end_time": before + ahead}
    page = _page(server, start_time=before - seconds, bucket_width=width, **asked)
    after = math.floor(time.time()) + 1
    last = _spans(page)[-1]
    # Whichever second of these it was, its bucket is the last and a whole one.
    assert last[1] - last[0] == seconds
    assert before < last[1]
    assert last[0] <= after
    assert last[1] % seconds == 0
    assert page["next_page"] is None


def test_a_start_later_today_is_in_the_future_and_one_earlier_is_today(server: Server) -> None:
    now = math.floor(time.time())
    page = _page(server, start_time=now, limit=1)
    assert page["data"][0]["start_time"] % 86_400 == 0
    assert fault(_ask(server, start_time=now + 3_600)) == _row("start_in_future")


@pytest.mark.parametrize("end", [DAY, DAY - 1, 0])
def test_a_start_that_is_not_before_the_end_is_refused_even_within_a_day(
    server: Server, end: int
) -> None:
    found = fault(_ask(server, start_time=DAY + 5, end_time=end))
    assert found == _row("start_not_before_end")


def test_the_epoch_is_the_first_day(server: Server) -> None:
    page = _page(server, start_time=0, limit=2)
    assert _spans(page) == [(0, 86_400), (86_400, 172_800)]
    assert [bucket["results"] for bucket in page["data"]] == [[], []]
    assert fault(_ask(server, start_time=-1))["param"] == "start_time"


def _walk(server: Server, **parameters: Any) -> list[dict[str, Any]]:
    """All pages, as a client gets them that looks at ``next_page`` alone."""
    pages = [_page(server, **parameters)]
    while pages[-1]["next_page"]:
        pages.append(_page(server, **parameters, page=pages[-1]["next_page"]))
    return pages


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 180])
@pytest.mark.parametrize("more", [{}, {"group_by": "line_item", "project_ids": "proj_atlas"}])
def test_pages_put_together_are_the_whole_answer(
    server: Server, limit: int, more: dict[str, Any]
) -> None:
    whole = _page(server, **RANGE, **more, limit=180)
    pages = _walk(server, **RANGE, **more, limit=limit)
    assert [bucket for page in pages for bucket in page["data"]] == whole["data"]
    rows = 2 if "group_by" in more else 1
    assert [len(bucket["results"]) for bucket in whole["data"]] == [rows] * _BUCKETS
    assert [len(page["data"]) for page in pages[:-1]] == [limit] * (len(pages) - 1)
    assert len(pages) == math.ceil(_BUCKETS / limit)
    assert [page["has_more"] for page in pages] == [True] * (len(pages) - 1) + [False]
    assert [page["next_page"] is None for page in pages] == [not page["has_more"] for page in pages]


def test_a_token_says_where_the_range_ends_as_it_was_rounded(server: Server) -> None:
    token = read_token(_page(server, **RANGE, limit=2)["next_page"])
    assert (token.end, token.resume) == (DAY + 2 * 86_400, DAY - 3 * 86_400)


def test_the_end_of_a_range_that_is_open_is_fixed_on_the_first_page(server: Server) -> None:
    asked: dict[str, Any] = {"start_time": math.floor(time.time()) - 4 * 86_400, "limit": 1}
    fixed = read_token(_page(server, **asked)["next_page"])
    # As if the first page had been asked for a day ago.
    older = fixed._replace(end=fixed.end - 86_400)
    page = _page(server, **asked | {"limit": 180}, page=write_token(older))
    assert (_spans(page)[-1][1], page["next_page"]) == (older.end, None)


def test_the_limit_may_change_from_page_to_page(server: Server) -> None:
    whole = _page(server, **RANGE, limit=180)["data"]
    first = _page(server, **RANGE, limit=2)
    second = _page(server, **RANGE, page=first["next_page"])
    assert first["data"] + second["data"] == whole


def test_a_token_is_for_what_a_query_asks_and_not_for_how_it_is_written(server: Server) -> None:
    one: dict[str, Any] = {**RANGE, "group_by": "project_id,user_id", "project_ids": "a,b"}
    one |= {"limit": 1, "tags[team]": "x"}
    two: dict[str, Any] = {
        "start_time": RANGE["start_time"] + 3_600,
        "end_time": RANGE["end_time"],
        "limit": 1,
        "group_by[]": ["user_id", "project_id"],
        "project_ids[]": ["b", "a", "b"],
        "tags[team][]": ["x", "x"],
    }
    text = _page(server, **one)["next_page"]
    assert _page(server, **two, page=text) == _page(server, **one, page=text)


@pytest.mark.parametrize(
    "changed",
    [
        {"bucket_width": "1h"},
        {"start_time": RANGE["start_time"] - 86_400},
        {"group_by": "line_item"},
        {"group_by": "tag:team"},
        {"project_ids": "proj_atlas"},
        {"line_items": "x, input"},
        {"providers": "openai"},
        {"currencies": "usd"},
        {"tags[team]": "search"},
        {"models": "gpt-5.5-2026-04-23"},
        {"batch": "false"},
    ],
    ids=str,
)
def test_a_token_of_another_query_is_refused(server: Server, changed: dict[str, Any]) -> None:
    text = _page(server, **RANGE, limit=1)["next_page"]
    found = fault(_ask(server, **(RANGE | changed), limit=1, page=text))
    assert found == _row("page_of_other_query")


@pytest.mark.parametrize("name", NAMES)
def test_a_token_of_usage_is_none_of_costs_and_the_other_way_round(
    server: Server, name: str
) -> None:
    asked = {"start_time": DAY - 3 * 86_400, "end_time": DAY, "limit": 1}
    ours = _page(server, **asked)["next_page"]
    theirs = server.http.get(USAGE[name]["path"], params=asked).json()["next_page"]
    assert fault(_ask(server, **asked, page=theirs)) == _row("page_of_other_query")
    swapped = server.http.get(USAGE[name]["path"], params={**asked, "page": ours})
    assert fault(swapped) == _row("page_of_other_query")


_FORGERIES: dict[str, dict[str, Any]] = {
    "resume at the start": {"resume": DAY - 5 * 86_400},
    "resume at the end": {"resume": DAY + 2 * 86_400},
    "resume off a boundary": {"resume": DAY + 3_600},
    "negative resume": {"resume": -86_400},
    "largest resume": {"resume": 2**63 - 1},
    "end off a boundary": {"end": DAY + 3_600},
    "end in the future": {"end": 4_102_444_800},
    "largest end": {"end": 2**63 - 1},
    "end before the start": {"end": 0},
}


@pytest.mark.parametrize("forgery", _FORGERIES)
def test_a_forged_token_is_refused(server: Server, forgery: str) -> None:
    token: Token = read_token(_page(server, **RANGE, limit=1)["next_page"])
    forged = write_token(token._replace(**_FORGERIES[forgery]))
    assert fault(_ask(server, **RANGE, limit=1, page=forged)) == _row("page_invalid")


_LEGACY = CONTRACT["legacy"]
_AGENT = {"User-Agent": f"{_LEGACY['user_agent_prefix']}1.1.1-pre.0/python"}
_LEGACY_PATH = f"{_LEGACY['path_prefix']}{PATH.removeprefix('/v1')}"
_WAYS: dict[str, Callable[[Server, dict[str, Any]], httpx2.Response]] = {
    "path": lambda server, asked: server.http.get(_LEGACY_PATH, params=asked),
    "user agent": lambda server, asked: server.http.get(PATH, params=asked, headers=_AGENT),
    "both": lambda server, asked: server.http.get(_LEGACY_PATH, params=asked, headers=_AGENT),
}


@pytest.mark.parametrize("way", _WAYS)
@pytest.mark.parametrize("more", [{}, {"group_by": "project_id,line_item"}, {"limit": 2}], ids=str)
def test_a_legacy_page_is_the_current_one_with_result_beside_results(
    server: Server, more: dict[str, Any], way: str
) -> None:
    current = _page(server, **RANGE, **more)
    answer = _WAYS[way](server, {**RANGE, **more})
    assert answer.json() == current | {
        "data": [bucket | {"result": bucket["results"]} for bucket in current["data"]],
        "next_page": current["next_page"] or "",
    }
    assert current["data"][0]["results"] != []
    assert answer.headers["tallybook-unpriced-events"] == "0"


@pytest.mark.parametrize("way", _WAYS)
def test_a_legacy_client_walks_the_pages_and_may_send_the_last_empty_token_on(
    server: Server, way: str
) -> None:
    token, starts = "", []
    for _ in range(4):
        page = _WAYS[way](server, {**RANGE, "limit": 2, "page": token}).json()
        starts += [bucket["start_time"] for bucket in page["data"]]
        token = page["next_page"]
    assert starts == [DAY + day * 86_400 for day in range(-5, 2)]
    assert (page["has_more"], token) == (False, "")


@pytest.mark.parametrize("agent", ["OpenAI/Python 3.54.0", "", "Mozilla/5.0 OpenAPI-Generator/1.0"])
def test_any_other_client_gets_no_legacy_key(server: Server, agent: str) -> None:
    page = server.http.get(PATH, params=RANGE, headers={"User-Agent": agent}).json()
    keys = {key for bucket in page["data"] for key in bucket}
    assert keys == {"object", "start_time", "end_time", "results"}
    assert page["next_page"] is None
