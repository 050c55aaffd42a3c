"""Users of mypy and of pyright see the client's types, and both refuse what is wrong."""

from pathlib import Path

import pytest

from support.checkers import Checker, check, mypy, pyright

EXAMPLES = Path(__file__).with_name("typed_examples.py")


@pytest.mark.parametrize("checker", [mypy, pyright])
def test_right_uses_pass_and_each_wrong_one_is_refused(checker: Checker, tmp_path: Path) -> None:
    assert check(checker, EXAMPLES, tmp_path) >= 10
