"""The DuckDB file under faults: what the engine relies on, and opening it again."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from faults.disk import MIB, Disk
from tallybook.domain.errors import LedgerUnavailable, StorageFull
from tallybook.ledger.duckdb.engine import Engine, EngineSettings
from tallybook.ledger.duckdb.files import FILE_NAME, LOG_NAME

BATCH, FEW = 2_000, 500
# Text that does not compress, so that the disk fills.
_INSERT = """\
INSERT INTO things
SELECT ? + i, md5((? + i)::VARCHAR) || md5(random()::VARCHAR)
FROM range(?) AS numbers(i)"""
# Minutes of work.
_LONG = (
    "SELECT count(*) FROM range(100000000) a, range(10000) b WHERE a.range % 7 + b.range % 9 > 20"
)


def new_engine(folder: Path, log_bytes_max: int) -> Engine:
    return Engine(
        folder,
        EngineSettings(memory_max_bytes=256 * MIB, threads=2, log_bytes_max=log_bytes_max),
    )


def new_engine_of_things(folder: Path, log_bytes_max: int) -> Engine:
    """An engine with a table of things, of which there are none yet."""
    engine = new_engine(folder, log_bytes_max)
    with engine.guard("make a table") as cursor:
        cursor.execute("CREATE TABLE things (number BIGINT, text VARCHAR)")
    return engine


def insert(engine: Engine, start: int, count: int = BATCH) -> int:
    """Store things ``start`` to ``start + count``; return how many there must be then."""
    with engine.storing("store things") as cursor:
        cursor.execute(_INSERT, [start, start, count])
    return start + count


def counted(engine: Engine) -> tuple[int, int]:
    """How many things there are, and how many different ones."""
    with engine.guard("count") as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT number) FROM things")
        found = cursor.fetchone()
    assert found is not None
    return found[0], found[1]


def fill(engine: Engine, stored: int) -> int:
    """Store things until the disk is full; return how many were acknowledged."""
    try:
        while True:
            stored = insert(engine, stored)
    except StorageFull:
        return stored


def break_down(engine: Engine, disk: Disk) -> Path:
    """Let the engine declare its file unusable; return the file that fills the disk."""
    ballast = disk.fill()
    with pytest.raises(StorageFull, match="could not checkpoint"), engine.guard("checkpoint") as c:
        c.execute("CHECKPOINT")
    return ballast


def opens_elsewhere(folder: Path) -> bool:
    """Whether another process can open the file."""
    code = f"import duckdb; duckdb.connect({str(folder / FILE_NAME)!r})"
    opened = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
    return opened.returncode == 0


@pytest.fixture(params=[MIB, 2 * MIB, 64 * MIB], ids=["1 MiB log", "2 MiB log", "64 MiB log"])
def engine(disk: Disk, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine on a small disk, with a table of things."""
    engine = new_engine_of_things(disk.folder, request.param)
    yield engine
    engine.close()


def test_a_full_disk_costs_only_what_was_refused(engine: Engine, disk: Disk) -> None:
    stored = fill(engine, 0)
    assert stored > 0
    assert counted(engine) == (stored, stored)
    for _ in range(3):
        with pytest.raises(StorageFull):
            insert(engine, stored)
        assert counted(engine) == (stored, stored)
    disk.resize(64 * MIB)
    for _ in range(20):
        stored = insert(engine, stored)
    assert counted(engine) == (stored, stored)
    engine.close()
    reopened = new_engine(disk.folder, 64 * MIB)
    assert counted(reopened) == (stored, stored)
    reopened.close()


def log_bytes(engine: Engine) -> int:
    """How large the log is; 0 when there is none."""
    path = engine.drafts.with_name(LOG_NAME)
    return path.stat().st_size if path.exists() else 0


