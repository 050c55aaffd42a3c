"""Keys beside those of settings, made and revoked in a data folder as another server would."""

from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from support.events import DAY
from tallybook.organization.audit import Sought, list_entries
from tallybook.organization.keys import KeyWish, create_key, get_key, revoke_key
from tallybook.organization.organization import Organization, open_organization
from tallybook.organization.records import Actor, AuditEntry, Key, Means
from tallybook.organization.scopes import Scope
from tallybook.organization.secret import ADMIN_PREFIX
from tallybook.organization.windows import Window

_ACTOR = Actor(means=Means.COMMAND_LINE, id="tests")
_WISH = KeyWish(name="a key", scopes=frozenset({Scope.USAGE_READ}), prefix=ADMIN_PREFIX)


def organization_of(folder: Path) -> closing[Organization]:
    """The organization of a data folder for a block; a server may have it open as well."""
    return closing(open_organization(folder, ""))


def made_key(folder: Path, now: float = DAY, **wish: Any) -> tuple[Key, str]:
    """A key that may read usage, or whatever ``wish`` says; and its secret."""
    folder.mkdir(parents=True, exist_ok=True)
    with organization_of(folder) as organization, organization.changing(_ACTOR, now) as change:
        return create_key(change, msgspec.structs.replace(_WISH, **wish))


def revoke(folder: Path, key_id: str) -> None:
    """Take a key of the organization out of force."""
    with organization_of(folder) as organization, organization.changing(_ACTOR, DAY) as change:
        revoke_key(change, get_key(change.connection, key_id))


def audited(folder: Path, *types: str) -> list[AuditEntry]:
    """The lines of the audit log of some types, the newest first."""
    with organization_of(folder) as organization, organization.reading() as connection:
        entries = list_entries(
            connection, Window(limit=100, newest_first=True), Sought(types=types)
        ).records
    return list(entries)
