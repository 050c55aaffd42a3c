"""A stand-in for providers, for the tests of this folder."""

from collections.abc import Iterator

import pytest

from support.providers.standin import Standin, standing_in


@pytest.fixture(scope="session")
def standin() -> Iterator[Standin]:
    """A stand-in, shared: each test says what it answers."""
    with standing_in() as server:
        yield server
