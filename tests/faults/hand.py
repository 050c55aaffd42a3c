"""The hand that breaks things: a table of faults, each of which ends with a server that is down.

Every other ``kill -9`` is a power cut too (``power.py``): what was written and not synced is lost.
A fault is a function of a stage and of chance. It starts what it needs, strikes,
and leaves the rest to ``Stage.recover``, which starts again and holds all that
is there against the model. To add one is to add its row to ``FAULTS``.
"""

import errno
import random
import shutil
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

import httpx2

from faults.book import client_of, encode
from faults.broken_disk import SYNC, TRUNCATE, WRITE
from faults.callers import RUDE, join
from faults.disk import MIB
from faults.model import everything
from faults.old_folders import make_older
from faults.stage import DISK_BYTES, Stage, pause
from faults.workload import MICROSECONDS, EventData, make_events
from support.events import DAY
from support.server import Server
from tallybook.backup.checking import faults_of
from tallybook.backup.manifest import read_manifest

# Aimed: how long these take at least, so that a moment by chance falls into them.
_START_SECONDS = 1.6
_REPRICE_SECONDS = 0.25
_VOID_SECONDS = 0.15
_BACKUP_SECONDS = 1.0
_SEAL_AFTER_SECONDS = 2.0
_SEAL_SECONDS = 0.6
_FULL_AFTER_REFUSALS = 6
_VOIDED = 20
_FULL_SECONDS_MAX = 20.0
_HOUR_US = 3_600 * MICROSECONDS


class Fault(NamedTuple):
    """A row of the table.

    ``killed`` tells whether it ends in ``kill -9``, ``needs`` what it cannot do
    without (``layer``, ``disk``), ``weight`` how often it is drawn among those
    that kill, and ``may_keep_refused`` that a request it had refused may be stored.
    """

    name: str
    strike: Callable[[Stage, random.Random, str], None]
    killed: bool = True
    needs: str = ""
    weight: int = 1
    may_keep_refused: bool = False


def while_storing(stage: Stage, random_: random.Random, seed: str) -> None:
    """``kill -9`` at a random moment of being posted to."""
    server = stage.start(random_)
    with stage.calling(server, seed):
        stage.wait_for_answers(random_.randrange(24))
        pause(random_.uniform(0.0, 0.1))
        stage.kill(random_)


def while_sealing(stage: Stage, random_: random.Random, seed: str) -> None:
    """``kill -9`` about when hours are folded: two seconds after the start, with events late."""
    server = _with_more(stage, random_, seed)
    with stage.calling(server, seed):
        pause(random_.uniform(0.0, 0.2))
    pause(_SEAL_AFTER_SECONDS - 0.4 + random_.uniform(0.0, _SEAL_SECONDS))
    stage.kill(random_)


def while_sealing_by_command(stage: Stage, random_: random.Random, seed: str) -> None:
    """``tallybook seal``, killed: with many hours that are not sealed."""
    _with_more(stage, random_, seed)
    stage.stop()
    process = stage.command("seal", **stage.environment(random_))
    pause(random_.uniform(0.3, 0.9) * max(_START_SECONDS, stage.ready_seconds))
    process.kill()
    process.wait()
    stage.maybe_cut(random_)


def while_repricing(stage: Stage, random_: random.Random, seed: str) -> None:
    """``kill -9`` while every event gets another price: all have it after that, or none."""
    server = _with_more(stage, random_, seed)
    old, new = stage.model.prices, 1 - stage.model.prices
    stage.write_prices(new)

    def reprice() -> None:
        try:
            with client_of(server) as client:
                _reprice(client)
        except httpx2.TransportError:
            pass

    asking = threading.Thread(target=reprice, daemon=True)
    asking.start()
    pause(random_.uniform(0.0, _REPRICE_SECONDS))
    stage.kill(random_)
    asking.join()
    with client_of(stage.start(random_)) as client:
        stage.model.assert_priced(client, random_, old, new)
        answer = _reprice(client)
        assert answer.status_code == 200, answer.text
        stage.model.prices = new
        stage.model.assert_priced(client, random_, new)
    stage.kill(random_)


def while_voiding(stage: Stage, random_: random.Random, seed: str) -> None:
    """``kill -9`` while events are voided: all that were named have left the sums, or none."""
    server = _with_more(stage, random_, seed)
    events = random_.sample(stage.model.stored, k=min(_VOIDED, len(stage.model.events)))
    answers: list[httpx2.Response] = []

    def void() -> None:
        try:
            with client_of(server) as client:
                answers.append(_void(client, events))
        except httpx2.TransportError:
            pass

    asking = threading.Thread(target=void, daemon=True)
    asking.start()
    pause(random_.uniform(0.0, _VOID_SECONDS))
    stage.kill(random_)
    asking.join()
    with client_of(stage.start(random_)) as client:
        marked = {event["id"] for event in everything(client, voided="only")}
        named = {event["id"] for event in events}
        assert named <= marked or not named & marked, "a part of them is voided"
        acknowledged = any(answer.status_code == 200 for answer in answers)
        assert named <= marked or not acknowledged, "what was said to be voided counts"
        answer = _void(client, events)
        assert answer.status_code == 200, answer.text
    for event in events:
        del stage.model.events[event["id"], event["time"]]
    stage.kill(random_)


