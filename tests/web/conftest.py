"""Fixtures that tests of attacks share."""

from collections.abc import Iterator

import pytest

from support.attacked import Attacked, attacked


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    """A server with a bound key, and with events that it must not know of."""
    with attacked(tmp_path_factory.mktemp("attacked")) as target:
        yield target
