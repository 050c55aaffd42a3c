"""Group commit: who shares a transaction, who is told to come back, who is not harmed."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from tallybook.domain.entries import COLUMN_NAMES
from tallybook.domain.errors import Overloaded, StorageFull
from tallybook.domain.sheets import Sheet, sheet_of_entries
from tallybook.ledger.committer import Committer
from tallybook.ledger.ledger import Appended, Lot

QUEUE_BYTES = 1_000


def lot(*ids: str) -> Lot:
    """A lot of entries that have an id and a time."""
    entries = [(id_, 0, *(None,) * (len(COLUMN_NAMES) - 2)) for id_ in ids]
    return Lot(sheet_of_entries(entries), range(len(ids)))


class Memory:
    """A ledger in memory, whose transactions wait until they are let through."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.open = threading.Event()
        self.open.set()
        self.entered = threading.Event()
        self.fault: Exception | None = None

    def append(self, lots: Sequence[Lot]) -> list[Appended]:
        """Note what came together."""
        self.entered.set()
        assert self.open.wait(10)
        sheets: list[Sheet] = [each.sheet for each in lots]
        ids = [id_ for sheet in sheets for id_ in sheet.columns[0] or ()]
        if self.fault or "poison" in ids:
            raise self.fault or ZeroDivisionError
        self.groups.append(ids)
        return [Appended(sheet.count, 0) for sheet in sheets]


async def stalled(memory: Memory, committer: Committer) -> asyncio.Task[Appended]:
    """A commit that is under way and does not end, so that others have to wait."""
    memory.open.clear()
    memory.entered.clear()
    first = asyncio.create_task(committer.commit(lot("first"), 1))
    await asyncio.to_thread(memory.entered.wait, 10)
    return first


def test_what_waits_during_a_commit_shares_the_next_one() -> None:
    memory = Memory()

    async def scenario() -> None:
        async with Committer(memory, QUEUE_BYTES) as committer:
            first = await stalled(memory, committer)
            rest = [asyncio.create_task(committer.commit(lot(id_), 1)) for id_ in "abcdef"]
            await asyncio.sleep(0)
            memory.open.set()
            await asyncio.gather(first, *rest)

    asyncio.run(scenario())
    assert memory.groups == [["first"], ["a", "b", "c", "d", "e", "f"]]


def test_a_full_queue_refuses_and_stores_nothing_of_what_it_refused() -> None:
    memory = Memory()

    async def scenario() -> None:
        async with Committer(memory, QUEUE_BYTES) as committer:
            first = await stalled(memory, committer)
            waiting = asyncio.create_task(committer.commit(lot("waits"), QUEUE_BYTES))
            await asyncio.sleep(0)
            with pytest.raises(Overloaded):
                await committer.commit(lot("refused"), 1)
            memory.open.set()
            await asyncio.gather(first, waiting)
            assert (await committer.commit(lot("later"), 1)).accepted == 1

    asyncio.run(scenario())
    assert memory.groups == [["first"], ["waits"], ["later"]]


def test_one_request_larger_than_the_queue_is_taken_when_nothing_waits() -> None:
    memory = Memory()

    async def scenario() -> None:
        async with Committer(memory, QUEUE_BYTES) as committer:
            assert (await committer.commit(lot("large"), QUEUE_BYTES * 5)).accepted == 1

    asyncio.run(scenario())


def test_a_lot_that_the_engine_chokes_on_costs_only_itself() -> None:
    memory = Memory()

    async def scenario() -> None:
        async with Committer(memory, QUEUE_BYTES) as committer:
            first = await stalled(memory, committer)
            names = ("a", "poison", "b")
            rest = [asyncio.create_task(committer.commit(lot(id_), 1)) for id_ in names]
            await asyncio.sleep(0)
            memory.open.set()
            await first
            results = await asyncio.gather(*rest, return_exceptions=True)
            assert isinstance(results[1], ZeroDivisionError)
            assert [results[0], results[2]] == [Appended(1, 0)] * 2

    asyncio.run(scenario())
    assert memory.groups == [["first"], ["a"], ["b"]]


def test_a_full_disk_is_told_to_everyone_and_the_next_commit_works() -> None:
    memory = Memory()
    memory.fault = StorageFull("The disk is full.")

    async def scenario() -> None:
        async with Committer(memory, QUEUE_BYTES) as committer:
            together = [committer.commit(lot(id_), 1) for id_ in "ab"]
            results = await asyncio.gather(*together, return_exceptions=True)
            assert all(isinstance(result, StorageFull) for result in results)
            memory.fault = None
            assert (await committer.commit(lot("c"), 1)).accepted == 1

    asyncio.run(scenario())


def test_a_caller_that_goes_away_takes_nothing_out_of_the_transaction() -> None:
    memory = Memory()

    async def scenario() -> None:
        async with Committer(memory, QUEUE_BYTES) as committer:
            first = await stalled(memory, committer)
            gone = asyncio.create_task(committer.commit(lot("gone"), 1))
            stays = asyncio.create_task(committer.commit(lot("stays"), 1))
            await asyncio.sleep(0)
            gone.cancel()
            memory.open.set()
            await asyncio.gather(first, stays)

    asyncio.run(scenario())
    assert memory.groups == [["first"], ["gone", "stays"]]


def test_closing_commits_what_waits_and_refuses_what_comes_later() -> None:
    memory = Memory()

    async def scenario() -> None:
        committer = Committer(memory, QUEUE_BYTES)
        async with committer:
            first = await stalled(memory, committer)
            waits = asyncio.create_task(committer.commit(lot("waits"), 1))
            await asyncio.sleep(0)
            memory.open.set()
        assert (await first).accepted == (await waits).accepted == 1
        with pytest.raises(Overloaded):
            await committer.commit(lot("late"), 1)

    asyncio.run(scenario())
    assert memory.groups == [["first"], ["waits"]]
