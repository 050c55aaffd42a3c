"""What was asked and answered is found nowhere: not in events, not in memory, not in logs."""

import gc
import logging
from typing import Any

import httpx2
import msgspec
import pytest

from support.providers.standin import Reply, Rerouted, Standin
from support.providers.vector import COMPLETION, PROMPT, Vector
from support.providers.vectors import VECTORS
from tallybook.client import transports
from tallybook.client.transports import RecordingTransport

# Whatever hangs on these is the application's or the test's.
NOT_OURS = (httpx2.Response, httpx2.Request, Vector, Reply, Standin)


def ask(client: httpx2.Client, vector: Vector) -> httpx2.Response:
    if vector.form is not None:
        files = {"file": ("a.wav", PROMPT.encode())}
        return client.post(vector.url, data=dict(vector.form), files=files)
    return client.post(vector.url, json=vector.request)


def held_by(root: object) -> list[object]:
    """Everything that an object keeps alive, short of the transport below and of modules."""
    seen: dict[int, object] = {}
    ahead = [root]
    while ahead:
        each = ahead.pop()
        ours = type(each).__module__.startswith(transports.__name__)
        plain = isinstance(each, dict | list | tuple | set | str | bytes | bytearray)
        if id(each) in seen or not (ours or plain):
            continue
        seen[id(each)] = each
        ahead.extend(gc.get_referents(each))
        # Structs without cycles are not tracked: their fields are asked for.
        ahead.extend(getattr(each, name) for name in getattr(each, "__struct_fields__", ()))
        ahead.extend(vars(each).values() if hasattr(each, "__dict__") and ours else ())
    return list(seen.values())


def secrets_in(things: list[Any]) -> list[Any]:
    def tells(thing: Any) -> bool:
        text = thing if isinstance(thing, str) else None
        if isinstance(thing, bytes | bytearray):
            text = bytes(thing).decode("utf-8", "replace")
        return text is not None and (PROMPT in text or COMPLETION in text)

    return [thing for thing in things if tells(thing)]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_nothing_of_a_prompt_or_an_answer_is_kept(
    vector: Vector, standin: Standin, caplog: pytest.LogCaptureFixture
) -> None:
    standin.answer(vector.reply)
    events: list[Any] = []
    transport = RecordingTransport(events.append, Rerouted(standin.address))
    with caplog.at_level(logging.DEBUG), httpx2.Client(transport=transport) as client:
        response = ask(client, vector)

    assert events
    assert secrets_in([msgspec.json.encode(events)]) == []
    assert secrets_in([caplog.text]) == []
    # The observation hangs on the stream of the answer, which the application still has.
    observed = response.stream._stream  # type: ignore[union-attr]
    assert type(observed).__module__.startswith(transports.__name__)
    assert secrets_in(held_by(transport)) == []
    assert secrets_in(held_by(observed)) == []


def test_a_stream_that_is_left_early_keeps_nothing_either(standin: Standin) -> None:
    vector = next(vector for vector in VECTORS if vector.name == "chat stream")
    half = [vector.chunks[0], vector.chunks[1][:-9]]
    standin.answer(Reply(chunks=half, content_type="text/event-stream"))
    transport = RecordingTransport(lambda _: None, Rerouted(standin.address))
    with (
        httpx2.Client(transport=transport) as client,
        client.stream("POST", vector.url, json=vector.request) as response,
    ):
        arriving = response.iter_raw()
        next(arriving)
        next(arriving)
        observed = response.stream._stream  # type: ignore[union-attr]
        # In the middle of an event its bytes are there: the search finds what there is.
        assert secrets_in(held_by(observed))
    assert secrets_in(held_by(observed)) == []


def test_an_answer_that_is_not_understood_is_not_logged(
    standin: Standin, caplog: pytest.LogCaptureFixture
) -> None:
    standin.answer(Reply(chunks=[msgspec.json.encode({"id": [COMPLETION], "model": PROMPT})]))
    transport = RecordingTransport(lambda _: None, Rerouted(standin.address))
    with caplog.at_level(logging.DEBUG), httpx2.Client(transport=transport) as client:
        client.post("https://api.openai.com/v1/chat/completions", json={"model": "m"})
    assert "could not be read" in caplog.text
    assert secrets_in([caplog.text]) == []
