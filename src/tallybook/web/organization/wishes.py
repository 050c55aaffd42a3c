"""What bodies may wish for: the fields of each, by their names on the wire.

A field that may be null and nothing else is one of the contract that has no
meaning here: refused as soon as it has a value, rather than lost in silence.
Rules of values are the organization's own; the schemas repeat them.
"""

from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from tallybook.domain.events import NAME_LENGTH_MAX as ID_LENGTH_MAX
from tallybook.organization import memberships, service_accounts, users
from tallybook.organization.fields import EMAIL_LENGTH_MAX, NAME_LENGTH_MAX
from tallybook.organization.keys import EXPIRES_IN_SECONDS_MAX, REQUESTS_PER_MINUTE_MAX
from tallybook.organization.scopes import Scope

# Projects that a key is bound to, at most; inclusive.
KEY_PROJECTS_MAX = 100


def _told(**schema: object) -> msgspec.Meta:
    """What the description says of a field, and the organization checks."""
    return msgspec.Meta(extra_json_schema=schema)


Name = Annotated[str, _told(minLength=1, maxLength=NAME_LENGTH_MAX)]
Email = Annotated[str, _told(minLength=3, maxLength=EMAIL_LENGTH_MAX)]
ChosenId = Annotated[str, _told(minLength=1, maxLength=ID_LENGTH_MAX, pattern=r"^[^\s/?#%\\]+$")]
Seconds = Annotated[int, _told(minimum=1, maximum=EXPIRES_IN_SECONDS_MAX)]
Rate = Annotated[int, _told(minimum=1, maximum=REQUESTS_PER_MINUTE_MAX)]
Scopes = Annotated[
    list[Annotated[str, _told(enum=[str(scope) for scope in Scope])]], _told(minItems=1)
]
ProjectIds = Annotated[list[str], _told(minItems=1, maxItems=KEY_PROJECTS_MAX)]
UserRole = Annotated[str, _told(enum=list(users.ROLES))]
MemberRole = Annotated[str, _told(enum=list(memberships.ROLES))]
AccountRole = Annotated[str, _told(enum=list(service_accounts.ROLES))]


class NewAdminKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key of the organization; without ``scopes`` it has those of whoever makes it."""

    name: Name
    expires_in_seconds: Seconds | None = None
    scopes: Scopes | None = None
    project_ids: ProjectIds | None = None
    requests_per_minute_max: Rate | None = None


class AdminKeyChanges(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key's new name, and its limit of requests; null is that of the server."""

    name: Name | None = None
    requests_per_minute_max: Rate | UnsetType | None = UNSET


class NewProject(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A project, under the ``id`` that events already have when one is given."""

    name: Name
    id: ChosenId | None = None
    external_key_id: None = None
    geography: None = None
    residency: None = None


class ProjectChanges(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A project's new name."""

    name: Name | None = None
    external_key_id: None = None
    geography: None = None


class RegisteredKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The name of a key that another system issued, and the id that events have of it."""

    id: ChosenId
    name: Name


class NewServiceAccount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A service account, with a key unless it says otherwise."""

    name: Name
    create_service_account_only: bool | None = None
    expires_in_seconds: Seconds | None = None


class ServiceAccountChanges(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A service account's new name and role."""

    name: Name | None = None
    role: AccountRole | None = None


class NewServiceAccountKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A further key of a service account."""

    name: Name | None = None
    scopes: Scopes | None = None
    expires_in_seconds: Seconds | None = None


class NewUser(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person, under the ``id`` that events already have when one is given."""

    name: Name
    email: Email | None = None
    role: UserRole = "reader"
    id: ChosenId | None = None


class UserChanges(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person's new name, email and role."""

    name: Name | None = None
    email: Email | None = None
    role: UserRole | None = None
    role_id: None = None
    technical_level: None = None
    developer_persona: None = None


class NewMember(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who comes into a project, by id or by email, and as what."""

    role: MemberRole
    user_id: str | None = None
    email: str | None = None


class MemberChanges(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The role that a person has in a project from now on."""

    role: MemberRole | None = None


def given(wish: msgspec.Struct, *names: str) -> dict[str, str]:
    """Those of some fields that a wish gives a value."""
    values = {name: getattr(wish, name) for name in names}
    return {name: value for name, value in values.items() if value is not None}
