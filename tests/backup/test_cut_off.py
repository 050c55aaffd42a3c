"""A backup or a restore that comes to no end leaves what was there, and nothing else."""

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from backup.keeping import files, made, restored, rows, take
from support.events import DAY, event
from support.ledgers import opened, store
from tallybook.backup.archive import BackupFailed, packed, unpacked
from tallybook.backup.checking import faults_of
from tallybook.backup.manifest import InvalidManifest, Manifest
from tallybook.backup.receiving import Pieces
from tallybook.backup.taking import Part
from tallybook.backup.target import locked
from tallybook.domain.errors import BackupUnderWay

_KILLED = """
import os, sys
from pathlib import Path
from tallybook.backup.restoring import restore_into
from tallybook.ledger.duckdb.engine import EngineSettings
settings = EngineSettings(memory_max_bytes=1 << 30, threads=1)
restore_into(Path(sys.argv[2]), Path(sys.argv[1]), settings, "", lambda day: os._exit(9))
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A data folder with an event on each of two days."""
    folder = tmp_path / "data"
    folder.mkdir()
    with opened(folder) as ledger:
        store(ledger, event(id="a"), event(id="b", time=DAY - 86_400))
    return folder


def test_a_backup_that_ends_after_any_part_leaves_the_one_before(
    source: Path, tmp_path: Path
) -> None:
    target = tmp_path / "backup"
    with opened(source) as ledger:
        take(ledger, source, target)
        before = files(target)
        store(ledger, event(id="c", time=DAY - 2 * 86_400), event(id="d"))
        with locked(target) as into:
            count = len(list(made(ledger, source, into)))
        for end in range(count):
            with locked(target) as into, pytest.raises(BackupFailed):
                into.write(islice(made(ledger, source, into), end))
            assert before.items() <= files(target).items()
            assert faults_of(target) == []
        written = take(ledger, source, target)
        # What those that were cut off left behind is gone.
        named = {file.path for file in written.manifest.files}
        assert files(target).keys() == named | {"manifest.json"}


def test_an_archive_that_was_cut_anywhere_is_no_backup(source: Path, tmp_path: Path) -> None:
    with opened(source) as ledger, locked(tmp_path / "none") as into:
        whole = b"".join(packed(made(ledger, source, into)))
    for size in (0, 1, 511, 512, 5_000, len(whole) // 2, whole.rindex(b'"object"')):
        target = tmp_path / f"cut-{size}"
        with locked(target) as into, pytest.raises((BackupFailed, InvalidManifest)):
            into.write(unpacked(Pieces(iter([whole[:size]])), target))
        assert not (target / "manifest.json").exists()


def test_a_fault_of_the_server_is_told_by_its_own_words(source: Path, tmp_path: Path) -> None:
    def failing() -> Iterator[bytes]:
        with opened(source) as ledger, locked(tmp_path / "none") as into:

            def some() -> Iterator[Part | Manifest]:
                yield from islice(made(ledger, source, into), 1)
                raise BackupUnderWay("the very words")

            yield from packed(some())

    target = tmp_path / "backup"
    with locked(target) as into, pytest.raises(BackupFailed, match="the very words"):
        into.write(unpacked(Pieces(failing()), target))


def test_there_is_one_backup_of_a_ledger_at_a_time(source: Path) -> None:
    with opened(source) as ledger:
        with ledger.snapshot(), pytest.raises(BackupUnderWay), ledger.snapshot():
            pass
        with ledger.snapshot() as snapshot:
            assert [mark.events for mark in snapshot.days()] == [1, 1]


def test_a_snapshot_does_not_see_what_comes_later(source: Path) -> None:
    with opened(source) as ledger, ledger.snapshot() as snapshot:
        before = snapshot.days()
        store(ledger, event(id="late"))
        assert snapshot.days() == before
        assert snapshot.digest(before[1].day) == snapshot.digest(before[1].day)


def test_a_restore_that_is_killed_leaves_no_data_folder(source: Path, tmp_path: Path) -> None:
    target, copy = tmp_path / "backup", tmp_path / "copy"
    with opened(source) as ledger:
        take(ledger, source, target)
    killed = subprocess.run([sys.executable, "-c", _KILLED, str(target), str(copy)], check=False)
    assert killed.returncode == 9
    assert not copy.exists()
    assert len(restored(target, copy)) == 2


def test_what_is_loaded_is_held_against_the_manifest(source: Path, tmp_path: Path) -> None:
    """Also where nobody verified the files first."""
    target, copy = tmp_path / "backup", tmp_path / "copy"
    with opened(source) as ledger:
        manifest = take(ledger, source, target).manifest
    first, second = (target / day.file.path for day in manifest.days)
    first.write_bytes(second.read_bytes())
    with pytest.raises(Exception, match="came out as others"):
        restored(target, copy)
    assert not copy.exists()
    assert not list(tmp_path.glob(".copy*"))


def told(row: tuple[Any, ...], names: tuple[str, ...]) -> str:
    """An event as docs/backup.md has it digested."""
    named = {name: value for name, value in zip(names, row, strict=True) if value is not None}
    return ",".join(
        f"{name}={len(value)}:{value}"
        if isinstance(value, str)
        else f"{name}={str(value).lower() if isinstance(value, bool) else value}"
        for name, value in sorted(named.items())
    )


def test_a_digest_is_what_the_docs_say(tmp_path: Path) -> None:
    """It must not change with the engine: backups outlive it."""
    costs: dict[str, Any] = {
        "reported_cost": {"value": "0.0123", "currency": "usd"},
        "tags": {"ключ": "名,前"},
    }
    with opened(tmp_path) as ledger:
        store(ledger, event(id="a", **costs), event(id="🙂", time=DAY + 0.25))
        with ledger.snapshot() as snapshot:
            (mark,) = snapshot.days()
            found = snapshot.digest(mark.day)
    names, *stored = rows(tmp_path, "events")
    halves = [
        hashlib.md5(told(row, names).encode(), usedforsecurity=False).digest() for row in stored
    ]
    sums = [
        sum(int.from_bytes(each[start : start + 8], "little") for each in halves) % (1 << 64)
        for start in (8, 0)
    ]
    assert found == f"{sums[0]:016x}{sums[1]:016x}"
