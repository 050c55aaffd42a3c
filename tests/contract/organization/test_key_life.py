"""A key's life: made, used, told about, expired, revoked; and what it may hand on."""

from typing import Any

import httpx2
import pytest

from contract.organization.conftest import House
from support.events import DAY, event
from support.wire import fault, refusal

BASE = "/v1/organization"
KEYS = f"{BASE}/admin_api_keys"


def made(http: httpx2.Client, path: str = KEYS, **body: Any) -> dict[str, Any]:
    answer = http.post(path, json={"name": "ci", **body})
    assert answer.status_code == 200, answer.text
    # The one answer with the secret is kept by nobody on the way.
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = answer.json()
    return found


def test_a_key_is_good_until_it_expires(house: House) -> None:
    key = made(house.http, expires_in_seconds=60)
    with house.with_key(key["value"]) as client:
        house.now += 59.9
        assert client.get(f"{BASE}/projects").status_code == 200
        house.now += 0.1
        assert fault(client.get(f"{BASE}/projects")) == refusal(None, "invalid_api_key", 401)
    # It is over, and still listed: people look for why something stopped.
    assert house.http.get(f"{KEYS}/{key['id']}").json()["expires_at"] == int(house.now)


def test_a_key_that_is_deleted_stops_at_once_also_by_its_own_request(house: House) -> None:
    key = made(house.http)
    with house.with_key(key["value"]) as client:
        answer = client.delete(f"{KEYS}/{key['id']}")
        assert answer.json() == {
            "object": "organization.admin_api_key.deleted",
            "id": key["id"],
            "deleted": True,
        }
        assert fault(client.get(f"{BASE}/projects")) == refusal(None, "invalid_api_key", 401)
    # The last key of the organization: what remains here is that of the setting.
    assert house.http.get(KEYS).json()["data"] == []


def test_when_a_key_was_used_last_is_real(house: House) -> None:
    key = made(house.http)
    assert "last_used_at" not in house.http.get(f"{KEYS}/{key['id']}").json()
    with house.with_key(key["value"]) as client:
        for later in (10.5, 20.5):
            house.now += later
            assert client.get(f"{BASE}/users").status_code == 200
            house.keys.write_back()
            shown = house.http.get(f"{KEYS}/{key['id']}").json()
            assert shown["last_used_at"] == int(house.now)


def test_a_secret_is_in_one_answer_alone(house: House) -> None:
    key = made(house.http)
    project = house.http.post(f"{BASE}/projects", json={"name": "A"}).json()["id"]
    account = made(house.http, f"{BASE}/projects/{project}/service_accounts")
    path = f"{BASE}/projects/{project}/service_accounts/{account['id']}/api_keys"
    secrets = (key["value"], account["api_key"]["value"], made(house.http, path)["value"])
    assert len({*secrets}) == 3
    for asked in (
        KEYS,
        f"{KEYS}/{key['id']}",
        f"{BASE}/projects/{project}/api_keys",
        f"{BASE}/projects/{project}/service_accounts/{account['id']}",
        f"{BASE}/audit_logs?include[]=changes",
    ):
        text = house.http.get(asked).text
        assert text
        for secret in secrets:
            assert secret not in text
            assert secret.removeprefix("sk-admin-").removeprefix("sk-svcacct-") not in text


def test_what_a_key_may_do_is_told_when_it_is_asked_for(house: House) -> None:
    house.http.post(f"{BASE}/projects", json={"name": "A", "id": "proj_a"})
    wish: dict[str, Any] = {
        "scopes": ["api.usage.write", "api.usage.read"],
        "project_ids": ["proj_a", "proj_a"],
        "requests_per_minute_max": 90,
    }
    key = made(house.http, **wish)
    access = {
        "scopes": ["api.usage.read", "api.usage.write"],
        "project_ids": ["proj_a"],
        "requests_per_minute_max": 90,
    }
    assert not access.keys() & key.keys()
    plain = house.http.get(f"{KEYS}/{key['id']}").json()
    assert not access.keys() & plain.keys()
    for path in (f"{KEYS}/{key['id']}", KEYS):
        found = house.http.get(f"{path}?include[]=access").json()
        assert (found["data"][0] if "data" in found else found) == plain | access
    path = f"{KEYS}/{key['id']}?include[]=access"
    changed = house.http.post(path, json={"name": "cd", "requests_per_minute_max": None}).json()
    assert changed == plain | access | {"name": "cd", "requests_per_minute_max": None}
    assert house.http.post(path, json={}).json() == changed


def test_revoked_keys_are_listed_where_they_are_asked_for(house: House) -> None:
    http = house.http
    http.post(f"{BASE}/projects", json={"name": "A", "id": "proj_a"})
    theirs = f"{BASE}/projects/proj_a/api_keys"
    http.post(theirs, json={"id": "key_theirs", "name": "theirs"})
    for path, key_id in ((KEYS, made(http)["id"]), (theirs, "key_theirs")):
        before = http.get(f"{path}?include[]=revoked").json()["data"]
        assert before[-1]["id"] == key_id
        assert {key["revoked_at"] for key in before} == {None}
        http.delete(f"{path}/{key_id}")
        plain = http.get(path).json()["data"]
        assert [key["id"] for key in plain] == [key["id"] for key in before[:-1]]
        assert all("revoked_at" not in key for key in plain)
        after = http.get(f"{path}?include[]=revoked").json()["data"]
        assert [key["id"] for key in after] == [key["id"] for key in before]
        assert after[-1]["revoked_at"] is not None


