"""The audit log on the wire: in the client's shapes, the newest first, by every filter."""

from typing import Any

import httpx2
import pytest

from contract.organization.conftest import House
from contract.organization.driving import Driver
from support.inprocess import NOW
from support.wire import fault, refusal
from tallybook.organization.audit import EVENT_TYPES
from tallybook.organization.records import Actor, AuditEntry, Means
from tallybook.web.organization.audit_details import Told, audit_log

BASE = "/v1/organization"
LOGS = f"{BASE}/audit_logs"


@pytest.fixture
def history(house: House) -> dict[str, str]:
    """A change of every sort, a second apart; the ids that it made."""
    http = house.http
    ids = {"project": "proj_a", "user": "user-ada"}

    def post(path: str, **body: Any) -> dict[str, Any]:
        house.now += 1
        answer = http.post(f"{BASE}{path}", json=body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def delete(path: str) -> None:
        house.now += 1
        assert http.delete(f"{BASE}{path}").status_code == 200

    post("/projects", name="Atlas", id="proj_a")
    post("/projects/proj_a", name="Borea")
    post("/users", name="Ada", email="ada@x.org", id="user-ada")
    post("/users/user-ada", role="owner", name="Ada L.")
    post("/projects/proj_a/users", user_id="user-ada", role="member")
    account = post("/projects/proj_a/service_accounts", name="nightly")
    ids |= {"account": account["id"], "account_key": account["api_key"]["id"]}
    post(f"/projects/proj_a/service_accounts/{account['id']}", role="owner")
    ids["key"] = post("/admin_api_keys", name="ci", scopes=["api.usage.read"])["id"]
    post(f"/admin_api_keys/{ids['key']}", name="cd")
    delete(f"/admin_api_keys/{ids['key']}")
    delete("/projects/proj_a/users/user-ada")
    delete(f"/projects/proj_a/service_accounts/{account['id']}")
    delete("/users/user-ada")
    post("/projects/proj_a/archive")
    return ids


# What was changed, the oldest first, and its details by the ids that the history made.
WANTED: list[tuple[str, dict[str, Any]]] = [
    ("project.created", {"id": "project", "data": {"name": "Atlas", "title": "Atlas"}}),
    ("project.updated", {"id": "project", "changes_requested": {"title": "Borea"}}),
    ("user.added", {"id": "user", "data": {"role": "reader"}}),
    ("user.updated", {"id": "user", "changes_requested": {"role": "owner"}}),
    (
        "role.assignment.created",
        {
            "principal_id": "user",
            "principal_type": "user",
            "resource_id": "project",
            "resource_type": "project",
        },
    ),
    ("service_account.created", {"id": "account", "data": {"role": "member"}}),
    ("api_key.created", {"id": "account_key", "data": {"scopes": ["api.usage.write"]}}),
    ("service_account.updated", {"id": "account", "changes_requested": {"role": "owner"}}),
    ("api_key.created", {"id": "key", "data": {"scopes": ["api.usage.read"]}}),
    ("api_key.updated", {"id": "key", "changes_requested": {}}),
    ("api_key.deleted", {"id": "key"}),
    (
        "role.assignment.deleted",
        {
            "principal_id": "user",
            "principal_type": "user",
            "resource_id": "project",
            "resource_type": "project",
        },
    ),
    ("api_key.deleted", {"id": "account_key"}),
    ("service_account.deleted", {"id": "account"}),
    ("user.deleted", {"id": "user"}),
    ("project.archived", {"id": "project"}),
]


def detailed(details: dict[str, Any], ids: dict[str, str]) -> dict[str, Any]:
    named = ("id", "principal_id", "resource_id")
    return details | {name: ids[details[name]] for name in named if name in details}


def test_the_client_reads_every_entry_with_the_details_of_its_type(
    official: Driver, history: dict[str, str]
) -> None:
    page = official("audit_logs.list", limit=100)
    assert not page.has_more
    found = [
        (
            entry.type,
            getattr(entry, entry.type.replace(".", "_")).model_dump(exclude_unset=True),
        )
        for entry in page.data
    ]
    assert found[::-1] == [(name, detailed(each, history)) for name, each in WANTED]
    for entry in page.data:
        assert (entry.actor.type, entry.actor.api_key.type) == ("api_key", "user")
        assert entry.actor.api_key.id == "key_admin_setting"
    of_project = {entry.type for entry in page.data if entry.project is not None}
    assert "user.added" not in of_project
    assert {(e.project.id, e.project.name) for e in page.data if e.project} == {("proj_a", "Borea")}
    walked = official.every("audit_logs.list", lambda _: None, limit=5)
    assert [entry.id for entry in walked] == [entry.id for entry in page.data]


def test_the_client_may_filter_by_everything_it_has(
    official: Driver, history: dict[str, str]
) -> None:
    def types(**sought: Any) -> list[str]:
        return [entry.type for entry in official("audit_logs.list", limit=100, **sought).data]

    every = [name for name, _ in WANTED][::-1]
    assert types() == every
    assert types(event_types=["project.created", "user.added"]) == ["user.added", "project.created"]
    assert types(resource_ids=[history["key"]]) == [
        "api_key.deleted",
        "api_key.updated",
        "api_key.created",
    ]
    of_project = [name for name, each in WANTED if each.get("id") not in ("user", "key")]
    assert types(project_ids=["proj_a", "proj_b"]) == of_project[::-1]
    assert types(actor_ids=["key_admin_setting", "key_x"]) == every
    assert types(actor_ids=["key_x"]) == []
    assert types(actor_emails=["nobody@x.org"]) == []
    assert types(effective_at={"gt": NOW + 1, "lte": NOW + 3}) == every[::-1][1:3][::-1]
    assert types(effective_at={"gte": NOW + 1, "lt": NOW + 2}) == ["project.created"]
    assert types(effective_at={"gte": NOW + 1, "gt": NOW + 1, "lte": NOW + 2}) == [
        "project.updated"
    ]
    assert types(effective_at={"gt": 10**30}) == []
    assert types(effective_at={"lt": -(10**30)}) == []
    assert types(event_types=["tenant.group.created"]) == []


def test_before_is_the_page_before(http: httpx2.Client, history: dict[str, str]) -> None:
    assert history
    every = [entry["id"] for entry in http.get(f"{LOGS}?limit=100").json()["data"]]
    page = http.get(LOGS, params={"before": every[5], "limit": 3}).json()
    assert [entry["id"] for entry in page["data"]] == every[2:5]
    assert (page["first_id"], page["last_id"], page["has_more"]) == (every[2], every[4], True)
    between = http.get(LOGS, params={"after": every[1], "before": every[4]}).json()
    assert [entry["id"] for entry in between["data"]] == every[2:4]


def test_what_changed_and_from_where_is_told_when_it_is_asked_for(house: House) -> None:
    house.http.post(f"{BASE}/projects", json={"name": "Atlas", "id": "proj_a"})
    answer = house.http.post(
        f"{BASE}/projects/proj_a", json={"name": "Borea"}, headers={"User-Agent": "console"}
    )
    entry = house.http.get(f"{LOGS}?include[]=changes&limit=1").json()["data"][0]
    assert entry.pop("changes") == {
        "subject_id": "proj_a",
        "means": "api_key",
        "actor_id": entry["actor"]["api_key"]["id"],
        "before": {"name": "Atlas"},
        "after": {"name": "Borea"},
        "address": "127.0.0.1",
        "request_id": answer.headers["x-request-id"],
        "user_agent": "console",
    }
    assert house.http.get(f"{LOGS}?limit=1").json()["data"] == [entry]


def test_nobody_is_known_by_the_audit_log(house: House, history: dict[str, str]) -> None:
    assert history
    text = house.http.get(f"{LOGS}?include[]=changes&limit=100").text
    assert "user-ada" in text
    assert "Ada" not in text
    assert "ada@x.org" not in text


def test_a_service_account_that_changes_something_is_the_actor(house: House) -> None:
    http = house.http
    http.post(f"{BASE}/projects", json={"name": "A", "id": "proj_a"})
    path = f"{BASE}/projects/proj_a/service_accounts"
    account = http.post(path, json={"name": "bot"}).json()
    key = http.post(
        f"{path}/{account['id']}/api_keys", json={"scopes": ["api.organization.write"]}
    ).json()
    with house.with_key(key["value"]) as client:
        assert client.post(f"{BASE}/projects/proj_a", json={"name": "B"}).status_code == 200
    for actor in (key["id"], account["id"]):
        (entry,) = http.get(f"{LOGS}?actor_ids[]={actor}").json()["data"]
        assert entry["actor"] == {
            "type": "api_key",
            "api_key": {
                "id": key["id"],
                "type": "service_account",
                "service_account": {"id": account["id"]},
            },
        }


@pytest.mark.parametrize(
    ("actor", "told"),
    [
        (
            Actor(means=Means.SESSION, id="key_1", address="192.0.2.7"),
            {"type": "session", "session": {"ip_address": "192.0.2.7"}},
        ),
        (
            Actor(means=Means.COMMAND_LINE, id="root"),
            {"type": "session", "session": {"user": {"id": "root"}}},
        ),
        (Actor(means=Means.SERVER), {"type": "session", "session": {}}),
    ],
)
def test_what_is_no_key_is_the_nearest_that_the_contract_has(
    actor: Actor, told: dict[str, Any]
) -> None:
    entry = AuditEntry(
        id="audit_log-1",
        at=NOW,
        type="prices.changed",
        subject_id="prices.toml",
        project_id=None,
        actor=actor,
        before=None,
        after=None,
    )
    assert audit_log(entry, Told({}, {}), changes=False) == {
        "id": "audit_log-1",
        "type": "prices.changed",
        "effective_at": NOW,
        "actor": told,
        "prices.changed": {"id": "prices.toml"},
    }


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_every_type_of_entry_has_its_details(name: str) -> None:
    entry = AuditEntry(
        id="audit_log-1",
        at=NOW,
        type=name,
        subject_id="x",
        project_id=None,
        actor=Actor(means=Means.SERVER),
        before=None,
        after={"error_code": "invalid_api_key", "error_message": "m"},
    )
    details = audit_log(entry, Told({}, {}), changes=False)[name]
    if name == "login.failed":
        assert details == {"error_code": "invalid_api_key", "error_message": "m"}
    elif name in ("login.succeeded", "logout.succeeded"):
        assert details == {}
    else:
        assert "x" in (details.get("id"), details.get("principal_id"))


@pytest.mark.parametrize(
    ("query", "param", "code"),
    [
        ("effective_at[gt]=yesterday", "effective_at[gt]", "invalid_type"),
        ("before=audit_log-x", "before", "invalid_value"),
        ("include[]=everything", "include", "invalid_value"),
        ("actor_ids[]=%00", "actor_ids[]", "invalid_value"),
    ],
)
def test_a_filter_that_is_none_is_refused(
    http: httpx2.Client, query: str, param: str, code: str
) -> None:
    assert fault(http.get(f"{LOGS}?{query}")) == refusal(param, code)
