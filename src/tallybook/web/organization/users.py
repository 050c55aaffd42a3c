"""``/organization/users``: the people of the organization."""

from typing import Literal, cast

from starlette.requests import Request
from starlette.responses import Response

from tallybook.organization import users
from tallybook.organization.changes import Change
from tallybook.organization.organization import Connection
from tallybook.organization.records import User
from tallybook.web.envelope import JSONResponse
from tallybook.web.organization import answers
from tallybook.web.organization.bodies import body_of
from tallybook.web.organization.lists import PAGING, list_answer, window_of
from tallybook.web.organization.parameters import read_query
from tallybook.web.organization.transactions import changing, id_of, reading
from tallybook.web.organization.wishes import NewUser, UserChanges, given

EMAILS = "emails"


async def get_users(request: Request) -> Response:
    """A list of the people who were not erased, or of those with some emails."""
    parameters = read_query(request, PAGING, (EMAILS,))
    window, emails = window_of(parameters), parameters.arrays.get(EMAILS, [])

    def work(connection: Connection) -> Response:
        return list_answer(users.list_users(connection, window, emails=emails), _told)

    return await reading(request, work)


async def post_user(request: Request) -> Response:
    """Add a person; beyond the contract, which has invites."""
    wish = await body_of(request, NewUser)

    def work(change: Change) -> Response:
        user = users.add_user(
            change, name=wish.name, email=wish.email, role=wish.role, chosen_id=wish.id
        )
        return JSONResponse(_told(user))

    return await changing(request, work)


async def get_user(request: Request) -> Response:
    """One person."""
    user_id = id_of(request, "user_id")

    def work(connection: Connection) -> Response:
        return JSONResponse(_told(users.get_user(connection, user_id)))

    return await reading(request, work)


async def post_user_changes(request: Request) -> Response:
    """Change a person's role; beyond the contract also name and email."""
    user_id = id_of(request, "user_id")
    values = given(await body_of(request, UserChanges), "name", "email", "role")

    def work(change: Change) -> Response:
        return JSONResponse(_told(users.update_user(change, user_id, values)))

    return await changing(request, work)


async def delete_user(request: Request) -> Response:
    """Erase a person: name and email are forgotten, the id stays as a pseudonym in the sums."""
    user_id = id_of(request, "user_id")

    def work(change: Change) -> Response:
        users.erase_user(change, user_id)
        return JSONResponse(answers.Deleted(object="organization.user.deleted", id=user_id))

    return await changing(request, work)


def _told(user: User) -> answers.User:
    return answers.User(
        id=user.id,
        name=user.name,
        email=user.email,
        role=cast(Literal["owner", "reader"], user.role),
        added_at=user.added_at,
    )
