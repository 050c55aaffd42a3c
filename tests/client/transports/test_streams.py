"""Streams through the transport: as they come, cut anywhere, broken off, and left early."""

import asyncio
import gzip
import threading
from collections.abc import AsyncIterator, Iterator
from itertools import pairwise
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.providers import openai, others
from support.providers.standin import AsyncRerouted, Reply, Rerouted, Standin
from support.providers.vector import DONE, Vector, data, named
from support.providers.vectors import VECTORS
from tallybook.client.transports import AsyncRecordingTransport, RecordingTransport

SENT_AT = 1790845261.25
EVENT_STREAM = "text/event-stream"
STREAMS = [vector for vector in VECTORS if vector.stream is not None]
# Streams whose last event comes before the end of the connection.
SAY_THEIR_END = [
    vector
    for vector in STREAMS
    if vector.name.startswith(("chat stream", "response stream", "message stream", "Mistral"))
]


class Chunks(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """Chunks as a connection might bring them, and perhaps its end."""

    def __init__(self, chunks: list[bytes], error: Exception | None = None) -> None:
        self._chunks = chunks
        self._error = error

    def __iter__(self) -> Iterator[bytes]:
        yield from self._chunks
        if self._error is not None:
            raise self._error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk


def passing(chunks: list[bytes], error: Exception | None = None, encoding: str = "identity") -> Any:
    """A transport that answers so."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(
            200,
            headers={"content-type": EVENT_STREAM, "content-encoding": encoding},
            stream=Chunks(chunks, error),
            request=request,
        )

    return httpx2.MockTransport(answer)


def ask(client: httpx2.Client, vector: Vector) -> Any:
    if vector.form is not None:
        files = {"file": ("a.wav", b"RIFF")}
        return client.stream("POST", vector.url, data=vector.form, files=files)
    return client.stream("POST", vector.url, json=vector.request)


def without_ids(events: list[Any]) -> list[Any]:
    return [{name: value for name, value in event.items() if name != "id"} for event in events]


def expected(vector: Vector) -> list[Any]:
    return without_ids([{"time": SENT_AT, **event} for event in vector.events])


@given(vector=st.sampled_from(STREAMS), data=st.data())
def test_any_cutting_gives_the_same_events_and_the_same_bytes(
    vector: Vector, data: st.DataObject
) -> None:
    stream = b"".join(vector.chunks)
    places = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=40)))
    chunks = [stream[start:end] for start, end in pairwise([0, *places, len(stream)])]
    events: list[Any] = []
    transport = RecordingTransport(events.append, passing(chunks), clock=lambda: SENT_AT)
    with httpx2.Client(transport=transport) as client, ask(client, vector) as response:
        seen = list(response.iter_raw())
    assert without_ids(events) == expected(vector)
    assert seen == [chunk for chunk in chunks if chunk]


@pytest.mark.parametrize("vector", STREAMS, ids=lambda vector: vector.name)
def test_a_packed_stream_passes_packed_and_is_read(vector: Vector) -> None:
    packed = gzip.compress(b"".join(vector.chunks))
    chunks = [packed[:40], packed[40:]]
    events: list[Any] = []
    answering = passing(chunks, encoding="gzip")
    transport = RecordingTransport(events.append, answering, clock=lambda: SENT_AT)
    with httpx2.Client(transport=transport) as client, ask(client, vector) as response:
        assert list(response.iter_raw()) == chunks
    assert without_ids(events) == expected(vector)


def test_each_chunk_arrives_before_the_next_is_sent(standin: Standin) -> None:
    gate = threading.Semaphore(0)
    chunks = list(openai.CHAT_STREAM)
    standin.answer(Reply(chunks=chunks, content_type=EVENT_STREAM, gate=gate))
    events: list[Any] = []
    transport = RecordingTransport(events.append, Rerouted(standin.address))
    with httpx2.Client(transport=transport) as client:
        vector = next(vector for vector in STREAMS if vector.name == "chat stream")
        with ask(client, vector) as response:
            arriving = response.iter_raw()
            for chunk in chunks:
                # The stand-in waits for the gate: what comes cannot have been collected.
                assert next(arriving) == chunk
                gate.release()
            assert list(arriving) == []
    assert len(events) == 1


def test_each_chunk_arrives_when_usage_is_asked_for_too(standin: Standin) -> None:
    gate = threading.Semaphore(0)
    standin.answer(Reply(chunks=[*openai.CHAT_STREAM], content_type=EVENT_STREAM, gate=gate))
    transport = RecordingTransport(lambda _: None, Rerouted(standin.address))
    request = {"model": "gpt-5.5", "messages": openai.MESSAGES, "stream": True}
    with (
        httpx2.Client(transport=transport) as client,
        client.stream("POST", f"{openai.URL}/chat/completions", json=request) as response,
    ):
        arriving = response.iter_raw()
        for chunk in openai.CHAT_DELTAS:
            assert next(arriving) == chunk
            gate.release()
        gate.release()
        assert b"".join(arriving) == DONE


@pytest.mark.parametrize("vector", SAY_THEIR_END, ids=lambda vector: vector.name)
def test_leaving_after_the_last_event_is_no_cut(vector: Vector) -> None:
    events: list[Any] = []
    transport = RecordingTransport(
        events.append, passing([*vector.chunks, b": more\n\n"]), clock=lambda: SENT_AT
    )
    with httpx2.Client(transport=transport) as client, ask(client, vector) as response:
        arriving = response.iter_raw()
        for _ in vector.chunks:
            next(arriving)
    assert without_ids(events) == expected(vector)


CUTS = [
    (
        "before the message",
        others.CLAUDE_STREAM[:0],
        others.ANTHROPIC_URL,
        {"kind": "completions", "provider": "anthropic", "model": "asked-for"}
        | {"input_tokens": 0, "output_tokens": 0},
    ),
    (
        "in the middle of a message",
        others.CLAUDE_STREAM[:3],
        others.ANTHROPIC_URL,
        {name: value for name, value in others.CLAUDE_EVENTS[0].items() if "reasoning" not in name}
        | {"output_tokens": 2},
    ),
    (
        "in the middle of a chat",
        openai.CHAT_DELTAS[:2],
        f"{openai.URL}/chat/completions",
        {"id": "chatcmpl-A1", "kind": "completions", "provider": "openai", "model": openai.MODEL}
        | {"service_tier": "default", "input_tokens": 0, "output_tokens": 0},
    ),
    (
        "in the middle of Gemini's content",
        [data(others.gemini({"promptTokenCount": 15, "candidatesTokenCount": 4}, None))],
        f"{others.GEMINI_URL}:streamGenerateContent?alt=sse",
        {"id": "G7", "kind": "completions", "provider": "google", "model": "gemini-3-pro-preview"}
        | {"input_tokens": 15, "output_tokens": 4},
    ),
    (
        "after a tool call of a response",
        [
            openai.response_stream("completed", None)[0],
            named({"type": "response.output_item.done", "item": openai.TOOL_ITEMS[3]}),
        ],
        f"{openai.URL}/responses",
        {"id": "resp_B2", "kind": "completions", "provider": "openai", "model": openai.MODEL}
        | {"service_tier": "priority", "input_tokens": 0, "output_tokens": 0},
    ),
]


@pytest.mark.parametrize(("where", "chunks", "url", "event"), CUTS, ids=[cut[0] for cut in CUTS])
@pytest.mark.parametrize("how", ["the connection breaks", "the application leaves"])
def test_a_stream_that_is_cut_off_is_recorded_with_what_is_known(
    where: str, chunks: list[bytes], url: str, event: dict[str, object], how: str
) -> None:
    events: list[Any] = []
    breaks = how == "the connection breaks"
    error = httpx2.RemoteProtocolError("peer closed connection")
    transport = RecordingTransport(
        events.append,
        passing([*chunks, b": more\n\n"], error if breaks else None),
        clock=lambda: SENT_AT,
    )
    with (
        httpx2.Client(transport=transport) as client,
        client.stream("POST", url, json={"model": "asked-for", "stream": True}) as response,
    ):
        arriving = response.iter_raw()
        if breaks:
            with pytest.raises(httpx2.RemoteProtocolError, match="peer closed connection"):
                list(arriving)
        else:
            for _ in chunks:
                next(arriving)
    cut_off = {"time": SENT_AT, "num_model_requests": 1, "tags": {"usage": "cut_off"}}
    assert events[0] == event | cut_off
    if "tool" in where:
        assert events[1]["kind"] == "file_search_calls"
        assert events[1]["tags"] == {"usage": "cut_off"}


def test_a_stream_that_ends_without_its_last_event_is_cut_off() -> None:
    events: list[Any] = []
    transport = RecordingTransport(events.append, passing([*others.CLAUDE_STREAM[:-1]]))
    with httpx2.Client(transport=transport) as client:
        client.post(others.ANTHROPIC_URL, json={"model": "m", "stream": True})
    assert events[0]["output_tokens"] == 503
    assert events[0]["tags"] == {"usage": "cut_off"}


def test_a_chat_stream_that_was_not_asked_for_usage_says_so() -> None:
    events: list[Any] = []
    transport = RecordingTransport(
        events.append, passing([*openai.CHAT_DELTAS, DONE]), ask_for_usage=False
    )
    with httpx2.Client(transport=transport) as client:
        client.post(f"{openai.URL}/chat/completions", json={"model": "m", "stream": True})
    assert [event["tags"] for event in events] == [{"usage": "not_reported"}]


def test_a_broken_connection_is_the_error_it_was(standin: Standin) -> None:
    chunks = [*openai.CHAT_DELTAS[:2]]
    reply = Reply(chunks=chunks, content_type=EVENT_STREAM, breaks_off=True)
    url = f"{openai.URL}/chat/completions"
    faults = []
    for transport in (
        Rerouted(standin.address),
        RecordingTransport(lambda _: None, Rerouted(standin.address)),
    ):
        standin.answer(reply)
        seen: list[bytes] = []
        with httpx2.Client(transport=transport) as client:
            with (
                pytest.raises(httpx2.RemoteProtocolError) as fault,
                client.stream("POST", url, json={"stream": True}) as response,
            ):
                seen.extend(response.iter_raw())
            faults.append((type(fault.value), str(fault.value), seen))
    assert faults[0] == faults[1]


def test_awaiting_a_cancelled_stream_records_what_is_known(standin: Standin) -> None:
    events: list[Any] = []
    gate = threading.Semaphore(2)
    reply = Reply(chunks=[*others.CLAUDE_STREAM], content_type=EVENT_STREAM, gate=gate)
    standin.answer(reply)

    async def leave() -> None:
        transport = AsyncRecordingTransport(events.append, AsyncRerouted(standin.address))
        async with httpx2.AsyncClient(transport=transport) as client:
            request = {"model": "m", "stream": True}
            async with client.stream("POST", others.ANTHROPIC_URL, json=request) as response:
                began = asyncio.Event()

                async def read() -> None:
                    async for _ in response.aiter_raw():
                        began.set()

                reading = asyncio.create_task(read())
                await began.wait()
                reading.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await reading

    asyncio.run(leave())
    for _ in others.CLAUDE_STREAM:
        gate.release()
    assert [event["tags"] for event in events] == [{"usage": "cut_off"}]
    assert events[0]["input_tokens"] == 6012
