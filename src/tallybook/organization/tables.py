"""The tables of the organization, as the newest migration leaves them.

``place`` is the order of creation, which lists are paged by. What is over
(archived, erased, deleted, revoked) has the time of it and stays: events have
its id, and so may a cursor.
"""

import sqlalchemy as sa

METADATA = sa.MetaData()

# SQLite counts up by itself only where the type is exactly this one.
_PLACE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _place() -> "sa.Column[int]":
    return sa.Column("place", _PLACE, primary_key=True, autoincrement=True)


# One row. ``version`` goes up with every change: what servers look at, and what changes wait for.
STATE = sa.Table(
    "state",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("version", sa.BigInteger, nullable=False),
)

PROJECTS = sa.Table(
    "projects",
    METADATA,
    _place(),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("archived_at", sa.BigInteger),
)

USERS = sa.Table(
    "users",
    METADATA,
    _place(),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text),
    sa.Column("email", sa.Text, unique=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("added_at", sa.BigInteger, nullable=False),
    sa.Column("erased_at", sa.BigInteger),
)

MEMBERSHIPS = sa.Table(
    "memberships",
    METADATA,
    _place(),
    sa.Column("project_id", sa.Text, sa.ForeignKey("projects.id"), nullable=False),
    sa.Column("user_id", sa.Text, sa.ForeignKey("users.id"), nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("added_at", sa.BigInteger, nullable=False),
    sa.Column("removed_at", sa.BigInteger),
    sa.Index("memberships_by_project", "project_id", "place"),
    sa.Index("memberships_by_user", "user_id"),
)

SERVICE_ACCOUNTS = sa.Table(
    "service_accounts",
    METADATA,
    _place(),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("project_id", sa.Text, sa.ForeignKey("projects.id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("deleted_at", sa.BigInteger),
    sa.Index("service_accounts_by_project", "project_id", "place"),
)

# ``projects`` is null for a key that may see the whole organization; the digest is, of a key that
# another system issued.
KEYS = sa.Table(
    "keys",
    METADATA,
    _place(),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, unique=True),
    sa.Column("redacted", sa.Text, nullable=False),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("scopes", sa.JSON, nullable=False),
    sa.Column("project_id", sa.Text, sa.ForeignKey("projects.id")),
    sa.Column("projects", sa.JSON(none_as_null=True)),
    sa.Column("user_id", sa.Text, sa.ForeignKey("users.id")),
    sa.Column("service_account_id", sa.Text, sa.ForeignKey("service_accounts.id")),
    sa.Column("requests_per_minute_max", sa.BigInteger),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger),
    sa.Column("revoked_at", sa.BigInteger),
    sa.Column("last_used_at", sa.BigInteger),
    sa.Index("keys_by_project", "project_id", "place"),
    sa.Index("keys_by_service_account", "service_account_id"),
    sa.Index("keys_by_user", "user_id"),
)

# Append-only: triggers refuse everything else.
AUDIT_ENTRIES = sa.Table(
    "audit_entries",
    METADATA,
    _place(),
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
    sa.Column("before", sa.JSON(none_as_null=True)),
    sa.Column("after", sa.JSON(none_as_null=True)),
    sa.Index("audit_entries_by_time", "at"),
    sa.Index("audit_entries_by_subject", "subject_id"),
)

# The settings that each server had at its last start, so that a change is seen at the next.
SETTINGS_IN_FORCE = sa.Table(
    "settings_in_force",
    METADATA,
    sa.Column("server", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
