"""Where a round plays: a data folder, what is known of it, and a server that comes and goes."""

import os
import random
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Self

import httpx2

from faults.book import client_of, encode
from faults.broken_disk import BrokenDisk, can_build
from faults.callers import WAYS, Caller, Record, Way, join, start_callers
from faults.disk import MIB, Disk, can_mount, mounted
from faults.model import Model
from faults.power import Loss, cut
from faults.workload import PRICE_LISTS
from support.cost_prices import price_file
from support.prices import source
from support.sealing import opened, wrong
from support.server import ADMIN_KEY, INGEST_KEY, Server
from tallybook.ledger.duckdb.files import FILE_NAME
from tallybook.ledger.duckdb.torn_log import COMMITTED

# Room for a folder's whole life; the disk is made smaller where it is to be full.
DISK_BYTES = 1_024 * MIB
# A folder is left for a new one when it has so many events: a loop over them takes its time.
EVENTS_MAX = 6_000
_DAMAGED = re.compile(r"Corrupt WAL file: entry at byte position (\d+)")
_ANSWERS_SECONDS_MAX = 10.0
_SMALL_LOG = {"TALLYBOOK_LOG_BYTES_MAX": str(MIB)}
_AT_ONCE = {"TALLYBOOK_SEAL_GRACE_SECONDS": "0"}


class Recovery(NamedTuple):
    """What there was after a fault."""

    ready_seconds: float
    hours_sealed: int
    survived: int
    events: int


