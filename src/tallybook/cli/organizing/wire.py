"""What a server answers of its organization, as far as commands show it, and how it is meant."""

from typing import Any, Generic, TypeVar

import msgspec

from tallybook.cli.organizing.desk import ListedKey
from tallybook.organization import records
from tallybook.organization.scopes import Scope

R = TypeVar("R")


class Page(msgspec.Struct, Generic[R], frozen=True):
    """A page of a list."""

    data: list[R]
    has_more: bool
    last_id: str | None = None


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """A key of the organization or of a project; its scopes where they were asked for."""

    id: str
    name: str | None
    redacted_value: str
    created_at: int
    expires_at: int | None = None
    revoked_at: int | None = None
    last_used_at: int | None = None
    # A newer server may have scopes that nobody here knows.
    scopes: tuple[str, ...] = ()
    project_ids: tuple[str, ...] | None = None
    requests_per_minute_max: int | None = None
    value: str | None = None

    def listed(self, project_id: str | None) -> ListedKey:
        """The same as commands show it, of a project or of the organization."""
        return ListedKey(
            id=self.id,
            name=self.name or "",
            redacted=self.redacted_value,
            scopes=tuple(scope for scope in Scope if scope in self.scopes),
            project_id=project_id,
            projects=self.project_ids,
            requests_per_minute_max=self.requests_per_minute_max,
            created_at=self.created_at,
            expires_at=self.expires_at,
            revoked_at=self.revoked_at,
            last_used_at=self.last_used_at,
        )


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """A project."""

    id: str
    name: str | None
    created_at: int
    archived_at: int | None = None

    @property
    def project(self) -> records.Project:
        """The same as the organization keeps it."""
        return records.Project(
            id=self.id,
            name=self.name or "",
            created_at=self.created_at,
            archived_at=self.archived_at,
        )


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A person."""

    id: str
    name: str | None = None
    email: str | None = None
    role: str | None = None
    added_at: int

    @property
    def user(self) -> records.User:
        """The same as the organization keeps it."""
        return records.User(
            id=self.id,
            name=self.name,
            email=self.email,
            role=self.role or "",
            added_at=self.added_at,
            erased_at=None,
        )


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What an entry tells beyond the contract."""

    subject_id: str
    means: records.Means
    actor_id: str | None = None
    address: str | None = None
    request_id: str | None = None
    user_agent: str | None = None
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


class AuditProject(msgspec.Struct, frozen=True):
    """The project of an entry."""

    id: str


class AuditLog(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the audit log, with its changes."""

    id: str
    type: str
    effective_at: int
    project: AuditProject | None = None
    changes: Changes

    @property
    def entry(self) -> records.AuditEntry:
        """The same as the organization keeps it."""
        changes = self.changes
        return records.AuditEntry(
            id=self.id,
            at=self.effective_at,
            type=self.type,
            subject_id=changes.subject_id,
            project_id=None if self.project is None else self.project.id,
            actor=records.Actor(
                means=changes.means,
                id=changes.actor_id,
                address=changes.address,
                request_id=changes.request_id,
                user_agent=changes.user_agent,
            ),
            before=changes.before,
            after=changes.after,
        )
