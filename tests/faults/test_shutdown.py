"""Stopping in the middle of work: in time, with status 0, and nothing acknowledged is lost."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx2
import pytest

from faults.book import assert_holds_exactly, client_of, make_events, post_all, seeded
from faults.posting import Book, assert_all_or_nothing, join, start_posters
from support.events import DAY
from support.server import ADMIN_KEY, Server, running

POSTERS = 8
SHUTDOWN_SECONDS = 8
# What comes on top of waiting for requests: committing what waits, closing the ledger.
CLOSING_SECONDS_MAX = 5
SIGNALS = (signal.SIGTERM, signal.SIGINT)
ENVIRONMENT = {"TALLYBOOK_SHUTDOWN_SECONDS": str(SHUTDOWN_SECONDS)}
# So long that a slow machine has time to work the log into the file, which is looked for.
UNHURRIED = {"TALLYBOOK_SHUTDOWN_SECONDS": "60"}
STUCK_SECONDS = 3
# A server whose queries hang in what no interrupt reaches, as on a disk that does not answer.
STUCK = f"""
import sys, threading
from tallybook.ledger.duckdb.store import DuckDBLedger
from tallybook.settings import load_settings
from tallybook.web.server import serve

def hang(*_, **__):
    print("stuck", flush=True)
    threading.Event().wait()

