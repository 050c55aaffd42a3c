"""What one call says for itself, beside its parameters: the arguments that begin with ``_``."""

from collections.abc import Mapping
from typing import Any, Self

import msgspec

from openapiopenai.exceptions import ApiValueError

# Seconds for each step, or for the connection and for each wait after it.
RequestTimeout = float | tuple[float, float] | None


class Call(msgspec.Struct, frozen=True):
    """``seconds`` and ``connect_seconds`` are None where the call leaves them as they are."""

    headers: Mapping[str, str] = {}
    authorization: str | None = None
    seconds: float | None = None
    connect_seconds: float | None = None

    @classmethod
    def of(cls, name: str, options: Mapping[str, Any]) -> Self:
        """The call that the arguments of the operation ``name`` describe.

        Raises ApiValueError for one that cannot be honoured, and shows no key.
        """
        try:
            _check_unused(options["_content_type"], options["_host_index"])
            connect_seconds, seconds = _timeouts(options["_request_timeout"])
            return cls(
                {str(key): str(value) for key, value in (options["_headers"] or {}).items()},
                _authorization(options["_request_auth"]),
                seconds,
                connect_seconds,
            )
        except ValueError as fault:
            raise ApiValueError(f"{name}: {fault}.") from None


def bearer(authorization: str) -> str:
    """The key of an Authorization header. Raises ValueError for another scheme."""
    scheme, _, key = authorization.partition(" ")
    if scheme.lower() != "bearer" or not key:
        raise ValueError('an authorization must be "Bearer" and the key: the API takes no other')
    return key


def _check_unused(content_type: Any, host_index: Any) -> None:
    """Raise ValueError where an argument asks for what a GET of one server has not."""
    if content_type is not None:
        raise ValueError("_content_type is given, but the request has no body")
    if type(host_index) is not int or host_index != 0:
        raise ValueError("_host_index is given, but must be 0: there is one server")


def _authorization(auth: Mapping[str, Any] | None) -> str | None:
    if not auth:
        return None
    place, key = str(auth.get("in")), str(auth.get("key"))
    if (place, key.lower()) != ("header", "authorization"):
        raise ValueError(
            f"_request_auth is for {place} {key}, but must be for header Authorization"
        )
    bearer(str(auth.get("value")))
    return str(auth["value"])


def _timeouts(timeout: Any) -> tuple[float | None, float | None]:
    """The seconds for the connection and for each wait after it."""
    if timeout is None:
        return None, None
    both = timeout if isinstance(timeout, tuple) else (timeout, timeout)
    sound = [type(each) in (int, float) and 0 < each < float("inf") for each in both]
    if sound != [True, True]:
        raise ValueError(
            f"_request_timeout is {timeout!r}, but must be seconds above 0, or a pair of them for"
            " the connection and for the answer"
        )
    return both
