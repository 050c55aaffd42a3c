"""Damaged files: all that was acknowledged is there, or the start is refused and says why.

A real folder whose last commits are in the log, copied and damaged. The only
damage that cannot be told is a log that ends early at any byte: that is what
a power cut leaves of a commit that nobody was told of (``test_power_cut.py``).
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from faults.book import (
    SPAN_SECONDS,
    EventData,
    assert_holds_exactly,
    client_of,
    make_events,
    post,
    post_all,
    seeded,
)
from faults.failing import serve_in_vain
from support.events import DAY
from support.ledgers import opened
from support.server import Server, running
from tallybook.domain.errors import LedgerDamaged
from tallybook.ledger.duckdb.files import FILE_NAME
from tallybook.ledger.duckdb.store import DuckDBLedger
from tallybook.ledger.duckdb.torn_log import COMMITTED

SEED = os.environ.get("TALLYBOOK_FAULT_SEED", "damage")
ROUNDS = int(os.environ.get("TALLYBOOK_FAULT_ROUNDS", "12"))
LOG_NAME = FILE_NAME + ".wal"
ENTRY_BYTES = 16
PAGE_BYTES = 4096
COMMITS = 6


class Folder:
    """A data folder, the events in it, and how long its log was after each commit."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ends: list[int] = []
        random_ = seeded(SEED)
        # Long and unlike each other, so that the file has blocks that a start does not read.
        self.events = [
            event | {"tags": {"note": f"{random_.getrandbits(900):x}"}}
            for event in make_events(random_, "first", 20_000)
        ]
        with running(path) as server, client_of(server) as client:
            post_all(client, self.events)
        server = Server(path)
        with client_of(server) as client:
            for number in range(COMMITS):
                more = make_events(random_, f"commit_{number}", random_.choice([3, 150, 400]))
                post_all(client, more)
                self.events += more
                self.ends.append((path / LOG_NAME).stat().st_size)
        server.kill()
        self.log = (path / LOG_NAME).read_bytes()
        self.file = (path / FILE_NAME).read_bytes()
        self.head_bytes = self.log.index(b"\xff\xff") + 2

    def damaged(self, target: Path, file: bytes | None = None, log: bytes | None = None) -> Path:
        """A copy at ``target`` with another file or log."""
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(self.path, target)
        (target / FILE_NAME).write_bytes(self.file if file is None else file)
        (target / LOG_NAME).write_bytes(self.log if log is None else log)
        return target

    def entries(self) -> list[int]:
        """Where the entries of the log begin."""
        starts, at = [], self.head_bytes
        while at < len(self.log):
            starts.append(at)
            at += ENTRY_BYTES + int.from_bytes(self.log[at : at + 8], "little")
        assert at == len(self.log)
        return starts


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    print(f"TALLYBOOK_FAULT_SEED={SEED!r}")
    return Folder(tmp_path_factory.mktemp("whole"))


def flipped(data: bytes, at: int, bit: int) -> bytes:
    """The same bytes, but for one bit."""
    return data[:at] + bytes([data[at] ^ (1 << bit)]) + data[at + 1 :]


def stored(ledger: DuckDBLedger) -> tuple[int, int]:
    """How many events a ledger holds and what their requests add up to, from the columns read."""
    with ledger._engine.guard("be read") as cursor:
        found = cursor.execute(
            "SELECT count(DISTINCT id), sum(num_model_requests) FROM events"
        ).fetchone()
        assert found
        return int(found[0]), int(found[1])


def wanted(events: list[EventData]) -> tuple[int, int]:
    return len(events), sum(event["num_model_requests"] for event in events)


def is_refused(copy: Path, events: list[EventData]) -> bool:
    """Whether a damaged folder is refused and left as it is; if not, it must hold everything."""
    before = [(copy / name).read_bytes() for name in (FILE_NAME, LOG_NAME)]
    try:
        with opened(copy) as ledger:
            assert stored(ledger) == wanted(events)
    except LedgerDamaged as fault:
        said = fault.message
    else:
        return False
    assert "tallybook restore" in said
    # When it is found later, while something is read, the log may be worked into the file.
    if "could not open" in said:
        assert [(copy / name).read_bytes() for name in (FILE_NAME, LOG_NAME)] == before
    return True


def test_a_byte_that_changed_in_the_log_loses_nothing_in_silence(
    tmp_path: Path, folder: Folder
) -> None:
    random_ = seeded(f"{SEED} log")
    places = [*range(0, folder.head_bytes, 3), *random_.sample(range(len(folder.log)), ROUNDS)]
    for start in random_.sample(folder.entries(), 6):
        places += random_.sample(range(start, start + ENTRY_BYTES), 3)
    refused = 0
    for at in places:
        log = flipped(folder.log, at, random_.randrange(8))
        refused += is_refused(folder.damaged(tmp_path / "copy", log=log), folder.events)
    # In the head a bit or two mean nothing.
    assert refused > len(places) - folder.head_bytes
    print(f"{refused} of {len(places)} logs refused; the others held everything")


def test_a_length_that_leads_beyond_the_log_is_not_taken_for_its_end(
    tmp_path: Path, folder: Folder
) -> None:
    """What the engine does, and would drop all transactions after it."""
    for start in folder.entries():
        log = flipped(folder.log, start + 5, 3)
        assert is_refused(folder.damaged(tmp_path / "copy", log=log), folder.events), start


