"""``tallybook backup``, ``verify`` and ``restore``, as people run them, against a real server."""

import shutil
import threading
from pathlib import Path

import msgspec
import pytest

from backup.keeping import files
from faults.book import client_of, make_events, post, seeded
from support.command import run, told
from support.events import DAY, event
from support.server import ADMIN_KEY, Server, running
from tallybook.backup.manifest import read_manifest


def back_up(server: Server, target: Path) -> dict[str, object]:
    done = run("backup", target, "--url", server.address, "--key", ADMIN_KEY, "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = msgspec.json.decode(done.stdout)
    return found


@pytest.fixture
def backed_up(tmp_path: Path) -> Path:
    """A backup of two days, each with an event."""
    target = tmp_path / "backup"
    with running(tmp_path / "data") as server:
        server.post([event(id="a"), event(id="b", time=DAY + 86_400)])
        back_up(server, target)
    return target


def test_a_running_server_is_backed_up_and_only_what_changed_is_written_again(
    tmp_path: Path,
) -> None:
    target = tmp_path / "backup"
    with running(tmp_path / "data") as server:
        server.post([event(id="a"), event(id="b", time=DAY + 86_400)])
        back_up(server, target)
        before = files(target)
        server.post(event(id="c", time=DAY + 86_400))
        assert back_up(server, target)["events"] == 3
        entries = server.http.get("/v1/organization/audit_logs").json()["data"]
    assert [entry["type"] for entry in entries].count("backup.taken") == 2
    after = files(target)
    first, second = (
        sorted(path for path in each if path.startswith("days")) for each in (before, after)
    )
    assert first[0] == second[0]
    assert first[1] != second[1]
    assert len(second) == 2
    done = run("restore", target, "--data", tmp_path / "copy")
    assert done.returncode == 0, done.stderr
    for day in read_manifest(target).days:
        assert f"{day.day}  {day.digest}" in done.stdout
    with running(tmp_path / "copy") as server:
        listed = server.http.get("/v1/events").json()["data"]
        assert sorted(each["id"] for each in listed) == ["a", "b", "c"]


def test_a_folder_is_backed_up_without_a_server(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        server.post(event())
    done = run("backup", tmp_path / "backup", "--data", tmp_path / "data")
    assert done.returncode == 0, done.stderr
    assert run("verify", tmp_path / "backup").returncode == 0


def test_verify_names_the_file_that_is_damaged(backed_up: Path) -> None:
    assert run("verify", backed_up).returncode == 0
    for file in read_manifest(backed_up).files:
        path = backed_up / file.path
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        done = run("verify", backed_up, "--json")
        assert done.returncode == 1
        assert [each["path"] for each in msgspec.json.decode(done.stdout)["damaged"]] == [file.path]
        path.write_bytes(whole)


def test_a_damaged_or_unfinished_backup_is_not_restored(backed_up: Path, tmp_path: Path) -> None:
    path = backed_up / read_manifest(backed_up).days[0].file.path
    whole = path.read_bytes()
    path.unlink()
    done = run("restore", backed_up, "--data", tmp_path / "copy")
    assert done.returncode == 1
    assert f"{path.relative_to(backed_up)} is missing" in told(done)
    path.write_bytes(whole)
    (backed_up / "manifest.json").unlink()
    done = run("restore", backed_up, "--data", tmp_path / "copy")
    assert done.returncode == 1
    assert "is no backup" in told(done)
    assert not (tmp_path / "copy").exists()


def test_a_backup_is_restored_into_an_empty_folder_alone(backed_up: Path, tmp_path: Path) -> None:
    before = files(tmp_path / "data")
    done = run("restore", backed_up, "--data", tmp_path / "data")
    assert done.returncode == 1
    assert "is there and not empty" in told(done)
    assert files(tmp_path / "data") == before


def test_a_folder_of_other_things_is_not_taken_for_a_target(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter.txt").write_text("dear")
    with running(tmp_path / "data") as server:
        done = run("backup", tmp_path / "home", "--url", server.address, "--key", ADMIN_KEY)
    assert done.returncode == 1
    assert "letter.txt" in told(done)
    assert files(tmp_path / "home") == {"letter.txt": b"dear"}


def test_what_was_acknowledged_before_is_in_a_backup_taken_under_load(tmp_path: Path) -> None:
    """Eight threads post; of each, what is in the backup is a beginning of what it posted."""
    posters, stopped = 8, threading.Event()
    acknowledged: list[list[str]] = [[] for _ in range(posters)]
    enough = threading.Barrier(posters + 1)

    with running(tmp_path / "data") as server:

        def work(number: int) -> None:
            chance = seeded(f"backup.{number}")
            with client_of(server) as client:
                turn = 0
                while not stopped.is_set():
                    batch = make_events(chance, f"{number}_{turn}", 50)
                    assert post(client, batch, whole=True).status_code == 200
                    acknowledged[number].append(f"{number}_{turn}")
                    turn += 1
                    if turn == 5:
                        enough.wait()

        threads = [threading.Thread(target=work, args=(number,)) for number in range(posters)]
        for thread in threads:
            thread.start()
        enough.wait()
        before = [list(each) for each in acknowledged]
        back_up(server, tmp_path / "backup")
        stopped.set()
        for thread in threads:
            thread.join(60)
    assert run("verify", tmp_path / "backup").returncode == 0
    assert run("restore", tmp_path / "backup", "--data", tmp_path / "copy").returncode == 0
    lines = run("export", "--data", tmp_path / "copy").stdout.splitlines()
    ids = [msgspec.json.decode(line)["id"] for line in lines]
    assert len(ids) == len(set(ids))
    found = {name.removeprefix("req_").rpartition("_")[0] for name in ids}
    assert len(ids) == 50 * len(found)
    for number in range(posters):
        stored = [turn for turn in acknowledged[number] if turn in found]
        assert set(before[number]) <= set(stored)
        assert stored == acknowledged[number][: len(stored)]


def test_a_backup_that_fails_midway_leaves_the_one_before_it(
    backed_up: Path, tmp_path: Path
) -> None:
    before = files(backed_up)
    shutil.copytree(tmp_path / "data", tmp_path / "later")
    (backed_up / "tables").chmod(0o700)
    with running(tmp_path / "later") as server:
        server.post(event(id="c", time=DAY + 3 * 86_400))
        # A part of what is to be written cannot be.
        blocker = backed_up / "days"
        blocker.rename(backed_up / ".days")
        blocker.write_text("in the way")
        done = run("backup", backed_up, "--url", server.address, "--key", ADMIN_KEY)
        assert done.returncode == 1
        blocker.unlink()
        (backed_up / ".days").rename(blocker)
    kept = files(backed_up)
    assert {path: kept[path] for path in before} == before
    assert run("verify", backed_up).returncode == 0
