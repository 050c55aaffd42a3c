"""Stopping in the middle of work: in time, with status 0, and nothing acknowledged is lost."""

import signal
import socket
import threading
import time
from pathlib import Path

import pytest

from faults.book import assert_holds_exactly, client_of, post_all
from faults.posting import Book, assert_all_or_nothing, join, start_posters
from support.server import ADMIN_KEY, Server, running

POSTERS = 8
SHUTDOWN_SECONDS = 8
# What comes on top of waiting for requests: committing what waits, closing the ledger.
CLOSING_SECONDS_MAX = 5
SIGNALS = (signal.SIGTERM, signal.SIGINT)
ENVIRONMENT = {"TALLYBOOK_SHUTDOWN_SECONDS": str(SHUTDOWN_SECONDS)}


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
    with running(tmp_path, ENVIRONMENT) as server:
        posters = start_posters(server, book, seed, POSTERS)
        deadline = time.monotonic() + 60
        while len(book.batches) < requests:
            assert time.monotonic() < deadline
            threading.Event().wait(0.001)
        seconds = stop(server, number)
        join(posters)
        assert "Traceback" not in "".join(server.output)
    assert seconds < SHUTDOWN_SECONDS + CLOSING_SECONDS_MAX
    for batch in book.refused:
        assert batch.answer is not None
        assert batch.answer.status_code == 503
    assert not (tmp_path / "ledger.duckdb.wal").exists()
    with running(tmp_path) as server, client_of(server) as client:
        assert_all_or_nothing(server, seed, book)
        post_all(client, book.attempted)
        assert_holds_exactly(client, book.attempted)
    print(f"stopped in {seconds:.2f} s; {len(book.acknowledged)} events acknowledged")


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


def test_idle_connections_do_not_hold_up_the_stop(tmp_path: Path) -> None:
    with running(tmp_path, ENVIRONMENT) as server, client_of(server) as client:
        assert client.get("/healthz").status_code == 200
        assert stop(server, signal.SIGTERM) < SHUTDOWN_SECONDS
