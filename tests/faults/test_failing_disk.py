"""A disk that fails at the worst moment: whether a commit is stored is not known, until it is."""

import os
import shutil
import subprocess
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

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
from support.needs import require
from support.prices import source
from support.server import Server, running
from tallybook.domain.errors import LedgerUnavailable
from tallybook.domain.sheets import Sheet
from tallybook.intake.native import Format, read_events
from tallybook.ledger.duckdb.engine import EngineSettings
from tallybook.ledger.duckdb.files import FILE_NAME
from tallybook.ledger.duckdb.store import DuckDBLedger
from tallybook.ledger.duckdb.writer import Writer
from tallybook.ledger.ledger import Appended, Lot

TRIES = 40
# So many events that the log is worked into the main file several times.
BATCH_OF_CHECKPOINTS = 1_000
# Both sides of where the ledger changes its way of storing.
sizes = pytest.mark.parametrize("size", [20, BATCH_OF_CHECKPOINTS])


@contextmanager
def failing(server: Server, call: str) -> Iterator[list[str]]:
    """For the length of a block, every third such call on the ledger's files fails: EIO.

    Yields a list that has all calls once the block has ended.
    """
    calls: list[str] = []
    inject = f"inject={call}:error=EIO:when=3+3"
    files = [str(server.data / name) for name in (FILE_NAME, f"{FILE_NAME}.wal")]
    command = ["strace", "-f", "-p", str(server.process.pid), "-e", f"trace={call}", "-e", inject]
    process = subprocess.Popen(
        [*command, "-P", files[0], "-P", files[1]],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        line = process.stderr.readline()
        require("the right to trace processes", present="attached" in line)
        yield calls
    finally:
        process.terminate()
        calls += process.communicate()[1].splitlines()


@sizes
@pytest.mark.parametrize("call", ["fdatasync", "write", "pwrite64"])
def test_a_disk_that_fails_now_and_then_doubles_and_loses_nothing(
    tmp_path: Path, call: str, size: int
) -> None:
    require("strace", present=bool(shutil.which("strace")) and os.geteuid() == 0)
    random_ = seeded(f"{call} {size}")
    every: list[EventData] = []
    acknowledged: list[EventData] = []
    refused = 0
    environment = {"TALLYBOOK_LOG_BYTES_MAX": str(1 << 20)}
    with running(tmp_path, environment) as server, client_of(server) as client:
        with failing(server, call) as calls:
            for number in range(TRIES):
                events = make_events(random_, f"{number}", size)
                every += events
                answer = post(client, events)
                assert answer.status_code in {200, 503, 507}, answer.text
                if answer.status_code == 200:
                    acknowledged += events
                else:
                    refused += 1
        # At once, with what is held in memory of before: nothing is taken for new that is stored.
        accepted, duplicates = post_all(client, every)
        assert duplicates >= len(acknowledged)
        assert_holds_exactly(client, every)
        server.kill()
    with running(tmp_path, environment) as server, client_of(server) as client:
        assert_holds_exactly(client, every)
        assert post_all(client, every) == (0, len(every))
    failures = sum("INJECTED" in line for line in calls)
    assert failures or size < BATCH_OF_CHECKPOINTS
    print(
        f"{failures} calls of {call} failed, {refused} of {TRIES} requests refused;"
        f" {duplicates - len(acknowledged)} events were stored nevertheless, {accepted} were not"
    )


def lot_of(events: list[EventData]) -> Lot:
    batch = read_events(encode(events), Format.JSON, 1 << 62, len(events))
    return Lot(batch.sheet, batch.positions)


@sizes
def test_a_fault_after_the_commit_does_not_double(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """The engine may raise when the data is in its log already."""
    settings = EngineSettings(memory_max_bytes=256 << 20, threads=2)
    ledger = DuckDBLedger(tmp_path, settings, source(tmp_path))
    insert = Writer.insert

    def insert_and_fail(
        self: Writer,
        sheet: Sheet,
        rate_cards: Sequence[int],
        unsealed: Collection[int],
        first_used: Sequence[str],
    ) -> None:
        insert(self, sheet, rate_cards, unsealed, first_used)
        raise LedgerUnavailable("The disk failed after the commit.")

    first, second = (lot_of(make_events(seeded(f"{name}"), name, size)) for name in "ab")
    assert ledger.append([first]) == [Appended(size, 0)]
    with monkeypatch.context() as patch:
        patch.setattr(Writer, "insert", insert_and_fail)
        with pytest.raises(LedgerUnavailable):
            ledger.append([second])
    assert ledger.append([first, second]) == [Appended(0, size), Appended(0, size)]
    ledger.close()
