"""Projects: made, renamed and archived; never deleted, since events have their ids."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from tallybook.domain.errors import InvalidValue, RecordExists, UnknownRecord
from tallybook.organization import keys
from tallybook.organization.changes import Change
from tallybook.organization.fields import checked_name
from tallybook.organization.ids import PROJECT, checked_id, new_id
from tallybook.organization.records import Project
from tallybook.organization.tables import KEYS, PROJECTS
from tallybook.organization.windows import Page, Places, Window, page_of


def create_project(change: Change, name: str, *, chosen_id: str | None = None) -> Project:
    """Make a project, under the id that events already have when one is chosen.

    Raises InvalidValue for a name or an id that cannot be one, and
    RecordExists for an id that is taken.
    """
    project = Project(
        id=new_id(PROJECT) if chosen_id is None else checked_id(chosen_id),
        name=checked_name(name),
        created_at=change.now,
        archived_at=None,
    )
    if find_project(change.connection, project.id) is not None:
        raise RecordExists(f"There is a project {project.id} already.", param="id")
    change.connection.execute(
        sa.insert(PROJECTS).values(id=project.id, name=project.name, created_at=project.created_at)
    )
    change.record(
        "project.created", project.id, project_id=project.id, after={"name": project.name}
    )
    return project


def find_project(connection: sa.Connection, project_id: str) -> Project | None:
    """The project with an id, archived or not; None when there is none."""
    row = connection.execute(sa.select(PROJECTS).where(PROJECTS.c.id == project_id)).first()
    return None if row is None else _read(row)


def get_project(connection: sa.Connection, project_id: str) -> Project:
    """The project with an id, archived or not. Raises UnknownRecord."""
    project = find_project(connection, project_id)
    if project is None:
        raise unknown_project(project_id)
    return project


def unknown_project(project_id: str) -> UnknownRecord:
    """What is said of a project that there is not, or that someone may not know of."""
    return UnknownRecord(f"No project has the id {project_id[:60]!r}.", param="project_id")


def active_project(connection: sa.Connection, project_id: str) -> Project:
    """A project that can be changed. Raises UnknownRecord, and InvalidValue for an archived one."""
    project = get_project(connection, project_id)
    if project.archived_at is not None:
        raise InvalidValue(
            f"Project {project.id} is archived, which is for good: it cannot be changed any more.",
            param="project_id",
        )
    return project


def list_projects(
    connection: sa.Connection,
    window: Window,
    *,
    include_archived: bool = False,
    within: Collection[str] | None = None,
) -> Page[Project]:
    """Projects in order of creation; with ``within`` only those with these ids."""
    statement = sa.select(PROJECTS)
    if not include_archived:
        statement = statement.where(PROJECTS.c.archived_at.is_(None))
    known = sa.true() if within is None else PROJECTS.c.id.in_(within)
    return page_of(
        connection,
        statement.where(known),
        Places(PROJECTS.c.place, PROJECTS.c.id, known),
        window,
        _read,
    )


def rename_project(change: Change, project_id: str, name: str) -> Project:
    """Give a project another name. Raises UnknownRecord, and InvalidValue as ``active_project``."""
    project = active_project(change.connection, project_id)
    name = checked_name(name)
    if name == project.name:
        return project
    _update(change, project_id, {"name": name})
    change.record(
        "project.updated",
        project_id,
        project_id=project_id,
        before={"name": project.name},
        after={"name": name},
    )
    return get_project(change.connection, project_id)


def archive_project(change: Change, project_id: str) -> Project:
    """End a project: its own keys are revoked, its events stay. A second time changes nothing.

    Raises UnknownRecord.
    """
    project = get_project(change.connection, project_id)
    if project.archived_at is not None:
        return project
    keys.revoke_where(change, KEYS.c.project_id == project_id)
    _update(change, project_id, {"archived_at": change.now})
    change.record(
        "project.archived", project_id, project_id=project_id, after={"archived_at": change.now}
    )
    return get_project(change.connection, project_id)


def _update(change: Change, project_id: str, values: dict[str, Any]) -> None:
    change.connection.execute(
        sa.update(PROJECTS).where(PROJECTS.c.id == project_id).values(**values)
    )


def _read(row: "sa.Row[Any]") -> Project:
    return Project(id=row.id, name=row.name, created_at=row.created_at, archived_at=row.archived_at)