class Stage:
    """A data folder, the model of what is in it, and at most one server on it."""

    def __init__(self, folder: Path, disk: Disk | None) -> None:
        self.folder = folder
        self.disk = disk
        self.lives = 0
        self.broken = BrokenDisk(folder / "data", folder / "beside") if can_build() else None
        self.ready_seconds = 0.0
        # How often a kill was a power cut too, and how much of what was not synced it took.
        self.cuts = 0
        self.lost = 0
        # How often a server did not start, and said that the end of its log is damaged.
        self.refusals = 0
        self.begin_anew()

    def begin_anew(self) -> None:
        """Leave the folder for an empty one."""
        self.lives += 1
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir()
        self.model = Model()
        self.record = Record()
        self.server: Server | None = None
        self.write_prices(0)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def write_prices(self, number: int) -> None:
        """Put one of the price lists in force; for stored events only once they are repriced."""
        text = price_file(PRICE_LISTS[number])
        made = self.folder / "prices.toml"
        made.write_text(text, encoding="utf-8")
        shutil.move(made, self.data / "prices.toml")

    def environment(self, random_: random.Random, *, journal: bool = True) -> dict[str, str]:
        """What a server is started with: by chance a small log, so that it is often worked in.

        Without a journal, what is killed never loses what it had not synced, and a removed file's
        room is free at once.
        """
        layer = self.broken.environment(journal=journal) if self.broken else {}
        return _AT_ONCE | (_SMALL_LOG if random_.random() < 0.5 else {}) | layer

    def start(self, random_: random.Random, *, journal: bool = True) -> Server:
        """Start a server and take its time, unless one runs already."""
        if self.server is None:
            environment = self.environment(random_, journal=journal)
            try:
                self.server = self._started(environment)
            except AssertionError as refusal:
                # Holes between zeros that were written cannot be told from them: it says so.
                if not self._cut_by_hand(str(refusal)):
                    raise
                self.refusals += 1
                self.server = self._started(environment)
        return self.server

    def _started(self, environment: dict[str, str]) -> Server:
        before = time.monotonic()
        server = Server(self.data, environment)
        self.ready_seconds = time.monotonic() - before
        return server

    def _cut_by_hand(self, refusal: str) -> bool:
        """What an operator does who is told of a damaged last transaction; whether it was that."""
        found = _DAMAGED.search(refusal)
        if found is None:
            return False
        log = self.data / f"{FILE_NAME}.wal"
        content = log.read_bytes()
        place = int(found[1])
        after = content.find(COMMITTED, place)
        assert after in (-1, len(content) - len(COMMITTED)), "transactions follow what is damaged"
        os.truncate(log, content.rfind(COMMITTED, 0, place) + len(COMMITTED))
        return True

    def launch(self, random_: random.Random) -> "subprocess.Popen[bytes]":
        """Start a server that nobody waits for."""
        return self.command("serve", "--port=0", **self.environment(random_))

    def command(self, *parts: str, **environment: str) -> "subprocess.Popen[bytes]":
        """Start a command on the folder."""
        return _command(*parts, "--data", str(self.data), **(_AT_ONCE | environment))

    def backing_up(self, server: Server, target: Path) -> "subprocess.Popen[bytes]":
        """Start a backup of a running server into a folder."""
        return _command("backup", str(target), "--url", server.address, "--key", ADMIN_KEY)

    @contextmanager
    def calling(
        self, server: Server, seed: str, ways: tuple[Way, ...] = WAYS
    ) -> Iterator[list[Caller]]:
        """Callers for the length of a block, which go on until their server does or it ends."""
        callers = start_callers(server, self.record, seed, self.model.stored, ways)
        try:
            yield callers
        finally:
            join(callers, stop=True)

    def wait_for_answers(self, count: int) -> None:
        """Until so many requests of this round were answered: a moment, however fast the machine.

        Or until it is clear that they will not be.
        """
        waited = threading.Event()
        deadline = time.monotonic() + _ANSWERS_SECONDS_MAX
        while len(self.record.statuses) < count and time.monotonic() < deadline:
            waited.wait(0.005)

    def kill(self, random_: random.Random) -> None:
        """End the server as ``kill -9`` does, and every other time as a power cut does."""
        assert self.server is not None
        self.server.kill()
        self.server = None
        self.maybe_cut(random_)

    def maybe_cut(self, random_: random.Random) -> None:
        """What a process that was just killed had not synced is lost, every other time."""
        if self.broken is not None and self.broken.journal.exists() and random_.random() < 0.5:
            self.cuts += 1
            self.lost += cut(self.broken.journal, random_.choice(list(Loss)), random_)

    def stop(self) -> None:
        """Stop the server in order."""
        assert self.server is not None
        assert self.server.stop() == 0, self.server.output
        self.server = None

    def recover(self, random_: random.Random, *, may_keep_refused: bool = False) -> Recovery:
        """Start again if need be, and hold everything that is there against the model."""
        crashed = self.server is None
        copy = self._copied() if crashed else None
        refusals = self.refusals
        server = self.start(random_)
        if self.refusals > refusals:
            copy = None
        with client_of(server) as client:
            survived = self.model.take_in(client, self.record, may_keep_refused=may_keep_refused)
            acknowledged = len(self.record.acknowledged)
            self.model.assert_projects(client)
            self._send_again(client, random_)
            self.model.ask(client, random_)
        hours = self._verified(copy) if copy else 0
        self.record = Record()
        return Recovery(self.ready_seconds if crashed else 0.0, hours, survived, acknowledged)

    def _send_again(self, client: httpx2.Client, random_: random.Random) -> None:
        """What was tried is sent again, in any order: all that had not been stored is now."""
        tried = [event for attempt in self.record.attempts for event in attempt.fresh]
        random_.shuffle(tried)
        if not tried:
            return
        known = self.model.events
        fresh = {(event["id"], event["time"]): event for event in tried}
        new = {identity: event for identity, event in fresh.items() if identity not in known}
        answer = client.post("/v1/events", content=encode(tried))
        assert answer.status_code == 200, answer.text
        receipt = answer.json()
        assert receipt["accepted"] == len(new), (receipt, len(new))
        assert receipt["duplicates"] == len(tried) - len(new), receipt
        self.model.events |= new

    def _copied(self) -> Path:
        """The folder as the fault left it."""
        copy = self.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.data, copy, ignore=shutil.ignore_patterns(".kept.*"))
        return copy

    def _verified(self, copy: Path) -> int:
        """Every seal that survived equals its events; how many hours are sealed."""
        with opened(copy, source(copy)) as ledger:
            assert wrong(ledger) == []
            return sum(each.hours for each in ledger.verify())

    def close(self) -> None:
        """End what runs."""
        if self.server is not None:
            self.server.kill()
            self.server = None
        if self.broken is not None:
            self.broken.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _command(*parts: str, **environment: str) -> "subprocess.Popen[bytes]":
    keys = {"TALLYBOOK_ADMIN_KEY": ADMIN_KEY, "TALLYBOOK_INGEST_KEY": INGEST_KEY}
    return subprocess.Popen(
        [sys.executable, "-m", "tallybook", *parts],
        env=os.environ | keys | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """A stage in a folder: on a disk of its own where one can be mounted."""
    folder.mkdir(parents=True, exist_ok=True)
    if can_mount(folder / "probe"):
        with mounted(folder / "disk", DISK_BYTES) as disk, Stage(disk.folder, disk) as stage:
            yield stage
    else:
        with Stage(folder, None) as stage:
            yield stage


def pause(seconds: float) -> None:
    """Not a wait for anything: the moment of the fault."""
    threading.Event().wait(seconds)
