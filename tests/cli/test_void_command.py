"""``tallybook void``: on a folder and through a server, the same."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.command import run, told
from support.events import DAY, event
from support.server import ADMIN_KEY, Server, running
from support.told_events import told as told_event

REASON = "counted [4711] twice"
ONE = event(id="one", time=DAY + 0.5, model="m", project_id="proj_1")
TWINS = [event(id="twin", time=DAY + n) for n in range(2)]
EVENTS = [ONE, *TWINS]


class Books:
    """A ledger in one of the two ways to it."""

    def __init__(self, data: Path, options: tuple[str, ...], by: str) -> None:
        self.data = data
        self.options = options
        self.by = by

    def run(self, *parts: str) -> Any:
        """A command on this ledger, by a person called ada."""
        return run(*parts, *self.options, variables={"LOGNAME": "ada"})

    def good(self, *parts: str) -> str:
        result = self.run(*parts)
        assert (result.returncode, result.stderr) == (0, "")
        return str(result.stdout)

    def ids(self) -> list[str]:
        """The ids of the events that count."""
        return [json.loads(line)["id"] for line in self.good("export").splitlines()]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the events."""
    data = tmp_path_factory.mktemp("filled")
    with running(data) as server:
        assert server.post(EVENTS).json()["accepted"] == len(EVENTS)
    return data


@pytest.fixture
def folder(filled: Path, tmp_path: Path) -> Books:
    """A copy of that folder, that no server owns."""
    data = tmp_path / "data"
    shutil.copytree(filled, data)
    return Books(data, ("--data", str(data)), "ada")


@pytest.fixture
def server(folder: Books) -> Iterator[Server]:
    """A server that owns the copy."""
    with running(folder.data) as server:
        yield server


@pytest.fixture(params=["folder", "server"])
def books(request: pytest.FixtureRequest, folder: Books) -> Books:
    """Both ways to the same ledger."""
    if request.param == "folder":
        return folder
    server = request.getfixturevalue("server")
    through = ("--url", server.address, "--key", ADMIN_KEY)
    return Books(folder.data, through, "key_admin_setting")


def test_an_event_is_voided_told_and_logged_and_again_is_the_same(books: Books) -> None:
    said = books.good("void", "one", "--reason", REASON)
    assert said.startswith("one at 2026-10-01T00:00:00.500000Z: completions, void since ")
    assert said.endswith(f" by {books.by}: {REASON}\n")
    assert books.ids() == ["twin", "twin"]
    assert books.good("void", "one", "--reason", "another") == said
    (_,) = json.loads(books.good("audit", "--type", "event.voided", "--json"))["data"]
    assert "Not charged: void since " in books.good("prices", "explain", "one")
    assert REASON in books.good("prices", "explain", "one")


def test_json_is_the_answer_of_the_api(books: Books) -> None:
    answer = json.loads(
        books.good("void", "twin", "--time", "2026-10-01T00:00:01Z", "--reason", REASON, "--json")
    )
    (gone,) = answer["data"]
    mark = gone.pop("voided")
    assert (answer["object"], gone) == ("list", told_event(TWINS[1]))
    assert (mark["by"], mark["reason"]) == (books.by, REASON)
    assert books.ids() == ["twin", "one"]


def test_several_are_voided_together_or_none_is(books: Books) -> None:
    result = books.run("void", "one", "none", "--reason", REASON)
    assert (result.returncode, result.stdout) == (1, "")
    assert "No event has the id 'none'" in told(result)
    result = books.run("void", "one", "twin", "--reason", REASON)
    assert (result.returncode, result.stdout) == (1, "")
    assert f"say which by its time, one of {DAY}, {DAY + 1}." in told(result)
    assert len(books.ids()) == 3
    assert json.loads(books.good("audit", "--type", "event.voided", "--json"))["data"] == []


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (("one",), "Missing option '--reason'"),
        (("--reason", REASON), "Missing argument 'EVENT_ID...'"),
        (("one", "--reason", " "), "--reason is required"),
        (("one", "--reason", "x" * 501), "--reason has 501 characters"),
        (("one", "--reason", REASON, "--time", "soon"), "--time is 'soon'"),
        (("one", "two", "--reason", REASON, "--time", "1"), "name one EVENT_ID."),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(
    options: tuple[str, ...], part: str, filled: Path
) -> None:
    result = run("void", *options, "--data", filled)
    assert (result.returncode, result.stdout) == (2, "")
    assert part in told(result)


def test_a_folder_that_a_server_owns_is_left_to_it(server: Server, folder: Books) -> None:
    assert server.http.get("/readyz").status_code == 200
    result = folder.run("void", "one", "--reason", REASON)
    assert (result.returncode, result.stdout) == (1, "")
    assert "--url http://127.0.0.1:8321 --key KEY" in told(result)


def test_a_folder_without_a_ledger_is_not_made_by_it(tmp_path: Path) -> None:
    result = run("void", "one", "--reason", REASON, "--data", tmp_path / "nothing")
    assert (result.returncode, result.stdout) == (1, "")
    assert "nothing holds no ledger." in told(result)
    assert not (tmp_path / "nothing").exists()
