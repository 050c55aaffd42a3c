"""The keys in force, read from the database and the settings into a ring."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from tallybook.organization.keys import read_key
from tallybook.organization.ring import Caller, KeyRing, caller_by_setting
from tallybook.organization.roles import Role
from tallybook.organization.secret import digest
from tallybook.organization.tables import KEYS


def ring_of(connection: sa.Connection, chosen: Mapping[Role, str]) -> KeyRing:
    """The ring of the keys that are kept and of those that settings give, by role.

    A key that was made at the first start is out of force while a setting
    gives the key of its role: whoever set one to be rid of the other is.
    """
    statement = sa.select(KEYS).where(
        KEYS.c.digest.is_not(None),
        KEYS.c.revoked_at.is_(None),
        KEYS.c.origin.not_in([role.first for role in chosen]),
    )
    callers = {row.digest: _caller(row) for row in connection.execute(statement)}
    given = {digest(secret): caller_by_setting(role, secret) for role, secret in chosen.items()}
    return KeyRing(callers | given)


def _caller(row: "sa.Row[Any]") -> Caller:
    key = read_key(row)
    return Caller(
        key_id=key.id,
        name=key.name,
        redacted=key.redacted,
        scopes=frozenset(key.scopes),
        projects=None if key.projects is None else frozenset(key.projects),
        expires_at=key.expires_at,
        requests_per_minute_max=key.requests_per_minute_max,
    )
