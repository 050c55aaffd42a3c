"""What requests name, put into an organization: each maker makes one more, and gives its id."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from support.events import DAY
from tallybook.organization import keys, memberships, service_accounts, users
from tallybook.organization.changes import Change
from tallybook.organization.ids import KEY, new_id
from tallybook.organization.organization import Organization
from tallybook.organization.records import Actor, Means, User
from tallybook.organization.scopes import Scope
from tallybook.organization.secret import ADMIN_PREFIX
from tallybook.organization.tables import PROJECTS

_ACTOR = Actor(means=Means.COMMAND_LINE)


def _made(organization: Organization, make: Callable[[Change], str]) -> str:
    with organization.changing(_ACTOR, DAY) as change:
        return make(change)


def active_project_of(project_id: str) -> Callable[[Organization], str]:
    """A project that is there already, active again when a request has archived it."""

    def make(organization: Organization) -> str:
        again = sa.update(PROJECTS).where(PROJECTS.c.id == project_id).values(archived_at=None)
        with organization.noting() as connection:
            connection.execute(again)
        return project_id

    return make


def admin_key(organization: Organization) -> str:
    """A key of the organization."""
    wish = keys.KeyWish(name="made", scopes=frozenset({Scope.USAGE_READ}), prefix=ADMIN_PREFIX)
    return _made(organization, lambda change: keys.create_key(change, wish)[0].id)


def project_key_of(project_id: str) -> Callable[[Organization], str]:
    """A key of a project."""

    def make(change: Change) -> str:
        return keys.register_key(change, project_id, new_id(KEY), "made").id

    return lambda organization: _made(organization, make)


def service_account_of(project_id: str) -> Callable[[Organization], str]:
    """A service account of a project."""

    def make(change: Change) -> str:
        return service_accounts.create_service_account(change, project_id, "made").id

    return lambda organization: _made(organization, make)


def user(organization: Organization) -> str:
    """A person."""
    return _made(organization, lambda change: _user(change).id)


def member_of(project_id: str) -> Callable[[Organization], str]:
    """A person in a project."""

    def make(change: Change) -> str:
        return memberships.add_member(change, project_id, _user(change), "member").user.id

    return lambda organization: _made(organization, make)


def new_member(organization: Organization) -> dict[str, Any]:
    """The body that lets a person into a project."""
    return {"role": "member", "user_id": user(organization)}


def name_of_a_key(_organization: Organization) -> dict[str, Any]:
    """The body that names a key of another system."""
    return {"id": new_id(KEY), "name": "made"}


def _user(change: Change) -> User:
    return users.add_user(change, name="Made", email=None, role="reader")