def while_backing_up(stage: Stage, random_: random.Random, seed: str) -> None:
    """A second backup, whose server or command is killed: the first stays whole, or it is there."""
    target = stage.folder / f"backup-{seed}"
    process = stage.backing_up(_with_more(stage, random_, seed), target)
    assert process.wait() == 0
    whole = read_manifest(target)
    server = _with_more(stage, random_, f"{seed}.again")
    with stage.calling(server, seed):
        process = stage.backing_up(server, target)
        pause(random_.uniform(0.5, 0.5 + _BACKUP_SECONDS))
        if random_.random() < 0.5:
            process.kill()
        stage.kill(random_)
        process.wait()
    assert faults_of(target) == []
    assert process.returncode == 0 or read_manifest(target) == whole
    shutil.rmtree(target)


def while_migrating(stage: Stage, random_: random.Random, seed: str) -> None:
    """A folder of an older version, killed while it is brought to this one."""
    _with_more(stage, random_, seed)
    stage.stop()
    version = make_older(stage.data, random_)
    _kill_at_start(stage, random_, times=1 + version % 2)


def while_starting(stage: Stage, random_: random.Random, seed: str) -> None:
    """``kill -9`` while storing, and again while what that left is read at the next start."""
    while_storing(stage, random_, seed)
    _kill_at_start(stage, random_, times=random_.randrange(1, 3))


def while_stopping(stage: Stage, random_: random.Random, seed: str) -> None:
    """SIGTERM while it is posted to, and SIGKILL before it has stopped."""
    server = stage.start(random_)
    with stage.calling(server, seed):
        stage.wait_for_answers(random_.randrange(12))
        server.process.terminate()
        pause(random_.uniform(0.0, 0.5))
        stage.kill(random_)


def slow_disk(stage: Stage, random_: random.Random, seed: str) -> None:
    """Every sync takes 20 to 200 ms; killed in the middle of it."""
    server = stage.start(random_)
    assert stage.broken is not None
    stage.broken.tell(sync_delay_us=random_.randrange(20_000, 200_000))
    with stage.calling(server, seed), client_of(server) as client:
        stage.wait_for_answers(random_.randrange(6))
        assert client.get("/healthz").status_code == 200
        pause(random_.uniform(0.0, 0.2))
        stage.kill(random_)
    stage.broken.heal()


