"""Servers that share an organization: a key that one of them revokes is good on none."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest

from organization.asking import NOW, SOMEONE, wish
from support.postgresql import PostgreSQL
from support.server import Server, running
from tallybook.organization.keys import create_key, revoke_key
from tallybook.organization.organization import open_organization
from tallybook.organization.scopes import ALL_SCOPES

# What is promised; that a machine is busy must not fail the test.
PATIENCE_SECONDS = 30.0


pytestmark = pytest.mark.needs("postgresql")


@pytest.fixture
def url(postgresql: PostgreSQL) -> str:
    """The setting that the servers share."""
    return postgresql.new_database()


@pytest.fixture
def servers(tmp_path: Path, url: str) -> Iterator[list[Server]]:
    """Three servers, each with a ledger of its own, over one organization."""
    with ExitStack() as running_ones:
        yield [
            running_ones.enter_context(
                running(tmp_path / str(number), {"TALLYBOOK_ORGANIZATION_URL": url})
            )
            for number in range(3)
        ]


def status(server: Server, secret: str) -> int:
    headers = {"Authorization": f"Bearer {secret}"}
    with httpx2.Client(base_url=server.address, headers=headers, trust_env=False) as http:
        answer = http.get("/v1/organization/costs", params={"start_time": NOW - 86_400})
    return answer.status_code


def seconds_until(servers: list[Server], secret: str, wanted: int) -> float:
    """How long it takes until every server answers a key in this way."""
    began = time.monotonic()
    for server in servers:
        while status(server, secret) != wanted:
            assert time.monotonic() - began < PATIENCE_SECONDS
    return time.monotonic() - began


def test_a_key_is_good_and_revoked_on_all_of_them(
    servers: list[Server], tmp_path: Path, url: str
) -> None:
    organization = open_organization(tmp_path, url)
    with organization.changing(SOMEONE, NOW) as change:
        key, secret = create_key(change, wish("shared", *ALL_SCOPES))
    assert seconds_until(servers, secret, 200) < PATIENCE_SECONDS
    with organization.changing(SOMEONE, NOW) as change:
        revoke_key(change, key)
    assert seconds_until(servers, secret, 401) < PATIENCE_SECONDS
    organization.close()
