"""Roles: the two sorts of keys that every ledger has from its first start on."""

import msgspec

from tallybook.organization.records import Origin
from tallybook.organization.scopes import ALL_SCOPES, Scope
from tallybook.organization.secret import ADMIN_PREFIX, INGEST_PREFIX, masked


class Role(msgspec.Struct, frozen=True):
    """A sort of key: its name, the prefix of its secrets, its scopes, what its first key is."""

    name: str
    prefix: str
    scopes: frozenset[Scope]
    first: Origin

    @property
    def key_name(self) -> str:
        """What people call its key."""
        return f"{self.name} key"


ADMIN = Role("admin", ADMIN_PREFIX, ALL_SCOPES, Origin.FIRST_ADMIN)
INGEST = Role("ingest", INGEST_PREFIX, frozenset({Scope.USAGE_WRITE}), Origin.FIRST_INGEST)
ROLES = (ADMIN, INGEST)


class InvalidKey(ValueError):
    """A key that someone chose, or the file of the kept ones, cannot be used."""


def checked(role: Role, secret: str) -> str:
    """A secret that someone chose for a role. Raises InvalidKey, which does not show it."""
    if not secret.startswith(role.prefix) or secret == role.prefix:
        raise InvalidKey(
            f"The {role.name} key {masked(secret)} cannot be used: it must start with"
            f" {role.prefix} and go on after that."
        )
    return secret
