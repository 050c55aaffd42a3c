"""What answers say of keys: alike for those of the organization and those of projects."""

from collections.abc import Collection
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from tallybook.organization.owners import NOBODY, Owner
from tallybook.organization.records import Key
from tallybook.web.envelope import JSONResponse
from tallybook.web.organization.answers import (
    AdminKey,
    AdminKeyOwner,
    KeyServiceAccount,
    KeyUser,
    ProjectKey,
    ProjectKeyOwner,
)

# What ``include[]`` may ask for.
ACCESS = "access"
# On lists: keys that were revoked, too.
REVOKED = "revoked"

# An answer with a secret is kept by nobody on the way.
NO_STORE = {"Cache-Control": "no-store"}


def secret_answer(content: Any) -> Response:
    """The one answer that has a key's secret."""
    return JSONResponse(content, HTTPStatus.OK, NO_STORE)


def more_of(key: Key, wanted: Collection[str]) -> dict[str, Any]:
    """The fields of a key's answer that ``include[]`` asks for."""
    revoked = {"revoked_at": key.revoked_at} if REVOKED in wanted else {}
    return revoked | (_access_of(key) if ACCESS in wanted else {})


def _access_of(key: Key) -> dict[str, Any]:
    """What a key may do."""
    return {
        "scopes": [str(scope) for scope in key.scopes],
        "project_ids": None if key.projects is None else list(key.projects),
        "requests_per_minute_max": key.requests_per_minute_max,
    }


def admin_key(key: Key, owner: Owner = NOBODY, **more: Any) -> AdminKey:
    """A key of the organization; ``more`` are further fields of it."""
    if key.last_used_at is not None:
        more["last_used_at"] = key.last_used_at
    return AdminKey(
        id=key.id,
        name=key.name,
        redacted_value=key.redacted,
        created_at=key.created_at,
        expires_at=key.expires_at,
        owner=_admin_key_owner(owner),
        **more,
    )


def project_key(key: Key, owner: Owner = NOBODY, **more: Any) -> ProjectKey:
    """A key of a project; ``more`` are further fields of it."""
    return ProjectKey(
        id=key.id,
        name=key.name,
        redacted_value=key.redacted,
        created_at=key.created_at,
        expires_at=key.expires_at,
        last_used_at=key.last_used_at,
        owner=_project_key_owner(owner),
        owner_project_access="active" if owner.access else "inactive",
        **more,
    )


def _admin_key_owner(owner: Owner) -> AdminKeyOwner:
    user = owner.user
    if user is None:
        return AdminKeyOwner()
    return AdminKeyOwner(
        type="user",
        object="organization.user",
        id=user.id,
        name=user.name or "",
        created_at=user.added_at,
        role=user.role,
    )


def _project_key_owner(owner: Owner) -> ProjectKeyOwner:
    if (account := owner.service_account) is not None:
        told = KeyServiceAccount(
            id=account.id, name=account.name, created_at=account.created_at, role=account.role
        )
        return ProjectKeyOwner(type="service_account", service_account=told)
    if (user := owner.user) is None:
        return ProjectKeyOwner()
    person = KeyUser(
        id=user.id,
        # The contract has no null here.
        email=user.email or "",
        name=user.name or "",
        created_at=user.added_at,
        role=owner.role or "none",
    )
    return ProjectKeyOwner(type="user", user=person)
