"""Rounds of ``kill -9``, half of them power cuts: events of all kinds, kept exactly once."""

from pathlib import Path

from faults.playing import played

NAMES = (
    "kill -9 while events are stored",
    "kill -9 while it starts",
    "kill -9 while it stops",
    "kill -9 on a slow disk",
    "kill -9 after short writes",
)


def test_what_is_killed_while_it_stores_loses_and_doubles_nothing(tmp_path: Path) -> None:
    tallies = played(tmp_path, "kills", *NAMES)
    assert sum(tally.acknowledged for tally in tallies.values()) > 0
