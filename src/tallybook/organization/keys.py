"""Keys: made, changed, revoked, and noted when used. What a key may do is in ``ring.py``."""

from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from tallybook.domain.errors import InvalidValue, RecordExists, UnknownRecord
from tallybook.organization.changes import Change
from tallybook.organization.fields import checked_name
from tallybook.organization.ids import KEY, checked_id, new_id
from tallybook.organization.records import Key, Origin
from tallybook.organization.scopes import Scope, in_order
from tallybook.organization.secret import digest, masked, new_secret
from tallybook.organization.tables import KEYS
from tallybook.organization.windows import Page, Places, Window, page_of

# A year, inclusive (contract, section 12).
EXPIRES_IN_SECONDS_MAX = 31_536_000
REQUESTS_PER_MINUTE_MAX = 1_000_000

# What the audit log says of a key.
_TOLD = ("name", "scopes", "projects", "requests_per_minute_max", "expires_at")


class KeyWish(msgspec.Struct, frozen=True, kw_only=True):
    """A key that is wanted; its fields are those of ``Key``.

    ``projects`` None is the whole organization. A key of a project is bound to
    that one. ``expires_in_seconds`` None is never.
    """

    name: str
    scopes: frozenset[Scope]
    prefix: str
    project_id: str | None = None
    projects: tuple[str, ...] | None = None
    user_id: str | None = None
    service_account_id: str | None = None
    expires_in_seconds: int | None = None
    requests_per_minute_max: int | None = None
    origin: Origin = Origin.CREATED


def create_key(change: Change, wish: KeyWish) -> tuple[Key, str]:
    """Make a key; the record, and the secret, which is nowhere else. Raises InvalidValue."""
    secret = new_secret(wish.prefix)
    return insert_key(change, wish, digest(secret), masked(secret)), secret


def insert_key(change: Change, wish: KeyWish, digest_of_key: str, redacted: str) -> Key:
    """Keep a key of which the digest is known. Raises InvalidValue."""
    key = Key(
        id=new_id(KEY),
        name=checked_name(wish.name),
        redacted=redacted,
        origin=wish.origin,
        scopes=in_order(wish.scopes),
        project_id=wish.project_id,
        projects=(wish.project_id,) if wish.project_id else wish.projects,
        user_id=wish.user_id,
        service_account_id=wish.service_account_id,
        requests_per_minute_max=checked_rate(wish.requests_per_minute_max),
        created_at=change.now,
        expires_at=_expiry(wish.expires_in_seconds, change.now),
        revoked_at=None,
        last_used_at=None,
    )
    _insert(change, key, digest_of_key)
    return key


def register_key(change: Change, project_id: str, key_id: str, name: str) -> Key:
    """Give a key that another system issued a name, by the id that events have. It opens nothing.

    Raises InvalidValue, and RecordExists for an id that is taken.
    """
    key = Key(
        id=checked_id(key_id),
        name=checked_name(name),
        redacted="",
        origin=Origin.REGISTERED,
        scopes=(),
        project_id=project_id,
        projects=(project_id,),
        user_id=None,
        service_account_id=None,
        requests_per_minute_max=None,
        created_at=change.now,
        expires_at=None,
        revoked_at=None,
        last_used_at=None,
    )
    if find_key(change.connection, key.id) is not None:
        raise RecordExists(f"There is a key {key.id} already.", param="id")
    _insert(change, key, None)
    return key


def find_key(connection: sa.Connection, key_id: str) -> Key | None:
    """The key with an id, revoked or not; None when there is none."""
    row = connection.execute(sa.select(KEYS).where(KEYS.c.id == key_id)).first()
    return None if row is None else read_key(row)


def get_key(connection: sa.Connection, key_id: str, project_id: str | None = None) -> Key:
    """A key that is not revoked: of a project, or without one of the organization.

    Raises UnknownRecord.
    """
    key = find_key(connection, key_id)
    if key is None or key.revoked_at is not None or key.project_id != project_id:
        whose = "of the organization" if project_id is None else f"of project {project_id}"
        raise UnknownRecord(f"No key {whose} has the id {key_id[:60]!r}.", param="key_id")
    return key


def list_keys(
    connection: sa.Connection,
    window: Window,
    project_id: str | None,
    only: "sa.ColumnElement[bool] | None" = None,
    *,
    include_revoked: bool = False,
) -> Page[Key]:
    """The keys of a project, or with None those of the organization, that are not revoked.

    With ``only`` those of them that meet it.
    """
    of_list = KEYS.c.project_id == project_id
    in_force = sa.true() if include_revoked else KEYS.c.revoked_at.is_(None)
    return page_of(
        connection,
        sa.select(KEYS).where(of_list, in_force, sa.true() if only is None else only),
        Places(KEYS.c.place, KEYS.c.id, of_list),
        window,
        read_key,
    )


