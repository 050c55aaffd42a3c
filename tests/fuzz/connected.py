"""Bytes on a connection: whatever comes, an answer or the end of it, and never both missing."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from uvicorn.server import ServerState

from fuzz.mutating import bytes_mutated, lines_of
from fuzz.served import House, house
from fuzz.target import Check, Target
from support.events import DAY
from support.server import ADMIN_KEY

_STATUS = b"HTTP/1.1 "
# More than any of these requests takes.
_SECONDS_MAX = 5.0
# For requests before one whose body is under way.
_BODY_SECONDS = 0.02
_MARK = b"\x1c"


class _Line(asyncio.Transport):
    """A connection without a network: keeps what is written."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 5), "sockname": ("127.0.0.1", 8321)})
        self.written = bytearray()
        self.is_over = False
        self.ended = False

    def write(self, data: Any) -> None:
        assert not self.ended, "written after the end"
        self.written += data

    def write_eof(self) -> None:
        self.ended = True

    def can_write_eof(self) -> bool:
        return True

    def close(self) -> None:
        self.is_over = True

    def abort(self) -> None:
        self.is_over = True

    def is_closing(self) -> bool:
        return self.is_over

    def pause_reading(self) -> None:
        """Nothing is under way."""

    def resume_reading(self) -> None:
        """Nothing is under way."""

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """There is no buffer."""


@contextmanager
def _connections(folder: Path) -> Iterator[Check]:
    with house(folder) as found:
        config = found.config()

        def check(data: bytes) -> None:
            found.runner.run(_exchange(found, config, data))

        yield check


async def _exchange(found: House, config: Any, data: bytes) -> None:
    """Send pieces, let the time run out, hang up; hold what was said to be answers."""
    state = ServerState()
    line = _Line()
    protocol: Any = found.connections()(config=config, server_state=state, app_state={})  # type: ignore[call-arg]
    protocol.connection_made(line)
    for piece in data.split(_MARK)[:8]:
        if line.is_over or line.ended:
            break
        protocol.data_received(piece)
        await _quiet(state, protocol)
    if not line.is_over and not line.ended:
        # Nothing more comes: what was begun is refused, or the connection is closed.
        for _ in range(3):
            if protocol._timer is not None:
                protocol._timer.cancel()
                protocol._too_slow()
                await _quiet(state, protocol)
        begun = protocol._in_head or protocol._in_body
        assert line.is_over or line.ended or not begun, "a request waits for ever"
    protocol.connection_lost(None)
    await _quiet(state, protocol, gone=True)
    _hold(bytes(line.written))


async def _quiet(state: ServerState, protocol: Any, *, gone: bool = False) -> None:
    """Wait until the application waits for something more of the body, or for nothing."""
    for _ in range(3):
        await asyncio.sleep(0)
    # One that is answered makes room for the next of those that came together.
    while waiting := set(state.tasks):
        if protocol._in_body and not gone:
            await asyncio.wait(waiting, timeout=_BODY_SECONDS)
            return
        _, left = await asyncio.wait(waiting, timeout=_SECONDS_MAX)
        assert not left, "a request hangs"
        await asyncio.sleep(0)


def _hold(said: bytes) -> None:
    """Hold what was written to be whole answers, none of them of a defect."""
    while said:
        head, end, rest = said.partition(b"\r\n\r\n")
        assert end
        status = head[len(_STATUS) :][:3]
        assert head.startswith(_STATUS)
        assert status.isdigit()
        assert not status.startswith(b"5"), said
        if status == b"100":
            said = rest
            continue
        headers = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
        if b"content-length" not in headers:
            return
        length = int(headers[b"content-length"])
        # The answer to HEAD has none.
        said = rest if rest.startswith(_STATUS) else rest[length:]


def _request(head: bytes, *headers: bytes, body: bytes = b"") -> bytes:
    lines = [head + b" HTTP/1.1", b"Host: x", *headers]
    return b"\r\n".join((*lines, b"", body))


_AUTHORIZED = f"Authorization: Bearer {ADMIN_KEY}".encode()
_JSON = b"Content-Type: application/json"
_EVENT = b'{"id":"a","time":1790812800,"kind":"moderations","input_tokens":1}'


def _seeds() -> list[bytes]:
    usage = b"GET /v1/organization/usage/completions?start_time=%d" % DAY
    length = b"Content-Length: %d" % len(_EVENT)
    post = _request(b"POST /v1/events", _AUTHORIZED, _JSON, length, body=_EVENT)
    chunks = b"%x\r\n%s\r\n0\r\nX-Trailer: a\r\n\r\n" % (len(_EVENT), _EVENT)
    return [
        _request(b"GET /healthz"),
        _request(usage, _AUTHORIZED),
        post,
        post[:150] + _MARK + post[150:],
        _request(
            b"POST /v1/events", _AUTHORIZED, _JSON, b"Transfer-Encoding: chunked", body=chunks
        ),
        _request(b"GET /healthz") * 3 + post,
        _request(b"HEAD /healthz", b"Connection: close"),
        _request(b"POST /session", _JSON, b"Expect: 100-continue", length, body=_EVENT),
        _request(b"GET /readyz", b"Connection: Upgrade", b"Upgrade: websocket"),
        _request(b"OPTIONS *"),
        _request(b"GET http://x/healthz", b"Accept-Encoding: gzip, zstd;q=0.5"),
    ]


_WORDS = (
    b"GET / HTTP/1.1", b"POST /v1/events HTTP/1.1", b"CONNECT x:1 HTTP/1.1", b"Host: y",
    b"HTTP/1.0", b"Transfer-Encoding: chunked", b"Transfer-Encoding: gzip, chunked",
    b"Content-Length: 5", b"Content-Length: 18446744073709551616", b"Expect: 100-continue",
    b"Connection: close",
    b"Connection: keep-alive", b"Upgrade: h2c", b"0\r\n\r\n", b"ffffffffffffffff", b"\x00", b": x",
    b" folded", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", _MARK, b"\r\n\r\n", _AUTHORIZED, _JSON,
    b"X: " + b"a" * 9_000, b"/" + b"a" * 9_000, b"%ff%00", b"//", b"\\", b"Content-Encoding: zstd",
)  # fmt: skip
_lines = lines_of(*_WORDS, end=b"\r\n", sign=b":")


def _mutated(data: bytes, chance: Random) -> bytes:
    """Changes lines; cuts a request in two; puts one after another."""
    match chance.randrange(8):
        case 0:
            at = chance.randint(0, len(data))
            return data[:at] + _MARK + data[at:]
        case 1:
            return data + chance.choice(_seeds())
        case 2:
            return bytes_mutated(data, chance, _WORDS)
        case _:
            return _lines(data, chance)


TARGETS = (
    Target(
        "http-bytes",
        "raw bytes of connections, in pieces",
        _connections,
        _seeds,
        _mutated,
        _WORDS,
        bytes_max=80_000,
    ),
)
