"""Costs: every row of the error table, and what is refused by name."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from contract.contract import CONTRACT, COSTS, SCALARS, error
from support.events import DAY
from support.server import ADMIN_KEY, INGEST_KEY, Server
from support.wire import fault, refusal

PATH = COSTS["path"]

_PROVOKED: dict[str, str] = {
    "start_time_missing": "",
    "start_time_not_integer": "start_time=2026-10-01",
    "end_time_not_integer": f"start_time={DAY}&end_time=tomorrow",
    "limit_not_integer": f"start_time={DAY}&limit=many",
    "bucket_width_invalid": f"start_time={DAY}&bucket_width=1w2",
    "group_by_invalid": f"start_time={DAY}&group_by[]=nonsense",
    "limit_above_max": f"start_time={DAY}&limit=181",
    "limit_below_min": f"start_time={DAY}&limit=0",
    "start_not_before_end": f"start_time={DAY}&end_time={DAY}",
    "start_in_future": "start_time=4102444800",
    "page_invalid": f"start_time={DAY}&page=page_nonsense",
    "page_of_other_query": f"start_time={DAY}&page=page_AAAAAGq-S0D7ow-EAAAAAGq-PTA",
}
# Costs take the filters of every endpoint; the rest is provoked below or not from outside.
_OTHERS = {
    "no_authorization",
    "unknown_key",
    "missing_scope",
    "unknown_path",
    "foreign_filter",
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


def _ask(server: Server, **parameters: Any) -> httpx2.Response:
    return server.http.get(PATH, params={"start_time": DAY, **parameters})


def test_every_row_of_the_error_table_is_thought_of() -> None:
    assert {row["case"] for row in CONTRACT["errors"]} == {*_PROVOKED, *_OTHERS}


@pytest.mark.parametrize("prefix", [PATH, f"{CONTRACT['legacy']['path_prefix']}{PATH[3:]}"])
@pytest.mark.parametrize("case", _PROVOKED)
def test_a_bad_parameter_is_refused_with_its_row_of_the_table(
    server: Server, case: str, prefix: str
) -> None:
    assert fault(server.http.get(f"{prefix}?{_PROVOKED[case]}")) == _row(case)


def test_a_limit_above_the_maximum_is_told_with_the_ceiling(server: Server) -> None:
    assert _ask(server, limit=366).json() == {
        "error": {
            "message": "limit is 366, but at most 180 buckets of width 1d can be returned.",
            "type": "invalid_request_error",
            "param": "limit",
            "code": "integer_above_max_value",
        }
    }


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Basic dXNlcjpwdw==", ADMIN_KEY])
def test_without_a_bearer_key_a_request_is_refused(
    stranger: httpx2.Client, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = stranger.get(f"{PATH}?start_time={DAY}", headers=headers)
    assert fault(answer) == _row("no_authorization")


def test_an_unknown_key_is_refused(stranger: httpx2.Client) -> None:
    headers = {"Authorization": "Bearer sk-admin-0123456789abcdefghijklmnopqrstuv"}
    assert fault(stranger.get(f"{PATH}?start_time={DAY}", headers=headers)) == _row("unknown_key")


def test_a_key_without_the_usage_scope_is_refused_in_the_words_that_clients_look_for(
    stranger: httpx2.Client,
) -> None:
    headers = {"Authorization": f"Bearer {INGEST_KEY}"}
    answer = stranger.get(f"{PATH}?start_time={DAY}", headers=headers)
    assert fault(answer) == _row("missing_scope")
    message = answer.json()["error"]["message"]
    for phrase in CONTRACT["missing_scope_message_contains"]:
        assert phrase in message


def test_the_key_is_checked_before_the_parameters(server: Server, stranger: httpx2.Client) -> None:
    bad = f"{PATH}?start_time=abc&limit=0"
    assert fault(stranger.get(bad)) == _row("no_authorization")
    assert fault(server.http.get(bad)) == _row("start_time_not_integer")


@pytest.mark.parametrize("path", [f"{PATH}/", f"{PATH}/x", "/v1/costs", f"{PATH[3:]}"])
def test_a_path_beside_costs_is_404(server: Server, path: str) -> None:
    assert fault(server.http.get(path, params={"start_time": DAY})) == _row("unknown_path")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_another_method_is_405(server: Server, stranger: httpx2.Client, method: str) -> None:
    for client in (server.http, stranger):
        answer = client.request(method, PATH)
        assert fault(answer) == refusal(None, None, 405)
        assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize("text", ["2026-10-01", "1.0", "1e9", "1_000", "0x10", "true", "१२", "--1"])
@pytest.mark.parametrize("name", ["start_time", "end_time", "limit"])
def test_what_is_not_an_integer_is_refused_by_name(server: Server, name: str, text: str) -> None:
    assert fault(_ask(server, **{name: text})) == _row(f"{name}_not_integer")


@pytest.mark.parametrize("name", [*SCALARS, "batch"])
@pytest.mark.parametrize("brackets", ["[]", "[0]", "[a]"])
def test_brackets_on_a_scalar_are_refused(server: Server, name: str, brackets: str) -> None:
    value = {"bucket_width": "1d", "batch": "true", "page": "page_x"}.get(name, "5")
    found = fault(_ask(server, **{name + brackets: value}))
    assert (found["status"], found["param"]) == (400, name)


@pytest.mark.parametrize("name", SCALARS[1:])
def test_an_empty_scalar_means_an_absent_one(server: Server, name: str) -> None:
    asked = {"end_time": DAY + 20 * 86_400} if name != "end_time" else {}
    empty, plain = _ask(server, **{**asked, name: ""}), _ask(server, **asked)
    assert empty.status_code == 200
    assert empty.json()["data"] == plain.json()["data"]


def test_a_parameter_that_no_endpoint_has_is_passed_over(server: Server) -> None:
    odd = {"colour": "red", "x[]": "1", "y[0]": "2", "api_version": "", "модель": "x", "[]": "1"}
    plain = _ask(server, limit=2).json()["data"]
    assert _ask(server, limit=2, **odd).json()["data"] == plain


@pytest.mark.parametrize("query", ["start_time=%FF", "start_time=5&line_items=%C3%28"])
def test_a_query_string_that_is_not_utf_8_is_refused(server: Server, query: str) -> None:
    assert fault(server.http.get(f"{PATH}?{query}"))["status"] == 400
