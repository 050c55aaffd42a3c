"""A server over an empty organization, on SQLite and on PostgreSQL, by a clock that tests set."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx2
import pytest

from contract.organization.driving import AsyncDriver, Driver, SyncDriver
from support.inprocess import CHOSEN, NOW, serving_keys
from support.ledgers import opened
from tallybook.organization.live_keys import LiveKeys
from tallybook.organization.organization import open_organization


class House:
    """A server, a client of it with the admin key, its keys, and what its clock shows."""

    def __init__(self) -> None:
        self.now = float(NOW)
        self.http: httpx2.Client
        self.keys: LiveKeys

    @property
    def address(self) -> str:
        """Where the server is."""
        return str(self.http.base_url).rstrip("/")

    def with_key(self, secret: str) -> httpx2.Client:
        """A client with another key."""
        return httpx2.Client(
            base_url=self.address,
            headers={"Authorization": f"Bearer {secret}"},
            timeout=60,
            trust_env=False,
        )


@contextmanager
def open_house(folder: Path, url: str) -> Iterator[House]:
    """A server over the organization in the database of a URL, or else in a folder."""
    house = House()
    with (
        closing(open_organization(folder, url)) as organization,
        opened(folder) as ledger,
    ):
        house.keys = LiveKeys(organization, CHOSEN)
        with serving_keys(ledger, folder, organization, house.keys, lambda: house.now) as http:
            house.http = http
            yield house


@pytest.fixture
def house(tmp_path: Path, organization_url: str) -> Iterator[House]:
    """A server of its own for each test."""
    with open_house(tmp_path, organization_url) as house:
        yield house


@pytest.fixture
def http(house: House) -> httpx2.Client:
    """A client with the admin key."""
    return house.http


@pytest.fixture(params=["sync", "async"])
def official(request: pytest.FixtureRequest, house: House) -> Iterator[Driver]:
    """The official client, in both its forms."""
    driver = {"sync": SyncDriver, "async": AsyncDriver}[request.param](house.address)
    with closing(driver):
        yield driver
