"""``/organization/projects/{project_id}/service_accounts``: programs, and their keys."""

from typing import Literal, cast

import msgspec
from msgspec import UNSET, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from tallybook.domain.errors import InvalidValue
from tallybook.organization import service_accounts as accounts
from tallybook.organization.changes import Change
from tallybook.organization.keys import KeyWish, create_key
from tallybook.organization.organization import Connection
from tallybook.organization.projects import active_project
from tallybook.organization.records import ServiceAccount
from tallybook.organization.ring import Caller
from tallybook.organization.scopes import Scope, scopes_of
from tallybook.organization.secret import SERVICE_ACCOUNT_PREFIX
from tallybook.web.access import caller_of
from tallybook.web.envelope import JSONResponse
from tallybook.web.organization import answers
from tallybook.web.organization.bodies import body_of
from tallybook.web.organization.keys import secret_answer
from tallybook.web.organization.lists import PAGING, list_answer, window_of
from tallybook.web.organization.parameters import read_query
from tallybook.web.organization.transactions import changing, id_of, project_of, reading
from tallybook.web.organization.wishes import (
    NewServiceAccount,
    NewServiceAccountKey,
    ServiceAccountChanges,
    given,
)

# What a service account's key may do unless its maker says more: send the project's events.
SCOPES_DEFAULT = frozenset({Scope.USAGE_WRITE})


async def get_service_accounts(request: Request) -> Response:
    """A list of a project's service accounts."""
    project_id = project_of(request)
    window = window_of(read_query(request, PAGING))

    def work(connection: Connection) -> Response:
        return list_answer(accounts.list_service_accounts(connection, project_id, window), _told)

    return await reading(request, work)


async def post_service_account(request: Request) -> Response:
    """Make a service account with a key, whose secret is in this answer alone; or without one."""
    project_id = project_of(request)
    wish = await body_of(request, NewServiceAccount)
    alone = wish.create_service_account_only is True
    if alone and wish.expires_in_seconds is not None:
        raise InvalidValue(
            "expires_in_seconds is the key's, and create_service_account_only wants none.",
            param="expires_in_seconds",
        )
    caller = caller_of(request)
    if not alone:
        caller.check_handing_on(SCOPES_DEFAULT, [project_id])

    def work(change: Change) -> Response:
        role = "none" if alone else "member"
        account = accounts.create_service_account(change, project_id, wish.name, role)
        if alone:
            return JSONResponse(_told(account, None))
        wished = _wish(account, account.name, SCOPES_DEFAULT)
        key = _make_key(change, wished, caller, wish.expires_in_seconds)
        return secret_answer(_told(account, key))

    return await changing(request, work)


async def get_service_account(request: Request) -> Response:
    """One service account."""
    project_id, account_id = project_of(request), id_of(request, "service_account_id")

    def work(connection: Connection) -> Response:
        account = accounts.get_service_account(connection, project_id, account_id)
        return JSONResponse(_told(account))

    return await reading(request, work)


async def post_service_account_changes(request: Request) -> Response:
    """Change a service account's name or role."""
    project_id, account_id = project_of(request), id_of(request, "service_account_id")
    values = given(await body_of(request, ServiceAccountChanges), "name", "role")

    def work(change: Change) -> Response:
        account = accounts.update_service_account(change, project_id, account_id, values)
        return JSONResponse(_told(account))

    return await changing(request, work)


async def delete_service_account(request: Request) -> Response:
    """End a service account, and its keys at once."""
    project_id, account_id = project_of(request), id_of(request, "service_account_id")

    def work(change: Change) -> Response:
        accounts.delete_service_account(change, project_id, account_id)
        return JSONResponse(
            answers.Deleted(object="organization.project.service_account.deleted", id=account_id)
        )

    return await changing(request, work)


async def post_service_account_key(request: Request) -> Response:
    """Make a further key of a service account; the answer is the only one with its secret."""
    project_id, account_id = project_of(request), id_of(request, "service_account_id")
    wish = await body_of(request, NewServiceAccountKey)
    scopes = SCOPES_DEFAULT if wish.scopes is None else scopes_of(wish.scopes)
    caller = caller_of(request)
    caller.check_handing_on(scopes, [project_id])

    def work(change: Change) -> Response:
        active_project(change.connection, project_id)
        account = accounts.get_service_account(change.connection, project_id, account_id)
        name = account.name if wish.name is None else wish.name
        wished = _wish(account, name, scopes)
        return secret_answer(_make_key(change, wished, caller, wish.expires_in_seconds))

    return await changing(request, work)


def _wish(account: ServiceAccount, name: str, scopes: frozenset[Scope]) -> KeyWish:
    return KeyWish(
        name=name,
        scopes=scopes,
        prefix=SERVICE_ACCOUNT_PREFIX,
        project_id=account.project_id,
        service_account_id=account.id,
    )


def _make_key(
    change: Change, wish: KeyWish, caller: Caller, expires_in_seconds: int | None
) -> answers.ServiceAccountKey:
    """Make the key that is wished for, within what ``caller`` may hand on."""
    key, secret = create_key(
        change,
        msgspec.structs.replace(
            wish,
            expires_in_seconds=caller.seconds_handed_on(expires_in_seconds, change.now),
            requests_per_minute_max=caller.rate_handed_on(None),
        ),
    )
    return answers.ServiceAccountKey(
        id=key.id,
        name=key.name,
        created_at=key.created_at,
        expires_at=key.expires_at,
        value=secret,
    )


def _told(
    account: ServiceAccount, api_key: answers.ServiceAccountKey | UnsetType | None = UNSET
) -> answers.ServiceAccount:
    return answers.ServiceAccount(
        id=account.id,
        name=account.name,
        role=cast(Literal["owner", "member", "none"], account.role),
        created_at=account.created_at,
        api_key=api_key,
    )
