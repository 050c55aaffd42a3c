"""A server on localhost that answers as a test has written down, one answer after the other."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Reply(NamedTuple):
    """What one request is answered. ``announced`` is more than the body when it is to be cut off.

    ``hangs`` is to say nothing at all until the other side has gone.
    """

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = {}
    announced: int | None = None
    hangs: bool = False


class Seen(NamedTuple):
    """A request as it came; names of headers in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Scripted:
    """The server: its address, what it is still to answer, and what it was asked."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.replies: list[Reply] = []
        self.seen: list[Seen] = []

    def will(self, *replies: Reply) -> None:
        """Begin a new script."""
        self.replies = list(replies)
        self.seen.clear()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    script: Scripted

    def _answer(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.script.seen.append(
            Seen(self.command, self.path, headers, self.rfile.read(length) if length else b"")
        )
        reply = self.script.replies.pop(0)
        if reply.hangs:
            self.rfile.read(1)
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status != 304:
            self.send_header("content-length", str(reply.announced or len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)
        if reply.announced:
            self.close_connection = True

    do_GET = do_POST = _answer  # noqa: N815 - the names that the handler calls

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Nothing: tests look at ``seen``."""


@contextmanager
def scripted() -> Iterator[Scripted]:
    """A scripted server for the length of a block."""
    script = Scripted("")
    handler = type("Handler", (_Handler,), {"script": script})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        script.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield script
        finally:
            server.shutdown()
            thread.join()


def closed_port() -> int:
    """A port of localhost that nobody listens on."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port
