"""Crashes, forks and ends of processes: what was reported as kept reaches the server once."""

import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from client.recording.quick import EVENT, IMPATIENT, KEY, QUICK, adds_up, recording
from support.ledger_stand_in import StandIn, failing, standing_in
from support.server import INGEST_KEY, Server
from tallybook.client.recording.recorder import Recorder

LONG = os.environ.get("TALLYBOOK_LONG") == "1"
ROUNDS = 200 if LONG else 20
WAIT_SECONDS = 20

# An application that records without end, and says what its recorder has reported as kept.
APPLICATION = """
import sys
from client.recording.quick import EVENT, IMPATIENT, KEY, QUICK
from tallybook.client.recording.recorder import Recorder
address, spool, name = sys.argv[1:]
recorder = Recorder(address, KEY, spool=spool, limits=QUICK, retry=IMPATIENT)
for number in range(10_000_000):
    recorder.record({**EVENT, "id": f"{name}-{number}", "time": 1_790_845_261})
    if number % 50 == 0:
        count = recorder.counters
        print(count.sent + count.duplicates + count.spooled - count.adopted, flush=True)
"""


def application(address: str, spool: Path, name: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", APPLICATION, address, str(spool), name],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdout=subprocess.PIPE,
        text=True,
    )


def eventually(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not true():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


def ids_of(stand_in: StandIn, name: str) -> list[int]:
    """The numbers that an application's events had, as they were stored."""
    found = (each.rpartition("-") for each, _ in stand_in.stored)
    return sorted(int(number) for owner, _, number in found if owner == name)


@pytest.mark.parametrize("away", [False, True], ids=["server there", "server away"])
def test_kill_9_loses_nothing_that_was_reported_and_doubles_nothing(
    tmp_path: Path, away: bool
) -> None:
    chance = random.Random(4)  # noqa: S311 - a seed, to be run again
    with standing_in() as stand_in:
        reported = {}
        for round_number in range(ROUNDS // 2):
            stand_in.behaviour = failing(500) if away else stand_in.store
            name = f"app{round_number}"
            process = application(stand_in.address, tmp_path, name)
            assert process.stdout is not None
            for _ in range(chance.randrange(1, 60)):
                reported[name] = int(process.stdout.readline())
            process.send_signal(signal.SIGKILL)
            rest, _ = process.communicate()
            if whole := rest.splitlines()[:-1]:
                reported[name] = int(whole[-1])
        stand_in.behaviour = stand_in.store
        with recording(stand_in.address, tmp_path) as following:
            eventually(lambda: not list(tmp_path.rglob("*.ndjson")))
            assert adds_up(following)
        assert len(set(stand_in.stored)) == len(stand_in.stored)
        for name, least in reported.items():
            numbers = ids_of(stand_in, name)
            # The first so many, without a gap: order is kept, and what is lost is the newest.
            assert numbers == list(range(len(numbers)))
            assert len(numbers) >= least


def test_a_forked_child_sends_its_own_events_and_the_parent_its_own(tmp_path: Path) -> None:
    with standing_in() as stand_in:
        with recording(stand_in.address, tmp_path, batch_seconds=30) as recorder:
            recorder.record({**EVENT, "id": "parent-1", "time": 1})
            child = os.fork()
            if not child:
                # Whatever happens, the child must not go on with the tests.
                try:
                    recorder.record({**EVENT, "id": "child-1", "time": 1})
                    counted = recorder.counters.recorded == 1
                    os._exit(0 if counted and recorder.flush(10) else 1)
                finally:
                    os._exit(2)
            _, status = os.waitpid(child, 0)
            assert os.waitstatus_to_exitcode(status) == 0
            recorder.record({**EVENT, "id": "parent-2", "time": 1})
            assert recorder.flush()
            assert recorder.counters.recorded == 2
        assert sorted(each for each, _ in stand_in.stored) == ["child-1", "parent-1", "parent-2"]


def test_forks_while_every_lock_is_in_use_do_not_hang(tmp_path: Path) -> None:
    with standing_in() as stand_in, recording(stand_in.address, tmp_path) as recorder:
        ending = threading.Event()

        def busy() -> None:
            while not ending.is_set():
                recorder.record(EVENT)
                recorder.counters  # noqa: B018 - it takes the lock

        threads = [threading.Thread(target=busy) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(20):
                child = os.fork()
                if not child:
                    try:
                        recorder.record(EVENT)
                        os._exit(0 if recorder.counters.recorded == 1 else 1)
                    finally:
                        os._exit(2)
                _, status = os.waitpid(child, 0)
                assert os.waitstatus_to_exitcode(status) == 0
        finally:
            ending.set()
            for thread in threads:
                thread.join()
        assert recorder.flush(60)


def _work(number: int) -> int:
    assert _shared is not None
    _shared.record({**EVENT, "id": f"worker-{number}", "time": 1})
    return os.getpid()


_shared: Recorder | None = None


def test_workers_of_multiprocessing_send_what_they_recorded_when_they_end(tmp_path: Path) -> None:
    global _shared  # noqa: PLW0603 - what workers of a fork share
    with standing_in() as stand_in, recording(stand_in.address, tmp_path) as recorder:
        _shared = recorder
        pool = multiprocessing.get_context("fork").Pool(3)
        pool.map(_work, range(30))
        pool.close()
        pool.join()
        eventually(lambda: len(stand_in.stored) == 30)
        assert sorted({each for each, _ in stand_in.stored}) == sorted(
            f"worker-{number}" for number in range(30)
        )
        _shared = None


def _work_alone(address: str, spool: Path) -> None:
    recorder = Recorder(address, KEY, spool=spool, limits=QUICK, retry=IMPATIENT)
    recorder.record({**EVENT, "id": "alone", "time": 1})


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_worker_that_makes_a_recorder_of_its_own_sends_its_events_when_it_ends(
    tmp_path: Path, method: str
) -> None:
    with standing_in() as stand_in:
        pool = multiprocessing.get_context(method).Pool(1)
        pool.apply(_work_alone, (stand_in.address, tmp_path))
        pool.close()
        pool.join()
        assert [each for each, _ in stand_in.stored] == ["alone"]


def test_a_child_of_a_forked_child_is_a_process_of_its_own(tmp_path: Path) -> None:
    def descend(recorder: Recorder, generation: int) -> int:
        """Record, and let a child do the same; the exit status of the last one."""
        recorder.record({**EVENT, "id": f"generation-{generation}", "time": 1})
        if generation < 3:
            child = os.fork()
            if child:
                _, status = os.waitpid(child, 0)
                below = os.waitstatus_to_exitcode(status)
                return below if recorder.flush(WAIT_SECONDS) else 1
            os._exit(descend(recorder, generation + 1))
        return 0 if recorder.flush(WAIT_SECONDS) and recorder.counters.sent == 1 else 1

    with standing_in() as stand_in, recording(stand_in.address, tmp_path) as recorder:
        assert descend(recorder, 0) == 0
        assert sorted(each for each, _ in stand_in.stored) == [
            f"generation-{number}" for number in range(4)
        ]


def test_a_child_that_records_nothing_connects_to_nothing(tmp_path: Path) -> None:
    with standing_in() as stand_in, recording(stand_in.address, tmp_path) as recorder:
        child = os.fork()
        if not child:
            try:
                idle = recorder._connection is None and not recorder._pipeline._threads
                os._exit(0 if idle else 1)
            finally:
                os._exit(2)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 0


# Records in a handler that interrupts recording, as often as signals come.
INTERRUPTED = """
import signal, sys
from client.recording.quick import EVENT, KEY, QUICK
from tallybook.client.recording.recorder import Recorder
recorder = Recorder(sys.argv[1], KEY, spool=None, limits=QUICK)
nonsense, interruptions = {**EVENT, "id": object()}, 0
def interrupt(*_):
    global interruptions
    interruptions += 1
    recorder.record(EVENT)
    recorder.record(nonsense)
signal.signal(signal.SIGALRM, interrupt)
signal.setitimer(signal.ITIMER_REAL, 0.0002, 0.0002)
calls = 0
while interruptions < 500:
    calls += 1
    recorder.record(EVENT)
    recorder.record(nonsense)
signal.setitimer(signal.ITIMER_REAL, 0)
count = recorder.counters
assert count.recorded == count.invalid == calls + interruptions, (count, calls, interruptions)
assert recorder.flush(60)
print("whole")
"""


def test_a_signal_handler_may_record_whatever_it_interrupts() -> None:
    with standing_in() as stand_in:
        done = subprocess.run(
            [sys.executable, "-c", INTERRUPTED, stand_in.address],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            check=False,
            timeout=120,
        )
    assert done.stdout == "whole\n"


def test_the_end_of_a_program_sends_what_it_recorded_last(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from client.recording.quick import EVENT, KEY\n"
        "from tallybook.client.recording.recorder import Recorder\n"
        "recorder = Recorder(sys.argv[1], KEY, spool=sys.argv[2])\n"
        "recorder.record({**EVENT, 'id': 'last', 'time': 1})\n"
    )
    with standing_in() as stand_in:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", program, stand_in.address, str(tmp_path)],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == ""
        assert [each for each, _ in stand_in.stored] == ["last"]


def test_a_hundred_thousand_events_from_eight_threads_are_in_the_ledger_once(
    server: Server, tmp_path: Path
) -> None:
    count, threads = 100_000, 8
    with Recorder(server.address, INGEST_KEY, spool=tmp_path) as recorder:

        def run(number: int) -> None:
            for place in range(number, count, threads):
                recorder.record({**EVENT, "id": f"t-{place}", "user_id": f"user-{number}"})

        running = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
        assert recorder.flush(120)
        assert recorder.counters.sent == count
        assert adds_up(recorder)
    page = server.usage("completions", start_time=int(time.time()) - 86_400, group_by="user_id")
    rows = [row for bucket in page.json()["data"] for row in bucket["results"]]
    by_user: dict[str, int] = {}
    for row in rows:
        by_user[row["user_id"]] = by_user.get(row["user_id"], 0) + row["num_model_requests"]
    assert by_user == {f"user-{number}": count // threads for number in range(threads)}


def test_a_line_in_the_refused_file_can_be_recorded_again_once_it_is_mended(
    server: Server, tmp_path: Path
) -> None:
    with Recorder(
        server.address, INGEST_KEY, spool=tmp_path, limits=QUICK, retry=IMPATIENT
    ) as recorder:
        recorder.record({**EVENT, "input_cached_tokens": 4})
        assert recorder.flush()
        assert recorder.counters.rejected == 1
        assert recorder.spool is not None
        kept = json.loads((recorder.spool / "refused.ndjson").read_text())
        assert kept["field"] == "input_cached_tokens"
        recorder.record({**kept["event"], "input_cached_tokens": 3})
        assert recorder.flush()
        assert recorder.counters.sent == 1