def full_disk(stage: Stage, random_: random.Random, seed: str) -> None:
    """A disk that fills up under it: refused with 507 or 503, then killed, stopped, or healed."""
    assert stage.disk is not None
    if stage.server is not None:
        stage.stop()
    server = stage.start(random_, journal=False)
    free = stage.disk.free_bytes
    stage.disk.resize(DISK_BYTES - free + random_.randrange(MIB // 4, 2 * MIB))
    try:
        with stage.calling(server, seed) as callers:
            waited = threading.Event()
            for _ in range(int(_FULL_SECONDS_MAX / 0.05)):
                refused = [s for s in tuple(stage.record.statuses) if s in (503, 507)]
                if len(refused) >= _FULL_AFTER_REFUSALS:
                    break
                waited.wait(0.05)
            else:
                raise AssertionError("the disk does not fill")
            match random_.randrange(3):
                case 0:
                    stage.kill(random_)
                case 1:
                    join(callers, stop=True)
                    stage.stop()
                case _:
                    stage.disk.resize(DISK_BYTES)
                    pause(random_.uniform(0.0, 0.3))
        if stage.server is None and random_.random() < 0.5:
            _start_on_a_full_disk(stage, random_)
    finally:
        stage.disk.resize(DISK_BYTES)
    assert set(stage.record.statuses) <= {200, 207, 400, 409, 503, 507}, stage.record.statuses


def failing_disk(stage: Stage, random_: random.Random, seed: str) -> None:
    """Each so-manieth write, sync or truncation fails with EIO or ENOSPC, for a while."""
    server = stage.start(random_)
    assert stage.broken is not None
    stage.broken.tell(
        matched=0,
        fail_errno=random_.choice((errno.EIO, errno.ENOSPC)),
        fail_first=random_.randrange(6),
        fail_every=random_.choice((0, 3, 5, 11)),
        fail_calls=random_.choice((WRITE, SYNC, TRUNCATE, WRITE | SYNC | TRUNCATE)),
    )
    with stage.calling(server, seed):
        stage.wait_for_answers(random_.randrange(2, 24))
        if random_.random() < 0.5:
            stage.kill(random_)
        stage.broken.heal()


def short_writes(stage: Stage, random_: random.Random, seed: str) -> None:
    """Each so-manieth write writes half of what it was given, as it may."""
    server = stage.start(random_)
    assert stage.broken is not None
    stage.broken.tell(shorten_every=random_.choice((1, 2, 3, 7)))
    with stage.calling(server, seed):
        stage.wait_for_answers(random_.randrange(24))
        stage.kill(random_)
    stage.broken.heal()


def jumping_clock(stage: Stage, random_: random.Random, seed: str) -> None:
    """The clock goes hours ahead, back, or to before every event; hours are sealed meanwhile."""
    server = stage.start(random_)
    assert stage.broken is not None
    with stage.calling(server, seed) as callers:
        stage.wait_for_answers(6)
        hours = random_.choice((-26, -2, 2, 26, 24 * 400))
        stage.broken.tell(clock_offset_us=hours * _HOUR_US)
        stage.wait_for_answers(len(stage.record.statuses) + 6)
        join(callers, stop=True)
    if random_.random() < 0.4:
        # Before the newest events, and so before what is sealed.
        stage.broken.tell(clock_offset_us=(DAY - 86_400) * MICROSECONDS - _now_us())
        with client_of(server) as client:
            answer = client.post("/v1/events", content=encode(stage.model.stored[:50]))
            assert answer.status_code < 500, answer.text
            assert client.get("/healthz").status_code == 200
    if random_.random() < 0.5:
        pause(_SEAL_AFTER_SECONDS)
    stage.kill(random_)
    if random_.random() < 0.5:
        # A start by the wrong clock, too.
        stage.start(random_)
        stage.kill(random_)
    stage.broken.heal()


def cut_connections(stage: Stage, random_: random.Random, seed: str) -> None:
    """Connections that end in mid-body or before the answer, and requests sent twice at once."""
    server = stage.start(random_)
    with stage.calling(server, seed, RUDE) as callers:
        stage.wait_for_answers(random_.randrange(6, 20))
        join(callers, stop=True)


def _with_more(stage: Stage, random_: random.Random, seed: str) -> Server:
    """A server with some more events than it has sealed."""
    server = stage.start(random_)
    events = make_events(random_, f"{seed}.more", 400)
    with client_of(server) as client:
        answer = client.post("/v1/events", content=encode(events))
        assert answer.status_code == 200, answer.text
    stage.model.events |= {(event["id"], event["time"]): event for event in events}
    return server


def _start_on_a_full_disk(stage: Stage, random_: random.Random) -> None:
    """Up again and to be read; or it says why not, in the one sentence."""
    try:
        server = stage.start(random_, journal=False)
    except AssertionError as refusal:
        said = str(refusal)
    else:
        with client_of(server) as client:
            assert client.get("/healthz").status_code == 200
        stage.kill(random_)
        return
    assert "full" in said or "No space left" in said, said
    assert "Traceback" not in said, said


def _now_us() -> int:
    return time.time_ns() // 1_000


def _kill_at_start(stage: Stage, random_: random.Random, *, times: int) -> None:
    for _ in range(times):
        process = stage.launch(random_)
        pause(random_.uniform(0.2, 1.0) * max(_START_SECONDS, stage.ready_seconds))
        process.kill()
        process.wait()
        stage.maybe_cut(random_)


def _void(client: httpx2.Client, events: list[EventData]) -> httpx2.Response:
    named = [{"id": event["id"], "time": event["time"]} for event in events]
    return client.post("/v1/events/void", json={"events": named, "reason": "counted twice"})


def _reprice(client: httpx2.Client) -> httpx2.Response:
    wish = {"since": DAY, "apply": True, "why": "other prices"}
    return client.post("/v1/prices/repricings", json=wish)


# What else can be broken has its row here.
FAULTS: tuple[Fault, ...] = (
    Fault("kill -9 while events are stored", while_storing, weight=8),
    Fault("kill -9 while hours are sealed", while_sealing, weight=2),
    Fault("kill -9 of tallybook seal", while_sealing_by_command),
    Fault("kill -9 while events are priced again", while_repricing, weight=2),
    Fault("kill -9 while events are voided", while_voiding, weight=2),
    Fault("kill -9 while a backup is taken", while_backing_up),
    Fault("kill -9 while an older folder is upgraded", while_migrating, weight=2),
    Fault("kill -9 while it starts", while_starting, weight=2),
    Fault("kill -9 while it stops", while_stopping, weight=2),
    Fault("kill -9 on a slow disk", slow_disk, needs="layer"),
    Fault("kill -9 after short writes", short_writes, needs="layer"),
    Fault("disk full", full_disk, killed=False, needs="disk"),
    Fault(
        "disk fails now and then (EIO, ENOSPC)",
        failing_disk,
        killed=False,
        needs="layer",
        may_keep_refused=True,
    ),
    Fault("clock jumps", jumping_clock, killed=False, needs="layer"),
    Fault("connections cut, requests sent twice", cut_connections, killed=False),
)
