"""People: added, changed, erased; the id stays as a pseudonym and nothing personal is logged."""

from collections.abc import Callable

import pytest

from organization.asking import EVERYTHING, NOW, SOMEONE, entries, told, wish
from tallybook.domain.errors import InvalidValue, RecordExists, UnknownRecord
from tallybook.organization.changes import Change
from tallybook.organization.keys import create_key, find_key
from tallybook.organization.memberships import add_member, find_member
from tallybook.organization.organization import Organization
from tallybook.organization.projects import create_project
from tallybook.organization.records import User
from tallybook.organization.users import (
    add_user,
    erase_user,
    find_user,
    get_user,
    get_user_by_email,
    list_users,
    update_user,
)


def test_a_person_is_kept_as_added(organization: Organization) -> None:
    with organization.changing(SOMEONE, NOW) as change:
        made = add_user(change, name="Ada Lovelace", email=" Ada@Example.org ", role="owner")
    assert made == User(
        id=made.id,
        name="Ada Lovelace",
        email="ada@example.org",
        role="owner",
        added_at=NOW,
        erased_at=None,
    )
    assert made.id.startswith("user-")
    with organization.reading() as connection:
        assert get_user(connection, made.id) == made
        assert get_user_by_email(connection, "ADA@example.org") == made


def test_an_email_belongs_to_one_person(organization: Organization) -> None:
    with organization.changing(SOMEONE, NOW) as change:
        add_user(change, name="Ada", email="ada@example.org", role="reader", chosen_id="u1")
        add_user(change, name="Bob", email=None, role="reader", chosen_id="u2")
        add_user(change, name="Cleo", email=None, role="reader", chosen_id="u3")
    attempts: tuple[Callable[[Change], object], ...] = (
        lambda change: add_user(change, name="A", email="ADA@example.org", role="reader"),
        lambda change: update_user(change, "u2", {"email": "ada@example.org"}),
    )
    for attempt in attempts:
        with (
            pytest.raises(RecordExists, match="The email is that of user u1 already") as fault,
            organization.changing(SOMEONE, NOW) as change,
        ):
            attempt(change)
        assert fault.value.param == "email"


@pytest.mark.parametrize("email", ["", "ada", "ada@", "@b", "a b@c", "a@b@c", "a" * 250 + "@b.de"])
def test_what_is_no_email_is_refused(organization: Organization, email: str) -> None:
    with (
        pytest.raises(InvalidValue, match="no email address") as fault,
        organization.changing(SOMEONE, NOW) as change,
    ):
        add_user(change, name="Ada", email=email, role="reader")
    assert fault.value.param == "email"


def test_a_role_that_is_none_is_refused(organization: Organization) -> None:
    with (
        pytest.raises(InvalidValue, match="role is 'king'; it must be one of owner, reader"),
        organization.changing(SOMEONE, NOW) as change,
    ):
        add_user(change, name="Ada", email=None, role="king")


def test_erasing_forgets_who_it_was_and_keeps_the_id(organization: Organization) -> None:
    with organization.changing(SOMEONE, NOW) as change:
        ada = add_user(
            change, name="Ada Lovelace", email="ada@example.org", role="owner", chosen_id="user-1"
        )
        create_project(change, "Atlas", chosen_id="proj_a")
        add_member(change, "proj_a", ada, "member")
        key, _ = create_key(change, wish("hers", user_id=ada.id))
    with organization.changing(SOMEONE, NOW + 1) as change:
        erase_user(change, ada.id)
    with organization.reading() as connection:
        assert find_user(connection, ada.id) == User(
            id="user-1",
            name=None,
            email=None,
            role="owner",
            added_at=NOW,
            erased_at=NOW + 1,
        )
        assert find_member(connection, "proj_a", ada.id) is None
        found = find_key(connection, key.id)
        assert found is not None
        assert found.revoked_at == NOW + 1
        assert list_users(connection, EVERYTHING).records == []
        with pytest.raises(UnknownRecord):
            get_user(connection, ada.id)
        with pytest.raises(UnknownRecord):
            get_user_by_email(connection, "ada@example.org")
    assert told(organization)[-2:] == [("api_key.deleted", key.id), ("user.deleted", "user-1")]


def test_the_id_of_someone_who_was_erased_is_not_given_to_another(
    organization: Organization,
) -> None:
    with organization.changing(SOMEONE, NOW) as change:
        add_user(change, name="Ada", email="ada@example.org", role="owner", chosen_id="user-1")
        erase_user(change, "user-1")
        # The email is free again.
        add_user(change, name="Ada", email="ada@example.org", role="owner")
    with (
        pytest.raises(RecordExists, match="the id is a pseudonym now"),
        organization.changing(SOMEONE, NOW) as change,
    ):
        add_user(change, name="Bob", email=None, role="owner", chosen_id="user-1")


def test_nothing_personal_is_in_the_audit_log(organization: Organization) -> None:
    with organization.changing(SOMEONE, NOW) as change:
        add_user(change, name="Ada Quux", email="quux@example.org", role="owner", chosen_id="u")
        update_user(change, "u", {"name": "Ada Corge", "email": "corge@example.org"})
        update_user(change, "u", {"role": "reader"})
        update_user(change, "u", {"role": "reader"})
        erase_user(change, "u")
    found = entries(organization)
    assert [(entry.type, entry.before, entry.after) for entry in found] == [
        (
            "user.added",
            None,
            {"role": "owner", "name": "(personal)", "email": "(personal)"},
        ),
        (
            "user.updated",
            {"name": None, "email": None},
            {"name": "(personal)", "email": "(personal)"},
        ),
        ("user.updated", {"role": "owner"}, {"role": "reader"}),
        (
            "user.deleted",
            {"role": "reader", "name": "(personal)", "email": "(personal)"},
            None,
        ),
    ]
    for word in ("quux", "corge", "ada"):
        assert word not in repr(found).lower()


def test_people_are_found_by_their_emails(organization: Organization) -> None:
    with organization.changing(SOMEONE, NOW) as change:
        for name in ("ada", "bob", "cleo"):
            add_user(change, name=name, email=f"{name}@example.org", role="reader", chosen_id=name)
    with organization.reading() as connection:
        found = list_users(connection, EVERYTHING, emails=["BOB@example.org", "nobody@example.org"])
    assert [user.id for user in found.records] == ["bob"]
