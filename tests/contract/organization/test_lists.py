"""Lists: walked by the client's own iterator, also while what it shows is deleted; and windows."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from contract.organization.conftest import House
from contract.organization.driving import Driver
from support.wire import fault, refusal

BASE = "/v1/organization"
COUNT = 7
# More than two pages, the last of them short.
PAGE = 3


def _posted(http: httpx2.Client, path: str, **body: Any) -> str:
    answer = http.post(f"{BASE}{path}", json=body)
    assert answer.status_code == 200, answer.text
    found: str = answer.json()["id"]
    return found


def _members(http: httpx2.Client, project: str) -> list[str]:
    people = [_posted(http, "/users", name=f"{number}") for number in range(COUNT)]
    return [
        _posted(http, f"/projects/{project}/users", role="member", user_id=each) for each in people
    ]


Made = Callable[[httpx2.Client, str], list[str]]
# By endpoint: what makes seven records, and the path that deletes one of them.
LISTS: dict[str, tuple[Made, str]] = {
    "admin_api_keys": (
        lambda http, _: [_posted(http, "/admin_api_keys", name=f"{n}") for n in range(COUNT)],
        "/admin_api_keys/{id}",
    ),
    "users": (
        lambda http, _: [_posted(http, "/users", name=f"{n}") for n in range(COUNT)],
        "/users/{id}",
    ),
    "projects.users": (_members, "/projects/{project}/users/{id}"),
    "projects.service_accounts": (
        lambda http, project: [
            _posted(http, f"/projects/{project}/service_accounts", name=f"{n}")
            for n in range(COUNT)
        ],
        "/projects/{project}/service_accounts/{id}",
    ),
    "projects.api_keys": (
        lambda http, project: [
            _posted(http, f"/projects/{project}/api_keys", id=f"key_{n}", name=f"{n}")
            for n in range(COUNT)
        ],
        "/projects/{project}/api_keys/{id}",
    ),
}


@pytest.mark.parametrize("name", LISTS)
def test_the_iterator_walks_a_list_and_loses_nothing_when_what_it_shows_is_deleted(
    house: House, official: Driver, name: str
) -> None:
    project = _posted(house.http, "/projects", name="Atlas")
    make, path = LISTS[name]
    ids = make(house.http, project)
    more = {"project_id": project} if name.startswith("projects.") else {}

    def deleted(each: Any) -> None:
        answer = house.http.delete(BASE + path.format(project=project, id=each.id))
        assert answer.json()["deleted"]

    def walked(seen: Callable[[Any], None]) -> list[str]:
        found = official.every(f"{name}.list", seen, limit=PAGE, **more)
        return [each.id for each in found]

    assert walked(lambda _: None) == ids
    assert walked(deleted) == ids
    assert walked(deleted) == []


def test_the_iterator_walks_projects_while_they_are_archived(
    house: House, official: Driver
) -> None:
    ids = [_posted(house.http, "/projects", name=f"{number}") for number in range(COUNT)]

    def archived(each: Any) -> None:
        assert house.http.post(f"{BASE}/projects/{each.id}/archive").is_success

    found = official.every("projects.list", archived, limit=PAGE)
    assert [each.id for each in found] == ids
    assert official.every("projects.list", archived, limit=PAGE) == []
    every = official.every("projects.list", lambda _: None, limit=PAGE, include_archived=True)
    assert [each.id for each in every] == ids


def test_the_iterator_walks_keys_from_the_newest(house: House, official: Driver) -> None:
    ids = LISTS["admin_api_keys"][0](house.http, "")
    found = official.every("admin_api_keys.list", lambda _: None, limit=PAGE, order="desc")
    assert [each.id for each in found] == ids[::-1]


def test_the_envelope_tells_where_a_page_begins_and_ends(http: httpx2.Client) -> None:
    empty = http.get(f"{BASE}/projects").json()
    assert empty == {
        "object": "list",
        "data": [],
        "first_id": None,
        "last_id": None,
        "has_more": False,
    }
    ids = [_posted(http, "/projects", name=f"{number}") for number in range(3)]
    page = http.get(f"{BASE}/projects", params={"limit": 2}).json()
    assert [each["id"] for each in page["data"]] == ids[:2]
    assert (page["first_id"], page["last_id"], page["has_more"]) == (ids[0], ids[1], True)
    last = http.get(f"{BASE}/projects", params={"after": ids[1], "limit": 2}).json()
    assert (last["first_id"], last["last_id"], last["has_more"]) == (ids[2], ids[2], False)


def test_a_page_has_twenty_records_unless_it_is_told(http: httpx2.Client) -> None:
    for number in range(21):
        _posted(http, "/users", name=f"{number}")
    page = http.get(f"{BASE}/users").json()
    assert (len(page["data"]), page["has_more"]) == (20, True)
    assert len(http.get(f"{BASE}/users?limit=100").json()["data"]) == 21


@pytest.mark.parametrize(
    ("query", "param", "code"),
    [
        ("limit=0", "limit", "integer_below_min_value"),
        ("limit=-1", "limit", "integer_below_min_value"),
        ("limit=101", "limit", "integer_above_max_value"),
        (f"limit={'9' * 300}", "limit", "integer_above_max_value"),
        ("limit=ten", "limit", "invalid_type"),
        ("limit[]=1", "limit", "invalid_type"),
        ("limit=1&limit=2", "limit", "invalid_type"),
        ("order=up", "order", "invalid_value"),
        ("after=key_nobody", "after", "invalid_value"),
        ("after=%00", "after", "invalid_value"),
        ("after=' OR 1=1 --", "after", "invalid_value"),
        ("include[]=secrets", "include", "invalid_value"),
        ("after=%ff", None, "invalid_value"),
    ],
)
def test_a_window_that_is_none_is_refused(
    http: httpx2.Client, query: str, param: str | None, code: str
) -> None:
    answer = http.get(f"{BASE}/admin_api_keys?{query}")
    assert fault(answer) == refusal(param, code)


def test_what_the_contract_does_not_know_is_passed_over(http: httpx2.Client) -> None:
    assert http.get(f"{BASE}/projects?after=&limit=&colour=red&tenant_only=true").is_success
    # No list but that of keys has an order, and none but the audit log a before.
    assert http.get(f"{BASE}/projects?order=up&before=x").is_success


@pytest.mark.parametrize("value", ["yes", "1", "archived"])
def test_a_boolean_is_true_or_false(http: httpx2.Client, value: str) -> None:
    answer = http.get(f"{BASE}/projects?include_archived={value}")
    assert fault(answer) == refusal("include_archived", "invalid_value")
    assert http.get(f"{BASE}/projects?include_archived=False").is_success


@pytest.mark.parametrize(
    "query", ["emails[]=a@x.org&emails[]=b@x.org", "emails=a@x.org&emails=b@x.org",
              "emails[0]=a@x.org&emails[1]=b@x.org", "emails%5B%5D=a@x.org&emails=b@x.org"],
)  # fmt: skip
def test_an_array_is_read_in_every_form(http: httpx2.Client, query: str) -> None:
    ids = [_posted(http, "/users", name=name, email=f"{name}@x.org") for name in "abc"]
    found = http.get(f"{BASE}/users?{query}").json()["data"]
    assert [each["id"] for each in found] == ids[:2]
