"""Requests byte by byte, as no client library would send them."""

import socket
from urllib.parse import urlsplit

import httpx2

from support.server import ADMIN_KEY

AUTHORIZATION = f"Authorization: Bearer {ADMIN_KEY}\r\n".encode()
WAIT_SECONDS_MAX = 20


def connect(address: str) -> socket.socket:
    """A connection to a server, by its address as it prints it."""
    place = urlsplit(address)
    assert place.hostname
    return socket.create_connection((place.hostname, place.port or 80), timeout=WAIT_SECONDS_MAX)


def exchange(address: str, *pieces: bytes) -> bytes:
    """All that a server says to pieces of bytes, until it closes the connection.

    What a server that has closed does not take any more is not an error.
    """
    with connect(address) as line:
        try:
            for piece in pieces:
                line.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return read_all(line)


def read_all(line: socket.socket) -> bytes:
    """What comes until the other end closes."""
    parts: list[bytes] = []
    while part := line.recv(1 << 16):
        parts.append(part)
    return b"".join(parts)


def read_answer(line: socket.socket) -> httpx2.Response:
    """The next answer of a connection that stays open, and nothing after it."""
    said = b""
    while True:
        part = line.recv(1 << 16)
        assert part, f"the connection was closed after {said!r}"
        said += part
        head, found, rest = said.partition(b"\r\n\r\n")
        if found and len(rest) >= _length(head):
            (answer,) = answers(said)
            return answer


def answers(said: bytes) -> list[httpx2.Response]:
    """What a server said, as answers with a declared length."""
    found: list[httpx2.Response] = []
    while said:
        head, _, rest = said.partition(b"\r\n\r\n")
        length = _length(head)
        found.append(
            httpx2.Response(
                int(head.split()[1]),
                headers=_headers(head),
                content=rest[:length],
                request=httpx2.Request("GET", "http://raw/"),
            )
        )
        said = rest[length:]
    return found


def _headers(head: bytes) -> list[tuple[str, str]]:
    status, *lines = head.decode("latin-1").split("\r\n")
    assert status.startswith("HTTP/1.1 ")
    parts = [line.partition(": ") for line in lines]
    return [(name, value) for name, _, value in parts]


def _length(head: bytes) -> int:
    return int(dict(_headers(head))["content-length"])


def ask(address: str, *pieces: bytes) -> httpx2.Response:
    """The only answer to pieces of bytes, after which the server closes."""
    (answer,) = answers(exchange(address, *pieces))
    return answer


def request(
    target: bytes, *headers: bytes, method: bytes = b"GET", body: bytes = b"", host: bytes = b"x"
) -> bytes:
    """A request that asks for the connection to be closed after its answer."""
    lines = [b"%s %s HTTP/1.1" % (method, target), b"Host: " + host, b"Connection: close"]
    return b"\r\n".join([*lines, *headers, b"", body])


def post(*headers: bytes, body: bytes = b"") -> bytes:
    """A post of events with the admin key."""
    return request(b"/v1/events", AUTHORIZATION.strip(), *headers, method=b"POST", body=body)
