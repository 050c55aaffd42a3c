"""500 connections that trickle: the others are answered meanwhile, and each of them ends."""

import resource
import selectors
import socket
import time
from pathlib import Path

from faults.book import assert_holds_exactly, client_of, make_events, post_all, seeded
from support.needs import require
from support.raw import AUTHORIZATION, connect
from support.server import running

CONNECTIONS = 500
RECEIVE_SECONDS_MAX = 4
# What comes on top, on a machine that does much else.
GRACE_SECONDS = 60
ENVIRONMENT = {"TALLYBOOK_RECEIVE_SECONDS_MAX": str(RECEIVE_SECONDS_MAX)}

HEAD = b"POST /v1/events HTTP/1.1\r\nHost: x\r\n"
BODY = HEAD + AUTHORIZATION + b"Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n["


def trickle(lines: list[socket.socket], seconds: float) -> int:
    """Send each a byte now and then until it is closed or time is up; how many were not closed."""
    waiting = selectors.DefaultSelector()
    for line in lines:
        line.setblocking(False)
        waiting.register(line, selectors.EVENT_READ, line)
    deadline = time.monotonic() + seconds
    while waiting.get_map() and time.monotonic() < deadline:
        readable = {key.fd for key, _ in waiting.select(0.5)}
        for key in list(waiting.get_map().values()):
            if not is_open(key.data, ended=key.fd in readable):
                waiting.unregister(key.data)
    return len(waiting.get_map())


def is_open(line: socket.socket, *, ended: bool) -> bool:
    """Send one more byte; whether the other end still has the connection."""
    try:
        if ended and not line.recv(1 << 16):
            return False
        line.send(b" ")
    except BlockingIOError:
        return True
    except ConnectionError:
        return False
    return True


def test_500_slow_connections_keep_nobody_waiting_and_are_closed(tmp_path: Path) -> None:
    files_max, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    require("1,500 open files (ulimit -n)", present=files_max >= 3 * CONNECTIONS)
    events = make_events(seeded("slow"), "slow", 2_000)
    with running(tmp_path, ENVIRONMENT) as server, client_of(server) as client:
        lines = [connect(server.address) for _ in range(CONNECTIONS)]
        try:
            for number, line in enumerate(lines):
                # Half of them never end their headers, half their body.
                line.sendall(HEAD + b"X-Slow: " if number % 2 else BODY)
            for start in range(0, len(events), 200):
                assert post_all(client, events[start : start + 200]) == (200, 0)
            assert client.get("/healthz").status_code == 200
            assert_holds_exactly(client, events)
            assert trickle(lines, RECEIVE_SECONDS_MAX + GRACE_SECONDS) == 0
        finally:
            for line in lines:
                line.close()
        assert post_all(client, events) == (0, len(events))
        assert_holds_exactly(client, events)
        assert "Traceback" not in "".join(server.output)