def test_without_scopes_a_key_has_those_of_whoever_makes_it(house: House) -> None:
    scopes = ["api.usage.read", "api.organization.write"]
    first = made(house.http, scopes=scopes)
    with house.with_key(first["value"]) as client:
        second = made(client)
    found = house.http.get(f"{KEYS}/{second['id']}?include[]=access").json()
    assert found["scopes"] == scopes


@pytest.mark.parametrize(
    ("path", "body", "lacks"),
    [
        (KEYS, {"name": "a", "scopes": ["api.usage.read"]}, "api.usage.read"),
        (
            KEYS,
            {"name": "a", "scopes": ["api.organization.write", "api.prices.write"]},
            "api.prices.write",
        ),
        (f"{BASE}/projects/proj_a/service_accounts", {"name": "a"}, "api.usage.write"),
    ],
)
def test_a_key_hands_on_no_more_than_it_has(
    house: House, path: str, body: dict[str, Any], lacks: str
) -> None:
    house.http.post(f"{BASE}/projects", json={"name": "A", "id": "proj_a"})
    weak = made(house.http, scopes=["api.organization.write"])
    before = house.http.get(f"{BASE}/audit_logs").json()
    with house.with_key(weak["value"]) as client:
        answer = client.post(path, json=body)
    assert fault(answer) == refusal(None, None, 401)
    assert answer.json()["error"]["message"].endswith(f"Missing scopes: {lacks}.")
    assert house.http.get(f"{BASE}/audit_logs").json() == before


def test_a_service_accounts_key_sends_the_events_of_its_project_and_no_more(house: House) -> None:
    house.http.post(f"{BASE}/projects", json={"name": "A", "id": "proj_a"})
    account = made(house.http, f"{BASE}/projects/proj_a/service_accounts")
    usage = f"{BASE}/usage/completions?start_time={DAY}&group_by=project_id"
    with house.with_key(account["api_key"]["value"]) as client:
        assert client.post("/v1/events", json=event()).json()["accepted"] == 1
        assert fault(client.get(usage)) == refusal(None, None, 401)
        assert fault(client.get(f"{BASE}/projects")) == refusal(None, None, 401)
    rows = house.http.get(usage).json()["data"][0]["results"]
    assert [row["project_id"] for row in rows] == ["proj_a"]


def test_archiving_a_project_ends_its_keys_and_erasing_nothing_of_its_sums(house: House) -> None:
    house.http.post(f"{BASE}/projects", json={"name": "A", "id": "proj_a"})
    account = made(house.http, f"{BASE}/projects/proj_a/service_accounts")
    with house.with_key(account["api_key"]["value"]) as client:
        assert client.post("/v1/events", json=event()).status_code == 200
        assert house.http.post(f"{BASE}/projects/proj_a/archive").status_code == 200
        answer = client.post("/v1/events", json=event(id="req_2"))
        assert fault(answer) == refusal(None, "invalid_api_key", 401)
    for path, body in (
        ("service_accounts", {"name": "a"}),
        (f"service_accounts/{account['id']}/api_keys", {}),
        (f"service_accounts/{account['id']}", {"name": "b"}),
        ("api_keys", {"id": "key_1", "name": "a"}),
        ("users", {"role": "member", "user_id": "user-x"}),
    ):
        answer = house.http.post(f"{BASE}/projects/proj_a/{path}", json=body)
        assert fault(answer) == refusal("project_id", "invalid_value")


def test_a_key_hands_on_its_own_limits_and_no_more(house: House) -> None:
    project = house.http.post(f"{BASE}/projects", json={"name": "A"}).json()["id"]
    limited = made(house.http, expires_in_seconds=60, requests_per_minute_max=100)
    with house.with_key(limited["value"]) as client:
        key = made(client)
        account = made(client, f"{BASE}/projects/{project}/service_accounts")
        for body, param in (
            ({"expires_in_seconds": 61}, "expires_in_seconds"),
            ({"requests_per_minute_max": 101}, "requests_per_minute_max"),
        ):
            answer = client.post(KEYS, json={"name": "ci", **body})
            assert fault(answer) == refusal(param, "invalid_value")
        # Nor does it take its own limit away.
        own = f"{KEYS}/{limited['id']}"
        raised = client.post(own, json={"requests_per_minute_max": 101})
        assert fault(raised) == refusal("requests_per_minute_max", "invalid_value")
        freed = client.post(own + "?include[]=access", json={"requests_per_minute_max": None})
        assert freed.json()["requests_per_minute_max"] == 100
    for told in (key, account["api_key"]):
        assert told["expires_at"] == limited["expires_at"]
    shown = house.http.get(f"{KEYS}/{key['id']}?include[]=access").json()
    assert shown["requests_per_minute_max"] == 100
