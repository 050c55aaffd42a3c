"""A door: a route, and what opens it."""

from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from tallybook.organization.scopes import Scope
from tallybook.web.access import Reach

Handler = Callable[[Request], Awaitable[Response]]


class Door(msgspec.Struct, frozen=True):
    """One route: its path and method, the scope that opens it (None: anyone), its handler.

    ``reach`` says whether a key that is bound to projects may come in. ``also``
    is a second scope that the key must have.
    """

    path: str
    method: str
    scope: Scope | None
    handler: Handler
    reach: Reach = Reach.ORGANIZATION
    also: Scope | None = None
