"""The keys that every ledger has from its first start on: carried over, or made."""

from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa

from tallybook.organization.carried_over import kept_digests, set_aside
from tallybook.organization.keys import KeyWish, create_key, insert_key
from tallybook.organization.organization import Organization
from tallybook.organization.records import Actor, Means
from tallybook.organization.roles import ROLES, Role, checked
from tallybook.organization.secret import masked
from tallybook.organization.tables import KEYS

_SERVER = Actor(means=Means.SERVER)


def first_keys(
    organization: Organization, folder: Path, chosen: Mapping[Role, str], now: float
) -> dict[Role, str]:
    """See to it that each role has a key; the secrets that were made just now, to be shown once.

    A role whose key was ``chosen`` has that one. Of the others one key is
    made, ever: whoever revokes it makes another by command. Raises InvalidKey.
    """
    for role, secret in chosen.items():
        checked(role, secret)
    carry_over(organization, folder, now)
    with organization.reading() as connection:
        lacking = _lacking(connection)
    made: dict[Role, str] = {}
    if any(role not in chosen for role in lacking):
        with organization.changing(_SERVER, now) as change:
            # Asked again: of two servers that start at once, one makes the keys.
            for role in _lacking(change.connection):
                if role not in chosen:
                    _, made[role] = create_key(change, _wish(role))
    return made


def carry_over(organization: Organization, folder: Path, now: float) -> None:
    """Keep the keys of an older folder, once: they stay good. Raises InvalidKey."""
    if kept := kept_digests(folder):
        with organization.changing(_SERVER, now) as change:
            for role in _lacking(change.connection):
                if role in kept:
                    insert_key(change, _wish(role), kept[role], masked(role.prefix))
        set_aside(folder)


def _lacking(connection: sa.Connection) -> list[Role]:
    """The roles of which there never was a first key."""
    there = set(connection.execute(sa.select(KEYS.c.origin).distinct()).scalars())
    return [role for role in ROLES if role.first not in there]


def _wish(role: Role) -> KeyWish:
    return KeyWish(name=role.key_name, scopes=role.scopes, prefix=role.prefix, origin=role.first)
