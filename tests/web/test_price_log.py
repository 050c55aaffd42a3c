"""The price file in force, in the audit log: at the start, and while the server runs."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from organization.asking import NOW
from support.prices import source
from tallybook.organization.audit import Sought, list_entries
from tallybook.organization.organization import Organization, open_organization
from tallybook.organization.records import Actor, Means
from tallybook.organization.windows import Window
from tallybook.pricing.source import FILE_NAME
from tallybook.web.price_log import PriceLog

SERVER = Actor(means=Means.SERVER, id="srv_one")


@pytest.fixture
def organization(tmp_path: Path) -> Iterator[Organization]:
    organization = open_organization(tmp_path, "")
    yield organization
    organization.close()


def write(folder: Path, price: int) -> None:
    """Write a price file, whose time is that of its price."""
    path = folder / FILE_NAME
    path.write_text(f'[[price]]\nmodel = "acme"\ninput = "{price} / 1M tokens"\n')
    os.utime(path, ns=(price * 1_000_000_000, price * 1_000_000_000))


def recorded(organization: Organization) -> int:
    with organization.reading() as connection:
        sought = Sought(types=["prices.changed"])
        return len(list_entries(connection, Window(limit=100), sought).records)


def test_a_change_is_recorded_at_the_start_and_while_the_server_runs(
    organization: Organization, tmp_path: Path
) -> None:
    write(tmp_path, 1)
    with PriceLog(organization, source(tmp_path), SERVER, lambda: NOW) as log:
        assert recorded(organization) == 1
        log.look()
        assert recorded(organization) == 1
        write(tmp_path, 2)
        log.look()
        assert recorded(organization) == 2
        # A file that is refused is not in force.
        (tmp_path / FILE_NAME).write_text("[[price]")
        log.look()
        assert recorded(organization) == 2
    write(tmp_path, 3)
    for _ in range(2):
        with PriceLog(organization, source(tmp_path), SERVER, lambda: NOW):
            assert recorded(organization) == 3
