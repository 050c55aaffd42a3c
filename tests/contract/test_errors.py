"""Every row of the error table, and the order in which a request is checked."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from contract.contract import CONTRACT, NAMES, USAGE, error
from support.events import DAY, event
from support.server import ADMIN_KEY, INGEST_KEY, Server
from support.wire import fault, refusal

COMPLETIONS = USAGE["completions"]["path"]
_LEGACY = CONTRACT["legacy"]["path_prefix"]

# Requests that the table's rows are about; what is not here has a test of its own below.
_PROVOKED: dict[str, str] = {
    "start_time_missing": "",
    "start_time_not_integer": "start_time=2026-10-01",
    "end_time_not_integer": f"start_time={DAY}&end_time=tomorrow",
    "limit_not_integer": f"start_time={DAY}&limit=many",
    "bucket_width_invalid": f"start_time={DAY}&bucket_width=1w2",
    "group_by_invalid": f"start_time={DAY}&group_by[]=line_item",
    "limit_above_max": f"start_time={DAY}&limit=32",
    "limit_below_min": f"start_time={DAY}&limit=0",
    "start_not_before_end": f"start_time={DAY}&end_time={DAY}",
    "start_in_future": "start_time=4102444800",
    "page_invalid": f"start_time={DAY}&page=page_nonsense",
    "page_of_other_query": f"start_time={DAY}&page=page_AAAAAGq-S0D7ow-EAAAAAGq-PTA",
    "foreign_filter": f"start_time={DAY}&line_items=x",
}
# The last two cannot be provoked from outside: ``test_defects.py``.
_OTHERS = {
    "no_authorization",
    "unknown_key",
    "missing_scope",
    "unknown_path",
    "rate_limited",
    "server_fault",
}


def _row(case: str) -> dict[str, Any]:
    return {key: error(case)[key] for key in ("status", "type", "param", "code")}


@pytest.fixture(scope="module")
def stranger(server: Server) -> Iterator[httpx2.Client]:
    """A client without a key."""
    with httpx2.Client(base_url=server.address, timeout=60, trust_env=False) as client:
        yield client


def _with_key(client: httpx2.Client, path: str, authorization: str) -> httpx2.Response:
    return client.get(path, headers={"Authorization": authorization})


def test_every_row_of_the_error_table_is_tested() -> None:
    assert {row["case"] for row in CONTRACT["errors"]} == {*_PROVOKED, *_OTHERS}


@pytest.mark.parametrize("case", _PROVOKED)
@pytest.mark.parametrize("name", NAMES)
def test_a_bad_parameter_is_refused_with_its_row_of_the_table(
    server: Server, name: str, case: str
) -> None:
    answer = server.http.get(f"{USAGE[name]['path']}?{_PROVOKED[case]}")
    wanted = _row(case)
    assert fault(answer) == wanted | ({"param": "line_items"} if case == "foreign_filter" else {})


def test_the_published_error_is_answered_word_for_word(server: Server) -> None:
    answer = server.usage("completions", start_time=DAY, bucket_width="1d", limit=40)
    assert answer.status_code == 400
    assert answer.json() == {
        "error": {
            "message": "limit is 40, but at most 31 buckets of width 1d can be returned.",
            "type": "invalid_request_error",
            "param": "limit",
            "code": "integer_above_max_value",
        }
    }


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Basic dXNlcjpwdw==", ADMIN_KEY])
@pytest.mark.parametrize("name", NAMES)
def test_without_a_bearer_key_a_request_is_refused(
    stranger: httpx2.Client, name: str, authorization: str | None
) -> None:
    path = f"{USAGE[name]['path']}?start_time={DAY}"
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = stranger.get(path, headers=headers)
    assert fault(answer) == _row("no_authorization")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("prefix", ["sk-admin-", "sk-ingest-", "sk-proj-", "sk-", ""])
@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_key_is_refused_and_shown_masked(
    stranger: httpx2.Client, name: str, prefix: str
) -> None:
    key = f"{prefix}0123456789abcdefghijklmnopqrstuv"
    answer = _with_key(stranger, f"{USAGE[name]['path']}?start_time={DAY}", f"Bearer {key}")
    assert fault(answer) == _row("unknown_key")
    message = answer.json()["error"]["message"]
    assert "****" in message
    assert "0123456789" not in message


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_admin_key_opens_the_usage_endpoints(stranger: httpx2.Client, scheme: str) -> None:
    answer = _with_key(stranger, f"{COMPLETIONS}?start_time={DAY}", f"{scheme} {ADMIN_KEY}")
    assert answer.status_code == 200


@pytest.mark.parametrize("name", NAMES)
def test_a_key_without_the_usage_scope_is_refused_in_the_words_that_clients_look_for(
    stranger: httpx2.Client, name: str
) -> None:
    path = f"{USAGE[name]['path']}?start_time={DAY}"
    answer = _with_key(stranger, path, f"Bearer {INGEST_KEY}")
    assert fault(answer) == _row("missing_scope")
    message = answer.json()["error"]["message"]
    for phrase in CONTRACT["missing_scope_message_contains"]:
        assert phrase in message


def test_an_ingest_key_may_post_events_and_nobody_may_without_a_key(
    stranger: httpx2.Client,
) -> None:
    sent = event(id="by-ingest-key")
    headers = {"Authorization": f"Bearer {INGEST_KEY}"}
    assert stranger.post("/v1/events", json=sent, headers=headers).json()["accepted"] == 1
    assert fault(stranger.post("/v1/events", json=sent)) == _row("no_authorization")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/organization/usage/nonsense",
        "/v1/organization/usage/",
        "/v1/organization/usage",
        "/v1/organization/nonsense",
        "/v1/",
        "/v1",
        "/v1/chat/completions",
        f"{COMPLETIONS}/",
        f"{COMPLETIONS}/x",
        "/v1//organization/usage/completions",
        "/V1/organization/usage/completions",
        "/organization/usage/completions",
        f"{_LEGACY}/organization/usage/nonsense",
        "/compat/2.2.0/v1/organization/usage/completions",
    ],
)
def test_an_unknown_path_is_404_whoever_asks(
    server: Server, stranger: httpx2.Client, path: str
) -> None:
    for client in (server.http, stranger):
        assert fault(client.get(path, params={"start_time": DAY})) == _row("unknown_path")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("name", NAMES)
def test_another_method_is_405_whoever_asks(
    server: Server, stranger: httpx2.Client, name: str, method: str
) -> None:
    for client in (server.http, stranger):
        answer = client.request(method, USAGE[name]["path"])
        assert fault(answer) == refusal(None, None, 405)
        assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/v1/events", "/v1/prices/repricings"])
def test_a_path_with_two_methods_allows_both(server: Server, path: str, method: str) -> None:
    answer = server.http.request(method, path)
    assert fault(answer) == refusal(None, None, 405)
    assert answer.headers["allow"] == "GET, HEAD, POST"


def test_the_route_is_checked_before_the_key_the_key_before_the_scope_and_that_before_parameters(
    server: Server, stranger: httpx2.Client
) -> None:
    bad = "?start_time=abc&limit=0"
    unknown, ingest = "Bearer sk-admin-unknown", f"Bearer {INGEST_KEY}"
    found = [
        fault(_with_key(stranger, f"/v1/nowhere{bad}", unknown)),
        fault(stranger.post(f"{COMPLETIONS}{bad}", headers={"Authorization": unknown})),
        fault(stranger.get(f"{COMPLETIONS}{bad}")),
        fault(_with_key(stranger, f"{COMPLETIONS}{bad}", unknown)),
        fault(_with_key(stranger, f"{COMPLETIONS}{bad}", ingest)),
        fault(server.http.get(f"{COMPLETIONS}{bad}")),
    ]
    assert found == [
        _row("unknown_path"),
        refusal(None, None, 405),
        _row("no_authorization"),
        _row("unknown_key"),
        _row("missing_scope"),
        _row("start_time_not_integer"),
    ]
