"""Bringing a database into its newest shape, step by step (``migrations/``)."""

from pathlib import Path

import sqlalchemy as sa

from tallybook.domain.errors import OrganizationTooNew

# The newest step: a test holds it equal to what ``migrations/versions`` ends in.
HEAD = "0001"

_MIGRATIONS = Path(__file__).parent / "migrations"
_VERSION = sa.table("alembic_version", sa.column("version_num"))
# Two servers that start at once migrate one after the other: any number of our own.
_POSTGRESQL_LOCK = 7_455_255_211


def bring_up_to_date(engine: sa.Engine) -> None:
    """Run the migrations that are missing, all or none. Raises OrganizationTooNew."""
    with engine.connect() as connection:
        if step_of(connection) == HEAD:
            return
    with engine.execution_options(tallybook_changing=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_POSTGRESQL_LOCK)))
        bring_to(connection, HEAD)


def bring_to(connection: sa.Connection, step: str) -> None:
    """Run the migrations up to a step in an open transaction. Raises OrganizationTooNew."""
    # It takes a tenth of a second to import, for which hardly a start has a use.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, step)
    except CommandError as fault:
        raise OrganizationTooNew(
            "The organization's database was written by a newer version of Tallybook:"
            f" {fault}. Install that version, or restore a backup."
        ) from fault


def step_of(connection: sa.Connection) -> str | None:
    """The step that a database is at; null for an empty one."""
    if not sa.inspect(connection).has_table(_VERSION.name):
        return None
    return connection.execute(sa.select(_VERSION.c.version_num)).scalar()