DuckDBLedger.usage = hang
flags = {{"data": sys.argv[1], "port": 0, "shutdown_seconds": {STUCK_SECONDS}}}
settings = load_settings(flags | {{"admin_key": "{ADMIN_KEY}"}}, environment={{}})
serve(settings, lambda opened: print("ready at", opened.address, flush=True))
"""


def stop(server: Server, number: signal.Signals) -> float:
    """Stop a server; how many seconds it took."""
    before = time.monotonic()
    server.process.send_signal(number)
    assert server.process.wait(60) == 0
    return time.monotonic() - before


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("requests", [1, 20, 100])
def test_a_signal_while_events_are_posted_loses_nothing(
    tmp_path: Path, number: signal.Signals, requests: int
) -> None:
    seed = f"{number.name}-{requests}"
    book = Book()
    with running(tmp_path, UNHURRIED) as server:
        posters = start_posters(server, book, seed, POSTERS)
        deadline = time.monotonic() + 60
        while len(book.batches) < requests:
            assert time.monotonic() < deadline
            threading.Event().wait(0.001)
        seconds = stop(server, number)
        join(posters)
        assert "Traceback" not in "".join(server.output)
    for batch in book.refused:
        assert batch.answer is not None
        assert batch.answer.status_code == 503
    assert not (tmp_path / "ledger.duckdb.wal").exists()
    with running(tmp_path) as server, client_of(server) as client:
        assert_all_or_nothing(server, seed, book)
        post_all(client, book.attempted)
        assert_holds_exactly(client, book.attempted)
    print(f"stopped in {seconds:.2f} s; {len(book.acknowledged)} events acknowledged")


def test_that_it_stopped_is_the_last_that_a_server_says(tmp_path: Path) -> None:
    """Neither a traceback, nor what a library says of what was not freed."""
    with running(tmp_path) as server, client_of(server) as client:
        post_all(client, make_events(seeded("last"), "last", 300))
        assert server.usage("completions", start_time=DAY).status_code == 200
        assert server.http.get("/metrics").status_code == 200
        assert server.stop() == 0
    assert '"event":"stopped"' in server.output[-1]


def stop_with_half_a_request(data: Path, number: signal.Signals) -> tuple[float, str]:
    """Stop a server that waits for the rest of a body: the seconds it took, and its log."""
    with running(data, ENVIRONMENT) as server:
        host, _, port = server.address.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall(
                b"POST /v1/events HTTP/1.1\r\nHost: tallybook\r\nContent-Length: 1000000\r\n"
                b"Content-Type: application/json\r\n"
                b"Authorization: Bearer " + ADMIN_KEY.encode() + b"\r\n\r\n[" + b" " * 1000
            )
            # Another request is answered: this one has arrived, as far as it will.
            assert server.http.get("/healthz").status_code == 200
            seconds = stop(server, number)
    return seconds, "".join(server.output)


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_a_request_that_never_ends_does_not_hold_up_the_stop(
    tmp_path: Path, number: signal.Signals
) -> None:
    seconds, _ = stop_with_half_a_request(tmp_path, number)
    assert seconds < SHUTDOWN_SECONDS + CLOSING_SECONDS_MAX


def test_a_request_that_never_ends_is_no_defect(tmp_path: Path) -> None:
    _, log = stop_with_half_a_request(tmp_path, signal.SIGTERM)
    assert "Traceback" not in log


def test_a_second_signal_means_what_the_first_did(tmp_path: Path) -> None:
    """Whenever it comes, also while the ledger is closed, which no handler of uvicorn sees."""
    book = Book()
    with running(tmp_path, UNHURRIED) as server:
        posters = start_posters(server, book, "twice", POSTERS)
        deadline = time.monotonic() + 60
        while len(book.batches) < 30:
            assert time.monotonic() < deadline
            threading.Event().wait(0.001)
        while server.process.poll() is None:
            assert time.monotonic() < deadline
            server.process.send_signal(signal.SIGTERM)
            threading.Event().wait(0.01)
        assert server.process.returncode == 0
        join(posters)
        assert "Traceback" not in "".join(server.output)
    with running(tmp_path) as server:
        assert_all_or_nothing(server, "twice", book)


@pytest.mark.parametrize("number", range(4))
def test_a_signal_during_the_start_ends_it_in_order(tmp_path: Path, number: int) -> None:
    with running(tmp_path) as server, client_of(server) as client:
        events = make_events(seeded("start"), "kept", 2_000)
        post_all(client, events)
        # So that there is a log to be read.
        server.kill()
    process = subprocess.Popen(
        [sys.executable, "-m", "tallybook", "serve", "--data", str(tmp_path), "--port=0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=os.environ | ENVIRONMENT,
    )
    lock = tmp_path / "ledger.duckdb"
    deadline = time.monotonic() + 60
    # The ledger is being opened by then, or was just now.
    while not _has_open(process.pid, lock) and process.poll() is None:
        assert time.monotonic() < deadline
        threading.Event().wait(0.002)
    threading.Event().wait(number * 0.05)
    process.send_signal(SIGNALS[number % 2])
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert b"Traceback" not in said
    with running(tmp_path) as server, client_of(server) as client:
        assert_holds_exactly(client, events)


def _has_open(pid: int, path: Path) -> bool:
    """Whether a process has a file open."""
    opened = Path(f"/proc/{pid}/fd")
    try:
        return any(each.resolve() == path for each in opened.iterdir())
    except OSError:
        return False


def test_a_query_that_hears_no_interrupt_does_not_hold_up_the_stop(tmp_path: Path) -> None:
    """The deadline is the process's: what hangs is left behind, and nothing is lost."""
    with subprocess.Popen(
        [sys.executable, "-c", STUCK, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        # Nothing that fails here waits for a server that runs on.
        watchdog = threading.Timer(60, process.kill)
        watchdog.start()
        address = next(line.split()[-1] for line in process.stdout if line.startswith("ready at "))
        headers = {"Authorization": f"Bearer {ADMIN_KEY}", "Content-Type": "application/json"}
        with httpx2.Client(base_url=address, headers=headers, trust_env=False) as client:
            events = make_events(seeded("stuck"), "kept", 500)
            post_all(client, events)
            with socket.create_connection((client.base_url.host, client.base_url.port or 0)) as it:
                it.sendall(
                    b"GET /v1/organization/usage/completions?start_time=1 HTTP/1.1\r\nHost: t\r\n"
                    b"Authorization: Bearer " + ADMIN_KEY.encode() + b"\r\n\r\n"
                )
                assert next(line for line in process.stdout if line.startswith("stuck"))
                before = time.monotonic()
                process.send_signal(signal.SIGTERM)
                said = process.stdout.read()
                assert process.wait(60) == 0
                watchdog.cancel()
                assert time.monotonic() - before < STUCK_SECONDS + CLOSING_SECONDS_MAX
    assert "shutdown_seconds" in said
    with running(tmp_path) as server, client_of(server) as client:
        assert_holds_exactly(client, events)


def test_an_answer_that_nobody_reads_does_not_hold_up_the_stop(tmp_path: Path) -> None:
    environment = {"TALLYBOOK_SHUTDOWN_SECONDS": str(STUCK_SECONDS)}
    with running(tmp_path, environment) as server, client_of(server) as client:
        events = make_events(seeded("large"), "kept", 4_000, user_id="u" * 200)
        post_all(client, events)
        host, _, port = server.address.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            request = (
                f"GET /v1/events?start_time={DAY}&limit=1000 HTTP/1.1\r\nHost: t\r\n"
                f"Authorization: Bearer {ADMIN_KEY}\r\n\r\n"
            )
            connection.sendall(request.encode() * 30)
            assert connection.recv(100)
            assert stop(server, signal.SIGTERM) < STUCK_SECONDS + CLOSING_SECONDS_MAX
        assert "Traceback" not in "".join(server.output)


def test_idle_connections_do_not_hold_up_the_stop(tmp_path: Path) -> None:
    with running(tmp_path, ENVIRONMENT) as server, client_of(server) as client:
        assert client.get("/healthz").status_code == 200
        assert stop(server, signal.SIGTERM) < SHUTDOWN_SECONDS
