"""What the log says of requests: those that failed, and those that took long.

Under load a server refuses thousands of requests a second. Of each code of
failure one line a second is written, with how many others there were.
"""

import logging
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from starlette.types import Scope

from tallybook.domain.errors import QueryStopped, TallybookError
from tallybook.web.doors import Door

# Between two lines about failures with one code.
QUIET_SECONDS = 1.0

_log = logging.getLogger("tallybook.web")


class RequestLog:
    """Lines about requests. For one thread; ``clock`` gives seconds and never goes back."""

    def __init__(self, slow_seconds: int, clock: Callable[[], float]) -> None:
        """Tell of requests that took ``slow_seconds`` or longer; 0: of none for its time."""
        self._slow_seconds = slow_seconds
        self._clock = clock
        self._told_at: dict[str, float] = {}
        self._untold: Counter[str] = Counter()

    def note(
        self,
        scope: Scope,
        door: Door | None,
        status: int,
        seconds: float,
        fault: TallybookError | None,
    ) -> None:
        """Write down a request that was answered, if there is anything to say of it."""
        failed = status >= HTTPStatus.INTERNAL_SERVER_ERROR
        slow = bool(self._slow_seconds) and seconds >= self._slow_seconds
        if not failed and not slow:
            return
        code = (fault.code if fault else None) or ""
        told = _told(scope, door, status, seconds) | ({"code": code} if code else {})
        if failed:
            self._failed(code or str(status), status, fault, told)
        else:
            _log.info(
                "%s %s took %.1f s",
                told["method"],
                told["route"],
                seconds,
                extra={"told": {"event": "slow_request"} | told},
            )

    def _failed(
        self, code: str, status: int, fault: TallybookError | None, told: dict[str, Any]
    ) -> None:
        now = self._clock()
        if now - self._told_at.get(code, now - QUIET_SECONDS) < QUIET_SECONDS:
            self._untold[code] += 1
            return
        self._told_at[code] = now
        # Of a query that nobody waits for any more, or that asked for too much, the server is well.
        stopped = isinstance(fault, QueryStopped)
        shed = status == HTTPStatus.SERVICE_UNAVAILABLE and not stopped
        _log.log(
            logging.INFO if stopped else logging.WARNING,
            "%s %s was answered %d: %s",
            told["method"],
            told["route"],
            status,
            fault.message if fault else "it was not finished",
            extra={
                "told": {"event": "request_shed" if shed else "request_failed"}
                | told
                | {"untold": self._untold.pop(code, 0)}
            },
        )


def _told(scope: Scope, door: Door | None, status: int, seconds: float) -> dict[str, Any]:
    """What every line about a request has. The path is the route's: what was sent may be secret."""
    caller = scope.get("state", {}).get("caller")
    return {
        "request_id": scope.get("request_id", ""),
        "method": scope["method"],
        "route": door.path if door else "none",
        "status": status,
        "seconds": round(seconds, 3),
        "key_id": caller.key_id if caller else None,
    }
