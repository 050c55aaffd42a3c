"""Whatever happens in whatever order: the counts add up, and what was reported as kept arrives.

The pipeline without its threads: what they do in turns, this does in any order,
and between turns the server fails, the disk is full, the process is killed or
closed and another one follows.
"""

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from support.ledger_stand_in import StandIn
from tallybook.client.errors import NoAnswer, error_of
from tallybook.client.exchanges import Answer
from tallybook.client.recording.limits import Limits
from tallybook.client.recording.pipeline import Pipeline
from tallybook.client.retrying import RetryPolicy

SMALL = Limits(
    queue_events_max=8,
    queue_bytes_max=600,
    spool_bytes_max=700,
    batch_events_max=4,
    batch_bytes_max=300,
    batch_seconds=1.0,
)
SILENT = logging.getLogger("tallybook.recorder.unheard")
SILENT.addHandler(logging.NullHandler())
SILENT.propagate = False

BEHAVIOURS = st.sampled_from(["good", "good", "broken", "cut after", "small", "no key", "strange"])


class World(RuleBasedStateMachine):
    """A spool, a server, and the processes that record one after the other."""

    @initialize()
    def begin(self) -> None:
        self.folder = TemporaryDirectory()
        self.spool = Path(self.folder.name)
        self.server = StandIn()
        self.refused: set[str] = set()
        self.behaviour = "good"
        self.now = 0.0
        self.recorded = 0
        # What may be missing in the end, and how often: reported as dropped, or as in memory alone.
        self.given_up = 0
        self.start()

    def start(self) -> None:
        """A process."""
        self.pipeline = Pipeline(
            post=self.post,
            spool=self.spool,
            limits=SMALL,
            retry=RetryPolicy(),
            log=SILENT,
            clock=lambda: self.now,
        )
        # Its threads are the rules of this machine.
        self.pipeline._is_running = True
        self.put = self.invalid = 0

    def post(self, _path: str, body: bytes, _headers: Mapping[str, str]) -> Answer:
        """What the server does, as it feels now."""
        events = [json.loads(line) for line in body.splitlines()]
        failing = {"broken": 503, "no key": 401, "strange": 400}
        if status := failing.get(self.behaviour):
            raise error_of(status, b"")
        if self.behaviour == "small" and len(events) > 1:
            raise error_of(413, b"")
        answer = self.server.store(events)
        if self.behaviour == "cut after":
            raise NoAnswer("cut")
        for fault in answer.body["rejected"]:
            self.refused.add(fault["id"])
        said = json.dumps(answer.body).encode()
        if answer.status == 400:
            raise error_of(400, said)
        return Answer(answer.status, {}, said)

    @rule(sizes=st.lists(st.integers(0, 200), min_size=1, max_size=5), wrong=st.booleans())
    def record(self, sizes: list[int], wrong: bool) -> None:
        for size in sizes:
            self.recorded += 1
            self.put += 1
            event = {"id": f"e{self.recorded}", "time": 1, "filling": "x" * size}
            self.pipeline.put(json.dumps(event | ({"wrong": 1} if wrong else {})).encode())

    @rule()
    def record_nonsense(self) -> None:
        self.invalid += 1
        self.pipeline.refuse(TypeError("no"))

    @rule()
    def journal(self) -> None:
        self.pipeline.journal.turn()

    @rule(behaviour=BEHAVIOURS)
    def send(self, behaviour: str) -> None:
        self.behaviour = behaviour
        self.pipeline.sender.turn()

    @rule(seconds=st.sampled_from([0.5, 2.0, 40.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def kill(self) -> None:
        count = self.pipeline.counters()
        self.given_up += count.queued + count.dropped
        # The locks of a process are gone when it is, and nothing else happens.
        self.pipeline.abandon()
        self.start()

    @rule()
    def close(self) -> None:
        self.pipeline.close(0)
        self.add_up()
        count = self.pipeline.counters()
        assert count.queued == 0
        self.given_up += count.dropped
        self.start()

    @rule()
    def remove_a_file(self) -> None:
        """Someone tidies up where it hurts: the events are lost, and counted."""
        if found := sorted(self.spool.rglob("*/*.ndjson")):
            lines = found[0].read_bytes().count(b"\n")
            found[0].unlink()
            # A process that has them in memory still sends them: at most so many are missing.
            self.given_up += lines

    @invariant()
    def add_up(self) -> None:
        count = self.pipeline.counters()
        ended = count.sent + count.duplicates + count.rejected + count.dropped
        assert count.recorded + count.adopted == count.queued + count.spooled + ended
        assert (count.recorded, count.invalid) == (self.put, self.invalid)
        assert min(getattr(count, name) for name in count.__struct_fields__) >= 0

    @invariant()
    def everything_is_bounded(self) -> None:
        count = self.pipeline.counters()
        assert count.queued <= SMALL.queue_events_max
        backlog = self.pipeline._backlog
        assert bool(backlog.queued) is bool(backlog.queued_bytes)
        assert backlog._memory_bytes >= 0
        assert backlog._disk_bytes >= 0

    def teardown(self) -> None:
        """The server is well again: it gets all that was not given up, and nothing stays."""
        self.behaviour = "good"
        for _ in range(200):
            self.now += 40.0
            self.pipeline.journal.turn()
            self.pipeline.sender.turn()
        count = self.pipeline.counters()
        assert (count.queued, count.spooled) == (0, 0)
        self.pipeline.close(0)
        self.given_up += count.dropped
        stored = [each for each, _ in self.server.stored]
        assert len(set(stored)) == len(stored)
        assert len(set(stored) | self.refused) >= self.recorded - self.given_up
        assert [each.name for each in self.spool.iterdir() if each.is_dir()] == []
        self.folder.cleanup()


TestBookkeeping = World.TestCase
if os.environ.get("TALLYBOOK_LONG") == "1":
    TestBookkeeping.settings = settings(max_examples=5_000, stateful_step_count=100)