def test_a_page_of_zeros_in_the_log_is_not_taken_for_its_end(
    tmp_path: Path, folder: Folder
) -> None:
    for start in folder.entries():
        log = bytearray(folder.log)
        end = min(start + 512, len(log) - len(COMMITTED) - 8)
        if end > start:
            log[start:end] = bytes(end - start)
            assert is_refused(folder.damaged(tmp_path / "copy", log=bytes(log)), folder.events)
    nothing = bytes(len(folder.log))
    assert is_refused(folder.damaged(tmp_path / "copy", log=nothing), folder.events)


@pytest.mark.parametrize("junk", [bytes(PAGE_BYTES), b"d\x00be" * 50, b"\xff" * 7])
def test_what_stands_after_the_last_commit_costs_nothing(
    tmp_path: Path, folder: Folder, junk: bytes
) -> None:
    """A power cut may leave the file longer than what was written."""
    copy = folder.damaged(tmp_path / "copy", log=folder.log + junk)
    assert not is_refused(copy, folder.events)


def test_a_file_that_is_cut_off_is_refused(tmp_path: Path, folder: Folder) -> None:
    random_ = seeded(f"{SEED} cut")
    size = len(folder.file)
    for at in (100, 5_000, size - 1, size - PAGE_BYTES, *random_.sample(range(size), 6)):
        copy = folder.damaged(tmp_path / "copy", file=folder.file[:at])
        assert is_refused(copy, folder.events), at


def test_a_byte_that_changed_in_the_file_is_refused_or_was_not_needed(
    tmp_path: Path, folder: Folder
) -> None:
    random_ = seeded(f"{SEED} file")
    heads = [random_.randrange(page, page + 60) for page in (0, 4096, 8192)]
    for at in (*heads, *random_.sample(range(len(folder.file)), ROUNDS)):
        file = flipped(folder.file, at, random_.randrange(8))
        is_refused(folder.damaged(tmp_path / "copy", file=file), folder.events)


def assert_told(said: str, copy: Path) -> None:
    assert str(copy) in said
    assert "damaged" in said
    assert "tallybook restore" in said


def test_a_server_says_what_is_damaged_and_what_to_do(tmp_path: Path, folder: Folder) -> None:
    starts = folder.entries()
    log = flipped(folder.log, starts[len(starts) // 2] + 3, 0)
    copy = folder.damaged(tmp_path / "copy", log=log)
    said = serve_in_vain(copy)
    assert_told(said, copy)
    assert f"byte {starts[len(starts) // 2]}" in said
    for file in (folder.file[:-1], flipped(folder.file, 4_100, 0), b"minutes " * 9_000):
        copy = folder.damaged(tmp_path / "copy", file=file)
        assert_told(serve_in_vain(copy), copy)


def test_a_log_can_be_given_up_from_its_damage_on(tmp_path: Path, folder: Folder) -> None:
    """What ``docs/operations.md`` tells who has no backup."""
    copy = folder.damaged(tmp_path / "copy", log=flipped(folder.log, folder.ends[2] + 3, 0))
    assert f"byte {folder.ends[2]}" in serve_in_vain(copy)
    os.truncate(copy / LOG_NAME, folder.ends[2])
    with running(copy) as server, client_of(server) as client:
        accepted, known = post_all(client, folder.events)
    assert accepted + known == len(folder.events)
    assert known >= 20_000
    assert accepted > 0


def block_of(path: Path, column: str) -> int:
    """Where a block begins that a column alone uses, in bytes."""
    with duckdb.connect(str(path), read_only=True) as connection:
        row = connection.execute(
            "SELECT block_id FROM pragma_storage_info('events') WHERE persistent AND block_id >= 0"
            " GROUP BY block_id HAVING bool_and(column_name = ?) ORDER BY block_id DESC",
            [column],
        ).fetchone()
    assert row, "the column has no block of its own"
    return 3 * PAGE_BYTES + int(row[0]) * (1 << 18)


@pytest.fixture
def with_a_bad_block(tmp_path: Path, folder: Folder) -> Iterator[Server]:
    at = block_of(folder.path / FILE_NAME, "tags") + 1_000
    with running(folder.damaged(tmp_path / "copy", file=flipped(folder.file, at, 0))) as server:
        yield server


def test_damage_that_a_query_finds_is_told_and_never_summed(
    with_a_bad_block: Server, folder: Folder
) -> None:
    server = with_a_bad_block
    asked = {"start_time": DAY, "end_time": DAY + SPAN_SECONDS, "bucket_width": "1d"}
    for _ in range(2):
        answer = server.usage("completions", **asked, group_by="tag:note", limit=2)
        assert answer.status_code == 503, answer.text
        assert answer.json()["error"]["code"] == "ledger_damaged"
        assert "Retry-After" not in answer.headers
    with client_of(server) as client:
        # What does not need the block is answered, and new events are stored.
        assert_holds_exactly(client, folder.events)
        more = make_events(seeded(SEED), "after", 10)
        assert post(client, more).status_code == 200
        assert_holds_exactly(client, folder.events + more)
    assert "Traceback" not in "".join(server.output)
