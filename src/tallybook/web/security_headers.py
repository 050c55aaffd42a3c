"""Headers that tell a browser how little it may do with an answer."""

from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# As they are sent: a name in small letters, and a value.
RawHeader = tuple[bytes, bytes]

CONTENT_SECURITY_POLICY = "content-security-policy"

# No answer loads anything, is shown in a frame, or sends a form. A page that needs more says so
# itself, with ``policy``.
_POLICY = {
    "default-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}

# Whoever came by https comes by https for a year. The hosts below this one are not ours to
# speak for.
_STRICT_TRANSPORT_SECURITY = "max-age=31536000"


def policy(**sources: str) -> str:
    """A ``Content-Security-Policy`` that allows these sources and nothing else.

    Directives are named with an underscore: ``policy(style_src="'self'")``.
    """
    allowed = {name.replace("_", "-"): value for name, value in sources.items()}
    return "; ".join(f"{name} {value}" for name, value in (_POLICY | allowed).items())


HEADERS = {
    CONTENT_SECURITY_POLICY: policy(),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # What does not say how long it may be kept is kept nowhere: errors, keys that are shown once.
    "cache-control": "no-store",
}


_RAW = tuple((name.encode(), value.encode()) for name, value in HEADERS.items())
_RAW_HTTPS = (*_RAW, (b"strict-transport-security", _STRICT_TRANSPORT_SECURITY.encode()))


def protected(headers: Iterable[RawHeader], scheme: str) -> list[RawHeader]:
    """An answer's headers, and those that it lacks. ``scheme`` is that of the request."""
    own = [(name.lower(), value) for name, value in headers]
    names = {name for name, _ in own}
    added = _RAW_HTTPS if scheme == "https" else _RAW
    return own + [header for header in added if header[0] not in names]


class SecurityHeaders:
    """ASGI middleware: every answer has these headers, those to defects too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def send_protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = protected(message.get("headers", ()), scope["scheme"])
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, send_protected if scope["type"] == "http" else send)
