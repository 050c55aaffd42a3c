"""The official client, in both its forms, drives every endpoint of the organization."""

from typing import Any

import openai
import pytest

from contract.organization.conftest import House
from contract.organization.driving import Driver
from support.inprocess import NOW

PROJECTS, KEYS, PEOPLE = "projects", "admin_api_keys", "users"


def added(house: House, **person: Any) -> str:
    """A person, by the route that is beyond the contract; the id."""
    answer = house.http.post("/v1/organization/users", json={"name": "Ada", **person})
    assert answer.status_code == 200, answer.text
    found: str = answer.json()["id"]
    return found


def test_admin_keys(official: Driver) -> None:
    made = official(f"{KEYS}.create", name="ci", expires_in_seconds=60)
    assert made.value.startswith("sk-admin-")
    assert (made.name, made.created_at, made.expires_at) == ("ci", NOW, NOW + 60)
    assert made.redacted_value == f"sk-admin-****{made.value[-4:]}"
    found = official(f"{KEYS}.retrieve", made.id)
    assert found.model_dump() == made.model_dump(exclude={"value"})
    other = official(f"{KEYS}.create", name="other")
    assert other.expires_at is None
    assert [each.id for each in official(f"{KEYS}.list").data] == [made.id, other.id]
    descending = official(f"{KEYS}.list", order="desc", limit=1)
    assert [each.id for each in descending.data] == [other.id]
    assert descending.has_more
    gone = official(f"{KEYS}.delete", made.id)
    assert (gone.id, gone.deleted) == (made.id, True)
    with pytest.raises(openai.NotFoundError) as caught:
        official(f"{KEYS}.retrieve", made.id)
    assert (caught.value.code, caught.value.param) == ("not_found", "key_id")


def test_projects(official: Driver) -> None:
    made = official(f"{PROJECTS}.create", name="Atlas")
    assert (made.name, made.status, made.created_at) == ("Atlas", "active", NOW)
    assert official(f"{PROJECTS}.retrieve", made.id) == made
    renamed = official(f"{PROJECTS}.update", made.id, name="Borea")
    assert (renamed.id, renamed.name) == (made.id, "Borea")
    assert official(f"{PROJECTS}.update", made.id) == renamed
    other = official(f"{PROJECTS}.create", name="Other", external_key_id=None, residency=None)
    archived = official(f"{PROJECTS}.archive", made.id)
    assert (archived.status, archived.archived_at) == ("archived", NOW)
    assert official(f"{PROJECTS}.retrieve", made.id) == archived
    assert official(f"{PROJECTS}.list").data == [other]
    assert official(f"{PROJECTS}.list", include_archived=True).data == [archived, other]
    with pytest.raises(openai.BadRequestError, match="archived, which is for good"):
        official(f"{PROJECTS}.update", made.id, name="Again")


def test_service_accounts_and_their_keys(official: Driver) -> None:
    project = official(f"{PROJECTS}.create", name="Atlas").id
    accounts = f"{PROJECTS}.service_accounts"
    made = official(f"{accounts}.create", project, name="nightly", expires_in_seconds=3_600)
    assert (made.role, made.api_key.name) == ("member", "nightly")
    assert made.api_key.value.startswith("sk-svcacct-")
    assert made.api_key.expires_at == NOW + 3_600
    alone = official(f"{accounts}.create", project, name="alone", create_service_account_only=True)
    assert (alone.role, alone.api_key) == ("none", None)
    found = official(f"{accounts}.retrieve", made.id, project_id=project)
    assert (found.id, found.name, found.role) == (made.id, "nightly", "member")
    changed = official(
        f"{accounts}.update", made.id, project_id=project, name="daily", role="owner"
    )
    assert (changed.name, changed.role) == ("daily", "owner")
    listed = official(f"{accounts}.list", project).data
    assert [(each.id, each.name) for each in listed] == [(made.id, "daily"), (alone.id, "alone")]
    further = official(
        f"{accounts}.api_keys.create",
        alone.id,
        project_id=project,
        name="reads",
        scopes=["api.usage.read"],
        expires_in_seconds=None,
    )
    assert (further.name, further.expires_at) == ("reads", None)
    keys = official(f"{PROJECTS}.api_keys.list", project).data
    assert [(key.id, key.owner.service_account.id) for key in keys] == [
        (made.api_key.id, made.id),
        (further.id, alone.id),
    ]
    assert official(f"{accounts}.delete", made.id, project_id=project).deleted
    keys = official(f"{PROJECTS}.api_keys.list", project).data
    assert [key.id for key in keys] == [further.id]
    with pytest.raises(openai.NotFoundError):
        official(f"{accounts}.retrieve", made.id, project_id=project)


