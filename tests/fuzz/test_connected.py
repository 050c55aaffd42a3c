"""Whatever comes on a connection is answered, or the connection ends."""

from pathlib import Path

import pytest

from fuzz.connected import TARGETS
from fuzz.examples import hold
from fuzz.target import Target

EXAMPLES: dict[str, int] = {}


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_whatever_comes_is_answered_or_ended(target: Target, tmp_path: Path) -> None:
    hold(target, tmp_path, EXAMPLES.get(target.name, 500))
