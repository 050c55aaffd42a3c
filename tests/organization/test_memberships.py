"""Memberships and service accounts: who works for a project, and what ends with them."""

import pytest

from organization.asking import EVERYTHING, NOW, SOMEONE, entries, told, wish
from tallybook.domain.errors import InvalidValue, RecordExists, UnknownRecord
from tallybook.organization.keys import create_key, find_key
from tallybook.organization.memberships import (
    add_member,
    change_role,
    get_member,
    list_members,
    projects_of,
    remove_member,
)
from tallybook.organization.organization import Organization
from tallybook.organization.projects import archive_project, create_project
from tallybook.organization.service_accounts import (
    create_service_account,
    delete_service_account,
    get_service_account,
    list_service_accounts,
    update_service_account,
)
from tallybook.organization.users import add_user
from tallybook.organization.windows import Window


@pytest.fixture
def staffed(organization: Organization) -> Organization:
    """Two projects, and three people, of whom the first two are in project a."""
    with organization.changing(SOMEONE, NOW) as change:
        for project in "ab":
            create_project(change, project.upper(), chosen_id=project)
        people = [
            add_user(change, name=name, email=None, role="reader", chosen_id=name)
            for name in ("ada", "bob", "cleo")
        ]
        for user in people[:2]:
            add_member(change, "a", user, "member")
    return organization


def test_people_come_into_a_project_once(staffed: Organization) -> None:
    with staffed.reading() as connection:
        member = get_member(connection, "a", "ada")
        assert (member.user.id, member.role, member.added_at) == ("ada", "member", NOW)
        listed = list_members(connection, "a", EVERYTHING).records
        assert [each.user.id for each in listed] == ["ada", "bob"]
        assert list_members(connection, "b", EVERYTHING).records == []
        assert [each.project_id for each in projects_of(connection, "ada")] == ["a"]
    with (
        pytest.raises(RecordExists, match="User ada is in project a already"),
        staffed.changing(SOMEONE, NOW) as change,
    ):
        add_member(change, "a", member.user, "owner")


def test_someone_who_left_may_come_back_and_is_then_the_last(staffed: Organization) -> None:
    with staffed.changing(SOMEONE, NOW + 1) as change:
        ada = get_member(change.connection, "a", "ada").user
        remove_member(change, "a", "ada")
        # A cursor that is gone is still a place.
        rest = list_members(change.connection, "a", Window(after="ada"))
        assert [each.user.id for each in rest.records] == ["bob"]
        add_member(change, "a", ada, "owner")
    with staffed.reading() as connection:
        listed = list_members(connection, "a", EVERYTHING).records
    assert [(each.user.id, each.role) for each in listed] == [("bob", "member"), ("ada", "owner")]


def test_a_role_is_changed_and_told(staffed: Organization) -> None:
    with staffed.changing(SOMEONE, NOW) as change:
        assert change_role(change, "a", "ada", "owner").role == "owner"
        assert change_role(change, "a", "ada", "owner").role == "owner"
    entry = entries(staffed)[-1]
    assert (entry.type, entry.subject_id, entry.project_id) == ("user.updated", "ada", "a")
    assert (entry.before, entry.after) == ({"role": "member"}, {"role": "owner"})


def test_who_is_not_in_the_project_is_unknown_there(staffed: Organization) -> None:
    for attempt in (
        lambda change: change_role(change, "b", "ada", "owner"),
        lambda change: remove_member(change, "a", "cleo"),
        lambda change: get_member(change.connection, "nowhere", "ada"),
    ):
        with pytest.raises(UnknownRecord), staffed.changing(SOMEONE, NOW) as change:
            attempt(change)


def test_a_service_account_ends_with_its_keys(staffed: Organization) -> None:
    with staffed.changing(SOMEONE, NOW) as change:
        bot = create_service_account(change, "a", " bot ")
        key, _ = create_key(change, wish("bot's", project_id="a", service_account_id=bot.id))
        other, _ = create_key(change, wish("other", project_id="a"))
        update_service_account(change, "a", bot.id, {"name": "robot", "role": "owner"})
        update_service_account(change, "a", bot.id, {"name": "robot"})
    with staffed.changing(SOMEONE, NOW + 1) as change:
        found = get_service_account(change.connection, "a", bot.id)
        assert (found.name, found.role, found.created_at) == ("robot", "owner", NOW)
        delete_service_account(change, "a", bot.id)
    with staffed.reading() as connection:
        assert list_service_accounts(connection, "a", EVERYTHING).records == []
        assert [
            None if found is None else found.revoked_at
            for found in (find_key(connection, key.id), find_key(connection, other.id))
        ] == [NOW + 1, None]
    assert told(staffed)[-6:] == [
        ("service_account.created", bot.id),
        ("api_key.created", key.id),
        ("api_key.created", other.id),
        ("service_account.updated", bot.id),
        ("api_key.deleted", key.id),
        ("service_account.deleted", bot.id),
    ]


def test_a_service_account_is_unknown_in_another_project(staffed: Organization) -> None:
    with staffed.changing(SOMEONE, NOW) as change:
        bot = create_service_account(change, "a", "bot")
    with pytest.raises(UnknownRecord), staffed.reading() as connection:
        get_service_account(connection, "b", bot.id)


def test_an_archived_project_takes_nobody_in(staffed: Organization) -> None:
    with staffed.changing(SOMEONE, NOW) as change:
        bot = create_service_account(change, "a", "bot")
        archive_project(change, "a")
        cleo = projects_of(change.connection, "ada")[0].user
    for attempt in (
        lambda change: create_service_account(change, "a", "bot"),
        lambda change: update_service_account(change, "a", bot.id, {"name": "x"}),
        lambda change: add_member(change, "a", cleo, "member"),
        lambda change: change_role(change, "a", "ada", "owner"),
    ):
        with (
            pytest.raises(InvalidValue, match="archived"),
            staffed.changing(SOMEONE, NOW) as change,
        ):
            attempt(change)
