"""People: added, changed, and erased, after which their id is a pseudonym in what was summed."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from tallybook.domain.errors import RecordExists, UnknownRecord
from tallybook.organization import keys
from tallybook.organization.changes import PERSONAL, Change
from tallybook.organization.fields import checked_email, checked_name, checked_role
from tallybook.organization.ids import USER, checked_id, new_id
from tallybook.organization.records import User
from tallybook.organization.tables import KEYS, MEMBERSHIPS, USERS
from tallybook.organization.windows import Page, Places, Window, page_of

ROLES = ("owner", "reader")

_CHECKS: Mapping[str, Callable[[str], str]] = {
    "name": checked_name,
    "email": checked_email,
    "role": lambda text: checked_role(text, ROLES),
}


def add_user(
    change: Change, *, name: str, email: str | None, role: str, chosen_id: str | None = None
) -> User:
    """Add a person, under the id that events already have when one is chosen.

    Raises InvalidValue, and RecordExists for an id, also of someone who was
    erased, or an email that is taken.
    """
    user = User(
        id=new_id(USER) if chosen_id is None else checked_id(chosen_id),
        name=checked_name(name),
        email=None if email is None else checked_email(email),
        role=checked_role(role, ROLES),
        added_at=change.now,
        erased_at=None,
    )
    if taken := find_user(change.connection, user.id):
        erased = "" if taken.erased_at is None else ", who was erased: the id is a pseudonym now"
        raise RecordExists(f"There is a user {user.id} already{erased}.", param="id")
    _check_email_is_free(change.connection, user)
    change.connection.execute(
        sa.insert(USERS).values(
            id=user.id, name=user.name, email=user.email, role=user.role, added_at=user.added_at
        )
    )
    change.record("user.added", user.id, after=told_of(user))
    return user


def find_user(connection: sa.Connection, user_id: str) -> User | None:
    """The person with an id, erased or not; None when there is none."""
    row = connection.execute(sa.select(USERS).where(USERS.c.id == user_id)).first()
    return None if row is None else read_user(row)


def get_user(connection: sa.Connection, user_id: str) -> User:
    """The person with an id who was not erased. Raises UnknownRecord."""
    user = find_user(connection, user_id)
    if user is None or user.erased_at is not None:
        raise UnknownRecord(f"No user has the id {user_id[:60]!r}.", param="user_id")
    return user


def get_user_by_email(connection: sa.Connection, email: str) -> User:
    """The person with an email. Raises UnknownRecord."""
    row = connection.execute(sa.select(USERS).where(USERS.c.email == checked_email(email))).first()
    if row is None:
        raise UnknownRecord(f"No user has the email {email[:60]!r}.", param="email")
    return read_user(row)


def list_users(
    connection: sa.Connection, window: Window, *, emails: Collection[str] = ()
) -> Page[User]:
    """People who were not erased; with ``emails`` only those with one of these."""
    statement = sa.select(USERS).where(USERS.c.erased_at.is_(None))
    if emails:
        statement = statement.where(USERS.c.email.in_([each.strip().lower() for each in emails]))
    return page_of(
        connection,
        statement,
        Places(USERS.c.place, USERS.c.id),
        window,
        read_user,
    )


def update_user(change: Change, user_id: str, values: Mapping[str, str]) -> User:
    """Change some of a person's ``name``, ``email`` and ``role``.

    Raises UnknownRecord, InvalidValue and RecordExists.
    """
    user = get_user(change.connection, user_id)
    wanted = {name: _CHECKS[name](value) for name, value in values.items()}
    changed = msgspec.structs.replace(user, **wanted)
    if changed == user:
        return user
    _check_email_is_free(change.connection, changed)
    change.connection.execute(sa.update(USERS).where(USERS.c.id == user_id).values(**wanted))
    personal = {name: PERSONAL for name in wanted if name != "role"}
    change.record(
        "user.updated",
        user_id,
        before={"role": user.role},
        after={"role": changed.role} | personal,
    )
    return changed


def erase_user(change: Change, user_id: str) -> None:
    """Forget who a person is: name and email go, keys and memberships end, the id stays.

    Raises UnknownRecord.
    """
    user = get_user(change.connection, user_id)
    keys.revoke_where(change, KEYS.c.user_id == user_id)
    change.connection.execute(
        sa.update(MEMBERSHIPS)
        .where(MEMBERSHIPS.c.user_id == user_id, MEMBERSHIPS.c.removed_at.is_(None))
        .values(removed_at=change.now)
    )
    change.connection.execute(
        sa.update(USERS)
        .where(USERS.c.id == user_id)
        .values(name=None, email=None, erased_at=change.now)
    )
    change.record("user.deleted", user_id, before=told_of(user))


def told_of(user: User) -> dict[str, Any]:
    """What the audit log says of a person: nothing by which one could be known."""
    return {"role": user.role, "name": PERSONAL, "email": user.email and PERSONAL}


def read_user(row: "sa.Row[Any]") -> User:
    """A row of the table as a record."""
    return User(
        id=row.id,
        name=row.name,
        email=row.email,
        role=row.role,
        added_at=row.added_at,
        erased_at=row.erased_at,
    )


def _check_email_is_free(connection: sa.Connection, user: User) -> None:
    if user.email is None:
        return
    taken = sa.select(USERS.c.id).where(USERS.c.email == user.email, USERS.c.id != user.id)
    if (other := connection.execute(taken).scalar()) is not None:
        raise RecordExists(f"The email is that of user {other} already.", param="email")
