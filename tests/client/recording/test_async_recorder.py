"""The recorder for asynchronous code: it never holds up the loop."""

import asyncio
import threading
from pathlib import Path

import pytest

from client.recording.quick import EVENT, IMPATIENT, KEY, QUICK
from support.ledger_stand_in import Answer, Event, StandIn, standing_in
from tallybook.client.recording.async_recorder import AsyncRecorder
from tallybook.client.recording.attribution import attribution
from tallybook.client.recording.recorder import Recorder


def made(stand_in: StandIn, spool: Path) -> AsyncRecorder:
    return AsyncRecorder(
        Recorder(stand_in.address, KEY, spool=spool, limits=QUICK, retry=IMPATIENT)
    )


def test_events_of_tasks_carry_what_each_task_said_of_them(tmp_path: Path) -> None:
    async def task(recorder: AsyncRecorder, user: str) -> None:
        with attribution(user_id=user):
            await asyncio.sleep(0)
            recorder.record({**EVENT, "id": user})

    async def program(stand_in: StandIn) -> None:
        async with made(stand_in, tmp_path) as recorder:
            await asyncio.gather(*(task(recorder, f"user-{number}") for number in range(20)))
            assert await recorder.flush()
            assert recorder.counters.sent == 20
            assert recorder.spool is not None

    with standing_in() as stand_in:
        asyncio.run(program(stand_in))
        assert {event["id"]: event["user_id"] for event in stand_in.events} == {
            f"user-{number}": f"user-{number}" for number in range(20)
        }


def test_the_loop_turns_while_a_flush_waits(tmp_path: Path) -> None:
    gate = threading.Event()

    async def program(stand_in: StandIn) -> None:
        async with made(stand_in, tmp_path) as recorder:
            recorder.record(EVENT)
            flushing = asyncio.create_task(recorder.flush())
            for _ in range(3):
                await asyncio.sleep(0.01)
                assert not flushing.done()
            gate.set()
            assert await flushing

    with standing_in() as stand_in:

        def behaviour(events: list[Event]) -> Answer:
            gate.wait(10)
            return stand_in.store(events)

        stand_in.behaviour = behaviour
        asyncio.run(program(stand_in))


def test_a_flush_that_is_cancelled_does_not_wait_for_the_server(tmp_path: Path) -> None:
    gate = threading.Event()

    async def program(stand_in: StandIn) -> None:
        async with made(stand_in, tmp_path) as recorder:
            recorder.record(EVENT)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.02):
                    await recorder.flush(600)
            assert not gate.is_set()
            gate.set()
            assert await recorder.flush()
            assert recorder.counters.sent == 1

    with standing_in() as stand_in:

        def behaviour(events: list[Event]) -> Answer:
            gate.wait(10)
            return stand_in.store(events)

        stand_in.behaviour = behaviour
        asyncio.run(program(stand_in))


def test_without_a_recorder_the_environment_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TALLYBOOK_URL", raising=False)
    with pytest.raises(ValueError, match="TALLYBOOK_URL"):
        AsyncRecorder()
