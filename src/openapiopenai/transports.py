"""The way to the server that a configuration asks for: certificates, proxy, sockets."""

import ssl
from ipaddress import ip_address, ip_network

import httpx2

from openapiopenai.configuration import Configuration


def transport_of(configuration: Configuration) -> httpx2.HTTPTransport:
    """A transport of one's own, to be closed by its owner.

    Raises OSError for certificates that cannot be read, ValueError for a proxy that is none.
    """
    return httpx2.HTTPTransport(
        verify=tls_of(configuration),
        limits=httpx2.Limits(max_keepalive_connections=configuration.connection_pool_maxsize),
        proxy=proxy_of(configuration),
        socket_options=configuration.socket_options,
    )


def proxy_of(configuration: Configuration) -> httpx2.Proxy | None:
    """The proxy that the host is reached by, if there is one."""
    host = httpx2.URL(configuration.host or "")
    if not configuration.proxy or is_reached_directly(host, configuration.no_proxy or ""):
        return None
    return httpx2.Proxy(configuration.proxy, headers=dict(configuration.proxy_headers or {}))


def is_reached_directly(url: httpx2.URL, no_proxy: str) -> bool:
    """Whether one of the comma-separated names is the address's host, or above it.

    A name may be a domain, a host with its port, an address, a network, or ``*``.
    """
    entries = [entry.strip().lower().lstrip(".") for entry in no_proxy.split(",")]
    host = url.host.lower()
    names = {"*", host, f"{host}:{url.port}"}
    return any(
        entry and (entry in names or host.endswith(f".{entry}") or _is_in(host, entry))
        for entry in entries
    )


def _is_in(host: str, network: str) -> bool:
    try:
        return ip_address(host) in ip_network(network, strict=False)
    except ValueError:
        return False


def tls_of(configuration: Configuration) -> ssl.SSLContext:
    """How servers are verified, and with which certificate they verify the client."""
    context = ssl.create_default_context(
        cafile=configuration.ssl_ca_cert, cadata=configuration.ca_cert_data
    )
    if not configuration.verify_ssl or configuration.assert_hostname is False:
        context.check_hostname = False
    if not configuration.verify_ssl:
        context.verify_mode = ssl.CERT_NONE
    if configuration.cert_file:
        context.load_cert_chain(configuration.cert_file, configuration.key_file)
    return context


class Lent(httpx2.BaseTransport):
    """A transport that outlives the one who uses it, with what one call asks of it.

    ``connect_seconds`` and ``server_name`` (of TLS) are left as they are when None.
    """

    def __init__(
        self,
        owned: httpx2.BaseTransport,
        *,
        connect_seconds: float | None,
        server_name: str | None,
    ) -> None:
        self._owned = owned
        self._connect_seconds = connect_seconds
        self._server_name = server_name

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """The response of the owned transport."""
        if self._connect_seconds is not None:
            request.extensions["timeout"]["connect"] = self._connect_seconds
        if self._server_name is not None:
            request.extensions["sni_hostname"] = self._server_name
        return self._owned.handle_request(request)

    def close(self) -> None:
        """Leave the owned transport open."""
