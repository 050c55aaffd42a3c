"""Requests as they come over a connection: bounded in bytes and in time, and read in one way only.

What reads HTTP below the application sets no bound to the headers of a
request, nor to the time in which it has to come, adds trailers to the headers
that were authorized, and answers what it cannot read with plain text. Here it
is held to these rules:

- The address and the headers of a request, together its head, have a limit
  (setting ``header_bytes_max``): 414 or 431.
- A head comes within ``receive_seconds_max``, and the body after it at no fewer
  than ``BODY_BYTES_PER_SECOND_MIN``: 408. A connection on which nothing comes is closed.
- What may be read in two ways, by us and by a proxy before us, is refused: 400.
- There are at most ``connections_max`` connections at once: 503, and closed.
- Trailers are dropped (RFC 9110, section 6.5.1), and no upgrade is offered.

A request that is refused here ends its connection, since nobody knows where
the next one begins. Answers are written only where they are the answer to
what is refused: never into, and never instead of, the answer to a request before it.
"""

import asyncio
from asyncio import TimerHandle
from typing import ClassVar

import httptools
import msgspec
from starlette.datastructures import MutableHeaders
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from tallybook.domain.errors import (
    AddressTooLong,
    HeadersTooLarge,
    MalformedRequest,
    Overloaded,
    RequestTooSlow,
    TallybookError,
)
from tallybook.settings import Settings
from tallybook.web.envelope import error_response
from tallybook.web.request_id import HEADER, new_request_id
from tallybook.web.security_headers import protected

# Far more than any client or chain of proxies sends.
HEADERS_MAX = 200
# What takes an address apart below takes no longer one.
ADDRESS_BYTES_MAX = 65_535
# Slower than any network that is used, and 200 times slower than what fills memory.
BODY_BYTES_PER_SECOND_MIN = 500
# How long a refused client may go on to send before the connection is closed: closed at once, the
# answer would be lost to one that is still sending.
LINGER_SECONDS = 2.0
# Connections over the limit that are told so, at once; any more are closed without a word.
REFUSED_MAX = 64
# ``name: value\r\n``.
_HEADER_EXTRA_BYTES = 4


class ReceiveLimits(msgspec.Struct, frozen=True):
    """How large the head of a request may be and how long it may take; how many connections."""

    header_bytes_max: int
    seconds_max: float
    connections_max: int


