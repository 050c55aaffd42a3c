"""Requests have an answer of the contract's form, and none is a defect's."""

from pathlib import Path

import pytest

from fuzz.asked import TARGETS
from fuzz.examples import hold
from fuzz.target import Target

EXAMPLES = {"costs-queries": 60, "usage-queries": 150, "organization-bodies": 150}


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_every_request_has_an_answer_in_form(target: Target, tmp_path: Path) -> None:
    hold(target, tmp_path, EXAMPLES.get(target.name, 400))
