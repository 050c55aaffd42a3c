"""Power cuts: what was acknowledged is there once, what was not is there once or not at all."""

import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from faults.book import (
    EventData,
    assert_holds_exactly,
    client_of,
    make_events,
    post_all,
    seeded,
)
from faults.posting import Book, assert_all_or_nothing, join, start_posters
from support.server import Server, running

ROUNDS = int(os.environ.get("TALLYBOOK_FAULT_ROUNDS", "20"))
SEED = os.environ.get("TALLYBOOK_FAULT_SEED", "power cut")
POSTERS = 8
READY_SECONDS_MAX = 5
# The smallest log, so that cuts also fall into its being worked into the main file.
SMALL_LOG = {"TALLYBOOK_LOG_BYTES_MAX": str(1 << 20)}


def started(data: Path, environment: dict[str, str]) -> tuple[Server, float]:
    """A server, and how many seconds it took until it was ready."""
    before = time.monotonic()
    return Server(data, environment), time.monotonic() - before


def cut_while_posting(
    server: Server, seed: str, stored: list[EventData], random_: random.Random
) -> Book:
    """Post with many threads, and kill the server at a random moment."""
    book = Book()
    posters = start_posters(server, book, seed, POSTERS, stored)
    # Not a wait for anything: the moment of the cut.
    threading.Event().wait(random_.uniform(0.02, 0.7))
    server.kill()
    join(posters)
    return book


def test_power_cuts_lose_and_double_nothing(tmp_path: Path) -> None:
    print(f"TALLYBOOK_FAULT_SEED={SEED!r}")
    random_ = seeded(SEED)
    every: list[EventData] = []
    acknowledged = survived = 0
    ready_seconds: list[float] = []
    server, _ = started(tmp_path, {})
    try:
        for number in range(ROUNDS):
            seed = f"{SEED.replace(' ', '_')}.{number}"
            book = cut_while_posting(server, seed, every, random_)
            server, seconds = started(tmp_path, SMALL_LOG if number % 2 else {})
            ready_seconds.append(seconds)
            survived += assert_all_or_nothing(server, seed, book)
            acknowledged += len(book.acknowledged)
            every += book.attempted
            with client_of(server) as client:
                post_all(client, book.attempted)
                assert_holds_exactly(client, every)
        with client_of(server) as client:
            assert post_all(client, every) == (0, len(every))
            assert_holds_exactly(client, every)
    finally:
        server.stop()
    print(
        f"{ROUNDS} rounds: {len(every)} events tried, {acknowledged} acknowledged, {survived}"
        " requests stored that were not acknowledged; ready after at most"
        f" {max(ready_seconds):.2f} s, {sum(ready_seconds) / ROUNDS:.2f} s on average"
    )
    assert max(ready_seconds) < READY_SECONDS_MAX


@pytest.mark.parametrize("number", range(5))
def test_a_log_cut_off_anywhere_holds_what_was_stored_before(tmp_path: Path, number: int) -> None:
    """A disk that loses the end of a file on a power cut may tear the last transaction."""
    seed = f"{SEED} log {number}"
    print(f"{seed=}")
    random_ = seeded(seed)
    log = tmp_path / "ledger.duckdb.wal"
    first = make_events(random_, "first", random_.choice([1, 150, 900]))
    second = make_events(random_, "second", random_.choice([1, 150, 900]))
    server = Server(tmp_path)
    with client_of(server) as client:
        post_all(client, first)
        safe_bytes = log.stat().st_size
        post_all(client, second)
    server.kill()
    assert safe_bytes < log.stat().st_size
    os.truncate(log, random_.randrange(safe_bytes, log.stat().st_size))
    with running(tmp_path) as server, client_of(server) as client:
        assert_holds_exactly(client, first)
        assert post_all(client, first + second) == (len(second), len(first))
        assert_holds_exactly(client, first + second)


def test_a_start_that_is_cut_off_costs_nothing(tmp_path: Path) -> None:
    """The first start makes the files, later ones read the log: both may end at any moment."""
    print(f"TALLYBOOK_FAULT_SEED={SEED!r}")
    random_ = seeded(SEED)
    every: list[EventData] = []
    for number in range(6):
        for _ in range(2):
            process = subprocess.Popen(
                [sys.executable, "-m", "tallybook", "serve", "--data", str(tmp_path), "--port=0"],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            threading.Event().wait(random_.uniform(0.05, 0.9))
            process.kill()
            process.wait()
        with running(tmp_path) as server, client_of(server) as client:
            assert_holds_exactly(client, every)
            every += make_events(random_, str(number), 1_000)
            post_all(client, every)
            server.kill()
