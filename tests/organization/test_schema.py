"""The database's shape: migrations end in the tables of the code, on both engines."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from organization.asking import NOW, SOMEONE, entries, wish
from tallybook.domain.errors import OrganizationTooNew, OrganizationUnavailable
from tallybook.organization import schema
from tallybook.organization.database import FILE_NAME
from tallybook.organization.keys import create_key
from tallybook.organization.organization import Organization, open_organization
from tallybook.organization.tables import AUDIT_ENTRIES, METADATA, STATE


def test_the_steps_end_where_the_code_says() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [schema.HEAD]


def test_the_steps_make_the_tables_of_the_code(organization: Organization) -> None:
    with organization.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
        assert connection.execute(sa.select(STATE)).all() == [(1, 0)]


def test_two_servers_that_start_at_once_make_it_once(tmp_path: Path, organization_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(lambda _: open_organization(tmp_path, organization_url), range(4)))
    assert [each.version() for each in opened] == [0] * 4
    for each in opened:
        each.close()


def test_a_database_of_a_newer_version_is_left_alone(
    organization: Organization, tmp_path: Path, organization_url: str
) -> None:
    with organization.noting() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(OrganizationTooNew, match=r"newer version .* restore a backup"):
        open_organization(tmp_path, organization_url)


@pytest.mark.parametrize(
    "statement",
    [
        sa.update(AUDIT_ENTRIES).values(actor_id="somebody else"),
        sa.delete(AUDIT_ENTRIES),
    ],
    ids=["update", "delete"],
)
def test_the_audit_log_is_append_only_for_whoever_has_the_database(
    organization: Organization, statement: sa.Update | sa.Delete
) -> None:
    with organization.changing(SOMEONE, NOW) as change:
        create_key(change, wish())
    before = entries(organization)
    with (
        pytest.raises(OrganizationUnavailable, match="the audit log is append-only"),
        organization.noting() as connection,
    ):
        connection.execute(statement)
    assert entries(organization) == before


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    organization = open_organization(tmp_path / "new" / "folder", "")
    with organization.changing(SOMEONE, NOW) as change:
        create_key(change, wish())
    for path in (tmp_path / "new" / "folder").iterdir():
        assert path.name.startswith(FILE_NAME)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    organization.close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql+psycopg://ada:hunter2@127.0.0.1:1/x", "does not answer: connection failed"),
        ("nonsense hunter2", "is no address of a database"),
        ("oracledb://ada:hunter2@h/x", "is no address of a database"),
        ("sqlite:////tmp/hunter2", "is no address of a database"),
        ("postgresql+psycopg://ada@h:hunter2/x", "is no address of a database"),
        ("postgresql+pg8000://ada:hunter2@h/x", "needs pg8000, which is not installed"),
    ],
)
def test_a_database_that_cannot_be_had_is_told_without_its_password(
    tmp_path: Path, url: str, said: str
) -> None:
    with pytest.raises(OrganizationUnavailable, match=said) as fault:
        open_organization(tmp_path, url)
    assert "hunter2" not in str(fault.value)


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("no database" * 100)
    with pytest.raises(OrganizationUnavailable, match="file is not a database"):
        open_organization(tmp_path, "")
    (tmp_path / FILE_NAME).unlink()
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(OrganizationUnavailable, match=r"organization\.sqlite cannot be opened"):
        open_organization(tmp_path, "")


def test_changes_at_once_follow_each_other(
    organization: Organization, tmp_path: Path, organization_url: str
) -> None:
    def change_often(number: int) -> None:
        mine = open_organization(tmp_path, organization_url)
        for turn in range(10):
            with mine.changing(SOMEONE, NOW + turn) as change:
                create_key(change, wish(f"{number} {turn}"))
        mine.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(change_often, range(4)))
    assert organization.version() == 40
    assert len(entries(organization)) == 40