def test_a_log_is_worked_in_where_the_disk_has_room_and_never_where_it_has_not(disk: Disk) -> None:
    engine = new_engine_of_things(disk.folder, MIB)
    stored = fill(engine, 0)
    # It was begun nowhere: it would have failed.
    assert engine.openings == 1
    assert log_bytes(engine) > 4 * MIB
    # No query begins it either.
    disk.resize(128 * MIB)
    assert counted(engine) == (stored, stored)
    assert log_bytes(engine) > 4 * MIB
    stored = insert(engine, stored)
    assert log_bytes(engine) < MIB
    assert counted(engine) == (stored, stored)
    engine.close()


def test_what_is_stored_stays_so_though_its_log_cannot_be_worked_in(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = new_engine_of_things(disk.folder, MIB)
    stored = insert(engine, 0)
    # Room for the log's first MiB, and not for one more block of the main file; somebody
    # takes the rest just after it was seen.
    disk.fill(but_bytes=MIB)
    monkeypatch.setattr(engine, "_free_bytes", lambda: 64 * MIB)
    while engine.openings == 1:
        stored = insert(engine, stored, FEW)
        assert counted(engine) == (stored, stored)
    # The next failure is as far away again: it does not break at every commit. What the failed
    # checkpoint left of the disk may be too little for the log, so there is a little more.
    disk.resize(24 * MIB + MIB // 16)
    openings = engine.openings
    stored = insert(engine, stored, 10)
    stored = insert(engine, stored, 10)
    assert counted(engine) == (stored, stored)
    assert engine.openings == openings
    engine.close()


def read_long(engine: Engine, begun: threading.Event, faults: list[str]) -> None:
    """Ask something that takes longer than the test, and note how it was ended."""
    try:
        with engine.guard("answer a query") as cursor:
            begun.set()
            cursor.execute(_LONG).fetchall()
    except LedgerUnavailable as fault:
        faults.append(fault.message)


def test_a_broken_file_is_opened_again_under_readers(engine: Engine, disk: Disk) -> None:
    stored = insert(engine, 0)
    kept = engine.cursor()
    begun = threading.Event()
    faults: list[str] = []

    readers = [threading.Thread(target=read_long, args=(engine, begun, faults)) for _ in range(3)]
    for reader in readers:
        reader.start()
    begun.wait()
    break_down(engine, disk)
    assert counted(engine) == (stored, stored)
    assert engine.openings == 2
    assert not opens_elsewhere(disk.folder)
    for reader in readers:
        reader.join(10)
        assert not reader.is_alive()
    assert 1 <= len(faults) <= 3
    assert "opened again after a fault" in faults[0]
    kept.close()
    # The old instance is gone, and took nothing along: neither data nor the lock.
    assert counted(engine) == (stored, stored)
    assert not opens_elsewhere(disk.folder)
    disk.resize(64 * MIB)
    stored = insert(engine, stored)
    assert counted(engine) == (stored, stored)


def test_a_file_that_cannot_be_opened_again_is_tried_at_every_use(
    engine: Engine, disk: Disk
) -> None:
    stored = insert(engine, 0)
    break_down(engine, disk).unlink()
    file = disk.folder / FILE_NAME
    aside = file.rename(file.with_suffix(".aside"))
    file.write_bytes(b"not a ledger" * 1_000)
    for _ in range(3):
        with pytest.raises(LedgerUnavailable, match="could not open"):
            insert(engine, stored)
    aside.rename(file)
    assert counted(engine) == (stored, stored)
    stored = insert(engine, stored)
    assert counted(engine) == (stored, stored)


def test_closing_ends_queries_under_way(tmp_path: Path) -> None:
    engine = new_engine(tmp_path, 64 * MIB)
    begun = threading.Event()
    faults: list[str] = []

    reader = threading.Thread(target=read_long, args=(engine, begun, faults))
    reader.start()
    begun.wait()
    engine.close()
    reader.join(10)
    assert not reader.is_alive()
    assert len(faults) == 1
    assert opens_elsewhere(tmp_path)
    with pytest.raises(LedgerUnavailable):
        counted(engine)
