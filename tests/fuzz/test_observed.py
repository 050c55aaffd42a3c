"""Whatever a provider says, its request is counted, and no byte of it is changed."""

from pathlib import Path

import pytest

from fuzz.examples import hold
from fuzz.observed import TARGETS
from fuzz.target import Target

EXAMPLES: dict[str, int] = {}


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_every_request_is_counted_by_events_that_a_ledger_takes(
    target: Target, tmp_path: Path
) -> None:
    hold(target, tmp_path, EXAMPLES.get(target.name, 1000))
