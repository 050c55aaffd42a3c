"""The settings of a client: where the server is, with which key, and over what connection."""

from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field, fields
from os import cpu_count
from typing import TYPE_CHECKING, Any, ClassVar, Self
from urllib.parse import urlsplit
from urllib.request import getproxies

from openapiopenai.exceptions import ApiAttributeError, ApiValueError

HOST = "https://api.openai.com/v1"
# The only scheme of the API: a key as Bearer in the Authorization header.
SCHEME = "ApiKeyAuth"

_ONE_SERVER = "there is one server: name it as host"
# Settings of the generated package that mean nothing here: what leaves them off, and why.
_UNSUPPORTED: dict[str, tuple[tuple[Any, ...], str]] = {
    "username": ((None,), "the API has no basic authentication: give access_token"),
    "password": ((None,), "the API has no basic authentication: give access_token"),
    "server_index": ((None, 0), _ONE_SERVER),
    "server_variables": ((None, {}), _ONE_SERVER),
    "server_operation_index": ((None, {}), _ONE_SERVER),
    "server_operation_variables": ((None, {}), _ONE_SERVER),
    "safe_chars_for_path_param": (("",), "no path of usage has parameters"),
    "client_side_validation": ((True,), "parameters and answers are always checked"),
    "datetime_format": (("%Y-%m-%dT%H:%M:%S.%f%z",), "usage has times in Unix seconds only"),
    "date_format": (("%Y-%m-%d",), "usage has times in Unix seconds only"),
    "debug": ((None, False), "set the level of the loggers httpx2 and httpcore2 instead"),
}


@dataclass(eq=False, repr=False)
class Configuration:
    """Settings by the names and in the order of the generated package.

    ``host`` is an address with or without ``/v1`` at its end, OpenAI's own without
    it. ``access_token`` is the key; ``api_key={"ApiKeyAuth": …}`` is another way to
    give it. ``retries`` is how often a request is tried again, 3 by default.
    ``proxy`` and ``no_proxy`` are those of the environment unless they are given.
    Certificates are files in PEM; ``ca_cert_data`` is PEM text or DER bytes.

    Raises ApiValueError for a setting that cannot be honoured here, when it is
    given and when it is set later; what is left at its default never does.
    """

    host: str | None = None
    api_key: dict[str, str] | None = None
    api_key_prefix: dict[str, str] | None = None
    username: str | None = None
    password: str | None = None
    access_token: str | None = None
    server_index: int | None = None
    server_variables: dict[str, str] | None = None
    server_operation_index: dict[int, int] | None = None
    server_operation_variables: dict[int, dict[str, str]] | None = None
    # There are none to ignore, so both mean the same.
    ignore_operation_servers: bool = False
    ssl_ca_cert: str | None = None
    retries: int | None = None
    ca_cert_data: str | bytes | None = None
    cert_file: str | None = None
    key_file: str | None = None
    verify_ssl: bool = True
    assert_hostname: bool | None = None
    tls_server_name: str | None = None
    connection_pool_maxsize: int | None = None
    proxy: str | None = None
    no_proxy: str | None = None
    proxy_headers: Mapping[str, str] | None = None
    safe_chars_for_path_param: str = ""
    client_side_validation: bool = True
    socket_options: Iterable[tuple[int, int, int]] | None = None
    datetime_format: str = "%Y-%m-%dT%H:%M:%S.%f%z"
    date_format: str = "%Y-%m-%d"
    _: KW_ONLY
    debug: bool | None = field(default=None)

    _default: ClassVar[Self | None] = None

    def __post_init__(self) -> None:
        self.host = self.host or HOST
        self.api_key = self.api_key or {}
        self.api_key_prefix = self.api_key_prefix or {}
        if self.connection_pool_maxsize is None:
            self.connection_pool_maxsize = 5 * (cpu_count() or 1)
        proxies = getproxies()
        if self.proxy is None:
            self.proxy = proxies.get(urlsplit(self.host).scheme) or proxies.get("all")
        if self.no_proxy is None:
            self.no_proxy = proxies.get("no")

    # Checkers look at what is declared.
    if not TYPE_CHECKING:

        def __setattr__(self, name: str, value: Any) -> None:
            if name not in _NAMES:
                raise ApiAttributeError(f"Configuration has no setting {name}.")
            off, reason = _UNSUPPORTED.get(name, ((value,), ""))
            if value not in off:
                raise ApiValueError(f"Configuration: {name} cannot be set here: {reason}.")
            retries = name == "retries" and value is not None
            if retries and (type(value) is not int or value < 0):
                raise ApiValueError(
                    f"Configuration: retries is {value!r}, but must be a whole number from 0."
                )
            super().__setattr__(name, value)

    def __repr__(self) -> str:
        """The address and no secret: keys, proxies and their headers may hold one."""
        return f"{type(self).__name__}(host={self.host!r})"

    @classmethod
    def set_default(cls, default: Self | None) -> None:
        """Set the configuration of clients that are made without one."""
        cls._default = default

    @classmethod
    def get_default(cls) -> Self:
        """The configuration of clients that are made without one; made on the first call."""
        if cls._default is None:
            cls._default = cls()
        return cls._default

    @classmethod
    def get_default_copy(cls) -> Self:
        """An older name of get_default."""
        return cls.get_default()

    def get_api_key_with_prefix(self, identifier: str, alias: str | None = None) -> str | None:
        """The key of ``api_key`` under a name, after its prefix if there is one."""
        keys, prefixes = self.api_key or {}, self.api_key_prefix or {}
        key = keys.get(identifier, keys.get(alias or ""))
        prefix = prefixes.get(identifier, prefixes.get(alias or ""))
        return f"{prefix} {key}" if key and prefix else key

    def auth_settings(self) -> dict[str, dict[str, str]]:
        """How a request shows its key, by the name of the scheme; empty without a key."""
        value = self.get_api_key_with_prefix(SCHEME)
        if self.access_token is not None:
            value = f"Bearer {self.access_token}"
        elif value is not None and " " not in value:
            value = f"Bearer {value}"
        if value is None:
            return {}
        return {SCHEME: {"type": "bearer", "in": "header", "key": "Authorization", "value": value}}


_NAMES = frozenset(each.name for each in fields(Configuration))
