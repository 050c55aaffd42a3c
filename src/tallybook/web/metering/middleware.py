"""Every request counted once, with its time: ASGI middleware, inside of what names it."""

import asyncio
import time
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tallybook.web.doors import Door
from tallybook.web.envelope import FAULT
from tallybook.web.metering.meters import NO_ROUTE, Meters
from tallybook.web.request_log import RequestLog

# Where a request's scope has the door that took it.
DOOR = "tallybook_door"


class Metering:
    """Counts requests by route, method and class of status, and hands them to the log."""

    def __init__(self, app: ASGIApp, meters: Meters, log: RequestLog) -> None:
        self._app = app
        self._meters = meters
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Of an answer that never begins: a defect, unless it is cut off.
        status = int(HTTPStatus.INTERNAL_SERVER_ERROR)
        began = time.perf_counter()

        async def send_counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_counted)
        except asyncio.CancelledError:
            status = int(HTTPStatus.SERVICE_UNAVAILABLE)
            raise
        finally:
            self._count(scope, status, time.perf_counter() - began)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        door: Door | None = scope.get(DOOR)
        fault = scope.get(FAULT)
        if fault is not None:
            self._meters.refused(fault)
        if door is None:
            self._meters.answered(NO_ROUTE, NO_ROUTE, status, seconds)
        else:
            self._meters.answered(door.path, door.method, status, seconds)
        self._log.note(scope, door, status, seconds, fault)
