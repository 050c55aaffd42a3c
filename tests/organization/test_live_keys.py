"""Live keys: what changes elsewhere is in force here within a second; uses are written back."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from organization.asking import NOW, SOMEONE, wish
from support.needs import require
from support.postgresql import program, running_postgresql
from tallybook.domain.errors import OrganizationUnavailable
from tallybook.organization.keys import create_key, get_key, revoke_key
from tallybook.organization.live_keys import LOOK_SECONDS, LiveKeys
from tallybook.organization.organization import Organization, open_organization

# What is promised, in seconds.
REVOKED_SECONDS_MAX = 1.0


@pytest.fixture
def elsewhere(
    organization: Organization, tmp_path: Path, organization_url: str
) -> Iterator[Organization]:
    """The same organization as another process has it."""
    assert organization.version() == 0
    other = open_organization(tmp_path, organization_url)
    yield other
    other.close()


def wait_until(holds: Callable[[], bool], seconds_max: float) -> None:
    ends = time.monotonic() + seconds_max
    waiting = threading.Event()
    while not holds():
        assert time.monotonic() < ends, "it never came"
        waiting.wait(0.01)


def test_a_key_that_is_made_or_revoked_elsewhere_is_so_here_within_a_second(
    organization: Organization, elsewhere: Organization
) -> None:
    assert 4 * LOOK_SECONDS <= REVOKED_SECONDS_MAX
    with LiveKeys(organization, {}) as keys:
        with elsewhere.changing(SOMEONE, NOW) as change:
            key, secret = create_key(change, wish())
        wait_until(lambda: keys.caller_of(secret, NOW) is not None, 30)
        with elsewhere.changing(SOMEONE, NOW) as change:
            revoke_key(change, key)
        wait_until(lambda: keys.caller_of(secret, NOW) is None, 30)


def test_what_is_changed_here_holds_at_once(organization: Organization) -> None:
    # Without the thread that looks for changes.
    keys = LiveKeys(organization, {})
    with organization.changing(SOMEONE, NOW) as change:
        key, secret = create_key(change, wish())
    assert keys.caller_of(secret, NOW) is not None
    with organization.changing(SOMEONE, NOW) as change:
        revoke_key(change, key)
    assert keys.caller_of(secret, NOW) is None


def test_a_change_that_fails_changes_no_ring(organization: Organization) -> None:
    keys = LiveKeys(organization, {})
    ring = keys.ring

    def fail() -> None:
        with organization.changing(SOMEONE, NOW) as change:
            create_key(change, wish())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    keys.refresh()
    assert keys.ring is ring
    assert organization.version() == 0


def test_uses_are_written_back_and_at_the_latest_at_the_end(organization: Organization) -> None:
    with organization.changing(SOMEONE, NOW) as change:
        by_secret, secret = create_key(change, wish("one"))
        by_id, _ = create_key(change, wish("two"))
        unused, _ = create_key(change, wish("three"))
    with LiveKeys(organization, {}) as keys:
        keys.caller_of(secret, NOW + 5.9)
        keys.caller_by_id(by_id.id, NOW + 7)
        keys.caller_of("sk-admin-unknown", NOW + 8)
    with organization.reading() as connection:
        found = [get_key(connection, k.id).last_used_at for k in (by_secret, by_id, unused)]
    assert found == [NOW + 5, NOW + 7, None]


@pytest.mark.needs("postgresql")
def test_while_the_database_is_away_keys_stay_good_and_uses_are_not_lost(tmp_path: Path) -> None:
    require("postgresql", present=program("initdb") is not None)
    with running_postgresql() as server:
        organization = open_organization(tmp_path, server.new_database())
        with organization.changing(SOMEONE, NOW) as change:
            key, secret = create_key(change, wish())
        with LiveKeys(organization, {}) as keys:
            server.stop()
            assert keys.caller_of(secret, NOW + 3) is not None
            with pytest.raises(OrganizationUnavailable, match="does not answer"):
                keys.refresh()
            with pytest.raises(OrganizationUnavailable, match="does not answer"):
                keys.write_back()
            assert keys.caller_of(secret, NOW + 2) is not None
            server.start()
            keys.write_back()
            with organization.reading() as connection:
                assert get_key(connection, key.id).last_used_at == NOW + 2
        organization.close()
