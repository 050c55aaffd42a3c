"""Whose keys are whose: the person or the service account behind each."""

from collections.abc import Collection, Iterable
from typing import Any

import msgspec
import sqlalchemy as sa

from tallybook.organization.keys import list_keys
from tallybook.organization.records import Key, ServiceAccount, User
from tallybook.organization.service_accounts import read_service_account
from tallybook.organization.tables import KEYS, MEMBERSHIPS, SERVICE_ACCOUNTS, USERS
from tallybook.organization.users import read_user
from tallybook.organization.windows import Page, Window


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Who owns a key: a person, a service account, or nobody.

    ``role`` is a person's in the project of the key, null for one who is not
    in it; then there is no ``access``.
    """

    user: User | None = None
    service_account: ServiceAccount | None = None
    role: str | None = None

    @property
    def access(self) -> bool:
        """Whether the owner has access to the project of the key, as all but people always do."""
        return self.user is None or self.role is not None


NOBODY = Owner()


def owners_of(connection: sa.Connection, keys: Iterable[Key]) -> dict[str, Owner]:
    """The owners of keys, by the ids of the keys; nobody's are left out."""
    return owners_of_ids(connection, [key.id for key in keys])


def owners_of_ids(connection: sa.Connection, key_ids: Collection[str]) -> dict[str, Owner]:
    """The owners of the keys with these ids; nobody's are left out."""
    rows = connection.execute(
        sa.select(USERS, KEYS.c.id.label("key_id"), MEMBERSHIPS.c.role.label("project_role"))
        .join(KEYS, KEYS.c.user_id == USERS.c.id)
        .join(
            MEMBERSHIPS,
            sa.and_(
                MEMBERSHIPS.c.user_id == USERS.c.id,
                MEMBERSHIPS.c.project_id == KEYS.c.project_id,
                MEMBERSHIPS.c.removed_at.is_(None),
            ),
            isouter=True,
        )
        .where(KEYS.c.id.in_(key_ids))
    )
    owners = {row.key_id: Owner(user=read_user(row), role=row.project_role) for row in rows}
    rows = connection.execute(
        sa.select(SERVICE_ACCOUNTS, KEYS.c.id.label("key_id"))
        .join(KEYS, KEYS.c.service_account_id == SERVICE_ACCOUNTS.c.id)
        .where(KEYS.c.id.in_(key_ids))
    )
    return owners | {row.key_id: Owner(service_account=read_service_account(row)) for row in rows}


def list_keys_by_access(
    connection: sa.Connection,
    window: Window,
    project_id: str,
    *,
    access: bool,
    include_revoked: bool = False,
) -> Page[Key]:
    """The keys of a project whose owner has access to it, or has none."""
    member = sa.select(MEMBERSHIPS.c.place).where(
        MEMBERSHIPS.c.user_id == KEYS.c.user_id,
        MEMBERSHIPS.c.project_id == KEYS.c.project_id,
        MEMBERSHIPS.c.removed_at.is_(None),
    )
    has_access = sa.or_(KEYS.c.user_id.is_(None), member.exists())
    only = has_access if access else sa.not_(has_access)
    return list_keys(connection, window, project_id, only, include_revoked=include_revoked)


def keys_of(owner_ids: Collection[str]) -> "sa.Select[Any]":
    """What selects the ids of the keys that people and service accounts own."""
    return sa.select(KEYS.c.id).where(
        sa.or_(KEYS.c.user_id.in_(owner_ids), KEYS.c.service_account_id.in_(owner_ids))
    )


def keys_by_email(emails: Collection[str]) -> "sa.Select[Any]":
    """What selects the ids of the keys of people with one of these emails."""
    people = sa.select(USERS.c.id).where(
        USERS.c.email.in_([each.strip().lower() for each in emails])
    )
    return sa.select(KEYS.c.id).where(KEYS.c.user_id.in_(people))
