"""A full disk: refused with a clear answer, nothing lost, and over as soon as there is room."""

import threading
import time
from itertools import count
from pathlib import Path

import httpx2
import pytest

from faults.book import (
    EventData,
    assert_holds_exactly,
    client_of,
    encode,
    make_events,
    post,
    post_all,
    seeded,
)
from faults.disk import MIB, Disk
from faults.failing import serve_in_vain
from faults.posting import Book, assert_all_or_nothing, join, start_posters
from support.events import DAY, event
from support.prices import source
from support.sealing import posted, seal_all, wrong
from support.server import Server, running
from tallybook.domain.errors import StorageFull
from tallybook.intake.native import Format, read_events
from tallybook.ledger.duckdb.engine import EngineSettings
from tallybook.ledger.duckdb.loading import digest_of_file
from tallybook.ledger.duckdb.store import DuckDBLedger
from tallybook.ledger.ledger import Appended, Lot

POSTERS = 4
REFUSALS = 20
SECONDS_MAX = 120
RETRIES_MAX = 5

# A log that would be worked into the main file all the time if it had the room, and one never.
disks = pytest.mark.parametrize(
    ("disk_mib", "log_mib"), [(6, 1), (12, 32)], ids=["small log", "usual log"]
)


class Reader(threading.Thread):
    """Asks again and again; keeps every answer's status."""

    def __init__(self, server: Server) -> None:
        super().__init__(daemon=True)
        self._client = client_of(server)
        self.stopped = threading.Event()
        self.statuses: list[int] = []

    def run(self) -> None:
        with self._client:
            while not self.stopped.is_set():
                self.statuses.append(ask(self._client).status_code)


def ask(client: httpx2.Client) -> httpx2.Response:
    """A query over everything."""
    return client.get(
        "/v1/organization/usage/completions",
        params={"start_time": DAY, "end_time": DAY + 2 * 86_400, "group_by": "api_key_id"},
    )


def fill(server: Server, seed: str) -> tuple[Book, list[int]]:
    """Post with many threads until the disk has been full for a while; query all the time."""
    book = Book()
    reader = Reader(server)
    reader.start()
    posters = start_posters(server, book, seed, POSTERS)
    deadline = time.monotonic() + SECONDS_MAX
    while len(book.refused) < REFUSALS:
        assert time.monotonic() < deadline, "the disk does not fill"
        reader.stopped.wait(0.02)
    join(posters, stop=True)
    reader.stopped.set()
    reader.join(60)
    return book, reader.statuses


def assert_refused_clearly(answer: httpx2.Response | None, folder: Path) -> None:
    assert answer is not None
    assert answer.status_code in {503, 507}, answer.text
    assert int(answer.headers["Retry-After"]) > 0
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["type"] == "server_error"
    assert error["code"] == ("storage_full" if answer.status_code == 507 else "ledger_unavailable")
    if answer.status_code == 507:
        assert str(folder) in error["message"]


def post_until_taken(client: httpx2.Client, events: list[EventData]) -> int:
    """Post some events until they are stored; how often they were refused."""
    for refusals in range(RETRIES_MAX + 1):
        answer = post(client, events)
        if answer.status_code == 200:
            return refusals
        assert answer.status_code in {503, 507}, answer.text
    raise AssertionError(f"still refused after {RETRIES_MAX} retries: {answer.text}")


@disks
def test_a_full_disk_loses_nothing_and_heals_without_a_restart(
    disk: Disk, disk_mib: int, log_mib: int
) -> None:
    seed = f"full-{log_mib}"
    disk.resize(disk_mib * MIB)
    environment = {"TALLYBOOK_LOG_BYTES_MAX": str(log_mib * MIB)}
    data = disk.folder / "data"
    with running(data, environment) as server, client_of(server) as client:
        book, read_statuses = fill(server, seed)
        assert len(book.acknowledged) > 1_000
        for batch in book.refused:
            assert_refused_clearly(batch.answer, data)
        assert set(read_statuses) <= {200, 503}
        # Still full: nothing is lost, nothing is half there, and it is all to be read.
        assert ask(client).status_code == 200
        assert_all_or_nothing(server, seed, book)
        assert_holds_exactly(client, book.acknowledged)

        disk.resize(128 * MIB)
        retries = post_until_taken(client, make_events(seeded(seed), "after", 100))
        every = book.attempted + make_events(seeded(seed), "after", 100)
        post_all(client, every)
        assert_holds_exactly(client, every)
        server.kill()
    with running(data, environment) as server, client_of(server) as client:
        assert_holds_exactly(client, every)
        assert post_all(client, every) == (0, len(every))
    print(
        f"{len(book.acknowledged)} events acknowledged, {len(book.refused)} requests refused;"
        f" {len(read_statuses)} queries, {read_statuses.count(503)} of them refused;"
        f" {retries} retries once there was room"
    )


