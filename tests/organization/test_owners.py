"""Whose key is whose, and whether the owner still has access to the key's project."""

from organization.asking import EVERYTHING, NOW, SOMEONE, told, wish
from tallybook.organization.audit import Sought, list_entries
from tallybook.organization.keys import create_key
from tallybook.organization.memberships import add_member, remove_member
from tallybook.organization.organization import Organization
from tallybook.organization.owners import NOBODY, Owner, list_keys_by_access, owners_of
from tallybook.organization.projects import create_project
from tallybook.organization.records import Actor, Key, Means
from tallybook.organization.service_accounts import create_service_account
from tallybook.organization.users import add_user


def people_and_keys(organization: Organization) -> tuple[dict[str, Key], dict[str, Owner]]:
    """A member's key, that of someone who left, a service account's and nobody's, in a project."""
    with organization.changing(SOMEONE, NOW) as change:
        project = create_project(change, "Atlas", chosen_id="proj_a")
        ada = add_user(change, name="Ada", email="ada@x.org", role="owner")
        bob = add_user(change, name="Bob", email=None, role="reader")
        for person, role in ((ada, "owner"), (bob, "member")):
            add_member(change, project.id, person, role)
        bot = create_service_account(change, project.id, "bot")
        keys = {
            name: create_key(change, wish(name, project_id=project.id, **more))[0]
            for name, more in (
                ("member", {"user_id": ada.id}),
                ("left", {"user_id": bob.id}),
                ("program", {"service_account_id": bot.id}),
                ("nobody", {}),
            )
        }
        remove_member(change, project.id, bob.id)
    owners = {
        keys["member"].id: Owner(user=ada, role="owner"),
        keys["left"].id: Owner(user=bob),
        keys["program"].id: Owner(service_account=bot),
    }
    return keys, owners


def test_a_key_has_the_owner_that_it_was_made_for(organization: Organization) -> None:
    keys, owners = people_and_keys(organization)
    with organization.reading() as connection:
        assert owners_of(connection, keys.values()) == owners
        assert owners_of(connection, [keys["nobody"]]) == {}
        assert owners_of(connection, []) == {}
    access = {name: owners.get(key.id, NOBODY).access for name, key in keys.items()}
    assert access == {"member": True, "left": False, "program": True, "nobody": True}


def test_keys_are_listed_by_the_access_that_their_owners_have(organization: Organization) -> None:
    people_and_keys(organization)
    with organization.reading() as connection:
        for access, names in ((True, ["member", "program", "nobody"]), (False, ["left"])):
            page = list_keys_by_access(connection, EVERYTHING, "proj_a", access=access)
            assert [key.name for key in page.records] == names


def test_entries_are_found_by_the_owner_of_the_key_and_by_an_email(
    organization: Organization,
) -> None:
    keys, owners = people_and_keys(organization)
    for name in ("member", "program"):
        actor = Actor(means=Means.API_KEY, id=keys[name].id)
        with organization.changing(actor, NOW + 1) as change:
            create_project(change, f"By {name}", chosen_id=name)
    person, program = owners[keys["member"].id].user, owners[keys["program"].id].service_account
    assert person is not None
    assert program is not None
    by_member, by_program = [("project.created", "member")], [("project.created", "program")]
    assert told(organization, actor_ids=[person.id]) == by_member
    assert told(organization, actor_emails=["ADA@x.org", "x@x.org"]) == by_member
    assert told(organization, actor_ids=[program.id]) == by_program
    assert told(organization, actor_ids=[program.id, keys["member"].id]) == by_member + by_program
    # Both have to be met.
    assert told(organization, actor_ids=[program.id], actor_emails=["ada@x.org"]) == []
    with organization.reading() as connection:
        nobody = list_entries(connection, EVERYTHING, Sought(actor_emails=["x@x.org"]))
        assert nobody.records == []
