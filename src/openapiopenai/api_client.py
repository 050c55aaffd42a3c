"""The client that the operations are called with."""

import weakref
from collections.abc import Sequence
from types import TracebackType
from typing import ClassVar, Self

import httpx2

from openapiopenai.calls import Call, bearer
from openapiopenai.configuration import SCHEME, Configuration
from openapiopenai.exceptions import ApiException, ApiValueError, UnauthorizedException
from openapiopenai.generation import VERSION
from openapiopenai.rest import RESTResponse
from openapiopenai.transports import Lent, transport_of
from tallybook.client.connection import TIMEOUT_SECONDS, Connection
from tallybook.client.errors import AnswerError, ClientError
from tallybook.client.retrying import RetryPolicy

# As often as the generated client does it, which leaves it to its HTTP library.
RETRIES_MAX = 3

_AUTHORIZATION = "authorization"


class ApiClient:
    """A configuration and what goes with every request of it.

    ``header_name`` and ``header_value`` are one of ``default_headers``, which go
    with every request, as ``cookie`` does. May be used by many threads at once;
    as a context manager it closes its connections at the end of the block.

    Raises ApiValueError for certificates or a proxy that cannot be used.
    """

    _default: ClassVar[Self | None] = None

    def __init__(
        self,
        configuration: Configuration | None = None,
        header_name: str | None = None,
        header_value: str | None = None,
        cookie: str | None = None,
    ) -> None:
        self.configuration = configuration or Configuration.get_default()
        self.default_headers: dict[str, str] = {}
        if header_name is not None:
            self.set_default_header(header_name, str(header_value))
        self.cookie = cookie
        self.user_agent = f"OpenAPI-Generator/{VERSION}/python"
        try:
            self._transport = transport_of(self.configuration)
        except (OSError, ValueError, ImportError) as fault:
            raise ApiValueError(f"Configuration: {fault}") from fault
        weakref.finalize(self, self._transport.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._transport.close()

    @classmethod
    def get_default(cls) -> Self:
        """The client of an API that is made without one; made on the first call."""
        if cls._default is None:
            cls._default = cls()
        return cls._default

    @classmethod
    def set_default(cls, default: Self | None) -> None:
        """Set the client of an API that is made without one."""
        cls._default = default

    @property
    def user_agent(self) -> str:
        """How the client is named to the server, by which the server chooses its dialect."""
        return self.default_headers["User-Agent"]

    @user_agent.setter
    def user_agent(self, value: str) -> None:
        """Send another name."""
        self.default_headers["User-Agent"] = value

    def set_default_header(self, header_name: str, header_value: str) -> None:
        """Send a header with every request."""
        self.default_headers[header_name] = header_value

    def get(
        self,
        path: str,
        parameters: Sequence[tuple[str, str]],
        call: Call = Call(),  # noqa: B008
    ) -> RESTResponse:
        """What the server answers to a GET below its base path, an error too.

        Raises UnauthorizedException when there is no key to send, ApiException
        with status 0 when there is no answer, ApiValueError for a host or a key
        that cannot be one.
        """
        headers = {"Accept": "application/json", **call.headers, **self.default_headers}
        if self.cookie:
            headers["Cookie"] = self.cookie
        try:
            answer = self._connection(call, self._key(call, headers)).get(
                path, parameters, {n: v for n, v in headers.items() if n.lower() != _AUTHORIZATION}
            )
        except AnswerError as error:
            return RESTResponse(error.status, httpx2.Headers(dict(error.headers)), error.body)
        except ClientError as fault:
            raise ApiException(status=0, reason=str(fault)) from fault
        return RESTResponse(answer.status, httpx2.Headers(answer.headers), answer.body)

    def _connection(self, call: Call, key: str) -> Connection:
        """A connection for one call: host and key are read anew, the transport is kept."""
        retries = self.configuration.retries
        transport = Lent(
            self._transport,
            connect_seconds=call.connect_seconds,
            server_name=self.configuration.tls_server_name,
        )
        try:
            return Connection(
                self.configuration.host or "",
                key,
                timeout_seconds=call.seconds or TIMEOUT_SECONDS,
                retry=RetryPolicy(retries_max=RETRIES_MAX if retries is None else retries),
                transport=transport,
            )
        except ValueError as fault:
            raise ApiValueError(f"Configuration: {fault}") from None

    def _key(self, call: Call, headers: dict[str, str]) -> str:
        """The key: of the call, of the configuration, or of a header that was set by hand."""
        configured = self.configuration.auth_settings().get(SCHEME, {}).get("value")
        by_hand = [value for name, value in headers.items() if name.lower() == _AUTHORIZATION]
        found = [*filter(None, (call.authorization, configured)), *by_hand]
        if not found:
            raise UnauthorizedException(
                401, "no key, so nothing was sent: give Configuration an access_token"
            )
        try:
            return bearer(found[0])
        except ValueError as fault:
            raise ApiValueError(f"Configuration: {fault}.") from None
