"""Errors on the wire: one envelope for every one of them, with all four keys."""

from http import HTTPStatus
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from tallybook.domain.errors import (
    MalformedBody,
    MethodNotAllowed,
    MissingKey,
    QueryTimedOut,
    ServerFault,
    TallybookError,
    UnknownPath,
)
from tallybook.organization.secret import without_secrets

# Where a request's scope has the error that it was answered with.
FAULT = "tallybook_fault"


class JSONResponse(Response):
    """A value as JSON, or JSON that is already encoded."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """The body's bytes."""
        return content if isinstance(content, bytes) else msgspec.json.encode(content)


def envelope(fault: TallybookError) -> dict[str, Any]:
    """The body of an error: ``{"error": {"message", "type", "param", "code"}}``.

    Message and ``param`` may repeat what was sent, and that may be a key in the wrong place.
    """
    return {
        "error": {
            "message": without_secrets(fault.message),
            "type": fault.type,
            "param": None if fault.param is None else without_secrets(fault.param),
            "code": fault.code,
        }
    }


def error_response(fault: TallybookError, body: dict[str, Any] | None = None) -> Response:
    """An error as an answer; ``body`` adds keys beside ``error``."""
    headers = {}
    if fault.retry_after_seconds is not None:
        headers["Retry-After"] = str(fault.retry_after_seconds)
    if isinstance(fault, MissingKey):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(fault, QueryTimedOut):
        # The official clients try again after any 5xx, twice, unless they are told not to.
        headers["x-should-retry"] = "false"
    return JSONResponse(envelope(fault) | (body or {}), fault.status, headers)


def on_tallybook_error(request: Request, fault: Exception) -> Response:
    """Answer what Tallybook raised on purpose."""
    assert isinstance(fault, TallybookError)  # noqa: S101 - registered for this class only
    request.scope[FAULT] = fault
    return error_response(fault)


def on_http_exception(request: Request, fault: Exception) -> Response:
    """Answer what the router raised: no such path, or no such method on it."""
    assert isinstance(fault, HTTPException)  # noqa: S101 - registered for this class only
    if fault.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = _allowed(request)
        answer = on_tallybook_error(
            request,
            MethodNotAllowed(f"{request.method} is not allowed here; allowed: {allowed}."),
        )
        answer.headers["Allow"] = allowed
        return answer
    return on_tallybook_error(
        request,
        UnknownPath(f"Unknown request URL: {request.method} {request.url.path}. See /docs."),
    )


def _allowed(request: Request) -> str:
    """The methods of a path, those of all its routes (RFC 9110, section 10.2.1).

    The router itself knows only those of the first route with the path.
    """
    methods: set[str] = set()
    for route in request.app.routes:
        match, _ = route.matches(request.scope)
        if match is not Match.NONE:
            methods |= route.methods
    return ", ".join(sorted(methods))


def on_client_gone(request: Request, _fault: Exception) -> Response:
    """Answer nobody: a client that leaves within its body is no defect, and nothing was done."""
    return on_tallybook_error(
        request, MalformedBody("The connection ended before the body was whole.")
    )


def on_defect(request: Request, _fault: Exception) -> Response:
    """Answer a defect: the details are in the log, under the request's id."""
    request_id = request.scope.get("request_id", "")
    return on_tallybook_error(
        request,
        ServerFault(
            "The server had an error while processing the request; its log says more under"
            f" {request_id}."
        ),
    )
