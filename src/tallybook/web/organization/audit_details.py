"""Entries of the audit log as the contract has them: actors of two sorts, details by type."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec import UNSET

from tallybook.organization import records
from tallybook.organization.owners import NOBODY, Owner
from tallybook.organization.records import AuditEntry, Means
from tallybook.web.organization.answers import (
    Actor,
    ActorKey,
    ActorServiceAccount,
    ActorSession,
    ActorUser,
    AuditLog,
    AuditProject,
    Changes,
)

Details = dict[str, Any]


class Told(msgspec.Struct, frozen=True):
    """What is known beside the entries of a page: owners by the ids of keys, names of projects."""

    owners: Mapping[str, Owner]
    projects: Mapping[str, str]


def audit_log(entry: AuditEntry, told: Told, *, changes: bool) -> Details:
    """An entry on the wire; its details are under the name of its type."""
    log = AuditLog(
        id=entry.id,
        type=entry.type,
        effective_at=entry.at,
        actor=actor_of(entry.actor, told.owners.get(entry.actor.id or "", NOBODY)),
        project=_project(entry, told),
        changes=_changes(entry) if changes else UNSET,
    )
    fields: Details = msgspec.to_builtins(log)
    return fields | {entry.type: DETAILS.get(entry.type, _subject)(entry)}


def actor_of(actor: records.Actor, owner: Owner) -> Actor:
    """An actor in the nearest of the contract's two sorts.

    A key is a key. A session of the dashboard and an account of the machine,
    which works on the command line, are sessions; the server itself is one of
    nobody.
    """
    if actor.means is Means.API_KEY:
        return Actor(type="api_key", api_key=_key(actor.id or "", owner))
    user = ActorUser(id=actor.id) if actor.means is Means.COMMAND_LINE and actor.id else UNSET
    if owner.user is not None:
        user = _user(owner.user)
    session = ActorSession(user=user, ip_address=actor.address or UNSET)
    return Actor(type="session", session=session)


def _key(key_id: str, owner: Owner) -> ActorKey:
    if (account := owner.service_account) is not None:
        program = ActorServiceAccount(id=account.id)
        return ActorKey(id=key_id, type="service_account", service_account=program)
    user = UNSET if owner.user is None else _user(owner.user)
    return ActorKey(id=key_id, type="user", user=user)


def _user(user: records.User) -> ActorUser:
    return ActorUser(id=user.id, email=UNSET if user.email is None else user.email)


def _project(entry: AuditEntry, told: Told) -> AuditProject | msgspec.UnsetType:
    if entry.project_id is None:
        return UNSET
    return AuditProject(id=entry.project_id, name=told.projects.get(entry.project_id, UNSET))


def _changes(entry: AuditEntry) -> Changes:
    return Changes(
        subject_id=entry.subject_id,
        means=entry.actor.means,
        actor_id=entry.actor.id,
        before=entry.before,
        after=entry.after,
        address=entry.actor.address,
        request_id=entry.actor.request_id,
        user_agent=entry.actor.user_agent,
    )


def _nothing(_entry: AuditEntry) -> Details:
    return {}


def _subject(entry: AuditEntry) -> Details:
    return {"id": entry.subject_id}


def _failure(entry: AuditEntry) -> Details:
    after = entry.after or {}
    return {name: after[name] for name in ("error_code", "error_message") if name in after}


def _assignment(entry: AuditEntry) -> Details:
    return {
        "principal_id": entry.subject_id,
        "principal_type": "user",
        "resource_id": entry.project_id,
        "resource_type": "project",
    }


def _with(part: str, **fields: str) -> Callable[[AuditEntry], Details]:
    """Details with a part that holds fields of the entry's later side, by the names given."""

    def details(entry: AuditEntry) -> Details:
        after = entry.after or {}
        held = {name: after[own] for name, own in fields.items() if own in after}
        return {**_subject(entry), part: held}

    return details


# By type; of all others there is the id of what was changed.
DETAILS: Mapping[str, Callable[[AuditEntry], Details]] = {
    "api_key.created": _with("data", scopes="scopes"),
    "api_key.updated": _with("changes_requested", scopes="scopes"),
    "login.succeeded": _nothing,
    "login.failed": _failure,
    "logout.succeeded": _nothing,
    "organization.updated": _with("changes_requested"),
    "project.created": _with("data", name="name", title="name"),
    "project.updated": _with("changes_requested", title="name"),
    "role.assignment.created": _assignment,
    "role.assignment.deleted": _assignment,
    "service_account.created": _with("data", role="role"),
    "service_account.updated": _with("changes_requested", role="role"),
    "user.added": _with("data", role="role"),
    "user.updated": _with("changes_requested", role="role"),
}
