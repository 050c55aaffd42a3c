"""The legacy dialect: how it is chosen, and exactly what differs from the current one."""

from typing import Any

import httpx2
import pytest

from contract.contract import CONTRACT, NAMES, USAGE
from support.events import DAY, event
from support.server import Server
from support.wire import fault

_LEGACY = CONTRACT["legacy"]
_OLD_AGENT = f"{_LEGACY['user_agent_prefix']}1.1.1-pre.0/python"
RANGE = f"start_time={DAY}&end_time={DAY + 3 * 86_400}"


@pytest.fixture(scope="module", autouse=True)
def _stored(server: Server) -> None:
    events = [
        event(name, id=f"{name}-{project}", time=DAY + 60, project_id=project)
        for name in NAMES
        for project in ("proj_atlas", "proj_borealis")
    ]
    sessions = {"id": "more-sessions", "num_sessions": 12, "time": DAY + 7 * 86_400}
    events.append(event("code_interpreter_sessions", **sessions))
    assert server.post(events).json()["accepted"] == len(events)


def _by_path(server: Server, path: str, query: str) -> httpx2.Response:
    prefix: str = _LEGACY["path_prefix"]
    return server.http.get(f"{prefix}{path.removeprefix('/v1')}?{query}")


def _by_agent(server: Server, path: str, query: str) -> httpx2.Response:
    return server.http.get(f"{path}?{query}", headers={"User-Agent": _OLD_AGENT})


def _both_ways(server: Server, path: str, query: str) -> httpx2.Response:
    prefix: str = _LEGACY["path_prefix"]
    return server.http.get(
        f"{prefix}{path.removeprefix('/v1')}?{query}", headers={"User-Agent": _OLD_AGENT}
    )


_WAYS = {"path": _by_path, "user agent": _by_agent, "both": _both_ways}


def _in_legacy(page: dict[str, Any]) -> dict[str, Any]:
    """A current page with what the contract says that the legacy dialect adds."""
    doubled: dict[str, str] = _LEGACY["field_duplicates"]
    buckets = []
    for bucket in page["data"]:
        rows = [
            row | {old: row[new] for new, old in doubled.items() if new in row}
            for row in bucket["results"]
        ]
        copies = dict.fromkeys(_LEGACY["bucket_duplicate_key"].values(), rows)
        buckets.append(bucket | {"results": rows} | copies)
    token = _LEGACY["next_page_when_null"] if page["next_page"] is None else page["next_page"]
    return page | {"data": buckets, "next_page": token}


@pytest.mark.parametrize("way", _WAYS)
@pytest.mark.parametrize("query", [f"{RANGE}&group_by=project_id", RANGE, f"{RANGE}&limit=1"])
@pytest.mark.parametrize("name", NAMES)
def test_a_legacy_page_is_the_current_one_with_the_old_names_beside_the_new(
    server: Server, name: str, query: str, way: str
) -> None:
    path = USAGE[name]["path"]
    current = server.http.get(f"{path}?{query}").json()
    assert current["data"][0]["results"] != []
    assert _WAYS[way](server, path, query).json() == _in_legacy(current)


@pytest.mark.parametrize("way", _WAYS)
def test_the_published_legacy_page_is_answered(server: Server, way: str) -> None:
    row = {
        "object": "organization.usage.code_interpreter_sessions.result",
        "num_sessions": 12,
        "project_id": None,
        "sessions": 12,
    }
    start = DAY + 7 * 86_400
    query = f"start_time={start}&end_time={start + 86_400}"
    answer = _WAYS[way](server, USAGE["code_interpreter_sessions"]["path"], query)
    assert answer.json() == {
        "object": "page",
        "data": [
            {
                "object": "bucket",
                "start_time": start,
                "end_time": start + 86_400,
                "results": [row],
                "result": [row],
            }
        ],
        "has_more": False,
        "next_page": "",
    }


@pytest.mark.parametrize("way", _WAYS)
def test_a_legacy_client_walks_the_pages_and_may_send_the_last_empty_token_on(
    server: Server, way: str
) -> None:
    path = USAGE["completions"]["path"]
    ask = _WAYS[way]
    token, starts = "", []
    for _ in range(3):
        page = ask(server, path, f"{RANGE}&limit=1&page={token}").json()
        starts += [bucket["start_time"] for bucket in page["data"]]
        token = page["next_page"]
    assert starts == [DAY, DAY + 86_400, DAY + 2 * 86_400]
    assert (page["has_more"], token) == (False, "")
    again = ask(server, path, f"{RANGE}&limit=1&page={token}").json()
    assert again["data"][0]["start_time"] == DAY


@pytest.mark.parametrize("way", _WAYS)
@pytest.mark.parametrize(
    "query", ["", "start_time=x", f"{RANGE}&limit=99", f"{RANGE}&line_items=a"]
)
def test_errors_are_the_same_in_both_dialects(server: Server, query: str, way: str) -> None:
    path = USAGE["completions"]["path"]
    current, legacy = server.http.get(f"{path}?{query}"), _WAYS[way](server, path, query)
    assert fault(legacy) == fault(current)
    assert legacy.json() == current.json()


@pytest.mark.parametrize(
    "agent",
    [
        "OpenAI/Python 3.54.0",
        "curl/8.5.0",
        "",
        "Mozilla/5.0 OpenAPI-Generator/1.0",
        "openapi-generator",
    ],
)
@pytest.mark.parametrize("name", NAMES)
def test_any_other_client_gets_no_legacy_key(server: Server, name: str, agent: str) -> None:
    path = f"{USAGE[name]['path']}?{RANGE}"
    page = server.http.get(path, headers={"User-Agent": agent}).json()
    keys = {key for bucket in page["data"] for key in bucket}
    assert keys == {"object", "start_time", "end_time", "results"}
    assert page["next_page"] is None
    for row in page["data"][0]["results"]:
        assert not {*_LEGACY["field_duplicates"].values()} & {*row}


@pytest.mark.parametrize("agent", [_OLD_AGENT, "OpenAPI-Generator/2.0.0/go", "OpenAPI-Generator/"])
def test_any_client_of_the_old_family_gets_the_legacy_dialect(server: Server, agent: str) -> None:
    path = f"{USAGE['embeddings']['path']}?{RANGE}"
    page = server.http.get(path, headers={"User-Agent": agent}).json()
    assert all(bucket["result"] == bucket["results"] for bucket in page["data"])
    assert page["next_page"] == ""
