"""More than the queue may hold: told to come back, and nothing of it stored."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from faults.book import assert_holds_exactly, client_of, make_events, post, post_all, seeded
from faults.posting import Batch, Book, assert_all_or_nothing
from support.server import Server, running

AT_ONCE = 24
EVENTS = 2_000
QUEUE_BYTES_MAX = 300_000
WAVES_MAX = 10
SEED = "overload"


@pytest.fixture(scope="module")
def small_queue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    environment = {"TALLYBOOK_QUEUE_BYTES_MAX": str(QUEUE_BYTES_MAX)}
    with running(tmp_path_factory.mktemp("data"), environment) as server:
        yield server


def send_wave(server: Server, number: int) -> list[Batch]:
    """Send many large requests at the same moment."""
    random_ = seeded(f"{SEED} {number}")
    keys = [f"key_{number}.{index}" for index in range(AT_ONCE)]
    batches = [
        Batch(
            key,
            make_events(random_, key, EVENTS, project_id=f"proj_{SEED}", api_key_id=key),
        )
        for key in keys
    ]
    barrier = Barrier(AT_ONCE)

    def send(batch: Batch) -> None:
        with client_of(server) as client:
            barrier.wait()
            batch.answer = post(client, batch.fresh, whole=batch.key.endswith("0"))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(send, batches))
    return batches


def test_what_the_queue_cannot_hold_is_refused_whole(small_queue: Server) -> None:
    book = Book()
    for number in range(WAVES_MAX):
        book.batches += send_wave(small_queue, number)
        if book.refused:
            break
    assert book.refused, f"{WAVES_MAX} waves did not fill the queue"
    assert book.acknowledged
    for batch in book.refused:
        assert batch.answer is not None
        assert batch.answer.status_code == 503
        assert int(batch.answer.headers["Retry-After"]) > 0
        error = batch.answer.json()["error"]
        assert error["code"] == "overloaded"
        assert error["type"] == "server_error"
        assert "queue_bytes_max" in error["message"]
        assert str(QUEUE_BYTES_MAX) in error["message"]
    assert_all_or_nothing(small_queue, SEED, book)
    print(f"{len(book.refused)} of {len(book.batches)} requests were refused")
    with client_of(small_queue) as client:
        assert_holds_exactly(client, book.acknowledged)
        for batch in book.refused:
            assert post_all(client, batch.fresh) == (EVENTS, 0)
        assert_holds_exactly(client, book.attempted)


def test_a_request_larger_than_the_queue_is_taken_when_nothing_waits(tmp_path: Path) -> None:
    """Or it could never be stored."""
    environment = {"TALLYBOOK_QUEUE_BYTES_MAX": "1024"}
    with running(tmp_path, environment) as server, client_of(server) as client:
        assert post_all(client, make_events(seeded(SEED), "large", 1_000)) == (1_000, 0)