@disks
def test_a_server_that_stops_on_a_full_disk_loses_nothing(
    disk: Disk, disk_mib: int, log_mib: int
) -> None:
    seed = f"stop-{log_mib}"
    disk.resize(disk_mib * MIB)
    environment = {"TALLYBOOK_LOG_BYTES_MAX": str(log_mib * MIB)}
    data = disk.folder / "data"
    with running(data, environment) as server:
        book, _ = fill(server, seed)
        assert server.stop() == 0
    # It starts again on the disk that is still full, and answers.
    with running(data, environment) as server, client_of(server) as client:
        assert_holds_exactly(client, book.acknowledged)
        server.kill()
    disk.resize(128 * MIB)
    with running(data, environment) as server, client_of(server) as client:
        assert_all_or_nothing(server, seed, book)
        post_all(client, book.attempted)
        assert_holds_exactly(client, book.attempted)


def test_a_server_says_so_when_it_cannot_start_on_a_full_disk(disk: Disk) -> None:
    disk.fill()
    failed = serve_in_vain(disk.folder / "data")
    assert "No space left on device" in failed or "is full" in failed


def test_small_posts_are_stored_at_once_after_a_checkpoint_that_failed(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log that finds no room in the main file, though there was some, costs nobody an answer."""
    settings = EngineSettings(memory_max_bytes=256 * MIB, threads=2, log_bytes_max=MIB)
    ledger = DuckDBLedger(disk.folder, settings, source(disk.folder))
    monkeypatch.setattr(ledger._engine, "_free_bytes", lambda: 64 * MIB)
    ballast = disk.fill(but_bytes=MIB + MIB // 8)
    numbers = count()

    def append_some() -> list[Appended]:
        name = f"{next(numbers)}"
        batch = read_events(encode(make_events(seeded(name), name, 100)), Format.JSON, 1 << 62, 100)
        return ledger.append([Lot(batch.sheet, batch.positions)])

    while not ledger._engine._broken:
        assert append_some() == [Appended(100, 0)]
    ballast.unlink()
    assert append_some() == [Appended(100, 0)]
    assert ledger._engine.openings == 2
    ledger.close()


@pytest.mark.parametrize("room_bytes", [MIB, 2 * MIB + MIB // 4])
def test_a_full_disk_lets_nothing_go(disk: Disk, room_bytes: int) -> None:
    """Neither without room for the log, nor without room for the archive."""
    # Ids that cannot be made shorter: an archive of some four MiB.
    first = DAY - 9 * 86_400
    ids = [seeded(f"{place}").randbytes(100).hex() for place in range(30_000)]
    events = [event(id=each, time=first + place) for place, each in enumerate(ids)]
    ledger = DuckDBLedger(
        disk.folder,
        EngineSettings(
            memory_max_bytes=256 * MIB,
            threads=2,
            log_bytes_max=MIB,
            seal_grace_seconds=0,
            retention_days=1,
        ),
        source(disk.folder),
    )
    now = DAY
    posted(ledger, [*events, event(id="the last", time=now)])
    seal_all(ledger, now)
    ballast = disk.fill(but_bytes=room_bytes)
    for _ in range(2):
        with pytest.raises(StorageFull):
            ledger.let_go(now)
        assert ledger.horizon.end == 0
        assert posted(ledger, events[:9]).duplicates == 9
        assert wrong(ledger) == []
    ballast.unlink()
    assert ledger.let_go(now) is not None
    assert len(posted(ledger, events[:9]).expired) == 9
    (archived,) = (disk.folder / "archive").iterdir()
    assert digest_of_file(archived)[0] == len(events)
    ledger.close()