def all_keys(
    connection: sa.Connection, window: Window, *, include_revoked: bool = False
) -> Page[Key]:
    """The keys of the organization and of its projects, in order of creation."""
    statement = sa.select(KEYS)
    if not include_revoked:
        statement = statement.where(KEYS.c.revoked_at.is_(None))
    return page_of(connection, statement, Places(KEYS.c.place, KEYS.c.id), window, read_key)


def update_key(change: Change, key: Key, values: Mapping[str, Any]) -> Key:
    """Change some of a key's ``name`` and ``requests_per_minute_max``. Raises InvalidValue."""
    wanted = dict(values)
    if "name" in wanted:
        wanted["name"] = checked_name(wanted["name"])
    if "requests_per_minute_max" in wanted:
        checked_rate(wanted["requests_per_minute_max"])
    changed = msgspec.structs.replace(key, **wanted)
    if changed == key:
        return key
    change.connection.execute(sa.update(KEYS).where(KEYS.c.id == key.id).values(**wanted))
    change.record(
        "api_key.updated",
        key.id,
        project_id=key.project_id,
        before=told_of(key),
        after=told_of(changed),
    )
    return changed


def revoke_key(change: Change, key: Key) -> None:
    """End a key, for good."""
    revoke_where(change, KEYS.c.id == key.id)


def revoke_where(change: Change, condition: "sa.ColumnElement[bool]") -> None:
    """End every key that meets a condition and was not ended before, for good."""
    ended = sa.select(KEYS).where(condition, KEYS.c.revoked_at.is_(None)).order_by(KEYS.c.place)
    for row in change.connection.execute(ended).all():
        key = read_key(row)
        change.connection.execute(
            sa.update(KEYS).where(KEYS.c.id == key.id).values(revoked_at=change.now)
        )
        change.record("api_key.deleted", key.id, project_id=key.project_id, before=told_of(key))


def note_uses(connection: sa.Connection, used_at: Mapping[str, int]) -> None:
    """Keep when keys, by their ids, were used last; an earlier time changes nothing."""
    if not used_at:
        return
    moment: sa.BindParameter[int] = sa.bindparam("moment")
    connection.execute(
        sa.update(KEYS)
        .where(
            KEYS.c.id == sa.bindparam("key_id"),
            sa.or_(KEYS.c.last_used_at.is_(None), KEYS.c.last_used_at < moment),
        )
        .values(last_used_at=moment),
        # In one order, so that two servers do not wait for each other crosswise.
        [{"key_id": key_id, "moment": used_at[key_id]} for key_id in sorted(used_at)],
    )


def checked_rate(per_minute: int | None) -> int | None:
    """A limit of requests per minute; None is that of the setting. Raises InvalidValue."""
    if per_minute is not None and not 1 <= per_minute <= REQUESTS_PER_MINUTE_MAX:
        raise InvalidValue(
            f"requests_per_minute_max is {per_minute}; it must be from 1 to"
            f" {REQUESTS_PER_MINUTE_MAX}, or null for that of the server.",
            param="requests_per_minute_max",
        )
    return per_minute


def told_of(key: Key) -> dict[str, Any]:
    """What the audit log says of a key: nothing that would open a door."""
    return {name: msgspec.to_builtins(getattr(key, name)) for name in _TOLD}


def read_key(row: "sa.Row[Any]") -> Key:
    """A row of the table as a record."""
    return Key(
        id=row.id,
        name=row.name,
        redacted=row.redacted,
        origin=Origin(row.origin),
        # A scope that this version does not know opens nothing.
        scopes=in_order(Scope(name) for name in row.scopes if name in set(Scope)),
        project_id=row.project_id,
        projects=None if row.projects is None else tuple(row.projects),
        user_id=row.user_id,
        service_account_id=row.service_account_id,
        requests_per_minute_max=row.requests_per_minute_max,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )


def _insert(change: Change, key: Key, digest_of_key: str | None) -> None:
    change.connection.execute(
        sa.insert(KEYS).values(
            id=key.id,
            name=key.name,
            digest=digest_of_key,
            redacted=key.redacted,
            origin=key.origin.value,
            scopes=list(key.scopes),
            project_id=key.project_id,
            projects=None if key.projects is None else list(key.projects),
            user_id=key.user_id,
            service_account_id=key.service_account_id,
            requests_per_minute_max=key.requests_per_minute_max,
            created_at=key.created_at,
            expires_at=key.expires_at,
        )
    )
    change.record("api_key.created", key.id, project_id=key.project_id, after=told_of(key))


def _expiry(expires_in_seconds: int | None, now: int) -> int | None:
    """When a key ends, exclusive. Raises InvalidValue."""
    if expires_in_seconds is None:
        return None
    if not 1 <= expires_in_seconds <= EXPIRES_IN_SECONDS_MAX:
        raise InvalidValue(
            f"expires_in_seconds is {expires_in_seconds}; it must be from 1 to"
            f" {EXPIRES_IN_SECONDS_MAX}, a year.",
            param="expires_in_seconds",
        )
    return now + expires_in_seconds
