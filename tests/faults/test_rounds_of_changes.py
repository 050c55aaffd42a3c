"""Killed while all that is stored changes its form: sealed, priced again, upgraded."""

from pathlib import Path

from faults.playing import played

NAMES = (
    "kill -9 while hours are sealed",
    "kill -9 of tallybook seal",
    "kill -9 while events are priced again",
    "kill -9 while an older folder is upgraded",
)


def test_what_is_killed_while_it_changes_is_the_one_or_the_other(tmp_path: Path) -> None:
    tallies = played(tmp_path, "changes", *NAMES)
    assert sum(tally.hours_sealed for tally in tallies.values()) > 0
