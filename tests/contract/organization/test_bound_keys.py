"""A key that is bound to projects administers them, and cannot tell whether there are others."""

from collections.abc import Iterator

import httpx2
import pytest

from contract.organization.conftest import House
from support.wire import fault, refusal

BASE = "/v1/organization"


@pytest.fixture
def bound(house: House) -> Iterator[httpx2.Client]:
    """A client whose key has every scope for ``proj_own``; beside it there is ``proj_other``."""
    for project in ("proj_own", "proj_other"):
        house.http.post(f"{BASE}/projects", json={"name": project, "id": project})
        path = f"{BASE}/projects/{project}"
        person = {"name": f"Of {project}", "id": f"user-{project}"}
        house.http.post(f"{BASE}/users", json=person)
        house.http.post(f"{path}/users", json={"role": "member", "user_id": person["id"]})
        house.http.post(f"{path}/api_keys", json={"id": f"key_{project}", "name": project})
    key = house.http.post(
        f"{BASE}/admin_api_keys", json={"name": "bound", "project_ids": ["proj_own"]}
    ).json()
    with house.with_key(key["value"]) as client:
        yield client


def test_its_list_of_projects_has_its_own_and_no_cursor_of_others(bound: httpx2.Client) -> None:
    page = bound.get(f"{BASE}/projects?include_archived=true").json()
    assert [each["id"] for each in page["data"]] == ["proj_own"]
    for other in ("proj_other", "proj_nobody"):
        answer = bound.get(f"{BASE}/projects?after={other}")
        assert fault(answer) == refusal("after", "invalid_value")
        assert answer.json()["error"]["message"].replace(other, "X") == (
            "after is 'X', but nothing in this list has that id."
        )


# Every door below a project, with a body that would be good in one's own.
BELOW = [
    ("GET", "", None),
    ("POST", "", {"name": "Mine now"}),
    ("POST", "/archive", None),
    ("GET", "/api_keys", None),
    ("POST", "/api_keys", {"id": "key_new", "name": "a"}),
    ("GET", "/api_keys/key_proj_other", None),
    ("DELETE", "/api_keys/key_proj_other", None),
    ("GET", "/service_accounts", None),
    ("POST", "/service_accounts", {"name": "a"}),
    ("GET", "/service_accounts/svcacct_x", None),
    ("POST", "/service_accounts/svcacct_x", {"name": "a"}),
    ("DELETE", "/service_accounts/svcacct_x", None),
    ("POST", "/service_accounts/svcacct_x/api_keys", {}),
    ("GET", "/users", None),
    ("POST", "/users", {"role": "owner", "user_id": "user-proj_own"}),
    ("GET", "/users/user-proj_other", None),
    ("POST", "/users/user-proj_other", {"role": "owner"}),
    ("DELETE", "/users/user-proj_other", None),
    # Refused before anything of it is looked at.
    ("POST", "", {"nonsense": 1}),
    ("GET", "/users?limit=0", None),
]


@pytest.mark.parametrize(("method", "path", "body"), BELOW)
def test_another_project_is_like_one_that_is_not_there(
    house: House, bound: httpx2.Client, method: str, path: str, body: dict[str, str] | None
) -> None:
    before = house.http.get(f"{BASE}/audit_logs").json()
    answers = []
    for other in ("proj_other", "proj_nobody"):
        answer = bound.request(method, f"{BASE}/projects/{other}{path}", json=body)
        assert fault(answer) == refusal("project_id", "not_found", 404)
        answers.append(answer.json()["error"]["message"].replace(other, "X"))
    assert answers == ["No project has the id 'X'."] * 2
    assert house.http.get(f"{BASE}/audit_logs").json() == before


def test_what_is_of_another_project_is_not_found_through_its_own(bound: httpx2.Client) -> None:
    own = f"{BASE}/projects/proj_own"
    for method, path in (
        ("GET", "/api_keys/key_proj_other"),
        ("DELETE", "/api_keys/key_proj_other"),
        ("GET", "/users/user-proj_other"),
        ("DELETE", "/users/user-proj_other"),
    ):
        assert bound.request(method, own + path).status_code == 404
    for path in ("/api_keys?after=key_proj_other", "/users?after=user-proj_other"):
        assert fault(bound.get(own + path)) == refusal("after", "invalid_value")


def test_it_administers_its_own_project(bound: httpx2.Client) -> None:
    own = f"{BASE}/projects/proj_own"
    account = bound.post(f"{own}/service_accounts", json={"name": "nightly"}).json()
    path = f"{own}/service_accounts/{account['id']}/api_keys"
    assert bound.post(path, json={"scopes": ["api.usage.read"]}).status_code == 200
    assert len(bound.get(f"{own}/api_keys").json()["data"]) == 3
    assert bound.post(own, json={"name": "Renamed"}).json()["name"] == "Renamed"
    assert bound.delete(f"{own}/users/user-proj_own").json()["deleted"]


def test_names_are_those_of_its_projects_their_people_and_their_keys(
    house: House, bound: httpx2.Client
) -> None:
    both = ("proj_own", "proj_other", "proj_nobody")
    query = {
        "project_ids[]": [*both],
        "user_ids[]": [f"user-{each}" for each in both],
        "api_key_ids[]": [f"key_{each}" for each in both],
    }
    assert bound.get(f"{BASE}/names", params=query).json() == {
        "object": "organization.names",
        "project_ids": {"proj_own": "proj_own"},
        "user_ids": {"user-proj_own": "Of proj_own"},
        "api_key_ids": {"key_proj_own": "proj_own"},
    }
    everything = house.http.get(f"{BASE}/names", params=query).json()
    assert {*everything["user_ids"]} == {"user-proj_own", "user-proj_other"}
