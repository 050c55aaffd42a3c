"""Files that are imported give each row once, whatever is in them."""

from pathlib import Path

import pytest

from fuzz.examples import hold
from fuzz.imported import TARGETS
from fuzz.target import Target

EXAMPLES = {"import-files": 60}


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_every_row_is_an_event_or_is_told_of(target: Target, tmp_path: Path) -> None:
    hold(target, tmp_path, EXAMPLES.get(target.name, 1500))
