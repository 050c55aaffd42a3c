"""The same tests on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tallybook.organization.organization import Organization, open_organization


@pytest.fixture
def organization(tmp_path: Path, organization_url: str) -> Iterator[Organization]:
    """An organization without anything in it."""
    organization = open_organization(tmp_path, organization_url)
    yield organization
    organization.close()
