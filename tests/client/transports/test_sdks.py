"""The real SDKs: what they give is what they give without us, and the events are the known ones."""

from typing import Any

import pytest

from support.providers.openai import USAGE_CHUNK
from support.providers.sdks import CALLS, Call, async_result_of, result_of
from support.providers.standin import AsyncRerouted, Rerouted, Standin
from support.providers.vector import Vector
from support.providers.vectors import VECTORS
from tallybook.client.transports import AsyncRecordingTransport, RecordingTransport

SENT_AT = 1790845261.25
KNOWN: dict[str, Vector] = {vector.name: vector for vector in VECTORS}

calls = pytest.mark.parametrize(
    "call", CALLS, ids=[f"{call.sdk} {call.vector} {number}" for number, call in enumerate(CALLS)]
)


def expected(call: Call) -> list[dict[str, object]]:
    return [{"time": SENT_AT, **event} for event in KNOWN[call.vector].events]


def without_us(call: Call, standin: Standin) -> None:
    """Answer as the provider does when the application is alone with it."""
    answer = KNOWN[call.vector].reply
    if call.asks_for_no_usage:
        answer.chunks.remove(USAGE_CHUNK)
    standin.answer(answer)


@calls
def test_an_sdk_gives_what_it_gives_without_us(call: Call, standin: Standin) -> None:
    without_us(call, standin)
    without = result_of(call, Rerouted(standin.address))

    standin.answer(KNOWN[call.vector].reply)
    events: list[Any] = []
    recording = RecordingTransport(events.append, Rerouted(standin.address), clock=lambda: SENT_AT)
    assert result_of(call, recording) == without
    assert events == expected(call)


@calls
def test_an_async_sdk_does_too(call: Call, standin: Standin) -> None:
    without_us(call, standin)
    without = async_result_of(call, AsyncRerouted(standin.address))

    standin.answer(KNOWN[call.vector].reply)
    events: list[Any] = []
    recording = AsyncRecordingTransport(
        events.append, AsyncRerouted(standin.address), clock=lambda: SENT_AT
    )
    assert async_result_of(call, recording) == without
    assert events == expected(call)
