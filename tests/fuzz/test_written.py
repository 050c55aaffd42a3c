"""What people write is taken at its word, or refused with the reason."""

from pathlib import Path

import pytest

from fuzz.examples import hold
from fuzz.target import Target
from fuzz.written import TARGETS

EXAMPLES = {"price-files": 600, "settings-files": 600}


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_what_people_write_is_used_or_refused(target: Target, tmp_path: Path) -> None:
    hold(target, tmp_path, EXAMPLES.get(target.name, 2000))
