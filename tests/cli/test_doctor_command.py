"""``tallybook doctor``: on a folder, beside a server and from afar, and what it ends with."""

import os
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest

from support.command import run, told
from support.events import event
from support.keys import Kept, keep
from support.ledgers import opened, store
from support.server import ADMIN_KEY, Server, running
from tallybook.ledger.duckdb.files import FILE_NAME
from tallybook.organization.scopes import Scope

INSIDE = {"seals", "unpriced"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with an event, as a server leaves it."""
    with opened(tmp_path) as ledger:
        store(ledger, event(model="nobodys"))
    tmp_path.chmod(0o700)
    return tmp_path


def examined(*parts: object, **variables: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """The status of a command, and its checks by name."""
    result = run("doctor", "--json", *parts, variables=variables)
    assert result.stdout, told(result)
    found = msgspec.json.decode(result.stdout)
    assert found["object"] == "doctor"
    return result.returncode, {each["name"]: each for each in found["checks"]}


def verdicts(checks: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {name: each["verdict"] for name, each in checks.items()}


def test_a_folder_is_examined_and_left_as_it_is(data: Path) -> None:
    before = sorted((path.name, path.stat().st_size) for path in data.iterdir())
    status, checks = examined("--data", data)
    assert status == 0
    assert verdicts(checks)["versions"] == "ok"
    assert before == sorted((path.name, path.stat().st_size) for path in data.iterdir())
    assert checks["keys"]["verdict"] == "warn"


def test_only_what_fails_is_a_status_unless_it_is_strict(data: Path) -> None:
    assert examined("--data", data)[0] == 0
    assert examined("--data", data, "--strict")[0] == 1
    data.chmod(0o777)
    status, checks = examined("--data", data)
    assert (status, verdicts(checks)["folder"]) == (1, "fail")
    text = run("doctor", "--data", data)
    assert text.returncode == 1
    assert "chmod 700" in text.stdout


def test_a_clock_that_jumped_back_is_found(data: Path) -> None:
    ahead = (data / FILE_NAME).stat().st_mtime + 3_600
    os.utime(data / FILE_NAME, (ahead, ahead))
    status, checks = examined("--data", data)
    assert (status, verdicts(checks)["clock"]) == (1, "fail")


def test_a_price_file_with_a_fault_is_found(data: Path) -> None:
    (data / "prices.toml").write_text("[[price]]\nmodle = 1\n")
    status, checks = examined("--data", data)
    assert (status, verdicts(checks)["prices"]) == (1, "fail")
    assert "line 2" in checks["prices"]["found"]


def test_a_folder_without_a_ledger_is_found(tmp_path: Path) -> None:
    status, checks = examined("--data", tmp_path / "none")
    assert (status, verdicts(checks)["folder"]) == (1, "fail")
    assert not (tmp_path / "none").exists()


def test_data_of_another_version_is_told_and_not_touched(data: Path) -> None:
    for version, verdict in ((-3, "warn"), (999, "fail")):
        with duckdb.connect(str(data / FILE_NAME)) as connection:
            connection.execute("UPDATE migrations SET version = ?", [version])
        checks = examined("--data", data)[1]
        assert verdicts(checks)["versions"] == verdict
        assert {checks[name]["verdict"] for name in INSIDE} == {"warn"}
        with duckdb.connect(str(data / FILE_NAME), read_only=True) as connection:
            found = connection.execute("SELECT DISTINCT version FROM migrations").fetchall()
        assert found == [(version,)]


def test_a_file_that_is_no_ledger_is_told(data: Path) -> None:
    (data / FILE_NAME).write_bytes(b"not a ledger" * 1_000)
    checks = examined("--data", data)[1]
    assert {checks[name]["verdict"] for name in INSIDE} == {"warn"}
    assert "cannot be read" in checks["seals"]["found"]


def test_beside_a_server_it_is_the_server_that_is_asked(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        server.post(event(model="nobodys", time=1_796_000_000))
        port = server.address.rpartition(":")[2]
        known = {"TALLYBOOK_PORT": port, "TALLYBOOK_ADMIN_KEY": ADMIN_KEY}
        asked = examined("--data", tmp_path, **known)[1]
        assert "not looked at" not in str(asked)
        without = examined("--data", tmp_path)[1]
        assert "not looked at" in without["seals"]["found"]
        assert str(server.process.pid) in without["seals"]["found"]
        named = examined("--url", server.address, "--key", ADMIN_KEY)[1]
        assert verdicts(named).keys() == verdicts(asked).keys()


def test_a_server_tells_whoever_may_read_the_organization(tmp_path: Path) -> None:
    free = Kept("free", frozenset({Scope.ORGANIZATION_READ}))
    reads = Kept("reads", frozenset({Scope.USAGE_READ}))
    keep(tmp_path, free, reads)
    with running(tmp_path) as server:
        assert _asked(server, free) == 200
        assert _asked(server, reads) == 401


def _asked(server: Server, key: Kept) -> int:
    headers = {"Authorization": f"Bearer {key.secret}"}
    return server.http.get("/v1/doctor", headers=headers).status_code
