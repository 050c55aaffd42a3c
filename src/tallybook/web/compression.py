"""Answers in gzip, for whoever accepts it."""

import re

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Receive, Scope, Send

# A quality of nought means "not acceptable" (RFC 9110, section 12.4.2).
_REFUSED = re.compile(r"\s*q\s*=\s*0(\.0{0,3})?\s*", re.IGNORECASE)


def accepts_gzip(accept_encoding: str) -> bool:
    """Whether an ``Accept-Encoding`` header names gzip and does not refuse it."""
    for part in accept_encoding.split(","):
        coding, _, quality = part.partition(";")
        if coding.strip().lower() == "gzip":
            return not _REFUSED.fullmatch(quality)
    return False


class Compression(GZipMiddleware):
    """Starlette's, which takes ``gzip;q=0`` for a yes, asked only when the answer is one."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        asked = scope["type"] == "http" and Headers(scope=scope).get("accept-encoding", "")
        if asked and accepts_gzip(asked):
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)
