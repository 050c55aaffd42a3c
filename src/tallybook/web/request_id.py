"""A request id on every answer, and with every defect in the log."""

import asyncio
import logging
import secrets

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tallybook.domain.errors import Overloaded
from tallybook.web.envelope import error_response

HEADER = "x-request-id"
CUT_OFF = (
    "The server is shutting down and did not wait for the end of this request. What it was about"
    " to store may be stored or not: send it again, which is safe."
)

_log = logging.getLogger("tallybook.web")


def new_request_id() -> str:
    """An id that no other request has."""
    return f"req_{secrets.token_hex(12)}"


class RequestId:
    """ASGI middleware: names each request, tells the client, logs what broke under that name."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request under its id."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = scope["request_id"] = new_request_id()

        started = False

        async def send_with_id(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except asyncio.CancelledError:
            # The server stops and will not wait any longer; whoever is still there may retry.
            _log.warning("%s %s %r was cut off", request_id, scope["method"], scope["path"])
            if not started:
                await error_response(Overloaded(CUT_OFF))(scope, receive, send_with_id)
        except Exception:
            # The answer has been sent: this is for the log, never for the client.
            _log.exception("%s %s %r failed", request_id, scope["method"], scope["path"])
