"""A log whose last transaction a power cut tore, page by page: what was acknowledged is there.

Other damage of a log is refused, and the file is left as it is.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from faults.book import make_events, seeded
from support.prices import source
from support.sealing import opened, posted
from tallybook.domain.errors import LedgerUnavailable
from tallybook.ledger.duckdb.files import FILE_NAME
from tallybook.ledger.duckdb.torn_log import COMMITTED

PAGE_BYTES = 4_096
FIRST, SECOND, THIRD = 300, 900, 40

# Stores and dies, as a power cut would have it; the log's size after each transaction.
_STORE = """
import os, sys
from pathlib import Path
from faults.book import make_events, seeded
from support.prices import source
from support.sealing import opened, posted
folder = Path(sys.argv[1])
with opened(folder, source(folder)) as ledger:
    for name, count in zip("abc", map(int, sys.argv[2:])):
        posted(ledger, make_events(seeded(name), name, count))
        print(os.stat(folder / "ledger.duckdb.wal").st_size, flush=True)
    os._exit(0)
"""


def stored(folder: Path, *counts: int) -> list[int]:
    """A folder with so many events in each of some transactions; where in the log each ends."""
    folder.mkdir()
    said = subprocess.run(
        [sys.executable, "-c", _STORE, str(folder), *map(str, counts)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
        capture_output=True,
        text=True,
    )
    return [int(line) for line in said.stdout.split()]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[int]]:
    folder = tmp_path_factory.mktemp("logs") / "two"
    return folder, stored(folder, FIRST, SECOND)


def copied(folder: Path, to: Path) -> Path:
    """A folder of its own for a test; its log."""
    shutil.copytree(folder, to)
    return to / f"{FILE_NAME}.wal"


def holes(log: Path, start: int, end: int, pages: list[int]) -> None:
    """Make pages of a stretch of the log holes, as if they had never reached the disk."""
    with log.open("r+b") as file:
        for page in pages:
            first, last = max(start, page * PAGE_BYTES), min(end, (page + 1) * PAGE_BYTES)
            file.seek(first)
            file.write(bytes(last - first))


def counted(folder: Path) -> Iterator[int]:
    """How many events there are, twice: the second time after a good close."""
    for _ in range(2):
        with opened(folder, source(folder)) as ledger:
            (found,) = ledger._engine.cursor().execute("SELECT count(*) FROM events").fetchall()
            yield found[0]


@pytest.mark.parametrize("number", range(16))
def test_what_came_before_a_torn_transaction_is_kept(
    tmp_path: Path, two: tuple[Path, list[int]], number: int
) -> None:
    folder, (start, end) = two
    log = copied(folder, tmp_path / "torn")
    random_ = seeded(f"torn {number}")
    pages = list(range(start // PAGE_BYTES, (end - 1) // PAGE_BYTES + 1))
    lost = random_.sample(pages, random_.randrange(1, len(pages) + 1))
    print(f"{len(lost)} of {len(pages)} pages are lost")
    holes(log, start, end, lost)
    torn = log.read_bytes()[start:]
    assert list(counted(log.parent)) == [FIRST, FIRST]
    # A log that only ends too soon is no loss; whatever else goes leaves a trace.
    if COMMITTED in torn:
        assert log.with_name(f"{log.name}.torn").read_bytes() == torn
    # All that was not acknowledged is taken again, and is new.
    with opened(log.parent, source(log.parent)) as ledger:
        assert posted(ledger, make_events(seeded("b"), "b", SECOND)).accepted == SECOND


def test_a_torn_transaction_whose_beginning_is_lost_is_put_aside_and_told(
    tmp_path: Path, two: tuple[Path, list[int]], caplog: pytest.LogCaptureFixture
) -> None:
    """The engine by itself would take its log for ended there, and say nothing."""
    folder, (start, end) = two
    log = copied(folder, tmp_path / "beginning")
    holes(log, start, end, [start // PAGE_BYTES])
    torn = log.read_bytes()[start:]
    with opened(log.parent, source(log.parent)) as ledger:
        assert f"The last {len(torn)} bytes of" in caplog.text
        assert log.with_name(f"{log.name}.torn").read_bytes() == torn
        assert posted(ledger, make_events(seeded("c"), "c", THIRD)).accepted == THIRD
    assert list(counted(log.parent)) == [FIRST + THIRD] * 2


def refused(log: Path) -> None:
    """The folder of a log cannot be opened, and the log stays what it was."""
    before = log.read_bytes()
    with pytest.raises(LedgerUnavailable, match="Corrupt"):
        next(counted(log.parent))
    assert log.read_bytes() == before
    assert not log.with_name(f"{log.name}.torn").exists()


def test_a_last_transaction_that_is_damaged_and_has_no_hole_is_refused(
    tmp_path: Path, two: tuple[Path, list[int]]
) -> None:
    """It may have been acknowledged."""
    folder, (start, end) = two
    log = copied(folder, tmp_path / "damaged")
    with log.open("r+b") as file:
        file.seek((start + end) // 2)
        (byte,) = file.read(1)
        file.seek((start + end) // 2)
        file.write(bytes([byte ^ 0x40]))
    refused(log)


def test_a_hole_that_transactions_follow_is_refused(tmp_path: Path) -> None:
    """What comes after it was acknowledged, and so was it."""
    start, end, _ = stored(tmp_path / "three", FIRST, SECOND, THIRD)
    log = tmp_path / "three" / f"{FILE_NAME}.wal"
    middle = (start + end) // 2 // PAGE_BYTES
    holes(log, start, end, [middle])
    refused(log)