def test_keys_of_a_project(house: House, official: Driver) -> None:
    project = official(f"{PROJECTS}.create", name="Atlas").id
    account = official(f"{PROJECTS}.service_accounts.create", project, name="nightly")
    registered = house.http.post(
        f"/v1/organization/projects/{project}/api_keys", json={"id": "key_7fQ2", "name": "Gateway"}
    )
    assert registered.status_code == 200
    endpoint = f"{PROJECTS}.api_keys"
    own, other = official(f"{endpoint}.list", project).data
    assert (own.id, own.owner_project_access) == (account.api_key.id, "active")
    assert own.owner.type == "service_account"
    assert (other.id, other.name, other.redacted_value) == ("key_7fQ2", "Gateway", "")
    assert other.owner.type is None
    assert official(f"{endpoint}.retrieve", own.id, project_id=project) == own
    assert official(f"{endpoint}.list", project, owner_project_access="any").data == [own, other]
    assert official(f"{endpoint}.list", project, owner_project_access="active").data == [own, other]
    assert official(f"{endpoint}.list", project, owner_project_access="inactive").data == []
    assert official(f"{endpoint}.delete", own.id, project_id=project).deleted
    with pytest.raises(openai.NotFoundError):
        official(f"{endpoint}.retrieve", own.id, project_id=project)


def test_people(house: House, official: Driver) -> None:
    ada = added(house, email="Ada@Example.com", role="owner", id="user-ada")
    bob = added(house, name="Bob", email="bob@example.com")
    found = official(f"{PEOPLE}.retrieve", ada)
    assert (found.id, found.name, found.email) == ("user-ada", "Ada", "ada@example.com")
    assert (found.role, found.added_at) == ("owner", NOW)
    assert [each.id for each in official(f"{PEOPLE}.list").data] == [ada, bob]
    by_email = official(f"{PEOPLE}.list", emails=["BOB@example.com", "nobody@example.com"])
    assert [each.id for each in by_email.data] == [bob]
    assert official(f"{PEOPLE}.update", ada, role="reader").role == "reader"
    assert official(f"{PEOPLE}.update", ada, role=None).role == "reader"
    assert official(f"{PEOPLE}.delete", ada).deleted
    with pytest.raises(openai.NotFoundError):
        official(f"{PEOPLE}.retrieve", ada)
    assert [each.id for each in official(f"{PEOPLE}.list").data] == [bob]


def test_people_of_a_project(house: House, official: Driver) -> None:
    project = official(f"{PROJECTS}.create", name="Atlas").id
    ada = added(house, email="ada@example.com")
    bob = added(house, name="Bob", email="bob@example.com")
    endpoint = f"{PROJECTS}.users"
    by_id = official(f"{endpoint}.create", project, role="owner", user_id=ada)
    assert (by_id.id, by_id.role, by_id.email) == (ada, "owner", "ada@example.com")
    by_email = official(f"{endpoint}.create", project, role="member", email="Bob@example.com")
    assert (by_email.id, by_email.name, by_email.added_at) == (bob, "Bob", NOW)
    assert official(f"{endpoint}.list", project).data == [by_id, by_email]
    assert official(f"{endpoint}.retrieve", ada, project_id=project) == by_id
    changed = official(f"{endpoint}.update", ada, project_id=project, role="member")
    assert changed.role == "member"
    assert official(f"{endpoint}.update", ada, project_id=project) == changed
    assert official(f"{endpoint}.delete", ada, project_id=project).deleted
    with pytest.raises(openai.NotFoundError) as caught:
        official(f"{endpoint}.retrieve", ada, project_id=project)
    assert caught.value.param == "user_id"
    # Erased, they are in no project any more.
    official(f"{PEOPLE}.delete", bob)
    assert official(f"{endpoint}.list", project).data == []


REFUSALS: list[tuple[str, list[str], dict[str, Any], str, str]] = [
    ("projects.retrieve", ["proj_x"], {}, "project_id", "not_found"),
    ("projects.create", [], {"name": " "}, "name", "invalid_value"),
    ("projects.create", [], {"name": "a", "residency": "GLOBAL"}, "residency", "invalid_type"),
    (
        "admin_api_keys.create",
        [],
        {"name": "a", "expires_in_seconds": 0},
        "expires_in_seconds",
        "invalid_value",
    ),
    ("projects.list", [], {"limit": 101}, "limit", "integer_above_max_value"),
    ("users.list", [], {"after": "user-x"}, "after", "invalid_value"),
    ("users.delete", ["user-x"], {}, "user_id", "not_found"),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: f"{refusal[0]} {refusal[3]}")
def test_a_refusal_arrives_as_the_clients_exception(
    official: Driver, refusal: tuple[str, list[str], dict[str, Any], str, str]
) -> None:
    endpoint, arguments, more, param, code = refusal
    kind = openai.NotFoundError if code == "not_found" else openai.BadRequestError
    with pytest.raises(kind) as caught:
        official(endpoint, *arguments, **more)
    assert (caught.value.param, caught.value.code) == (param, code)
    assert caught.value.type == "invalid_request_error"
    assert caught.value.request_id


def test_a_key_without_the_scope_arrives_as_the_clients_exception(
    house: House, official: Driver
) -> None:
    made = house.http.post(
        "/v1/organization/admin_api_keys", json={"name": "reads", "scopes": ["api.usage.read"]}
    ).json()
    weak = type(official)(house.address, made["value"])  # type: ignore[call-arg]
    with pytest.raises(openai.AuthenticationError, match=r"Missing scopes: api\.organization.read"):
        weak("users.list")
    with pytest.raises(
        openai.AuthenticationError, match=r"Missing scopes: api\.organization.write"
    ):
        weak("projects.create", name="a")
    weak.close()
