"""Paths that are not what they seem: each is a route with its own check, or no path at all."""

import http.client
import json
from urllib.parse import quote

import pytest

from support.access_table import ROWS
from support.attacked import BOUND, FOREIGN, OWN, Attacked
from support.events import DAY
from support.wire import fault, refusal

RANGE = f"start_time={DAY}&end_time={DAY + 86_400}"
CARDS = "/v1/prices/cards"

# What one might hope to be read as the path of the rate cards of all, which are closed to a
# bound key, by whoever checks keys or by nobody.
DISGUISES = (
    "//v1/prices/cards",
    "/v1//prices/cards",
    "/v1/prices/cards/",
    "/v1/prices/cards//",
    "/v1/./prices/cards",
    "/v1/prices/../prices/cards",
    "/healthz/../v1/prices/cards",
    "/docs/..%2fv1/prices/cards",
    "/v1/prices%2fcards",
    "/v1%2Fprices%2Fcards",
    "/v1/prices/%63ards",
    "/v1/prices/%2563ards",
    "/v1/prices/cards%00",
    "/v1/prices/cards%20",
    "/v1/prices/cards%0d%0ax:%20y",
    "/v1/prices/cards;x=y",
    "/v1/prices/cards/.",
    "/v1/prices/cards.json",
    "/V1/Prices/Cards",
    "/v1/prices\\cards",
    "/v1/prices/cards%23",
    "/v1/prices/cards%3f",
    "/compat/2.3.0/v1/../../../v1/prices/cards",
    "/compat/2.3.0/v1/prices/cards",
    "/v1/prices/c%C0%AErds",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/..%5c..%5cetc%5cpasswd",
)
# Of a route whose path has an id in it: none of these is the id of something else.
TRICKS = (
    "..", "../..", "..%2f..", "%2e%2e%2f", ".", "%00", "%2f", "proj_own%2f..%2fproj_foreign",
    "proj_own/../proj_foreign", "*", "%25", "proj_own;proj_foreign", "proj_own%00proj_foreign",
    "proj_own%2fapi_keys", "' OR '1'='1", "null", "-1", "x" * 5_000,
)  # fmt: skip


def raw(
    target: Attacked, path: str, method: str = "GET", key: str | None = BOUND.secret
) -> tuple[int, str]:
    """A request for exactly that path, which clients would tidy up; its status and its body."""
    connection = http.client.HTTPConnection("127.0.0.1", target.admin.base_url.port, timeout=60)
    try:
        connection.putrequest(method, path, skip_host=False, skip_accept_encoding=True)
        if key is not None:
            connection.putheader("Authorization", f"Bearer {key}")
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize("path", DISGUISES)
def test_a_closed_route_is_closed_under_every_name(target: Attacked, path: str) -> None:
    status, body = raw(target, path)
    # Either it is that route, which says why it is closed, or it is none.
    assert (status, json.loads(body)["error"]["code"]) in (
        (401, "project_bound_key"),
        (404, None),
    )
    status, body = raw(target, path, key=None)
    assert status in (401, 404)
    assert "www-authenticate" not in body


def test_the_same_route_by_its_escaped_letters_is_the_same_route(target: Attacked) -> None:
    plain = raw(target, f"/v1/organization/usage/completions?{RANGE}")
    assert plain[0] == 200
    assert raw(target, f"/v1/organization/usage/%63ompletions?{RANGE}") == plain
    assert raw(target, f"/v1/organization/usage/%63ompletions?{RANGE}", key=None)[0] == 401


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "GETX"])
def test_other_methods_of_a_closed_route_open_nothing(target: Attacked, method: str) -> None:
    status, body = raw(target, CARDS, method)
    assert status in (400, 405)
    assert "rate_card" not in body


@pytest.mark.parametrize(
    "zone",
    [
        "../../../etc/passwd", "/etc/passwd", "Europe/../Europe/Paris", "Europe\\Paris",
        "posixrules", "UTC\0", "localtime", "file:///etc/localtime", "Europe/Paris/",
    ],
)  # fmt: skip
def test_a_zone_is_a_name_and_no_file(target: Attacked, zone: str) -> None:
    for path in ("/v1/organization/costs", "/v1/organization/usage/completions"):
        answer = target.bound.get(path, params={"start_time": DAY, "timezone": zone})
        assert fault(answer) == refusal("timezone", "invalid_value")


@pytest.mark.parametrize("event_id", ["../req-own", "%2e%2e", "*", "req-%", ".", "x" * 5_000])
def test_an_event_is_found_by_its_whole_id(target: Attacked, event_id: str) -> None:
    answer = target.admin.get("/v1/prices/explanation", params={"event_id": event_id})
    assert fault(answer) == refusal("event_id", "unknown_event", 404)


@pytest.mark.parametrize("trick", TRICKS)
def test_an_id_in_a_path_is_one_id(target: Attacked, trick: str) -> None:
    for row in ROWS:
        before, brace, rest = row.path.partition("{")
        if not brace or row.method != "GET":
            continue
        # The placeholder that is tried, and those after it as they are called.
        path = before + quote(trick, safe="/%.*;'") + rest.partition("}")[2]
        status, body = raw(target, path.replace("{", "").replace("}", ""))
        assert status in (400, 401, 404, 414), (row.path, body)
        assert FOREIGN not in body or OWN in trick
