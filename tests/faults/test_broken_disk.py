"""The layer beneath a process: it sees every write and sync, and a power cut takes what it should.

A fault suite whose hand touches nothing would find nothing, so the hand is tested first.
"""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from faults.book import client_of, make_events, post, post_all, seeded
from faults.broken_disk import SYNC, WRITE, BrokenDisk, can_build
from faults.power import HEAD, Loss, cut
from support.events import DAY
from support.needs import require
from support.server import running

# Writes twelve pages: eight, a sync, and four that nobody syncs; and a removed and a new file.
_WRITER = """
import os, sys
folder = sys.argv[1]
file = os.open(folder + "/file", os.O_RDWR | os.O_CREAT | os.O_APPEND)
os.write(file, b"a" * 4096 * 8)
os.fdatasync(file)
os.write(file, b"b" * 4096 * 4)
os.pwrite(file, b"c" * 4096, 0)
other = os.open(folder + "/other", os.O_RDWR | os.O_CREAT)
os.write(other, b"d" * 100)
os._exit(9)
"""


@pytest.fixture
def broken(tmp_path: Path) -> BrokenDisk:
    require("gcc, to build what breaks disks", present=can_build())
    (tmp_path / "data").mkdir()
    return BrokenDisk(tmp_path / "data", tmp_path / "beside")


def run(code: str, broken: BrokenDisk, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", code, str(broken.data), *arguments],
        env=os.environ | broken.environment(journal=True),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_a_power_cut_takes_all_that_was_not_synced(broken: BrokenDisk) -> None:
    assert run(_WRITER, broken).returncode == 9
    file = broken.data / "file"
    assert file.stat().st_size == 4096 * 12 + 4096
    assert cut(broken.journal, Loss.ALL, seeded("all")) == 2
    assert file.read_bytes() == b"a" * 4096 * 8
    assert (broken.data / "other").read_bytes() == b""


def test_a_power_cut_takes_pages_by_chance_and_none_that_was_synced(broken: BrokenDisk) -> None:
    outcomes = set()
    for number in range(12):
        for path in broken.data.iterdir():
            path.unlink()
        run(_WRITER, broken)
        cut(broken.journal, Loss.PAGES, seeded(f"pages {number}"))
        content = (broken.data / "file").read_bytes()
        assert content[4096 : 4096 * 8] == b"a" * 4096 * 7
        assert set(content[4096 * 8 :]) <= set(b"bc\0")
        outcomes.add(content)
    assert len(outcomes) > 3


def test_a_name_that_was_removed_may_come_back(broken: BrokenDisk) -> None:
    (broken.data / "log").write_bytes(b"what was logged")
    code = "import os, sys; os.unlink(sys.argv[1] + '/log'); os._exit(9)"
    assert run(code, broken).returncode == 9
    assert not (broken.data / "log").exists()
    cut(broken.journal, Loss.ALL, seeded("removed"))
    assert (broken.data / "log").read_bytes() == b"what was logged"


def test_a_clock_is_moved_and_no_other(broken: BrokenDisk) -> None:
    broken.tell(clock_offset_us=(DAY * 1_000_000))
    code = "import time; print(time.time() > 2e9, time.monotonic() < 1e9)"
    assert run(code, broken).stdout.split() == ["True", "True"]


def test_every_write_and_sync_of_a_server_goes_through_the_layer(broken: BrokenDisk) -> None:
    """The engine's and the organization's, or a power cut would take nothing of theirs."""
    environment = broken.environment(journal=True)
    with running(broken.data, environment) as server, client_of(server) as client:
        for path, call in (
            ("/v1/events", lambda: post_all(client, make_events(seeded("layer"), "layer", 300))),
            (
                "/v1/organization/projects",
                lambda: client.post("/v1/organization/projects", json={"name": "atlas"}),
            ),
        ):
            before = broken.counted("writes"), broken.counted("syncs")
            call()
            after = broken.counted("writes"), broken.counted("syncs")
            assert after[0] > before[0], path
            assert after[1] > before[1], path
        server.kill()
    journal = broken.journal.read_bytes()
    for name in (b"ledger.duckdb.wal", b"organization.sqlite-wal"):
        assert name in journal


def test_a_server_that_did_not_sync_would_be_found_out(broken: BrokenDisk) -> None:
    """The negative: what is said to be synced and is not is lost, so that a cut tells the two."""
    with running(broken.data, broken.environment(journal=True)) as server:
        with client_of(server) as client:
            post_all(client, make_events(seeded("negative"), "negative", 50))
        server.kill()
    journal = broken.journal
    records = journal.read_bytes()
    # The journal of a server that never syncs: what it says of syncs is passed over.
    journal.write_bytes(_without_syncs(records))
    assert cut(journal, Loss.ALL, seeded("negative")) > 0
    wal = broken.data / "ledger.duckdb.wal"
    assert not wal.exists() or wal.stat().st_size == 0


def _without_syncs(records: bytes) -> bytes:
    found, place = b"", 0
    while place + HEAD.size <= len(records):
        kind, path_bytes, *_, kept = HEAD.unpack_from(records, place)
        stop = place + HEAD.size + path_bytes + kept
        if kind != 2:
            found += records[place:stop]
        place = stop
    return found


@pytest.mark.parametrize("call", [WRITE, SYNC], ids=["writes", "syncs"])
def test_a_disk_fails_as_it_is_told(broken: BrokenDisk, call: int) -> None:
    events = make_events(seeded("fails"), "fails", 50)
    environment = broken.environment(journal=False)
    with running(broken.data, environment) as server, client_of(server) as client:
        broken.tell(fail_errno=errno.EIO, fail_every=1, fail_calls=call)
        answer = post(client, events)
        assert answer.status_code == 503, answer.text
        assert broken.counted("failed") > 0
        broken.heal()
        post_all(client, events)
