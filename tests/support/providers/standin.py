"""A stand-in for a provider: real HTTP on 127.0.0.1, with answers that are told beforehand."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

import httpx2
import msgspec

GATE_SECONDS_MAX = 30


class Reply(msgspec.Struct, kw_only=True):
    """One answer. ``chunks`` are sent one by one; each but the first waits for ``gate``, if any.

    One that ``breaks_off`` ends with a broken connection instead of an end.
    """

    chunks: list[bytes]
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = {}
    breaks_off: bool = False
    gate: threading.Semaphore | None = None


class Received(msgspec.Struct):
    """A request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Standin(ThreadingHTTPServer):
    """Answers with ``replies`` in order; the last one again and again."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies: list[Reply] = []
        self.received: list[Received] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self, *replies: Reply) -> None:
        """Answer the next requests so."""
        self.replies = list(replies)
        self.received.clear()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # A small packet must not wait for the acknowledgement of the one before.
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        server = cast(Standin, self.server)
        body = self._body()
        headers = {name.lower(): value for name, value in self.headers.items()}
        server.received.append(Received(self.command, self.path, headers, body))
        reply = server.replies.pop(0) if len(server.replies) > 1 else server.replies[0]
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number, chunk in enumerate(reply.chunks):
            if number and reply.gate is not None:
                assert reply.gate.acquire(timeout=GATE_SECONDS_MAX)
            self._send(chunk)
        if reply.breaks_off:
            self.close_connection = True
        else:
            self._send(b"")

    def do_GET(self) -> None:
        self.do_POST()

    def _send(self, chunk: bytes) -> None:
        """One chunk of the chunked coding; the empty one ends the answer."""
        self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        self.wfile.flush()

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length", "0")))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - of the base class
        """Say nothing."""


@contextmanager
def standing_in() -> Iterator[Standin]:
    """A stand-in for the length of a block."""
    server = Standin()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Rerouted(httpx2.BaseTransport):
    """Sends what is meant for a provider's own host to a stand-in."""

    def __init__(self, address: str) -> None:
        self._address = httpx2.URL(address)
        self._transport = httpx2.HTTPTransport()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return self._transport.handle_request(_elsewhere(request, self._address))

    def close(self) -> None:
        self._transport.close()


class AsyncRerouted(httpx2.AsyncBaseTransport):
    """``Rerouted`` for asynchronous clients."""

    def __init__(self, address: str) -> None:
        self._address = httpx2.URL(address)
        self._transport = httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return await self._transport.handle_async_request(_elsewhere(request, self._address))

    async def aclose(self) -> None:
        await self._transport.aclose()


def _elsewhere(request: httpx2.Request, address: httpx2.URL) -> httpx2.Request:
    url = request.url.copy_with(scheme="http", host=address.host, port=address.port)
    return httpx2.Request(
        request.method,
        url,
        headers=request.headers,
        stream=request.stream,
        extensions=request.extensions,
    )
