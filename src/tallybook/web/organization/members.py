"""``/organization/projects/{project_id}/users``: the people of a project."""

from typing import Literal, cast

from starlette.requests import Request
from starlette.responses import Response

from tallybook.domain.errors import InvalidValue, MissingParameter
from tallybook.organization import memberships, users
from tallybook.organization.changes import Change
from tallybook.organization.organization import Connection
from tallybook.organization.projects import active_project
from tallybook.organization.records import Member, User
from tallybook.web.envelope import JSONResponse
from tallybook.web.organization import answers
from tallybook.web.organization.bodies import body_of
from tallybook.web.organization.lists import PAGING, list_answer, window_of
from tallybook.web.organization.parameters import read_query
from tallybook.web.organization.transactions import changing, id_of, project_of, reading
from tallybook.web.organization.wishes import MemberChanges, NewMember


async def get_members(request: Request) -> Response:
    """A list of the people of a project, in the order in which they came in."""
    project_id = project_of(request)
    window = window_of(read_query(request, PAGING))

    def work(connection: Connection) -> Response:
        return list_answer(memberships.list_members(connection, project_id, window), _told)

    return await reading(request, work)


async def post_member(request: Request) -> Response:
    """Let a person of the organization into a project."""
    project_id = project_of(request)
    wish = await body_of(request, NewMember)

    def work(change: Change) -> Response:
        active_project(change.connection, project_id)
        user = _named(change.connection, wish)
        return JSONResponse(_told(memberships.add_member(change, project_id, user, wish.role)))

    return await changing(request, work)


async def get_member(request: Request) -> Response:
    """One person of a project."""
    project_id, user_id = project_of(request), id_of(request, "user_id")

    def work(connection: Connection) -> Response:
        return JSONResponse(_told(memberships.get_member(connection, project_id, user_id)))

    return await reading(request, work)


async def post_member_changes(request: Request) -> Response:
    """Give a person of a project another role."""
    project_id, user_id = project_of(request), id_of(request, "user_id")
    wish = await body_of(request, MemberChanges)

    def work(change: Change) -> Response:
        active_project(change.connection, project_id)
        member = memberships.get_member(change.connection, project_id, user_id)
        if wish.role is not None:
            member = memberships.change_role(change, project_id, user_id, wish.role)
        return JSONResponse(_told(member))

    return await changing(request, work)


async def delete_member(request: Request) -> Response:
    """Take a person out of a project."""
    project_id, user_id = project_of(request), id_of(request, "user_id")

    def work(change: Change) -> Response:
        memberships.remove_member(change, project_id, user_id)
        return JSONResponse(answers.Deleted(object="organization.project.user.deleted", id=user_id))

    return await changing(request, work)


def _named(connection: Connection, wish: NewMember) -> User:
    """The person whom a wish names. Raises MissingParameter, InvalidValue and UnknownRecord."""
    if wish.user_id is None and wish.email is None:
        raise MissingParameter("user_id or email is required.", param="user_id")
    if wish.user_id is None:
        return users.get_user_by_email(connection, wish.email or "")
    user = users.get_user(connection, wish.user_id)
    if wish.email is not None and wish.email.strip().lower() != user.email:
        raise InvalidValue("email is not that of the user with this user_id.", param="email")
    return user


def _told(member: Member) -> answers.ProjectUser:
    return answers.ProjectUser(
        id=member.user.id,
        name=member.user.name,
        email=member.user.email,
        role=cast(Literal["owner", "member"], member.role),
        added_at=member.added_at,
    )
