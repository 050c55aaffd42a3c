"""First keys: made once, carried over from older folders, replaced by those of the settings."""

from pathlib import Path

import msgspec
import pytest

from organization.asking import EVERYTHING, NOW, entries
from tallybook.organization.first_keys import first_keys
from tallybook.organization.keys import list_keys, revoke_key
from tallybook.organization.live_keys import LiveKeys
from tallybook.organization.organization import Organization
from tallybook.organization.records import Actor, Means
from tallybook.organization.roles import ADMIN, INGEST, InvalidKey
from tallybook.organization.secret import digest

OLD_ADMIN, OLD_INGEST = "sk-admin-from-before-0123456789", "sk-ingest-from-before-0123456789"
CHOSEN = "sk-admin-chosen-by-a-person-1234"


def keep(folder: Path, **secrets: str) -> Path:
    """A folder as older versions left it."""
    path = folder / "keys.json"
    path.write_bytes(msgspec.json.encode({role: digest(key) for role, key in secrets.items()}))
    return path


def test_keys_are_made_at_the_first_start_and_never_again(
    organization: Organization, tmp_path: Path
) -> None:
    made = first_keys(organization, tmp_path, {}, NOW)
    assert list(made) == [ADMIN, INGEST]
    assert first_keys(organization, tmp_path, {}, NOW + 1) == {}
    ring = LiveKeys(organization, {}).ring
    for role, secret in made.items():
        assert secret.startswith(role.prefix)
        found = ring.caller_of(secret, NOW)
        assert found is not None
        assert (found.name, found.scopes, found.projects) == (role.key_name, role.scopes, None)
    assert [(each.type, each.actor.means) for each in entries(organization)] == [
        ("api_key.created", Means.SERVER)
    ] * 2


def test_a_first_key_that_was_revoked_is_not_made_again(
    organization: Organization, tmp_path: Path
) -> None:
    first_keys(organization, tmp_path, {}, NOW)
    with organization.changing(Actor(means=Means.COMMAND_LINE), NOW) as change:
        for key in list_keys(change.connection, EVERYTHING, None).records:
            revoke_key(change, key)
    assert first_keys(organization, tmp_path, {}, NOW + 1) == {}
    assert len(LiveKeys(organization, {}).ring) == 0


def test_a_chosen_key_takes_the_place_of_the_made_one_while_it_is_given(
    organization: Organization, tmp_path: Path
) -> None:
    made = first_keys(organization, tmp_path, {}, NOW)
    assert first_keys(organization, tmp_path, {ADMIN: CHOSEN}, NOW) == {}
    ring = LiveKeys(organization, {ADMIN: CHOSEN}).ring
    assert ring.caller_of(CHOSEN, NOW) is not None
    assert ring.caller_of(made[ADMIN], NOW) is None
    assert ring.caller_of(made[INGEST], NOW) is not None
    ring = LiveKeys(organization, {}).ring
    assert ring.caller_of(CHOSEN, NOW) is None
    assert ring.caller_of(made[ADMIN], NOW) is not None


def test_a_chosen_key_is_never_kept(organization: Organization, tmp_path: Path) -> None:
    assert list(first_keys(organization, tmp_path, {ADMIN: CHOSEN}, NOW)) == [INGEST]
    with organization.reading() as connection:
        listed = list_keys(connection, EVERYTHING, None).records
    assert [key.name for key in listed] == ["ingest key"]
    # Without the setting there is none any more, so one is made.
    assert list(first_keys(organization, tmp_path, {}, NOW)) == [ADMIN]


def test_the_keys_of_an_older_folder_stay_good(organization: Organization, tmp_path: Path) -> None:
    path = keep(tmp_path, admin=OLD_ADMIN, ingest=OLD_INGEST)
    assert first_keys(organization, tmp_path, {}, NOW) == {}
    ring = LiveKeys(organization, {}).ring
    admin = ring.caller_of(OLD_ADMIN, NOW)
    assert admin is not None
    assert (admin.scopes, admin.redacted) == (ADMIN.scopes, "sk-admin-****")
    assert ring.caller_of(OLD_INGEST, NOW) is not None
    assert not path.exists()
    assert path.with_name("keys.json.carried-over").exists()
    assert first_keys(organization, tmp_path, {}, NOW) == {}


def test_a_key_that_was_replaced_by_a_setting_does_not_come_back(
    organization: Organization, tmp_path: Path
) -> None:
    keep(tmp_path, admin=OLD_ADMIN)
    assert list(first_keys(organization, tmp_path, {ADMIN: CHOSEN}, NOW)) == [INGEST]
    ring = LiveKeys(organization, {ADMIN: CHOSEN}).ring
    assert ring.caller_of(OLD_ADMIN, NOW) is None
    assert ring.caller_of(CHOSEN, NOW) is not None


def test_a_start_that_broke_off_carries_over_once(
    organization: Organization, tmp_path: Path
) -> None:
    keep(tmp_path, admin=OLD_ADMIN, ingest=OLD_INGEST)
    first_keys(organization, tmp_path, {}, NOW)
    # As if it had ended before the file was set aside.
    keep(tmp_path, admin=OLD_ADMIN, ingest=OLD_INGEST)
    assert first_keys(organization, tmp_path, {}, NOW) == {}
    assert len(LiveKeys(organization, {}).ring) == 2


def test_a_damaged_file_is_told_and_left_as_it_is(
    organization: Organization, tmp_path: Path
) -> None:
    path = tmp_path / "keys.json"
    path.write_text("{")
    with pytest.raises(InvalidKey, match=r"is damaged: .* Restore it, or delete it"):
        first_keys(organization, tmp_path, {}, NOW)
    assert path.read_text() == "{"
    with organization.reading() as connection:
        assert list_keys(connection, EVERYTHING, None).records == []
