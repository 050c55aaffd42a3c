"""The shapes of answers: the fields of the contract, and nothing else unless it is asked for.

What the contract lets be null is null when there is none; what it lets be
absent, and not null, is absent.
"""

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from tallybook.organization.records import Means


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """What a key may do: beyond the contract, and there when ``include[]=access`` asks for it."""

    scopes: list[str] | UnsetType = UNSET
    project_ids: list[str] | UnsetType | None = UNSET
    requests_per_minute_max: int | UnsetType | None = UNSET
    # There when ``include[]=revoked`` asks a list for the keys that have one, too.
    revoked_at: int | UnsetType | None = UNSET


class AdminKeyOwner(msgspec.Struct, frozen=True, kw_only=True):
    """The person whose key it is; a key that is nobody's has none of the fields."""

    type: Literal["user"] | UnsetType = UNSET
    object: Literal["organization.user"] | UnsetType = UNSET
    id: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    created_at: int | UnsetType = UNSET
    role: str | UnsetType = UNSET


class AdminKey(
    Access, frozen=True, kw_only=True, tag_field="object", tag="organization.admin_api_key"
):
    """A key of the organization."""

    id: str
    name: str | None
    redacted_value: str
    created_at: int
    expires_at: int | None
    last_used_at: int | UnsetType = UNSET
    owner: AdminKeyOwner
    # The secret: only in the answer that makes the key.
    value: str | UnsetType = UNSET


class Project(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="object", tag="organization.project"
):
    """A project."""

    id: str
    name: str | None
    created_at: int
    archived_at: int | None
    status: Literal["active", "archived"]


class KeyUser(msgspec.Struct, frozen=True, kw_only=True):
    """The person who owns a project's key, with the role in the project."""

    id: str
    email: str
    name: str
    created_at: int
    role: str


class KeyServiceAccount(msgspec.Struct, frozen=True, kw_only=True):
    """The service account that owns a project's key."""

    id: str
    name: str
    created_at: int
    role: str


class ProjectKeyOwner(msgspec.Struct, frozen=True, kw_only=True):
    """Who owns a project's key; one that another system issued has none of the fields."""

    type: Literal["user", "service_account"] | UnsetType = UNSET
    user: KeyUser | UnsetType = UNSET
    service_account: KeyServiceAccount | UnsetType = UNSET


class ProjectKey(
    Access, frozen=True, kw_only=True, tag_field="object", tag="organization.project.api_key"
):
    """A key of a project."""

    id: str
    name: str
    redacted_value: str
    created_at: int
    expires_at: int | None
    last_used_at: int | None
    owner: ProjectKeyOwner
    owner_project_access: Literal["active", "inactive"]


class ServiceAccountKey(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    tag_field="object",
    tag="organization.project.service_account.api_key",
):
    """A key of a service account, in the one answer that has its secret."""

    id: str
    name: str
    created_at: int
    expires_at: int | None
    value: str


class ServiceAccount(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    tag_field="object",
    tag="organization.project.service_account",
):
    """A service account; the answer that makes it has ``api_key``, null when none was wanted."""

    id: str
    name: str
    role: Literal["owner", "member", "none"]
    created_at: int
    api_key: ServiceAccountKey | UnsetType | None = UNSET


class User(msgspec.Struct, frozen=True, kw_only=True, tag_field="object", tag="organization.user"):
    """A person of the organization."""

    id: str
    name: str | None
    email: str | None
    role: Literal["owner", "reader"]
    added_at: int


class ProjectUser(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="object", tag="organization.project.user"
):
    """A person of a project."""

    id: str
    name: str | None
    email: str | None
    role: Literal["owner", "member"]
    added_at: int


class Deleted(msgspec.Struct, frozen=True, kw_only=True):
    """What is over."""

    object: str
    id: str
    deleted: bool = True


class ActorUser(msgspec.Struct, frozen=True, kw_only=True):
    """A person who changed something."""

    id: str
    email: str | UnsetType = UNSET


class ActorServiceAccount(msgspec.Struct, frozen=True, kw_only=True):
    """A service account that changed something."""

    id: str


class ActorKey(msgspec.Struct, frozen=True, kw_only=True):
    """The key by which something was changed."""

    id: str
    type: Literal["user", "service_account"]
    user: ActorUser | UnsetType = UNSET
    service_account: ActorServiceAccount | UnsetType = UNSET


class ActorSession(msgspec.Struct, frozen=True, kw_only=True):
    """The session in which something was changed."""

    user: ActorUser | UnsetType = UNSET
    ip_address: str | UnsetType = UNSET


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who changed something, in the contract's two sorts."""

    type: Literal["session", "api_key"]
    session: ActorSession | UnsetType = UNSET
    api_key: ActorKey | UnsetType = UNSET


class AuditProject(msgspec.Struct, frozen=True, kw_only=True):
    """The project in which something was changed."""

    id: str
    name: str | UnsetType = UNSET


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What changed, by whom and from where, as it is kept: beyond the contract.

    ``actor_id`` is the key's, the machine's account's on the command line, and
    the server's own where it is the server that changes something.
    """

    subject_id: str
    means: Means
    actor_id: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    address: str | None
    request_id: str | None
    user_agent: str | None


class AuditLog(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the audit log, without the details, which are under the name of its type."""

    id: str
    type: str
    effective_at: int
    actor: Actor
    project: AuditProject | UnsetType = UNSET
    # There when ``include[]=changes`` asks for it.
    changes: Changes | UnsetType = UNSET
