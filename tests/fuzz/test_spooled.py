"""What a crash left of a spool is sent, line by line, and nothing else is."""

from pathlib import Path

import pytest

from fuzz.examples import hold
from fuzz.spooled import TARGETS
from fuzz.target import Target

EXAMPLES: dict[str, int] = {}


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_every_whole_line_is_sent_once_and_in_order(target: Target, tmp_path: Path) -> None:
    hold(target, tmp_path, EXAMPLES.get(target.name, 500))
