"""The audit log, read. It is written by ``changes.py`` alone, and never changed."""

from collections.abc import Collection
from typing import Any

import msgspec
import sqlalchemy as sa

from tallybook.organization.owners import keys_by_email, keys_of
from tallybook.organization.records import Actor, AuditEntry, Means
from tallybook.organization.tables import AUDIT_ENTRIES
from tallybook.organization.windows import Page, Places, Window, page_of

# What entries are about: the contract's types as far as it has them, then our own.
EVENT_TYPES = (
    "api_key.created",
    "api_key.updated",
    "api_key.deleted",
    "login.succeeded",
    "login.failed",
    "logout.succeeded",
    "organization.updated",
    "project.created",
    "project.updated",
    "project.archived",
    "role.assignment.created",
    "role.assignment.deleted",
    "service_account.created",
    "service_account.updated",
    "service_account.deleted",
    "user.added",
    "user.updated",
    "user.deleted",
    "prices.changed",
    "prices.repriced",
    "event.voided",
    "backup.taken",
)


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries are sought: those that meet all that is given. Times are inclusive.

    An actor is named by the id of a key or of whoever owns it, or by an email.
    """

    types: Collection[str] = ()
    actor_ids: Collection[str] = ()
    actor_emails: Collection[str] = ()
    subject_ids: Collection[str] = ()
    project_ids: Collection[str] = ()
    since: int | None = None
    until: int | None = None


EVERYTHING = Sought()


def list_entries(
    connection: sa.Connection, window: Window, sought: Sought = EVERYTHING
) -> Page[AuditEntry]:
    """Entries in the order of the changes that they tell."""
    table = AUDIT_ENTRIES.c
    statement = sa.select(AUDIT_ENTRIES)
    for column, values in (
        (table.type, sought.types),
        (table.subject_id, sought.subject_ids),
        (table.project_id, sought.project_ids),
    ):
        if values:
            statement = statement.where(column.in_(values))
    if sought.actor_ids:
        owned = table.actor_id.in_(keys_of(sought.actor_ids))
        statement = statement.where(sa.or_(table.actor_id.in_(sought.actor_ids), owned))
    if sought.actor_emails:
        statement = statement.where(table.actor_id.in_(keys_by_email(sought.actor_emails)))
    if sought.since is not None:
        statement = statement.where(table.at >= sought.since)
    if sought.until is not None:
        statement = statement.where(table.at <= sought.until)
    return page_of(
        connection,
        statement,
        Places(table.place, table.id),
        window,
        _read,
    )


def _read(row: "sa.Row[Any]") -> AuditEntry:
    return AuditEntry(
        id=row.id,
        at=row.at,
        type=row.type,
        subject_id=row.subject_id,
        project_id=row.project_id,
        actor=Actor(
            means=Means(row.means),
            id=row.actor_id,
            address=row.address,
            request_id=row.request_id,
            user_agent=row.user_agent,
        ),
        before=row.before,
        after=row.after,
    )
