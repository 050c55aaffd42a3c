"""``/organization/projects``: projects, of which a bound key sees its own."""

from starlette.requests import Request
from starlette.responses import Response

from tallybook.organization import projects
from tallybook.organization.changes import Change
from tallybook.organization.organization import Connection
from tallybook.organization.records import Project
from tallybook.web.access import caller_of
from tallybook.web.envelope import JSONResponse
from tallybook.web.organization import answers
from tallybook.web.organization.bodies import body_of
from tallybook.web.organization.lists import PAGING, list_answer, window_of
from tallybook.web.organization.parameters import boolean, read_query
from tallybook.web.organization.transactions import changing, project_of, reading
from tallybook.web.organization.wishes import NewProject, ProjectChanges

INCLUDE_ARCHIVED = "include_archived"


async def get_projects(request: Request) -> Response:
    """A list of the projects, without the archived ones unless they are asked for."""
    parameters = read_query(request, (*PAGING, INCLUDE_ARCHIVED))
    window, archived = window_of(parameters), boolean(parameters, INCLUDE_ARCHIVED)
    within = caller_of(request).projects

    def work(connection: Connection) -> Response:
        page = projects.list_projects(connection, window, include_archived=archived, within=within)
        return list_answer(page, _told)

    return await reading(request, work)


async def post_project(request: Request) -> Response:
    """Make a project."""
    wish = await body_of(request, NewProject)

    def work(change: Change) -> Response:
        project = projects.create_project(change, wish.name, chosen_id=wish.id)
        return JSONResponse(_told(project))

    return await changing(request, work)


async def get_project(request: Request) -> Response:
    """One project, archived or not."""
    project_id = project_of(request)

    def work(connection: Connection) -> Response:
        return JSONResponse(_told(projects.get_project(connection, project_id)))

    return await reading(request, work)


async def post_project_changes(request: Request) -> Response:
    """Give a project another name."""
    project_id = project_of(request)
    wish = await body_of(request, ProjectChanges)

    def work(change: Change) -> Response:
        project = projects.active_project(change.connection, project_id)
        if wish.name is not None:
            project = projects.rename_project(change, project_id, wish.name)
        return JSONResponse(_told(project))

    return await changing(request, work)


async def post_archive(request: Request) -> Response:
    """End a project and its own keys; its events stay."""
    project_id = project_of(request)

    def work(change: Change) -> Response:
        return JSONResponse(_told(projects.archive_project(change, project_id)))

    return await changing(request, work)


def _told(project: Project) -> answers.Project:
    return answers.Project(
        id=project.id,
        name=project.name,
        created_at=project.created_at,
        archived_at=project.archived_at,
        status="active" if project.archived_at is None else "archived",
    )
