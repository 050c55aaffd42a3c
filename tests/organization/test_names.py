"""Names of ids: what is over keeps its name, and who was erased has none."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tallybook.domain.errors import InvalidValue
from tallybook.organization.keys import KeyWish, create_key, register_key, revoke_key
from tallybook.organization.memberships import add_member, remove_member
from tallybook.organization.names import IDS_MAX, Ids, Names, names_of
from tallybook.organization.organization import Organization, open_organization
from tallybook.organization.projects import archive_project, create_project
from tallybook.organization.records import Actor, Means
from tallybook.organization.scopes import Scope
from tallybook.organization.users import add_user, erase_user

NOW = 1_790_000_000
SOMEONE = Actor(means=Means.COMMAND_LINE, id="root")
ALL = Ids(
    project_ids=("proj_a", "proj_b", "proj_none"),
    user_ids=("user-1", "user-2", "user-none"),
    api_key_ids=("key_a", "key_none"),
)


@pytest.fixture
def organization(tmp_path: Path) -> Iterator[Organization]:
    """Two projects with a person and a key each."""
    organization = open_organization(tmp_path, "")
    with organization.changing(SOMEONE, NOW) as change:
        for letter, number in (("a", "1"), ("b", "2")):
            create_project(change, f"Project {letter}", chosen_id=f"proj_{letter}")
            name, email = f"Person {number}", f"{number}@example.com"
            user = add_user(
                change, name=name, email=email, role="reader", chosen_id=f"user-{number}"
            )
            add_member(change, f"proj_{letter}", user, "member")
            register_key(change, f"proj_{letter}", f"key_{letter}", f"Key {letter}")
    yield organization
    organization.close()


def names(organization: Organization, ids: Ids, within: set[str] | None = None) -> Names:
    with organization.reading() as connection:
        return names_of(connection, ids, within)


def test_ids_without_a_name_are_left_out(organization: Organization) -> None:
    assert names(organization, ALL) == Names(
        project_ids={"proj_a": "Project a", "proj_b": "Project b"},
        user_ids={"user-1": "Person 1", "user-2": "Person 2"},
        api_key_ids={"key_a": "Key a"},
    )
    assert names(organization, Ids()) == Names(project_ids={}, user_ids={}, api_key_ids={})


def test_what_is_over_keeps_its_name_and_who_was_erased_has_none(
    organization: Organization,
) -> None:
    wish = KeyWish(name="Old key", scopes=frozenset({Scope.USAGE_READ}), prefix="sk-admin-")
    with organization.changing(SOMEONE, NOW + 1) as change:
        old, _ = create_key(change, wish)
        revoke_key(change, old)
        archive_project(change, "proj_a")
        erase_user(change, "user-1")
    asked = Ids(
        project_ids=["proj_a"], user_ids=["user-1", "user-2"], api_key_ids=["key_a", old.id]
    )
    assert names(organization, asked) == Names(
        project_ids={"proj_a": "Project a"},
        user_ids={"user-2": "Person 2"},
        api_key_ids={"key_a": "Key a", old.id: "Old key"},
    )


def test_within_projects_only_their_people_and_keys_have_names(
    organization: Organization,
) -> None:
    with organization.changing(SOMEONE, NOW + 1) as change:
        wide, both, own = (
            create_key(
                change,
                KeyWish(
                    name=name,
                    scopes=frozenset({Scope.USAGE_READ}),
                    prefix="sk-admin-",
                    projects=projects,
                ),
            )[0]
            for name, projects in (
                ("wide", None),
                ("both", ("proj_a", "proj_b")),
                ("own", ("proj_b",)),
            )
        )
        remove_member(change, "proj_b", "user-2")
    asked = Ids(
        project_ids=ALL.project_ids,
        user_ids=ALL.user_ids,
        api_key_ids=("key_a", "key_b", wide.id, both.id, own.id),
    )
    assert names(organization, asked, {"proj_b"}) == Names(
        project_ids={"proj_b": "Project b"},
        # Also after leaving: the project's sums have the id.
        user_ids={"user-2": "Person 2"},
        api_key_ids={"key_b": "Key b", own.id: "own"},
    )
    nothing = Names(project_ids={}, user_ids={}, api_key_ids={})
    assert names(organization, asked, set()) == nothing
    assert names(organization, asked, {"proj_none"}) == nothing


def test_a_thousand_ids_are_told_at_a_time(organization: Organization) -> None:
    most = Ids(project_ids=["proj_a"], user_ids=[f"user-{number}" for number in range(IDS_MAX - 1)])
    assert names(organization, most).user_ids == {"user-1": "Person 1", "user-2": "Person 2"}
    with pytest.raises(InvalidValue, match="There are 1001 ids, but") as fault:
        names(organization, Ids(project_ids=["proj_a", "proj_b"], user_ids=most.user_ids))
    assert fault.value.param == "user_ids"
