"""Settings and price files in force: recorded when they change, without a secret."""

import re
from pathlib import Path

import pytest

from organization.asking import NOW, SOMEONE, entries
from tallybook.domain.errors import OrganizationUnavailable
from tallybook.organization.in_force import FILE_NAME, Matter, note_in_force, server_actor
from tallybook.organization.organization import Organization
from tallybook.organization.prices_log import note_price_file, record_repricing
from tallybook.organization.records import Actor, AuditEntry, Means
from tallybook.organization.settings_log import fingerprint, note_settings, told_settings
from tallybook.settings import SETTINGS, Settings, load_settings

SECRET = "sk-admin-chosen-by-a-person-1234"
URL = "postgresql+psycopg://ada:hunter2@h/x"
SERVER = Actor(means=Means.SERVER, id="srv_one", address="here")
OTHER = Actor(means=Means.SERVER, id="srv_two", address="there")


def settings(**flags: object) -> Settings:
    return load_settings({"data": "/data", **flags}, environment={})


def changes(organization: Organization) -> list[tuple[object, object]]:
    return [(entry.before, entry.after) for entry in entries(organization)]


def test_the_first_start_records_what_it_starts_with(organization: Organization) -> None:
    note_settings(organization, SERVER, settings(kept_tags="team, env"), NOW)
    (entry,) = entries(organization)
    assert isinstance(entry, AuditEntry)
    assert (entry.type, entry.subject_id, entry.at) == ("organization.updated", "settings", NOW)
    assert (entry.actor, entry.before) == (SERVER, None)
    assert entry.after is not None
    assert list(entry.after) == [setting.name for setting in SETTINGS]
    assert (entry.after["data"], entry.after["port"]) == ("/data", 8321)
    assert (entry.after["kept_tags"], entry.after["prices"]) == (["team", "env"], None)


def test_a_start_with_the_same_settings_records_nothing(organization: Organization) -> None:
    for _ in range(2):
        note_settings(organization, SERVER, settings(admin_key=SECRET), NOW)
    assert len(entries(organization)) == 1


def test_a_start_with_others_records_what_changed_and_nothing_else(
    organization: Organization,
) -> None:
    note_settings(organization, SERVER, settings(), NOW)
    note_settings(organization, SERVER, settings(port=9000, kept_tags="team"), NOW)
    note_settings(organization, SERVER, settings(kept_tags="team"), NOW)
    assert changes(organization)[1:] == [
        ({"port": 8321, "kept_tags": []}, {"port": 9000, "kept_tags": ["team"]}),
        ({"port": 9000}, {"port": 8321}),
    ]


def test_of_a_secret_a_fingerprint_is_recorded(organization: Organization) -> None:
    note_settings(organization, SERVER, settings(), NOW)
    note_settings(organization, SERVER, settings(admin_key=SECRET, organization_url=URL), NOW)
    note_settings(organization, SERVER, settings(admin_key=SECRET + "5"), NOW)
    first, second = fingerprint(SECRET, SERVER), fingerprint(URL, SERVER)
    assert re.fullmatch(r"scrypt:[0-9a-f]{8}", first)
    assert first != fingerprint(SECRET, OTHER)
    assert changes(organization)[1:] == [
        (
            {"admin_key": "", "organization_url": ""},
            {"admin_key": first, "organization_url": second},
        ),
        (
            {"admin_key": first, "organization_url": second},
            {"admin_key": fingerprint(SECRET + "5", SERVER), "organization_url": ""},
        ),
    ]
    assert SECRET not in repr(entries(organization))
    assert "hunter2" not in repr(entries(organization))


def test_every_secret_setting_is_told_by_its_fingerprint() -> None:
    secrets = [setting.name for setting in SETTINGS if setting.secret]
    assert {"admin_key", "ingest_key", "organization_url"} <= set(secrets)
    told = told_settings(settings(**dict.fromkeys(secrets, SECRET)), SERVER)
    assert {told[name] for name in secrets} == {fingerprint(SECRET, SERVER)}


def test_servers_that_share_a_database_have_settings_of_their_own(
    organization: Organization,
) -> None:
    note_settings(organization, SERVER, settings(port=1), NOW)
    note_settings(organization, OTHER, settings(port=2), NOW)
    note_settings(organization, SERVER, settings(port=1), NOW)
    assert [entry.actor.id for entry in entries(organization)] == ["srv_one", "srv_two"]


def test_a_setting_that_a_version_does_not_have_any_more_is_one_that_went(
    organization: Organization,
) -> None:
    matter = Matter("organization.updated", "settings")
    note_in_force(organization, SERVER, NOW, matter, {"old": 1, "kept": 2})
    for _ in range(2):
        note_in_force(organization, SERVER, NOW, matter, {"kept": 2, "new": 3})
    assert changes(organization)[1:] == [({"old": 1, "new": None}, {"old": None, "new": 3})]


def test_another_price_file_is_recorded_once(organization: Organization) -> None:
    note_settings(organization, SERVER, settings(), NOW)
    for digest in (None, None, "aa", "aa", "bb", None):
        note_price_file(organization, SERVER, digest, NOW)
    found = entries(organization, types=["prices.changed"])
    assert [(entry.before, entry.after) for entry in found] == [
        (None, {"price_file": "sha256:aa"}),
        ({"price_file": "sha256:aa"}, {"price_file": "sha256:bb"}),
        ({"price_file": "sha256:bb"}, {"price_file": None}),
    ]
    assert {entry.subject_id for entry in found} == {"prices"}
    # What is in force of the one says nothing about the other.
    note_settings(organization, SERVER, settings(), NOW)
    assert len(entries(organization)) == 1 + len(found)


def test_a_repricing_is_recorded_with_its_reason(organization: Organization) -> None:
    record_repricing(
        organization, SOMEONE, NOW, since=5, until=9, model="acme-*", why="contract 4711"
    )
    (entry,) = entries(organization)
    assert (entry.type, entry.subject_id, entry.actor) == ("prices.repriced", "prices", SOMEONE)
    assert (entry.before, entry.after) == (
        None,
        {"since_at": 5, "until_at": 9, "model": "acme-*", "why": "contract 4711"},
    )


def test_a_server_has_the_id_that_its_folder_keeps(tmp_path: Path) -> None:
    first = server_actor(tmp_path)
    assert first.id is not None
    assert first.id.startswith("srv_")
    assert server_actor(tmp_path) == first
    (tmp_path / FILE_NAME).unlink()
    assert server_actor(tmp_path).id != first.id


def test_an_id_that_cannot_be_kept_is_told(tmp_path: Path) -> None:
    with pytest.raises(OrganizationUnavailable, match=r"nowhere/server-id cannot be used"):
        server_actor(tmp_path / "nowhere")