class BoundedProtocol(HttpToolsProtocol):
    """One connection. ``limits`` belong to the class: uvicorn makes the instances."""

    limits: ClassVar[ReceiveLimits]

    _timer: TimerHandle | None = None
    # A request has begun whose headers, or whose body, are not all there.
    _in_head = False
    _in_body = False
    # Bytes of the head under way, as far as it is taken apart.
    _head_bytes = 0
    # Bytes of the body since the timer began.
    _body_bytes = 0
    # Bytes that the parser has kept since it last handed something on.
    _kept_bytes = 0
    # Why the connection ends; until it is closed, what comes is passed over.
    _fault: TallybookError | None = None
    _refused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for a request."""
        super().connection_made(transport)  # type: ignore[arg-type]
        excess = len(self.connections) - self.limits.connections_max
        if excess <= 0:
            self._wait()
        elif excess <= REFUSED_MAX:
            self._refused = True
            self._answer(_too_many(self.limits))
        else:
            self._refused = True
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._wait_no_longer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take apart what came."""
        if self._refused:
            return
        self._unset_keepalive_if_required()
        self._kept_bytes += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # No upgrade is offered: the request is answered as if it had not asked for one.
            pass
        except httptools.HttpParserCallbackError:
            self._refuse(self._fault or MalformedRequest("The address cannot be read."))
        except httptools.HttpParserError as fault:
            self._refuse(MalformedRequest(f"This is not HTTP/1.1: {fault}."))
        else:
            # A header, or trailer, that is not all there, however long it is.
            if self._kept_bytes > self.limits.header_bytes_max:
                self._refuse(_headers_too_large(self.limits))
        # A request that comes whole, as most do, costs no timer.
        if self._timer is None and (self._in_head or self._in_body) and not self._refused:
            self._wait()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._in_head = True
        self._head_bytes = 0

    def on_url(self, url: bytes) -> None:
        """A piece of the address."""
        self._kept_bytes = 0
        super().on_url(url)
        limit = min(self.limits.header_bytes_max, ADDRESS_BYTES_MAX)
        if len(self.url) > limit:
            self._fail(
                AddressTooLong(
                    f"The address is longer than {limit} bytes (setting header_bytes_max, at most"
                    f" {ADDRESS_BYTES_MAX}). Ask with fewer filters at a time."
                )
            )
        self._head_bytes += len(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; or a trailer, which is dropped."""
        self._kept_bytes = 0
        if not self._in_head:
            return
        self._head_bytes += len(name) + len(value) + _HEADER_EXTRA_BYTES
        if self._head_bytes > self.limits.header_bytes_max:
            self._fail(_headers_too_large(self.limits))
        if len(self.headers) >= HEADERS_MAX:
            self._fail(HeadersTooLarge(f"There are more than {HEADERS_MAX} headers."))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is there: the application may begin, unless the head can be read in two ways."""
        self._kept_bytes = 0
        self._in_head, self._in_body = False, True
        # The body has a time of its own.
        self._wait_no_longer()
        hosts = [value for name, value in self.headers if name == b"host"]
        if len(hosts) > 1 or (not hosts and self.parser.get_http_version() == "1.1"):
            self._fail(MalformedRequest(f"There are {len(hosts)} Host headers; there must be one."))
        codings = [value for name, value in self.headers if name == b"transfer-encoding"]
        if codings and [coding.lower() for coding in codings] != [b"chunked"]:
            self._fail(
                MalformedRequest("Transfer-Encoding must be chunked. Use Content-Encoding to pack.")
            )
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._kept_bytes = 0
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is there."""
        self._in_body = False
        self._wait_no_longer()
        super().on_message_complete()

    def _fail(self, fault: TallybookError) -> None:
        """End the parser's work from within it; ``data_received`` goes on."""
        self._fault = fault
        raise fault

    def _wait(self) -> None:
        """Allow the client its time, from now on. No timer runs."""
        self._body_bytes = 0
        self._timer = self.loop.call_later(self.limits.seconds_max, self._too_slow)

    def _wait_no_longer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        self._timer = None
        seconds = self.limits.seconds_max
        enough = self._body_bytes >= seconds * BODY_BYTES_PER_SECOND_MIN
        if self.flow.read_paused or (self._in_body and enough):
            self._wait()
        elif self._in_body or self._in_head:
            what = (
                f"brought only {self._body_bytes} bytes of its body" if self._in_body else "began"
            )
            self._refuse(
                RequestTooSlow(
                    f"The request {what} within {seconds:g} s (setting receive_seconds_max)."
                    " Nothing of it was done."
                )
            )
        else:
            self.transport.close()

    def _refuse(self, fault: TallybookError) -> None:
        """Answer what cannot be gone on with, if it is its turn, and end the connection."""
        self._refused = True
        self._wait_no_longer()
        cycle = self.cycle
        if self._in_body and cycle is not None:
            if cycle.response_started or self.pipeline:
                self.transport.close()
                return
            # The application waits for a body that will not come.
            cycle.disconnected = True
            cycle.message_event.set()
        elif cycle is not None and not cycle.response_complete:
            # What came before is answered, and then uvicorn closes.
            cycle.keep_alive = False
            return
        self._answer(fault)

    def _answer(self, fault: TallybookError) -> None:
        response = error_response(fault)
        headers = MutableHeaders(raw=[*self.server_state.default_headers, *response.raw_headers])
        headers[HEADER] = new_request_id()
        headers["connection"] = "close"
        sent = protected(headers.raw, self.scheme or "http")
        lines = [name + b": " + value + b"\r\n" for name, value in sent]
        self.transport.write(
            b"".join([STATUS_LINE[fault.status], *lines, b"\r\n", bytes(response.body)])
        )
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.close)


def protocol_within(settings: Settings) -> type[BoundedProtocol]:
    """The class of connections of a server with these settings."""
    limits = ReceiveLimits(
        settings.header_bytes_max, settings.receive_seconds_max, settings.connections_max
    )
    return type("_Protocol", (BoundedProtocol,), {"limits": limits})


def _too_many(limits: ReceiveLimits) -> Overloaded:
    return Overloaded(
        f"{limits.connections_max} connections are open, as many as may be (setting"
        " connections_max). Try again after Retry-After, and keep fewer open."
    )


def _headers_too_large(limits: ReceiveLimits) -> HeadersTooLarge:
    return HeadersTooLarge(
        f"Address and headers are more than {limits.header_bytes_max} bytes (setting"
        " header_bytes_max)."
    )
