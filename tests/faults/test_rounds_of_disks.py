"""Disks that are full or fail, clocks that jump, connections that break off."""

from pathlib import Path

from faults.playing import played

NAMES = (
    "disk full",
    "disk fails now and then (EIO, ENOSPC)",
    "clock jumps",
    "connections cut, requests sent twice",
)


def test_a_disk_a_clock_and_a_network_that_fail_cost_no_event(tmp_path: Path) -> None:
    tallies = played(tmp_path, "disks", *NAMES)
    assert sum(tally.requests for tally in tallies.values()) > 0
