"""Folders that a server must not take: it says why in one sentence, and leaves them alone."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from faults.book import assert_holds_exactly, client_of, make_events, post_all, seeded
from faults.failing import contents, serve_in_vain
from support.needs import require
from support.server import running
from tallybook.ledger.duckdb.files import FILE_NAME

# Another owner than the server's.
STRANGER = 54_321


def test_a_second_server_on_a_folder_names_the_first_and_does_it_no_harm(tmp_path: Path) -> None:
    random_ = seeded("second")
    events = make_events(random_, "before", 500)
    with running(tmp_path) as server, client_of(server) as client:
        post_all(client, events)
        said = serve_in_vain(tmp_path)
        assert str(tmp_path) in said
        assert f"process {server.process.pid}" in said
        assert_holds_exactly(client, events)
        events += make_events(random_, "after", 500)
        assert post_all(client, events) == (500, 500)
        assert_holds_exactly(client, events)
        server.kill()
    with running(tmp_path) as server, client_of(server) as client:
        assert_holds_exactly(client, events)


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "data"
    file.write_bytes(b"minutes of the last meeting")
    assert str(file) in serve_in_vain(file)
    assert file.read_bytes() == b"minutes of the last meeting"


@pytest.mark.parametrize("inside", ["data", "data/folder"])
def test_a_folder_without_permission_is_named(tmp_path: Path, inside: str) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    before: list[str] = []
    if os.geteuid() == 0:
        # Root may do anything as long as it keeps its capabilities.
        require("setpriv, to do without root's rights", present=bool(shutil.which("setpriv")))
        before = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
        os.chown(folder, STRANGER, STRANGER)
    folder.chmod(0o500)
    try:
        said = serve_in_vain(tmp_path / inside, before)
        assert str(folder) in said
        assert "Permission denied" in said
        assert not any(folder.iterdir())
    finally:
        folder.chmod(0o700)


@pytest.mark.parametrize("crashed", [False, True], ids=["closed", "with a log"])
def test_a_ledger_of_a_newer_version_is_refused_and_left_as_it_was(
    tmp_path: Path, crashed: bool
) -> None:
    with running(tmp_path) as server, client_of(server) as client:
        post_all(client, make_events(seeded("newer"), "newer", 500))
    file = tmp_path / FILE_NAME
    code = f"""\
import duckdb, os
connection = duckdb.connect({str(file)!r})
connection.execute("INSERT INTO migrations VALUES (1000, now())")
{"os._exit(0)" if crashed else "connection.close()"}
"""  # noqa: S608 - a path of ours
    subprocess.run([sys.executable, "-c", code], check=True)
    assert file.with_name(f"{FILE_NAME}.wal").exists() == crashed
    before = contents(tmp_path)
    said = serve_in_vain(tmp_path)
    assert "version 1000" in said
    assert "newer version" in said
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    "garbage",
    [b"PAR1", b"no ledger at all" * 4_096, bytes(1 << 20)],
    ids=["short", "text", "zeros"],
)
def test_a_file_that_is_no_ledger_is_refused_and_left_alone(tmp_path: Path, garbage: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(garbage)
    said = serve_in_vain(tmp_path)
    assert str(tmp_path / FILE_NAME) in said
    assert contents(tmp_path)[FILE_NAME] == garbage


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    """Someone's own DuckDB file in the place of the ledger's."""
    with duckdb.connect(str(tmp_path / FILE_NAME)) as connection:
        connection.execute("CREATE TABLE events (what VARCHAR)")
        connection.execute("INSERT INTO events VALUES ('a wedding')")
    said = serve_in_vain(tmp_path)
    assert str(tmp_path / FILE_NAME) in said
    with duckdb.connect(str(tmp_path / FILE_NAME), read_only=True) as connection:
        assert connection.execute("SELECT * FROM events").fetchall() == [("a wedding",)]
