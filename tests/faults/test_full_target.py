"""A backup onto a disk that fills: said, and the backup before it stays whole."""

from pathlib import Path

import pytest

from backup.keeping import files, take
from faults.disk import MIB, Disk
from support.events import DAY, event
from support.ledgers import opened, store
from tallybook.backup.checking import faults_of


def test_a_full_target_keeps_the_backup_before(disk: Disk, tmp_path: Path) -> None:
    folder, target = tmp_path / "data", disk.folder / "backup"
    folder.mkdir()
    with opened(folder) as ledger:
        store(ledger, event(id="a"))
        take(ledger, folder, target)
        before = files(target)
        store(ledger, event(id="b", time=DAY - 86_400), event(id="c"))
        for free in (0, 4_096):
            ballast = disk.fill(but_bytes=free)
            for over_a_wire in (False, True):
                with pytest.raises(OSError, match="No space left"):
                    take(ledger, folder, target, over_a_wire=over_a_wire)
                assert before.items() <= files(target).items()
                assert faults_of(target) == []
            ballast.unlink()
        disk.resize(64 * MIB)
        assert take(ledger, folder, target).manifest.events == 3
        assert faults_of(target) == []
