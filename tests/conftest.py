"""Fixtures that every folder of tests uses."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from support.server import Server, running

# How long an example takes never decides a test.
settings.register_profile("tallybook", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tallybook")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server with an empty ledger, shared by the tests of a module."""
    with running(tmp_path_factory.mktemp("data")) as server:
        yield server


@pytest.fixture(scope="session")
def shared_data() -> Path | None:
    """The folder of full traces, when it is beside the checkout."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    return folder if folder.is_dir() else None


def require(name: str, *, present: bool) -> None:
    """Skip the test when what it needs is missing, unless everything is required."""
    if present:
        return
    if os.environ.get("TALLYBOOK_REQUIRE") == "all":
        pytest.fail(f"{name} is missing, and TALLYBOOK_REQUIRE=all")
    pytest.skip(f"needs {name}")
