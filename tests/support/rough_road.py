"""The way to a real server, and what happens on it: requests that fail, or lose their answer.

It passes on what it lets through as it came, so the receipts are the server's own.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2

LATE_SECONDS = 0.05


class Fate(Enum):
    """What becomes of a request."""

    GOOD = auto()
    # Slow on its way.
    LATE = auto()
    # The connection breaks before the server has it.
    CUT_BEFORE = auto()
    # The server has stored it, and the connection breaks before the answer: the classic double.
    CUT_AFTER = auto()
    # The answer breaks off in the middle.
    CUT_WITHIN = auto()
    # The server has stored it, and something on the way answers for it.
    BAD_GATEWAY_AFTER = auto()
    BROKEN = auto()
    BUSY = auto()
    LIMITED = auto()
    FULL = auto()
    # Something that is no Tallybook answers, with a page.
    STRANGER = auto()
    WRONG_KEY = auto()
    # More than one event is too much.
    TOO_LARGE = auto()


# What is answered without asking the server.
_ANSWERS: dict[Fate, tuple[int, dict[str, str]]] = {
    Fate.BROKEN: (500, {}),
    Fate.BUSY: (503, {"Retry-After": "0"}),
    Fate.LIMITED: (429, {"retry-after-ms": "20"}),
    Fate.FULL: (507, {"retry-after-ms": "10"}),
    Fate.STRANGER: (200, {}),
    Fate.WRONG_KEY: (401, {}),
    Fate.TOO_LARGE: (413, {}),
}

Decide = Callable[[bytes], Fate]


class RoughRoad:
    """An address that leads to a server. ``decide`` says what becomes of each request."""

    def __init__(self, server: str, decide: Decide) -> None:
        self.address = ""
        self.decide = decide
        self.fates: list[Fate] = []
        self._server = server
        self._http = httpx2.Client(timeout=60, trust_env=False)
        self._lock = threading.Lock()

    def fate(self, body: bytes) -> Fate:
        """What becomes of a request, decided one at a time."""
        with self._lock:
            fate = self.decide(body)
            self.fates.append(fate)
            return fate

    def pass_on(self, path: str, headers: dict[str, str], body: bytes) -> httpx2.Response:
        """Ask the server itself."""
        kept = {name: headers[name] for name in ("authorization", "content-type")}
        return self._http.post(self._server + path, headers=kept, content=body)

    def close(self) -> None:
        """Close the connections to the server."""
        self._http.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    road: RoughRoad

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        fate = self.road.fate(body)
        if fate is Fate.TOO_LARGE and body.count(b"\n") == 1:
            fate = Fate.GOOD
        if fate in _ANSWERS:
            status, headers = _ANSWERS[fate]
            self._answer(status, b"<html>A page.</html>", headers)
        elif fate is Fate.CUT_BEFORE:
            self.close_connection = True
        else:
            self._pass_on(fate, body)

    def _pass_on(self, fate: Fate, body: bytes) -> None:
        if fate is Fate.LATE:
            threading.Event().wait(LATE_SECONDS)
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            found = self.road.pass_on(self.path, headers, body)
        except httpx2.TransportError:
            # The server is gone.
            self.close_connection = True
            return
        if fate is Fate.BAD_GATEWAY_AFTER:
            self._answer(502, b"", {})
        elif fate is Fate.CUT_WITHIN:
            self._answer(found.status_code, found.content[:10], {}, announced=len(found.content))
        elif fate is Fate.CUT_AFTER:
            self.close_connection = True
        else:
            self._answer(found.status_code, found.content, {})

    def _answer(
        self, status: int, body: bytes, headers: dict[str, str], announced: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body) if announced is None else announced))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = announced is not None

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Nothing: tests look at ``fates``."""


@contextmanager
def rough_road(server: str, decide: Decide) -> Iterator[RoughRoad]:
    """A way to the server at this address, for the length of a block."""
    road = RoughRoad(server, decide)
    handler = type("Handler", (_Handler,), {"road": road})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as listening:
        listening.daemon_threads = True
        road.address = f"http://127.0.0.1:{listening.server_address[1]}"
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield road
        finally:
            listening.shutdown()
            thread.join()
            road.close()
