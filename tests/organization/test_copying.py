"""An organization copied out is the same copied in, on either database, and across."""

from contextlib import closing
from pathlib import Path

import pytest

from organization.asking import NOW, SOMEONE, entries, wish
from support.postgresql import PostgreSQL
from tallybook.domain.errors import OrganizationUnavailable
from tallybook.organization.copying import copy_in, copy_out
from tallybook.organization.keys import create_key
from tallybook.organization.organization import Organization, open_organization
from tallybook.organization.projects import create_project
from tallybook.organization.users import add_user


def fill(organization: Organization) -> None:
    with organization.changing(SOMEONE, NOW) as change:
        create_project(change, "Атлас", chosen_id="proj_atlas")
        add_user(change, name="Ada", email="ada@example.com", role="owner")
        create_key(change, wish("bound", projects=("proj_atlas",)))
        create_key(change, wish("unbound"))


def test_a_copy_is_the_same_and_goes_on(organization: Organization, tmp_path: Path) -> None:
    fill(organization)
    lines = list(copy_out(organization))
    copy_in(lines, tmp_path / "copy", "")
    with closing(open_organization(tmp_path / "copy", "")) as copy:
        assert list(copy_out(copy)) == lines
        assert entries(copy) == entries(organization)
        with copy.changing(SOMEONE, NOW) as change:
            create_project(change, "next", chosen_id="proj_next")
        assert len(entries(copy)) == len(entries(organization)) + 1


@pytest.mark.needs("postgresql")
def test_a_copy_may_be_put_into_postgresql(tmp_path: Path, postgresql: PostgreSQL) -> None:
    url = postgresql.new_database()
    with closing(open_organization(tmp_path, "")) as organization:
        fill(organization)
        lines = list(copy_out(organization))
    copy_in(lines, tmp_path / "unused", url)
    with closing(open_organization(tmp_path, url)) as copy:
        assert list(copy_out(copy)) == lines
        # New rows come after those that were copied.
        fill_more = "proj_next"
        with copy.changing(SOMEONE, NOW) as change:
            create_project(change, "next", chosen_id=fill_more)
    with pytest.raises(OrganizationUnavailable, match="not empty"):
        copy_in(lines, tmp_path / "unused", url)


def test_nothing_is_copied_over_an_organization(tmp_path: Path) -> None:
    with closing(open_organization(tmp_path, "")) as organization:
        lines = list(copy_out(organization))
        before = entries(organization)
        with pytest.raises(OrganizationUnavailable, match="not empty"):
            copy_in(lines, tmp_path, "")
        assert entries(organization) == before
