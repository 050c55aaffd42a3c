"""Everything that a call can end in beside an answer, as one tree.

::

    OpenApiException
    ├── ApiTypeError (TypeError)               an argument is of the wrong type
    ├── ApiValueError (ValueError)             a document or an argument is not acceptable
    ├── ApiAttributeError (AttributeError)     there is no such property
    ├── ApiKeyError (KeyError)                 there is no such key
    └── ApiException                           what a server answered, or that it did not
        ├── BadRequestException                400
        ├── UnauthorizedException              401, or there is no key to send
        ├── ForbiddenException                 403
        ├── NotFoundException                  404
        ├── ConflictException                  409
        ├── UnprocessableEntityException       422
        └── ServiceException                   500 to 599
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, NoReturn, Protocol


class OpenApiException(Exception):
    """The root: catch it to catch everything that is raised here on purpose."""


class ApiTypeError(OpenApiException, TypeError):
    """An argument is of the wrong type; ``path_to_item`` says where in a document."""

    def __init__(
        self,
        msg: str,
        path_to_item: Sequence[str | int] | None = None,
        valid_classes: tuple[type, ...] | None = None,
        key_type: bool | None = None,  # noqa: FBT001 - the generated form
    ) -> None:
        super().__init__(_located(msg, path_to_item))
        self.path_to_item = path_to_item
        self.valid_classes = valid_classes
        self.key_type = key_type


class ApiValueError(OpenApiException, ValueError):
    """A document or an argument is not acceptable; ``path_to_item`` says where in a document."""

    def __init__(self, msg: str, path_to_item: Sequence[str | int] | None = None) -> None:
        super().__init__(_located(msg, path_to_item))
        self.path_to_item = path_to_item


class ApiAttributeError(OpenApiException, AttributeError):
    """There is no such property."""

    def __init__(self, msg: str, path_to_item: Sequence[str | int] | None = None) -> None:
        super().__init__(_located(msg, path_to_item))
        self.path_to_item = path_to_item


class ApiKeyError(OpenApiException, KeyError):
    """There is no such key."""

    def __init__(self, msg: str, path_to_item: Sequence[str | int] | None = None) -> None:
        super().__init__(_located(msg, path_to_item))
        self.path_to_item = path_to_item


class HTTPAnswer(Protocol):
    """What an ApiException reads of an answer; ``openapiopenai.rest.RESTResponse`` is one."""

    @property
    def status(self) -> int:
        """The HTTP status."""

    @property
    def reason(self) -> str | None:
        """The phrase of the status."""

    @property
    def data(self) -> bytes | None:
        """The body."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, by names in any case."""


class ApiException(OpenApiException):
    """What a server answered with an error, or that it did not answer.

    ``status`` is that of HTTP, and 0 where there was no answer; then ``reason``
    says why. ``body`` is the text that came with it, ``headers`` what went before.
    """

    def __init__(
        self,
        status: int | None = None,
        reason: str | None = None,
        http_resp: HTTPAnswer | None = None,
        *,
        body: str | None = None,
        data: Any = None,
    ) -> None:
        super().__init__(status, reason)
        self.status = status
        self.reason = reason
        self.body = body
        self.data = data
        self.headers: Mapping[str, str] | None = None
        if http_resp is not None:
            self.status = http_resp.status if status is None else status
            self.reason = http_resp.reason if reason is None else reason
            if body is None and http_resp.data is not None:
                self.body = http_resp.data.decode("utf-8", "replace")
            self.headers = http_resp.headers

    @classmethod
    def from_response(cls, *, http_resp: HTTPAnswer, body: str | None, data: Any) -> NoReturn:
        """Raise the exception for an answer's status."""
        raise class_of(http_resp.status)(http_resp=http_resp, body=body, data=data)

    def __str__(self) -> str:
        lines = [f"({self.status})", f"Reason: {self.reason}"]
        if self.headers:
            lines.append(f"HTTP response headers: {self.headers}")
        if self.body:
            lines.append(f"HTTP response body: {self.body}")
        if self.data:
            lines.append(f"HTTP response data: {self.data}")
        return "\n".join([*lines, ""])


class BadRequestException(ApiException):
    """400: a parameter is not acceptable; the body says which."""


class UnauthorizedException(ApiException):
    """401: no key, an unknown one, or one that may not read usage."""


class ForbiddenException(ApiException):
    """403: the key may not do this."""


class NotFoundException(ApiException):
    """404: there is no such path at this address."""


class ConflictException(ApiException):
    """409: what is stored says otherwise."""


class UnprocessableEntityException(ApiException):
    """422: well formed, and not acceptable."""


class ServiceException(ApiException):
    """500 to 599: the server's fault, or it has no room or time now."""


_CLASSES: dict[int, type[ApiException]] = {
    HTTPStatus.BAD_REQUEST: BadRequestException,
    HTTPStatus.UNAUTHORIZED: UnauthorizedException,
    HTTPStatus.FORBIDDEN: ForbiddenException,
    HTTPStatus.NOT_FOUND: NotFoundException,
    HTTPStatus.CONFLICT: ConflictException,
    HTTPStatus.UNPROCESSABLE_ENTITY: UnprocessableEntityException,
}
_SERVICE = range(500, 600)


def class_of(status: int) -> type[ApiException]:
    """The class for a status; ApiException itself where none is drawn, as for 429."""
    return ServiceException if status in _SERVICE else _CLASSES.get(status, ApiException)


def render_path(path_to_item: Sequence[str | int]) -> str:
    """A path as subscripts: ``['data'][0]['result']``."""
    return "".join(f"[{step}]" if isinstance(step, int) else f"['{step}']" for step in path_to_item)


def _located(msg: str, path_to_item: Sequence[str | int] | None) -> str:
    return f"{msg} at {render_path(path_to_item)}" if path_to_item else msg
