"""Fixtures of the tests that break things."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from faults.disk import MIB, Disk, can_mount, mounted
from support.needs import require


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk of 24 MiB, where this process may mount one."""
    require("the right to mount a tmpfs (root)", present=can_mount(tmp_path / "probe"))
    with mounted(tmp_path / "disk", 24 * MIB) as disk:
        yield disk
