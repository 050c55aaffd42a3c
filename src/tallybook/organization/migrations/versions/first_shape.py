"""The first shape: projects, people, service accounts, keys, the audit log, settings.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_PLACE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables, empty."""
    state = op.create_table(
        "state",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(state, [{"id": 1, "version": 0}])
    _make_people()
    _make_keys()
    _make_audit_log()
    op.create_table(
        "settings_in_force",
        sa.Column("server", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )


def _listed(name: str, *columns: "sa.Column[object]") -> None:
    op.create_table(
        name,
        sa.Column("place", _PLACE, primary_key=True, autoincrement=True),
        *columns,
        sqlite_autoincrement=True,
    )


def _make_people() -> None:
    _listed(
        "projects",
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("archived_at", sa.BigInteger),
    )
    _listed(
        "users",
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text),
        sa.Column("email", sa.Text, unique=True),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("added_at", sa.BigInteger, nullable=False),
        sa.Column("erased_at", sa.BigInteger),
    )
    _listed(
        "memberships",
        sa.Column("project_id", sa.Text, sa.ForeignKey("projects.id"), nullable=False),
        sa.Column("user_id", sa.Text, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("added_at", sa.BigInteger, nullable=False),
        sa.Column("removed_at", sa.BigInteger),
    )
    op.create_index("memberships_by_project", "memberships", ["project_id", "place"])
    op.create_index("memberships_by_user", "memberships", ["user_id"])
    _listed(
        "service_accounts",
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("project_id", sa.Text, sa.ForeignKey("projects.id"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("deleted_at", sa.BigInteger),
    )
    op.create_index("service_accounts_by_project", "service_accounts", ["project_id", "place"])


def _make_keys() -> None:
    _listed(
        "keys",
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, unique=True),
        sa.Column("redacted", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("project_id", sa.Text, sa.ForeignKey("projects.id")),
        sa.Column("projects", sa.JSON),
        sa.Column("user_id", sa.Text, sa.ForeignKey("users.id")),
        sa.Column("service_account_id", sa.Text, sa.ForeignKey("service_accounts.id")),
        sa.Column("requests_per_minute_max", sa.BigInteger),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("revoked_at", sa.BigInteger),
        sa.Column("last_used_at", sa.BigInteger),
    )
    op.create_index("keys_by_project", "keys", ["project_id", "place"])
    op.create_index("keys_by_service_account", "keys", ["service_account_id"])
    op.create_index("keys_by_user", "keys", ["user_id"])


def _make_audit_log() -> None:
    _listed(
        "audit_entries",
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("subject_id", sa.Text, nullable=False),
        sa.Column("project_id", sa.Text),
        sa.Column("means", sa.Text, nullable=False),
        sa.Column("actor_id", sa.Text),
        sa.Column("address", sa.Text),
        sa.Column("request_id", sa.Text),
        sa.Column("user_agent", sa.Text),
        sa.Column("before", sa.JSON),
        sa.Column("after", sa.JSON),
    )
    op.create_index("audit_entries_by_time", "audit_entries", ["at"])
    op.create_index("audit_entries_by_subject", "audit_entries", ["subject_id"])
    for statement in _APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)


_SAID = "the audit log is append-only"
_FUNCTION = f"""\
CREATE FUNCTION audit_entries_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{_SAID}'; END $$"""
_TRIGGER = """\
CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_append_only()"""
_APPEND_ONLY = {
    "sqlite": [
        f"CREATE TRIGGER audit_entries_no_{what} BEFORE {what} ON audit_entries"
        f" BEGIN SELECT RAISE(ABORT, '{_SAID}'); END"
        for what in ("update", "delete")
    ],
    "postgresql": [_FUNCTION, _TRIGGER],
}
