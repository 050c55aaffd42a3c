"""Work on the organization's database, in threads, and the ids that paths name."""

from collections.abc import Callable
from typing import TypeVar

import anyio.to_thread
from starlette.requests import Request

from tallybook.domain.errors import UnknownRecord
from tallybook.organization.changes import Change
from tallybook.organization.organization import Connection
from tallybook.organization.projects import unknown_project
from tallybook.web.access import actor_of, caller_of
from tallybook.web.services import services_of

T = TypeVar("T")


async def reading(request: Request, work: Callable[[Connection], T]) -> T:
    """What ``work`` reads from one state of the database. Raises what it raises."""
    services = services_of(request)

    def run() -> T:
        with services.organization.reading() as connection:
            return work(connection)

    return await anyio.to_thread.run_sync(run, limiter=services.organizing)


async def changing(request: Request, work: Callable[[Change], T]) -> T:
    """What ``work`` answers once all that it changed is kept; when it raises, nothing of it is.

    The change is that of whoever makes the request, and it is in force when
    this returns. Raises what the work raises.
    """
    services = services_of(request)
    actor = actor_of(request)

    def run() -> T:
        with services.organization.changing(actor, services.clock()) as change:
            return work(change)

    return await anyio.to_thread.run_sync(run, limiter=services.organizing)


def id_of(request: Request, name: str) -> str:
    """The id in the path of a request under a name. Raises UnknownRecord for one that cannot be."""
    text: str = request.path_params[name]
    # PostgreSQL takes no text with one; SQLite would find nothing.
    if "\0" in text:
        raise UnknownRecord(f"Nothing has the id {text[:60]!r}.", param=name)
    return text


def project_of(request: Request) -> str:
    """The id of the project in the path.

    A key that is bound to others is told what it would be told of a project
    that does not exist, so that nothing can be probed. Raises UnknownRecord.
    """
    project_id = id_of(request, "project_id")
    projects = caller_of(request).projects
    if projects is not None and project_id not in projects:
        raise unknown_project(project_id)
    return project_id
