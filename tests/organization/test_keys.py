"""Keys: random, shown once, kept as digests; changed, revoked, registered, noted when used."""

import pytest
import sqlalchemy as sa

from organization.asking import EVERYTHING, NOW, SOMEONE, entries, wish
from tallybook.domain.errors import InvalidValue, RecordExists, UnknownRecord
from tallybook.organization.keys import (
    all_keys,
    create_key,
    find_key,
    get_key,
    list_keys,
    note_uses,
    register_key,
    revoke_key,
    update_key,
)
from tallybook.organization.organization import Organization
from tallybook.organization.projects import create_project
from tallybook.organization.records import Key, Origin
from tallybook.organization.scopes import Scope
from tallybook.organization.secret import digest
from tallybook.organization.tables import KEYS, METADATA


def test_a_key_is_kept_as_wished_and_its_secret_is_nowhere(organization: Organization) -> None:
    with organization.changing(SOMEONE, NOW) as change:
        create_project(change, "A", chosen_id="a")
        key, secret = create_key(
            change,
            wish(
                "ci",
                Scope.PRICES_WRITE,
                Scope.USAGE_READ,
                projects=("a",),
                expires_in_seconds=60,
                requests_per_minute_max=5,
            ),
        )
    assert key == Key(
        id=key.id,
        name="ci",
        redacted=f"sk-admin-****{secret[-4:]}",
        origin=Origin.CREATED,
        scopes=(Scope.USAGE_READ, Scope.PRICES_WRITE),
        project_id=None,
        projects=("a",),
        user_id=None,
        service_account_id=None,
        requests_per_minute_max=5,
        created_at=NOW,
        expires_at=NOW + 60,
        revoked_at=None,
        last_used_at=None,
    )
    # 256 bits, six to a character.
    assert len(secret) == len("sk-admin-") + 43
    with organization.reading() as connection:
        assert get_key(connection, key.id) == key
        kept = connection.execute(sa.select(KEYS.c.digest)).scalar_one()
        assert kept == digest(secret)
        for table in METADATA.sorted_tables:
            assert secret not in repr(connection.execute(sa.select(table)).all())


def test_the_audit_log_tells_of_a_key_what_it_may_and_not_what_it_is(
    organization: Organization,
) -> None:
    with organization.changing(SOMEONE, NOW) as change:
        key, secret = create_key(change, wish("ci"))
        key = update_key(change, key, {"requests_per_minute_max": 7})
        key = update_key(change, key, {"requests_per_minute_max": 7, "name": "ci"})
        revoke_key(change, key)
        revoke_key(change, key)
    first, second, third = entries(organization)
    told = {
        "name": "ci",
        "scopes": ["api.usage.read"],
        "projects": None,
        "requests_per_minute_max": None,
        "expires_at": None,
    }
    assert (first.type, first.actor, first.after) == ("api_key.created", SOMEONE, told)
    assert (second.before, second.after) == (
        {"requests_per_minute_max": None},
        {"requests_per_minute_max": 7},
    )
    assert (third.type, third.before) == (
        "api_key.deleted",
        told | {"requests_per_minute_max": 7},
    )
    assert secret not in repr((first, second, third))
    assert digest(secret) not in repr((first, second, third))


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"expires_in_seconds": 0}, "expires_in_seconds"),
        ({"expires_in_seconds": 31_536_001}, "expires_in_seconds"),
        ({"requests_per_minute_max": 0}, "requests_per_minute_max"),
        ({"requests_per_minute_max": 1_000_001}, "requests_per_minute_max"),
    ],
)
def test_a_number_out_of_bounds_is_refused(
    organization: Organization, more: dict[str, int], param: str
) -> None:
    with (
        pytest.raises(InvalidValue, match=f"{param} is {more[param]}") as fault,
        organization.changing(SOMEONE, NOW) as change,
    ):
        create_key(change, wish("ci", **more))
    assert fault.value.param == param


def test_keys_are_listed_where_they_belong_until_they_are_revoked(
    organization: Organization,
) -> None:
    with organization.changing(SOMEONE, NOW) as change:
        create_project(change, "A", chosen_id="a")
        wide, _ = create_key(change, wish("wide"))
        bound, _ = create_key(change, wish("bound", projects=("a",)))
        own, _ = create_key(change, wish("own", project_id="a"))
        gone, _ = create_key(change, wish("gone"))
        revoke_key(change, gone)
    assert own.projects == ("a",)
    with organization.reading() as connection:
        assert list_keys(connection, EVERYTHING, None).records == [wide, bound]
        assert list_keys(connection, EVERYTHING, "a").records == [own]
        assert find_key(connection, gone.id) is not None
        for key_id, project_id in ((gone.id, None), (own.id, None), (wide.id, "a")):
            with pytest.raises(UnknownRecord):
                get_key(connection, key_id, project_id)


def test_another_systems_key_gets_a_name_and_opens_nothing(organization: Organization) -> None:
    with organization.changing(SOMEONE, NOW) as change:
        create_project(change, "A", chosen_id="a")
        key = register_key(change, "a", "key_7fQ2", "atlas in production")
    assert (key.origin, key.scopes, key.redacted) == (Origin.REGISTERED, (), "")
    with organization.reading() as connection:
        assert connection.execute(sa.select(KEYS.c.digest)).scalar_one() is None
        assert list_keys(connection, EVERYTHING, "a").records == [key]
    with (
        pytest.raises(RecordExists, match="There is a key key_7fQ2 already"),
        organization.changing(SOMEONE, NOW) as change,
    ):
        register_key(change, "a", "key_7fQ2", "again")


def test_the_last_use_is_kept_whoever_writes_it_back_first(organization: Organization) -> None:
    with organization.changing(SOMEONE, NOW) as change:
        one, _ = create_key(change, wish("one"))
        two, _ = create_key(change, wish("two"))
    version = organization.version()
    for used_at in ({one.id: NOW + 9, two.id: NOW + 3}, {one.id: NOW + 5}, {"key_unknown": 1}, {}):
        with organization.noting() as connection:
            note_uses(connection, used_at)
    with organization.reading() as connection:
        found = [get_key(connection, key.id).last_used_at for key in (one, two)]
    assert found == [NOW + 9, NOW + 3]
    # It is no change: nobody has to read the keys anew, and the log does not tell it.
    assert organization.version() == version
    assert len(entries(organization)) == 2


def test_all_keys_are_those_of_the_organization_and_of_its_projects(
    organization: Organization,
) -> None:
    with organization.changing(SOMEONE, NOW) as change:
        create_project(change, "A", chosen_id="a")
        first, _ = create_key(change, wish("one"))
        second, _ = create_key(change, wish("two", project_id="a"))
        registered = register_key(change, "a", "key_theirs", "theirs")
        revoke_key(change, first)
    with organization.reading() as connection:
        page = all_keys(connection, EVERYTHING)
        assert list(page.records) == [second, registered]
        page = all_keys(connection, EVERYTHING, include_revoked=True)
        assert [key.id for key in page.records] == [first.id, second.id, registered.id]
        assert page.records[0].revoked_at == NOW
