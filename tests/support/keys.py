"""Keys of every sort, put into the organization of a data folder before a server opens it."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import httpx2

from support.events import DAY
from support.made_keys import organization_of
from tallybook.organization.keys import KeyWish, insert_key, revoke_key
from tallybook.organization.projects import create_project, find_project
from tallybook.organization.records import Actor, Means
from tallybook.organization.scopes import ALL_SCOPES, Scope
from tallybook.organization.secret import ADMIN_PREFIX, digest, masked

SCOPES = tuple(Scope)
READ_WRITE = frozenset({Scope.USAGE_READ, Scope.USAGE_WRITE})
# When they were made: before the clock of any test. Some end a minute later.
MADE_AT = DAY - 86_400
EXPIRED_AFTER_SECONDS = 60

_ACTOR = Actor(means=Means.COMMAND_LINE)


class Kept(NamedTuple):
    """A key of a test: what people call it, what it may do, what it is bound to, if it is over."""

    name: str
    scopes: frozenset[Scope] = ALL_SCOPES
    projects: tuple[str, ...] | None = None
    expired: bool = False
    revoked: bool = False

    @property
    def secret(self) -> str:
        """What opens doors: long enough to be shown by its last characters."""
        return f"{ADMIN_PREFIX}of-a-test-{self.name.replace(' ', '-')}-0123456789abcdef"

    @property
    def header(self) -> dict[str, str]:
        """The header that it comes in."""
        return {"Authorization": f"Bearer {self.secret}"}

    def client(self, address: str | httpx2.URL) -> httpx2.Client:
        """A client of a server that comes with it."""
        return httpx2.Client(base_url=address, headers=self.header, timeout=60, trust_env=False)


def keep(folder: Path, *keys: Kept) -> None:
    """Put keys, and the projects that they are bound to, into the organization of a folder."""
    with (
        organization_of(folder) as organization,
        organization.changing(_ACTOR, MADE_AT) as change,
    ):
        for project in _projects(keys):
            if find_project(change.connection, project) is None:
                create_project(change, f"Project {project}", chosen_id=project)
        for each in keys:
            wish = KeyWish(
                name=each.name,
                scopes=each.scopes,
                prefix=ADMIN_PREFIX,
                projects=each.projects,
                expires_in_seconds=EXPIRED_AFTER_SECONDS if each.expired else None,
            )
            key = insert_key(change, wish, digest(each.secret), masked(each.secret))
            if each.revoked:
                revoke_key(change, key)


def _projects(keys: Iterable[Kept]) -> list[str]:
    return sorted({project for each in keys for project in each.projects or ()})
