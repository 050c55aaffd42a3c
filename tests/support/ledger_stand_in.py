"""A server on localhost that takes events as Tallybook does, and misbehaves as a test wants.

It keeps identities as the real one does, so that a test can ask what became of
each event; the real server is what the other tests run against.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any, NamedTuple

Event = dict[str, Any]


class Answer(NamedTuple):
    """What a request is answered. ``cut`` closes the connection instead."""

    status: int
    body: Any
    headers: Mapping[str, str] = MappingProxyType({})
    cut: bool = False


class StandIn:
    """What was posted, and what is answered."""

    def __init__(self) -> None:
        self.address = ""
        # Every identity that was stored, in the order of arrival.
        self.stored: list[tuple[str, Any]] = []
        self.events: list[Event] = []
        self.requests = 0
        self._known: set[tuple[str, Any]] = set()
        self._lock = threading.Lock()
        # What happens to a request; by default events are stored.
        self.behaviour: Callable[[list[Event]], Answer] = self.store

    def store(self, events: list[Event]) -> Answer:
        """Keep events once; those with a ``wrong`` field are refused."""
        accepted = duplicates = 0
        rejected = []
        for index, event in enumerate(events):
            identity = (event["id"], event["time"])
            if "wrong" in event:
                rejected.append(
                    {"index": index, "id": event["id"], "field": "wrong", "reason": "it is wrong"}
                )
            elif identity in self._known:
                duplicates += 1
            else:
                self._known.add(identity)
                self.stored.append(identity)
                self.events.append(event)
                accepted += 1
        receipt = {
            "accepted": accepted,
            "duplicates": duplicates,
            "conflicts": [],
            "rejected": rejected,
        }
        if rejected and not accepted + duplicates:
            said = {"message": "None was stored.", "type": "invalid_request_error"}
            return Answer(400, {**receipt, "error": said})
        return Answer(207 if rejected else 200, receipt)

    def store_and_cut(self, events: list[Event]) -> Answer:
        """Keep events, and break the connection before the answer: the classic double."""
        self.store(events)
        return Answer(200, {}, cut=True)

    def take(self, body: bytes) -> Answer:
        """Answer a request, one at a time."""
        with self._lock:
            self.requests += 1
            return self.behaviour([json.loads(line) for line in body.splitlines()])


def failing(status: int, **headers: str) -> Callable[[list[Event]], Answer]:
    """A behaviour that answers with an error."""
    body = {"error": {"message": f"no: {status}", "type": "server_error"}}
    return lambda _: Answer(
        status, body, {name.replace("_", "-"): headers[name] for name in headers}
    )


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body go out apart: without it each answer waits for the other side.
    disable_nagle_algorithm = True
    stand_in: StandIn

    def do_POST(self) -> None:
        answer = self.stand_in.take(self.rfile.read(int(self.headers["content-length"])))
        if answer.cut:
            self.close_connection = True
            return
        body = json.dumps(answer.body).encode()
        self.send_response(answer.status)
        self.send_header("content-length", str(len(body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Nothing: tests look at what was stored."""


@contextmanager
def standing_in(port: int = 0) -> Iterator[StandIn]:
    """A stand-in for the length of a block."""
    stand_in = StandIn()
    handler = type("Handler", (_Handler,), {"stand_in": stand_in})
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        server.daemon_threads = True
        stand_in.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield stand_in
        finally:
            server.shutdown()
            thread.join()
