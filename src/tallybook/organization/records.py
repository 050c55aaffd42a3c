"""What the organization keeps, as values. All times are whole Unix seconds."""

from enum import StrEnum
from typing import Any

import msgspec

from tallybook.organization.scopes import Scope


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """A project; archived ones stay, since events have their ids."""

    id: str
    name: str
    created_at: int
    archived_at: int | None


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A person. One who was erased has no name and no email any more: the id is a pseudonym."""

    id: str
    name: str | None
    email: str | None
    role: str
    added_at: int
    erased_at: int | None


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A person in a project, with the role that the person has there."""

    project_id: str
    user: User
    role: str
    added_at: int


class ServiceAccount(msgspec.Struct, frozen=True, kw_only=True):
    """A program that works for a project, and has keys of its own."""

    id: str
    project_id: str
    name: str
    role: str
    created_at: int
    deleted_at: int | None


class Origin(StrEnum):
    """How a key came to be."""

    # Made at the first start; out of force while a setting gives its role's key.
    FIRST_ADMIN = "first_admin"
    FIRST_INGEST = "first_ingest"
    CREATED = "created"
    # Another system's key, of which only the name is known; it opens nothing.
    REGISTERED = "registered"


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """A key, without its secret.

    ``project_id`` is the project that it belongs to; null for a key of the
    organization. ``projects`` are those that it is bound to; null when it may
    see all. A key in use has ``last_used_at``, which lags by seconds.
    """

    id: str
    name: str
    redacted: str
    origin: Origin
    scopes: tuple[Scope, ...]
    project_id: str | None
    projects: tuple[str, ...] | None
    user_id: str | None
    service_account_id: str | None
    requests_per_minute_max: int | None
    created_at: int
    expires_at: int | None
    revoked_at: int | None
    last_used_at: int | None


class Means(StrEnum):
    """By what a change is made."""

    API_KEY = "api_key"
    SESSION = "session"
    COMMAND_LINE = "command_line"
    SERVER = "server"


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who makes a change, by what means, and from where.

    ``id`` is the key's, also of the one behind a session; on the command line
    the account's on the machine. ``address`` is that of the other end, and on
    the command line the machine's name.
    """

    means: Means
    id: str | None = None
    address: str | None = None
    request_id: str | None = None
    user_agent: str | None = None


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One change: what it was, of what, by whom, and the fields before and after it.

    Neither side has a secret, or what is personal about someone: entries stay
    when a person is erased.
    """

    id: str
    at: int
    type: str
    subject_id: str
    project_id: str | None
    actor: Actor
    before: dict[str, Any] | None
    after: dict[str, Any] | None
