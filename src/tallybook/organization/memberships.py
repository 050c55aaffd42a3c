"""Memberships: who belongs to which project, and as what."""

from typing import Any

import msgspec
import sqlalchemy as sa

from tallybook.domain.errors import RecordExists, UnknownRecord
from tallybook.organization.changes import Change
from tallybook.organization.fields import checked_role
from tallybook.organization.projects import active_project, get_project
from tallybook.organization.records import Member, User
from tallybook.organization.tables import MEMBERSHIPS, USERS
from tallybook.organization.users import read_user
from tallybook.organization.windows import Page, Places, Window, page_of

ROLES = ("owner", "member")

_SELECTED = (
    sa.select(
        USERS,
        MEMBERSHIPS.c.project_id,
        MEMBERSHIPS.c.role.label("project_role"),
        MEMBERSHIPS.c.added_at.label("joined_at"),
    )
    .join(USERS, USERS.c.id == MEMBERSHIPS.c.user_id)
    .where(MEMBERSHIPS.c.removed_at.is_(None))
)


def add_member(change: Change, project_id: str, user: User, role: str) -> Member:
    """Let a person into a project. Raises UnknownRecord, InvalidValue and RecordExists."""
    active_project(change.connection, project_id)
    if find_member(change.connection, project_id, user.id) is not None:
        raise RecordExists(f"User {user.id} is in project {project_id} already.", param="user_id")
    member = Member(
        project_id=project_id,
        user=user,
        role=checked_role(role, ROLES),
        added_at=change.now,
    )
    change.connection.execute(
        sa.insert(MEMBERSHIPS).values(
            project_id=project_id, user_id=user.id, role=member.role, added_at=member.added_at
        )
    )
    change.record(
        "role.assignment.created", user.id, project_id=project_id, after={"role": member.role}
    )
    return member


def find_member(connection: sa.Connection, project_id: str, user_id: str) -> Member | None:
    """A person in a project; None for someone who is not, or no longer, in it."""
    row = connection.execute(
        _SELECTED.where(MEMBERSHIPS.c.project_id == project_id, MEMBERSHIPS.c.user_id == user_id)
    ).first()
    return None if row is None else _read(row)


def get_member(connection: sa.Connection, project_id: str, user_id: str) -> Member:
    """A person in a project. Raises UnknownRecord."""
    get_project(connection, project_id)
    member = find_member(connection, project_id, user_id)
    if member is None:
        raise UnknownRecord(
            f"No user of project {project_id} has the id {user_id[:60]!r}.", param="user_id"
        )
    return member


def list_members(connection: sa.Connection, project_id: str, window: Window) -> Page[Member]:
    """The people of a project, in the order in which they came in. Raises UnknownRecord."""
    get_project(connection, project_id)
    of_project = MEMBERSHIPS.c.project_id == project_id
    return page_of(
        connection,
        _SELECTED.where(of_project),
        Places(MEMBERSHIPS.c.place, MEMBERSHIPS.c.user_id, of_project),
        window,
        _read,
    )


def projects_of(connection: sa.Connection, user_id: str) -> list[Member]:
    """A person's memberships, the oldest first."""
    rows = connection.execute(
        _SELECTED.where(MEMBERSHIPS.c.user_id == user_id).order_by(MEMBERSHIPS.c.place)
    )
    return [_read(row) for row in rows]


def change_role(change: Change, project_id: str, user_id: str, role: str) -> Member:
    """Give a person of a project another role. Raises UnknownRecord and InvalidValue."""
    active_project(change.connection, project_id)
    member = get_member(change.connection, project_id, user_id)
    role = checked_role(role, ROLES)
    if role == member.role:
        return member
    _update(change, member, {"role": role})
    change.record(
        "user.updated",
        user_id,
        project_id=project_id,
        before={"role": member.role},
        after={"role": role},
    )
    return msgspec.structs.replace(member, role=role)


def remove_member(change: Change, project_id: str, user_id: str) -> None:
    """Take a person out of a project. Raises UnknownRecord and InvalidValue."""
    active_project(change.connection, project_id)
    member = get_member(change.connection, project_id, user_id)
    _update(change, member, {"removed_at": change.now})
    change.record(
        "role.assignment.deleted", user_id, project_id=project_id, before={"role": member.role}
    )


def _update(change: Change, member: Member, values: dict[str, Any]) -> None:
    change.connection.execute(
        sa.update(MEMBERSHIPS)
        .where(
            MEMBERSHIPS.c.project_id == member.project_id,
            MEMBERSHIPS.c.user_id == member.user.id,
            MEMBERSHIPS.c.removed_at.is_(None),
        )
        .values(**values)
    )


def _read(row: "sa.Row[Any]") -> Member:
    return Member(
        project_id=row.project_id,
        user=read_user(row),
        role=row.project_role,
        added_at=row.joined_at,
    )
