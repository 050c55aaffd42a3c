"""Group commit: whoever waits while one commit runs shares the next one.

A commit costs milliseconds however little it holds, so requests do not each
pay for one: one writer thread takes all that waits, stores it in one
transaction, and only then is anyone answered.

What waits is bounded in bytes, and by the time that they take (``pace.py``), and
shared fairly by those who send (``fair_queue.py``).
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from math import ceil
from typing import Any, Self, TypeVar

import msgspec

from tallybook.domain.errors import Overloaded, TallybookError
from tallybook.ledger.fair_queue import FairQueue
from tallybook.ledger.ledger import Appended, Appender, Lot
from tallybook.ledger.pace import Pace

# Entries of one transaction, about: bounds how long the last of a group waits.
GROUP_ENTRIES_MAX = 10_000
# Callers that wait for an answer before they send again come in step with the
# commits, half of them in each. Those who were just answered are given a moment
# to join the next group: as long as the last commit took, because one commit
# for all is quicker for everyone than two in turn; and at most this long.
GATHER_SECONDS_MAX = 0.05
# Changes of stored events that wait for the writer, inclusive: a small part of its time.
WORKS_MAX = 16

T = TypeVar("T")


class _Waiting(msgspec.Struct, frozen=True):
    """A lot in the queue, its size in bytes, and where its answer goes."""

    lot: Lot
    size: int
    answer: asyncio.Future[Appended]


class Committer:
    """The one door to ``Ledger.append``, used from one event loop."""

    def __init__(self, ledger: Appender, queue_bytes_max: int) -> None:
        """Queue at most ``queue_bytes_max`` bytes of events (inclusive) for ``ledger``."""
        self._ledger = ledger
        self._queue_bytes_max = queue_bytes_max
        self._queue: FairQueue[_Waiting] = FairQueue()
        self._queued_entries = 0
        self._pace = Pace()
        self._arrived = asyncio.Event()
        self._closing = False
        self._works = 0
        self._writer = ThreadPoolExecutor(1, "tallybook-writer")
        self._loop: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._loop = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Commit what waits, then stop."""
        self._closing = True
        self._arrived.set()
        if self._loop:
            await self._loop
        self._writer.shutdown()

    @property
    def queued_bytes(self) -> int:
        """How many bytes of events wait to be stored."""
        return self._queue.size

    @property
    def queued_entries(self) -> int:
        """How many entries wait to be stored."""
        return self._queued_entries

    @property
    def queued_bytes_max(self) -> int:
        """How many may wait now: what is stored in a moment, at most as many as allowed."""
        return self._pace.bytes_max(self._queue_bytes_max)

    def check_room(self, size: int, owner: str = "") -> None:
        """Return when a lot of ``size`` bytes would be let in now. Raises Overloaded."""
        if self._closing:
            raise Overloaded("The server is shutting down; nothing was stored. Send it again.")
        if not self._queue.fits(owner, size, self.queued_bytes_max):
            raise self._overloaded()

    async def commit(self, lot: Lot, size: int, owner: str = "") -> Appended:
        """Store a lot that came in as ``size`` bytes from ``owner``; return once it is on disk.

        Raises Overloaded, with nothing stored, when too much waits already, or
        when room was made for an owner with less that waits; StorageFull and
        LedgerUnavailable as the ledger does.
        """
        self.check_room(size, owner)
        for dropped in self._queue.make_room(owner, size, self.queued_bytes_max):
            self._queued_entries -= dropped.lot.sheet.count
            _fail([dropped], self._overloaded())
        waiting = _Waiting(lot, size, asyncio.get_running_loop().create_future())
        self._queue.put(owner, waiting, size)
        self._queued_entries += lot.sheet.count
        self._arrived.set()
        # Shielded: a caller that goes away takes nothing out of a running transaction.
        return await asyncio.shield(waiting.answer)

    async def between_commits(self, work: Callable[[], T]) -> T:
        """Do other work of the writer's, beside which nothing may be stored; what it returns.

        Once begun it goes on to its end, whoever waits for it. Raises
        Overloaded, with nothing done, and what the work raises.
        """
        if self._closing:
            raise Overloaded("The server is shutting down; nothing was changed. Send it again.")
        if self._works >= WORKS_MAX:
            raise Overloaded(
                f"{self._works} changes of stored events wait for the writer; nothing of this"
                " request was changed. Send it again after Retry-After."
            )
        self._works += 1
        ended = asyncio.get_running_loop().run_in_executor(self._writer, work)
        ended.add_done_callback(self._work_ended)
        return await asyncio.shield(ended)

    def _work_ended(self, ended: asyncio.Future[Any]) -> None:
        self._works -= 1
        # Who waited may be gone: a fault that nobody hears of is no defect.
        _ = ended.cancelled() or ended.exception()

    def _overloaded(self) -> Overloaded:
        seconds = self._pace.seconds_of(self._queue.size)
        return Overloaded(
            f"{self._queue.size} bytes of events wait to be stored, of at most"
            f" {self.queued_bytes_max} (setting queue_bytes_max: {self._queue_bytes_max}, or less"
            " where that takes too long); nothing of this request was stored. Send it again after"
            " Retry-After.",
            retry_after_seconds=max(1, ceil(seconds)),
        )

    async def _run(self) -> None:
        """Commit group after group until closed and empty."""
        loop = asyncio.get_running_loop()
        expected, commit_seconds = 1, 0.0
        while self._queue.count or not self._closing:
            if not self._queue.count:
                self._arrived.clear()
                await self._arrived.wait()
                continue
            await self._gather(expected, min(commit_seconds, GATHER_SECONDS_MAX))
            group = self._take_group()
            began = loop.time()
            await self._commit_group(group)
            commit_seconds = loop.time() - began
            self._pace.note(sum(waiting.size for waiting in group), commit_seconds)
            expected = len(group) + self._queue.count

    async def _gather(self, expected: int, seconds_max: float) -> None:
        """Wait a moment for as many lots as the callers who are about have sent before."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds_max):
                while self._queue.count < expected and self._queued_entries < GROUP_ENTRIES_MAX:
                    self._arrived.clear()
                    await self._arrived.wait()

    def _take_group(self) -> list[_Waiting]:
        """The lots of the next transaction: at least one, and about as many as are allowed."""
        group: list[_Waiting] = []
        entries = 0
        while self._queue.count and entries < GROUP_ENTRIES_MAX:
            waiting = self._queue.take()
            self._queued_entries -= waiting.lot.sheet.count
            entries += waiting.lot.sheet.count
            group.append(waiting)
        return group

    async def _commit_group(self, group: list[_Waiting]) -> None:
        """Store one group and answer everyone in it."""
        loop = asyncio.get_running_loop()
        lots = [waiting.lot for waiting in group]
        try:
            answers = await loop.run_in_executor(self._writer, self._ledger.append, lots)
        except Exception as fault:
            if len(group) == 1 or isinstance(fault, TallybookError):
                _fail(group, fault)
            else:
                # A defect: the lot that the engine chokes on must not cost its neighbours.
                for waiting in group:
                    await self._commit_group([waiting])
        else:
            for waiting, answer in zip(group, answers, strict=True):
                if not waiting.answer.done():
                    waiting.answer.set_result(answer)


def _fail(group: list[_Waiting], fault: Exception) -> None:
    for waiting in group:
        if not waiting.answer.done():
            waiting.answer.set_exception(fault)
