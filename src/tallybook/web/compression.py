"""Answers in zstd or gzip, for whoever accepts it.

The levels are those of the least time: a page of 2.9 MB takes 3 ms in zstd at
level 1 and 11 ms in gzip at level 3, to a fourteenth and a twelfth of its
size; gzip's level 9 takes 58 ms for a fifteenth.
"""

import re
import sys
import zlib
from collections.abc import Callable

import anyio.to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# Smaller answers would hardly get smaller.
COMPRESSED_BYTES_MIN = 1_000
# Up to a millisecond of work is done where the answer is; more goes to a thread, so that other
# requests are not held up.
COMPRESSED_INLINE_BYTES_MAX = 256 << 10

IDENTITY = "identity"
_ANY = "*"
# An old name that is still good (RFC 9110, section 8.4.1.3).
_ALIASES = {"x-gzip": "gzip"}
_GZIP_LEVEL = 3
_ZSTD_LEVEL = 1
# ``zlib`` writes gzip's frame, without a time in it, with this many bits for its window.
_GZIP_WBITS = 16 + zlib.MAX_WBITS

# A quality: 0 to 1 with at most three decimals (RFC 9110, section 12.4.2).
_WEIGHT = re.compile(r"\s*q\s*=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\s*", re.IGNORECASE)


def _gzip(body: bytes) -> bytes:
    return zlib.compress(body, _GZIP_LEVEL, wbits=_GZIP_WBITS)


def _zstd(body: bytes) -> bytes:
    packed: bytes = zstd.compress(body, _ZSTD_LEVEL)
    return packed


# In the order of preference among what a client likes equally.
CODINGS: dict[str, Callable[[bytes], bytes]] = {"zstd": _zstd, "gzip": _gzip}


def coding_for(accept_encoding: str) -> str:
    """The coding of an answer to a client with this ``Accept-Encoding``, or ``identity``.

    That of the highest quality counts (RFC 9110, section 12.5.3); of equals
    the first of ``CODINGS``, and ``identity`` comes last. ``*`` stands for
    what is not named. A client that accepts nothing that there is gets
    ``identity`` all the same, which is better than no answer.
    """
    weights = _weights(accept_encoding)
    rest = weights.get(_ANY, 0)
    best, highest = IDENTITY, weights.get(IDENTITY, 0)
    for coding in reversed(CODINGS):
        weight = weights.get(coding, rest)
        if weight and weight >= highest:
            best, highest = coding, weight
    return best


def _weights(accept_encoding: str) -> dict[str, int]:
    """The quality of each coding that is named, in thousandths; nought for an unreadable one."""
    weights: dict[str, int] = {}
    for part in accept_encoding.split(","):
        name, _, parameter = part.partition(";")
        name = name.strip().lower()
        found = _WEIGHT.fullmatch(parameter or "q=1")
        whole, _, decimals = (found[1] if found else "0").partition(".")
        weights[_ALIASES.get(name, name)] = int(f"{whole}{decimals:0<3}")
    return weights


class Compression:
    """ASGI middleware: packs answers that come in one piece, in a coding that the client accepts.

    Validators are not touched: those that are sent here are weak, and so hold
    for every coding of an answer (``web/conditional.py``).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        accepted = ",".join(Headers(scope=scope).getlist("accept-encoding"))
        coding = coding_for(accepted)
        start: Message = {}

        async def send_packed(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                # A cache must know it of small answers and of 304 as well.
                MutableHeaders(scope=message).add_vary_header("Accept-Encoding")
                start = message
                return
            if start:
                message = await _packed(start, message, coding)
                await send(start)
                start = {}
            await send(message)

        await self._app(scope, receive, send_packed)


async def _packed(start: Message, message: Message, coding: str) -> Message:
    """The body's message in a coding, and the headers at its start changed to fit; or as it was."""
    body: bytes = message.get("body", b"")
    headers = MutableHeaders(scope=start)
    fits = not message.get("more_body", False) and len(body) >= COMPRESSED_BYTES_MIN
    if coding == IDENTITY or not fits or "content-encoding" in headers:
        return message
    pack = CODINGS[coding]
    if len(body) <= COMPRESSED_INLINE_BYTES_MAX:
        packed = pack(body)
    else:
        packed = await anyio.to_thread.run_sync(pack, body)
    headers["Content-Encoding"] = coding
    headers["Content-Length"] = str(len(packed))
    return {**message, "body": packed}
