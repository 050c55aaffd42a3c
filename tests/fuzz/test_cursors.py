"""Tokens of pages lead nowhere but on, or are refused."""

from pathlib import Path

import pytest

from fuzz.cursors import TARGETS
from fuzz.examples import hold
from fuzz.target import Target

EXAMPLES: dict[str, int] = {}


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_token_goes_on_within_its_query_or_is_refused(target: Target, tmp_path: Path) -> None:
    hold(target, tmp_path, EXAMPLES.get(target.name, 2500))
