"""Every known answer, over real HTTP, waiting and awaiting: the events, and what is passed on."""

import asyncio
from typing import Any

import httpx2
import msgspec
import pytest

from support.providers.standin import AsyncRerouted, Rerouted, Standin
from support.providers.vector import Vector
from support.providers.vectors import VECTORS
from tallybook.client.transports import AsyncRecordingTransport, RecordingTransport
from tallybook.domain.entries import entry_of, latest_us
from tallybook.domain.events import AnyEvent

SENT_AT = 1790845261.25

vectors = pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)


def body_of(vector: Vector) -> dict[str, Any]:
    if vector.form is not None:
        return {"data": vector.form, "files": {"file": ("a.wav", b"RIFF" + b"\0" * 5000)}}
    return {"json": vector.request}


def expected(vector: Vector) -> list[dict[str, object]]:
    return [{"time": SENT_AT, **event} for event in vector.events]


@vectors
def test_an_answer_makes_the_known_events_and_passes_byte_by_byte(
    vector: Vector, standin: Standin
) -> None:
    standin.answer(vector.reply)
    events: list[Any] = []
    transport = RecordingTransport(events.append, Rerouted(standin.address), clock=lambda: SENT_AT)
    with httpx2.Client(transport=transport) as client:
        response = client.post(vector.url, **body_of(vector))

    assert events == expected(vector)
    assert response.content == b"".join(vector.chunks)


@vectors
def test_awaiting_it_is_the_same(vector: Vector, standin: Standin) -> None:
    standin.answer(vector.reply)
    events: list[Any] = []

    async def ask() -> bytes:
        transport = AsyncRecordingTransport(
            events.append, AsyncRerouted(standin.address), clock=lambda: SENT_AT
        )
        async with httpx2.AsyncClient(transport=transport) as client:
            return (await client.post(vector.url, **body_of(vector))).content

    assert asyncio.run(ask()) == b"".join(vector.chunks)
    assert events == expected(vector)


@vectors
def test_the_ledger_takes_every_event(vector: Vector) -> None:
    for event in expected(vector):
        entry_of(msgspec.json.decode(msgspec.json.encode(event), type=AnyEvent), latest_us(SENT_AT))
