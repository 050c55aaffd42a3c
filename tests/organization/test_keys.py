"""Keys: shown once, kept as digests, chosen ones checked."""

import stat
from pathlib import Path

import pytest

from tallybook.organization.keys import (
    ADMIN,
    FILE_NAME,
    INGEST,
    InvalidKey,
    Scope,
    is_weak,
    masked,
    open_key_ring,
)


def test_a_made_key_is_handed_out_once_and_only_its_digest_is_kept(tmp_path: Path) -> None:
    ring, made = open_key_ring(tmp_path, {})
    again, made_again = open_key_ring(tmp_path, {})
    assert set(made) == {ADMIN, INGEST}
    assert made_again == {}
    file = tmp_path / FILE_NAME
    for role, secret in made.items():
        assert secret.startswith(role.prefix)
        assert ring.role_of(secret) is role
        assert again.role_of(secret) is role
        assert secret not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_chosen_key_takes_the_place_of_the_made_one(tmp_path: Path) -> None:
    _, made = open_key_ring(tmp_path, {})
    chosen = "sk-admin-chosen-by-a-person-1234"
    ring, _ = open_key_ring(tmp_path, {ADMIN: chosen})
    assert ring.role_of(chosen) is ADMIN
    assert ring.role_of(made[ADMIN]) is None
    assert ring.role_of(made[INGEST]) is INGEST


def test_an_ingest_key_can_only_write() -> None:
    assert INGEST.scopes == {Scope.USAGE_WRITE}
    assert ADMIN.scopes == set(Scope)


def test_a_short_key_is_known_to_be_weak() -> None:
    assert is_weak("sk-admin-test")
    assert not is_weak("sk-admin-0123456789abcdef")


@pytest.mark.parametrize(
    "secret", ["sk-ingest-with-the-wrong-prefix-123456", "hunter2hunter2", "sk-admin-"]
)
def test_a_key_with_another_prefix_is_refused_without_showing_it(
    tmp_path: Path, secret: str
) -> None:
    with pytest.raises(InvalidKey) as fault:
        open_key_ring(tmp_path, {ADMIN: secret})
    assert "must start with sk-admin-" in str(fault.value)
    assert secret == "sk-admin-" or secret not in str(fault.value)


def test_a_damaged_file_is_named_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / FILE_NAME
    file.write_text('{"admin": 5}')
    with pytest.raises(InvalidKey, match=r"keys\.json is damaged"):
        open_key_ring(tmp_path, {})
    assert file.read_text() == '{"admin": 5}'


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        ("sk-admin-0123456789abcdef0123456789", "sk-admin-****6789"),
        ("sk-admin-abc", "sk-admin-****"),
        ("hunter2", "****"),
    ],
)
def test_a_shown_key_gives_nothing_away(secret: str, shown: str) -> None:
    assert masked(secret) == shown
