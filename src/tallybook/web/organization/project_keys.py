"""``/organization/projects/{project_id}/api_keys``: the keys of a project, and names of others'."""

from starlette.requests import Request
from starlette.responses import Response

from tallybook.organization.changes import Change
from tallybook.organization.keys import get_key, list_keys, register_key, revoke_key
from tallybook.organization.organization import Connection
from tallybook.organization.owners import NOBODY, list_keys_by_access, owners_of
from tallybook.organization.projects import active_project, get_project
from tallybook.web.envelope import JSONResponse
from tallybook.web.organization.answers import Deleted
from tallybook.web.organization.bodies import body_of
from tallybook.web.organization.keys import ACCESS, REVOKED, more_of, project_key
from tallybook.web.organization.lists import PAGING, list_answer, window_of
from tallybook.web.organization.parameters import INCLUDE, choice, included, read_query
from tallybook.web.organization.transactions import changing, id_of, project_of, reading
from tallybook.web.organization.wishes import RegisteredKey

OWNER_ACCESS = "owner_project_access"
# Of owners: those who have access to the project, those who have none, all (the default).
OWNER_ACCESSES = ("active", "inactive", "any")


async def get_project_keys(request: Request) -> Response:
    """A list of a project's keys, by the access that owners have; of revoked ones when asked."""
    project_id = project_of(request)
    parameters = read_query(request, (*PAGING, OWNER_ACCESS), (INCLUDE,))
    window, wanted = window_of(parameters), included(parameters, ACCESS, REVOKED)
    revoked = REVOKED in wanted
    access = choice(parameters, OWNER_ACCESS, OWNER_ACCESSES, "any")

    def work(connection: Connection) -> Response:
        get_project(connection, project_id)
        if access == "any":
            page = list_keys(connection, window, project_id, include_revoked=revoked)
        else:
            page = list_keys_by_access(
                connection, window, project_id, access=access == "active", include_revoked=revoked
            )
        owners = owners_of(connection, page.records)
        return list_answer(
            page,
            lambda key: project_key(key, owners.get(key.id, NOBODY), **more_of(key, wanted)),
        )

    return await reading(request, work)


async def post_project_key(request: Request) -> Response:
    """Register the name of a key that another system issued; beyond the contract."""
    project_id, wanted = project_of(request), _wanted(request)
    wish = await body_of(request, RegisteredKey)

    def work(change: Change) -> Response:
        active_project(change.connection, project_id)
        key = register_key(change, project_id, wish.id, wish.name)
        return JSONResponse(project_key(key, **more_of(key, wanted)))

    return await changing(request, work)


async def get_project_key(request: Request) -> Response:
    """One key of a project."""
    project_id, key_id = project_of(request), id_of(request, "api_key_id")
    wanted = _wanted(request)

    def work(connection: Connection) -> Response:
        get_project(connection, project_id)
        key = get_key(connection, key_id, project_id)
        owner = owners_of(connection, [key]).get(key.id, NOBODY)
        return JSONResponse(project_key(key, owner, **more_of(key, wanted)))

    return await reading(request, work)


async def delete_project_key(request: Request) -> Response:
    """End a key of a project at once."""
    project_id, key_id = project_of(request), id_of(request, "api_key_id")

    def work(change: Change) -> Response:
        get_project(change.connection, project_id)
        revoke_key(change, get_key(change.connection, key_id, project_id))
        return JSONResponse(Deleted(object="organization.project.api_key.deleted", id=key_id))

    return await changing(request, work)


def _wanted(request: Request) -> frozenset[str]:
    return included(read_query(request, (), (INCLUDE,)), ACCESS)
