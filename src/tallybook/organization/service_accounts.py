"""Service accounts: programs that work for a project, each with keys of its own."""

from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from tallybook.domain.errors import UnknownRecord
from tallybook.organization import keys
from tallybook.organization.changes import Change
from tallybook.organization.fields import checked_name, checked_role
from tallybook.organization.ids import SERVICE_ACCOUNT, new_id
from tallybook.organization.projects import active_project, get_project
from tallybook.organization.records import ServiceAccount
from tallybook.organization.tables import KEYS, SERVICE_ACCOUNTS
from tallybook.organization.windows import Page, Places, Window, page_of

ROLES = ("owner", "member", "none")

_TOLD = ("name", "role")


def create_service_account(
    change: Change, project_id: str, name: str, role: str = "member"
) -> ServiceAccount:
    """Make a service account, without a key. Raises UnknownRecord and InvalidValue."""
    active_project(change.connection, project_id)
    account = ServiceAccount(
        id=new_id(SERVICE_ACCOUNT),
        project_id=project_id,
        name=checked_name(name),
        role=checked_role(role, ROLES),
        created_at=change.now,
        deleted_at=None,
    )
    change.connection.execute(
        sa.insert(SERVICE_ACCOUNTS).values(
            id=account.id,
            project_id=project_id,
            name=account.name,
            role=account.role,
            created_at=account.created_at,
        )
    )
    change.record(
        "service_account.created", account.id, project_id=project_id, after=_told_of(account)
    )
    return account


def get_service_account(
    connection: sa.Connection, project_id: str, account_id: str
) -> ServiceAccount:
    """A service account of a project that was not deleted. Raises UnknownRecord."""
    get_project(connection, project_id)
    row = connection.execute(
        sa.select(SERVICE_ACCOUNTS).where(
            SERVICE_ACCOUNTS.c.id == account_id,
            SERVICE_ACCOUNTS.c.project_id == project_id,
            SERVICE_ACCOUNTS.c.deleted_at.is_(None),
        )
    ).first()
    if row is None:
        raise UnknownRecord(
            f"No service account of project {project_id} has the id {account_id[:60]!r}.",
            param="service_account_id",
        )
    return read_service_account(row)


def list_service_accounts(
    connection: sa.Connection, project_id: str, window: Window
) -> Page[ServiceAccount]:
    """The service accounts of a project that were not deleted. Raises UnknownRecord."""
    get_project(connection, project_id)
    of_project = SERVICE_ACCOUNTS.c.project_id == project_id
    return page_of(
        connection,
        sa.select(SERVICE_ACCOUNTS).where(of_project, SERVICE_ACCOUNTS.c.deleted_at.is_(None)),
        Places(SERVICE_ACCOUNTS.c.place, SERVICE_ACCOUNTS.c.id, of_project),
        window,
        read_service_account,
    )


def update_service_account(
    change: Change, project_id: str, account_id: str, values: Mapping[str, str]
) -> ServiceAccount:
    """Change some of a service account's ``name`` and ``role``.

    Raises UnknownRecord and InvalidValue.
    """
    active_project(change.connection, project_id)
    account = get_service_account(change.connection, project_id, account_id)
    wanted = dict(values)
    if "name" in wanted:
        wanted["name"] = checked_name(wanted["name"])
    if "role" in wanted:
        checked_role(wanted["role"], ROLES)
    changed = msgspec.structs.replace(account, **wanted)
    if changed == account:
        return account
    _update(change, account_id, wanted)
    change.record(
        "service_account.updated",
        account_id,
        project_id=project_id,
        before=_told_of(account),
        after=_told_of(changed),
    )
    return changed


def delete_service_account(change: Change, project_id: str, account_id: str) -> None:
    """End a service account and its keys. Raises UnknownRecord."""
    account = get_service_account(change.connection, project_id, account_id)
    keys.revoke_where(change, KEYS.c.service_account_id == account_id)
    _update(change, account_id, {"deleted_at": change.now})
    change.record(
        "service_account.deleted", account_id, project_id=project_id, before=_told_of(account)
    )


def read_service_account(row: "sa.Row[Any]") -> ServiceAccount:
    """A row of the table as a record."""
    return ServiceAccount(
        id=row.id,
        project_id=row.project_id,
        name=row.name,
        role=row.role,
        created_at=row.created_at,
        deleted_at=row.deleted_at,
    )


def _told_of(account: ServiceAccount) -> dict[str, Any]:
    return {name: getattr(account, name) for name in _TOLD}


def _update(change: Change, account_id: str, values: dict[str, Any]) -> None:
    change.connection.execute(
        sa.update(SERVICE_ACCOUNTS).where(SERVICE_ACCOUNTS.c.id == account_id).values(**values)
    )
