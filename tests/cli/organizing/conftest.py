"""A ledger whose organization the commands work on, in both ways to it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.events import event
from support.house import House
from support.ledgers import opened, store
from support.server import ADMIN_KEY, Server, running


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a ledger of one event."""
    data = tmp_path_factory.mktemp("filled")
    with opened(data) as ledger:
        store(ledger, event(project_id="proj_atlas", user_id="user-ada", api_key_id="key_gateway"))
    return data


@pytest.fixture
def folder(filled: Path, tmp_path: Path) -> House:
    """A copy of that folder, which no server owns."""
    data = tmp_path / "data"
    shutil.copytree(filled, data)
    return House(data, ("--data", str(data)))


@pytest.fixture
def server(folder: House) -> Iterator[Server]:
    """A server that owns the copy."""
    with running(folder.data) as server:
        yield server


@pytest.fixture
def served(folder: House, server: Server) -> House:
    """The same through the server, with its admin key."""
    return House(folder.data, ("--url", server.address, "--key", ADMIN_KEY))


@pytest.fixture(scope="module", params=["folder", "server"])
def untouched(
    request: pytest.FixtureRequest, filled: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """Both ways to an organization, for what changes nothing of it."""
    data = tmp_path_factory.mktemp("untouched") / "data"
    shutil.copytree(filled, data)
    if request.param == "folder":
        yield House(data, ("--data", str(data)))
        return
    with running(data) as server:
        yield House(data, ("--url", server.address, "--key", ADMIN_KEY))
