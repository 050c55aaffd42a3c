"""``/organization/admin_api_keys``: the keys of the organization."""

from typing import Any

from msgspec import UnsetType
from starlette.requests import Request
from starlette.responses import Response

from tallybook.domain.errors import InvalidValue
from tallybook.organization.changes import Change
from tallybook.organization.keys import (
    KeyWish,
    create_key,
    get_key,
    list_keys,
    revoke_key,
    update_key,
)
from tallybook.organization.organization import Connection
from tallybook.organization.owners import NOBODY, owners_of
from tallybook.organization.projects import find_project
from tallybook.organization.records import Key
from tallybook.organization.scopes import scopes_of
from tallybook.organization.secret import prefix_for
from tallybook.web.access import caller_of
from tallybook.web.envelope import JSONResponse
from tallybook.web.organization.answers import AdminKey, Deleted
from tallybook.web.organization.bodies import body_of
from tallybook.web.organization.keys import ACCESS, REVOKED, admin_key, more_of, secret_answer
from tallybook.web.organization.lists import PAGING, list_answer, window_of
from tallybook.web.organization.parameters import INCLUDE, included, read_query
from tallybook.web.organization.transactions import changing, id_of, reading
from tallybook.web.organization.wishes import KEY_PROJECTS_MAX, AdminKeyChanges, NewAdminKey


async def get_admin_keys(request: Request) -> Response:
    """A list of keys, those of the first start among them; of revoked ones when asked."""
    parameters = read_query(request, (*PAGING, "order"), (INCLUDE,))
    window, wanted = window_of(parameters), included(parameters, ACCESS, REVOKED)

    def work(connection: Connection) -> Response:
        page = list_keys(connection, window, None, include_revoked=REVOKED in wanted)
        owners = owners_of(connection, page.records)
        return list_answer(
            page,
            lambda key: admin_key(key, owners.get(key.id, NOBODY), **more_of(key, wanted)),
        )

    return await reading(request, work)


async def post_admin_key(request: Request) -> Response:
    """Make a key; the answer is the only one with its secret."""
    wanted = _wanted(request)
    wish = await body_of(request, NewAdminKey)
    caller = caller_of(request)
    scopes = caller.scopes if wish.scopes is None else scopes_of(wish.scopes)
    projects = _projects(wish)
    caller.check_handing_on(scopes, projects)

    def work(change: Change) -> Response:
        for project_id in projects or ():
            _check_exists(change.connection, project_id)
        key, secret = create_key(
            change,
            KeyWish(
                name=wish.name,
                scopes=scopes,
                prefix=prefix_for(scopes),
                projects=projects,
                expires_in_seconds=caller.seconds_handed_on(wish.expires_in_seconds, change.now),
                requests_per_minute_max=caller.rate_handed_on(wish.requests_per_minute_max),
            ),
        )
        return secret_answer(admin_key(key, value=secret, **more_of(key, wanted)))

    return await changing(request, work)


async def get_admin_key(request: Request) -> Response:
    """One key."""
    wanted, key_id = _wanted(request), id_of(request, "key_id")

    def work(connection: Connection) -> Response:
        return JSONResponse(_told(connection, get_key(connection, key_id), wanted))

    return await reading(request, work)


async def post_admin_key_changes(request: Request) -> Response:
    """Change a key's name or its limit of requests; beyond the contract."""
    wanted, key_id = _wanted(request), id_of(request, "key_id")
    wish = await body_of(request, AdminKeyChanges)
    values: dict[str, Any] = {}
    if wish.name is not None:
        values["name"] = wish.name
    if not isinstance(wish.requests_per_minute_max, UnsetType):
        limit = caller_of(request).rate_handed_on(wish.requests_per_minute_max)
        values["requests_per_minute_max"] = limit

    def work(change: Change) -> Response:
        key = update_key(change, get_key(change.connection, key_id), values)
        return JSONResponse(_told(change.connection, key, wanted))

    return await changing(request, work)


async def delete_admin_key(request: Request) -> Response:
    """End a key at once, also the one that the request is made by, and the last there is."""
    key_id = id_of(request, "key_id")

    def work(change: Change) -> Response:
        revoke_key(change, get_key(change.connection, key_id))
        return JSONResponse(Deleted(object="organization.admin_api_key.deleted", id=key_id))

    return await changing(request, work)


def _wanted(request: Request) -> frozenset[str]:
    return included(read_query(request, (), (INCLUDE,)), ACCESS)


def _told(connection: Connection, key: Key, wanted: frozenset[str]) -> AdminKey:
    owner = owners_of(connection, [key]).get(key.id, NOBODY)
    return admin_key(key, owner, **more_of(key, wanted))


def _projects(wish: NewAdminKey) -> tuple[str, ...] | None:
    """The projects that a key is to be bound to, each once. Raises InvalidValue."""
    if wish.project_ids is None:
        return None
    if not 0 < len(wish.project_ids) <= KEY_PROJECTS_MAX:
        raise InvalidValue(
            f"project_ids has {len(wish.project_ids)} ids; a key is bound to 1 to"
            f" {KEY_PROJECTS_MAX} projects, or to none when the field is left out.",
            param="project_ids",
        )
    return tuple(dict.fromkeys(wish.project_ids))


def _check_exists(connection: Connection, project_id: str) -> None:
    if find_project(connection, project_id) is None:
        raise InvalidValue(
            f"project_ids has {project_id[:60]!r}, but no project has that id.",
            param="project_ids",
        )
