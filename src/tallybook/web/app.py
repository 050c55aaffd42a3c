"""The application: routes behind their scopes, errors in their envelope."""

import time

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from tallybook.domain.errors import TallybookError
from tallybook.web.access import authorize
from tallybook.web.compression import Compression
from tallybook.web.doors import Door
from tallybook.web.envelope import (
    on_client_gone,
    on_defect,
    on_http_exception,
    on_tallybook_error,
)
from tallybook.web.metering.middleware import DOOR, Metering
from tallybook.web.request_id import RequestId
from tallybook.web.request_log import RequestLog
from tallybook.web.routes import doors_for
from tallybook.web.security_headers import SecurityHeaders
from tallybook.web.services import Services


def create_app(services: Services) -> ASGIApp:
    """The ASGI application over its services."""
    doors = doors_for(services.settings)
    log = RequestLog(services.settings.slow_request_seconds, time.monotonic)
    app = Starlette(
        routes=[_route(door, services) for door in doors],
        middleware=[Middleware(Compression)],
        exception_handlers={
            TallybookError: on_tallybook_error,
            HTTPException: on_http_exception,
            ClientDisconnect: on_client_gone,
            Exception: on_defect,
        },
    )
    # A slash too many is another path: a redirect would drop the body of a POST.
    app.router.redirect_slashes = False
    app.state.services = services
    app.state.doors = doors
    # Outermost, so that the answers to defects have an id and these headers as well.
    return SecurityHeaders(RequestId(Metering(app, services.meters, log)))


def _route(door: Door, services: Services) -> Route:
    """A route that lets nobody through without the door's scope."""
    scopes = [scope for scope in (door.scope, door.also) if scope is not None]

    async def endpoint(request: Request) -> Response:
        request.scope[DOOR] = door
        if scopes:
            authorize(request, scopes, door.reach, services)
        return await door.handler(request)

    # An event's id may have slashes, which no longer are percent-encoded here.
    path = door.path.replace("{event_id}", "{event_id:path}")
    return Route(path, endpoint, methods=[door.method])
