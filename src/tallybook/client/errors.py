"""Everything that a call can end in beside an answer, as one tree.

What a server answered with an error has its ``status``, and the ``type``,
``code`` and ``param`` of the error envelope (``docs/wire.md``, section 8)::

    ClientError
    ├── NoAnswer                  the server was not reached, or the connection broke
    │   └── TimedOut              it did not answer in time
    ├── UnreadableAnswer          what came is not the wire format
    └── AnswerError               an error of the server's own
        ├── BadRequest            400
        ├── Unauthorized          401
        ├── Forbidden             403
        ├── NotFound              404
        ├── Conflict              409
        ├── TooLarge              413
        ├── Unprocessable         422
        ├── RateLimited           429
        └── ServerError           500 and above

Names are those of HTTP (RFC 9110, section 15).
"""

from collections.abc import Mapping
from http import HTTPStatus
from http.client import responses
from types import MappingProxyType

import msgspec


class ClientError(Exception):
    """The root: catch it to catch everything that the client raises on purpose."""


class NoAnswer(ClientError):
    """The server was not reached, or the connection broke before the whole answer came."""


class TimedOut(NoAnswer):
    """The server did not answer within the timeout."""


class UnreadableAnswer(ClientError):
    """An answer came that is not what the endpoint answers: something else listens there."""


class AnswerError(ClientError):
    """The server answered with an error.

    ``message`` is the server's sentence. ``type``, ``code`` and ``param`` are
    None where it did not say; ``retry_after_seconds`` too. ``headers`` are by
    their names in lower case, and ``body`` is all that came.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        type: str | None = None,  # noqa: A002 - the word of the wire
        code: str | None = None,
        param: str | None = None,
        request_id: str | None = None,
        retry_after_seconds: float | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
        body: bytes = b"",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.type = type
        self.code = code
        self.param = param
        self.request_id = request_id
        self.retry_after_seconds = retry_after_seconds
        self.headers = headers
        self.body = body


class BadRequest(AnswerError):
    """400: a parameter or the body is not acceptable; ``param`` says which."""


class Unauthorized(AnswerError):
    """401: no key, an unknown one, or one that may not do this."""


class Forbidden(AnswerError):
    """403: the key may not do this."""


class NotFound(AnswerError):
    """404: there is no such path or thing at this address."""


class Conflict(AnswerError):
    """409: what is stored already says otherwise."""


class TooLarge(AnswerError):
    """413: the body is over a limit of the server."""


class Unprocessable(AnswerError):
    """422: well formed, and not acceptable."""


class RateLimited(AnswerError):
    """429: too many requests; ``retry_after_seconds`` says when again."""


class ServerError(AnswerError):
    """500 and above: the server's fault, or it has no room or time now."""


_CLASSES: dict[int, type[AnswerError]] = {
    HTTPStatus.BAD_REQUEST: BadRequest,
    HTTPStatus.UNAUTHORIZED: Unauthorized,
    HTTPStatus.FORBIDDEN: Forbidden,
    HTTPStatus.NOT_FOUND: NotFound,
    HTTPStatus.CONFLICT: Conflict,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: TooLarge,
    HTTPStatus.UNPROCESSABLE_ENTITY: Unprocessable,
    HTTPStatus.TOO_MANY_REQUESTS: RateLimited,
}


class _Envelope(msgspec.Struct):
    """The error envelope of the wire."""

    class Error(msgspec.Struct):
        """What is said of an error."""

        message: str
        type: str | None = None
        code: str | None = None
        param: str | None = None

    error: Error


_decode = msgspec.json.Decoder(_Envelope).decode


def error_of(
    status: int,
    body: bytes,
    *,
    request_id: str | None = None,
    retry_after_seconds: float | None = None,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> AnswerError:
    """The exception for an answer of ``status``, 400 or above; its body may be anything."""
    try:
        said = _decode(body).error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        phrase = responses.get(status, "and gave no reason")
        said = _Envelope.Error(f"The server answered {status} {phrase}.")
    return class_of(status)(
        said.message,
        status=status,
        type=said.type,
        code=said.code,
        param=said.param,
        request_id=request_id,
        retry_after_seconds=retry_after_seconds,
        headers=headers,
        body=body,
    )


def class_of(status: int) -> type[AnswerError]:
    """The class for a status, 400 or above; AnswerError itself where none is drawn."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ServerError
    return _CLASSES.get(status, AnswerError)
