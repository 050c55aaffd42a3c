"""Floods of connections, of bodies and of one key's requests: bounded, and not at others' cost."""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest

from faults.book import assert_holds_exactly, client_of, encode, make_events, post, seeded
from faults.failing import serve_in_vain
from support.server import INGEST_KEY, Server, running

MIB = 1 << 20
CONNECTIONS_MAX = 20
RECEIVING_BYTES_MAX = 4 * MIB
ENVIRONMENT = {
    "TALLYBOOK_CONNECTIONS_MAX": str(CONNECTIONS_MAX),
    "TALLYBOOK_RECEIVING_BYTES_MAX": str(RECEIVING_BYTES_MAX),
    "TALLYBOOK_BODY_BYTES_MAX": str(2 * MIB),
    "TALLYBOOK_RECEIVE_SECONDS_MAX": "10",
}
SECONDS_MAX = 20


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path, ENVIRONMENT) as server:
        yield server


def connected(server: Server) -> socket.socket:
    host, _, port = server.address.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=SECONDS_MAX)


def answer_of(connection: socket.socket) -> tuple[int, str, dict[str, object]]:
    """Status, head and error of the answer on a connection that ends with it."""
    data = b""
    while part := connection.recv(65_536):
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    return int(head[9:12]), head.decode().lower(), json.loads(body)["error"]


def test_connections_beyond_the_limit_are_told_so_and_others_live_on(server: Server) -> None:
    with client_of(server) as client, ExitStack() as held:
        assert client.get("/healthz").status_code == 200
        # Those of the fixture's own client are closed by now, or are among them.
        for _ in range(CONNECTIONS_MAX - 1):
            held.enter_context(connected(server))
        with connected(server) as refused:
            status, head, error = answer_of(refused)
        assert status == 503
        assert error["code"] == "overloaded"
        assert "connections_max" in str(error["message"])
        assert "retry-after: " in head
        assert client.get("/healthz").status_code == 200
    deadline = time.monotonic() + SECONDS_MAX
    with client_of(server) as client:
        while True:
            try:
                if client.get("/healthz").status_code == 200:
                    break
            except httpx2.TransportError:
                assert time.monotonic() < deadline
    assert "Traceback" not in "".join(server.output)


def begun(server: Server, key: str, size: int, declared: int) -> socket.socket:
    """A connection on which a body has begun to come, and is waited for."""
    connection = connected(server)
    connection.sendall(
        f"POST /v1/events HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/x-ndjson\r\nContent-Length: {declared}\r\n\r\n".encode()
    )
    connection.setblocking(False)
    try:
        connection.send(b" " * size)
    except BlockingIOError:
        pass
    finally:
        connection.setblocking(True)
    return connection


def test_bodies_under_way_are_bounded_together_and_the_largest_of_a_flood_goes_first(
    server: Server,
) -> None:
    events = make_events(seeded("bounds"), "other", 1_000)
    with ExitStack() as held:
        flood = [held.enter_context(begun(server, INGEST_KEY, 0, 2 * MIB)) for _ in range(10)]
        outcomes: list[int] = []

        def send(connection: socket.socket) -> None:
            try:
                # All but the last bytes, so that what was let in stays under way.
                connection.sendall(b" " * (2 * MIB - 10))
                connection.settimeout(5)
                outcomes.append(int(connection.recv(65_536)[9:12] or b"0"))
            except TimeoutError:
                outcomes.append(-1)
            except OSError:
                outcomes.append(0)

        threads = [threading.Thread(target=send, args=(each,)) for each in flood]
        for thread in threads:
            thread.start()
        with client_of(server) as client:
            # Another key's are let in meanwhile.
            for start in range(0, 1_000, 100):
                assert post(client, events[start : start + 100]).status_code == 200
            for thread in threads:
                thread.join()
            assert_holds_exactly(client, events)
    held_bytes = outcomes.count(-1) * (2 * MIB - 10)
    assert held_bytes <= RECEIVING_BYTES_MAX
    assert outcomes.count(503) >= 8
    assert set(outcomes) <= {503, -1}


def test_a_server_that_may_not_open_enough_files_says_how_many(tmp_path: Path) -> None:
    limited = [sys.executable, "-c", _LIMITED]
    said = serve_in_vain(tmp_path, limited)
    assert "connections_max" in said
    assert "ulimit -n" in said


def test_a_server_raises_its_own_limit_of_open_files() -> None:
    script = (
        "import resource; from tallybook.web.open_files import allow_connections;"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (300, 2000)); allow_connections(1000);"
        "print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    assert 1_000 < int(done.stdout.split()[0]) <= 2_000


_LIMITED = """\
import os, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (500, 500))
os.execv(sys.argv[1], sys.argv[1:])
"""


def test_one_keys_flood_of_events_leaves_room_for_anothers(tmp_path: Path) -> None:
    """Of a queue that holds three of the flood's requests; the other key sends small ones."""
    random_ = seeded("flood")
    bodies = [encode(make_events(random_, f"flood_{number}", 1_000)) for number in range(12)]
    environment = {"TALLYBOOK_QUEUE_BYTES_MAX": str(3 * len(bodies[0]) + 1_000)}
    stopped = threading.Event()
    flooded: list[int] = []

    def flood(server: Server, body: bytes) -> None:
        headers = {"Authorization": f"Bearer {INGEST_KEY}"}
        with httpx2.Client(base_url=server.address, headers=headers, trust_env=False) as client:
            while not stopped.is_set():
                answer = client.post(
                    "/v1/events", content=body, headers={"Content-Type": "application/json"}
                )
                flooded.append(answer.status_code)

    with running(tmp_path, environment) as server, client_of(server) as client:
        threads = [threading.Thread(target=flood, args=(server, body)) for body in bodies]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + 60
        while 503 not in flooded:
            assert time.monotonic() < deadline
            threading.Event().wait(0.01)
        before = len(flooded)
        for number in range(30):
            few = make_events(random_, f"few_{number}", 5)
            assert post(client, few).status_code == 200
        # It was a flood for all that time.
        assert 503 in flooded[before:]
        stopped.set()
        for thread in threads:
            thread.join()
    assert set(flooded) <= {200, 503}
