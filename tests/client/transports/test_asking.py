"""Asking chat streams for usage, unnoticed by the application."""

from itertools import pairwise
from typing import Any

import httpx2
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.providers import openai
from support.providers.standin import Reply, Rerouted, Standin
from support.providers.vector import DONE, PROMPT, data
from tallybook.client.transports import RecordingTransport
from tallybook.client.transports.asking import (
    HELD_BYTES_MAX,
    UsageHider,
    takes_the_option,
    with_usage,
)

URL = f"{openai.URL}/chat/completions"
AZURE = "https://acme.openai.azure.com/openai/deployments/d/chat/completions"
SHOWN = b"".join((*openai.CHAT_DELTAS, DONE))


@pytest.mark.parametrize(
    ("url", "takes"),
    [
        (URL, True),
        ("https://eu.api.openai.com/v1/chat/completions", True),
        (f"{AZURE}?api-version=2024-10-21", True),
        (f"{AZURE}?api-version=2024-02-01", False),
        (AZURE, False),
        ("https://acme.openai.azure.com/openai/v1/chat/completions", True),
        ("https://api.mistral.ai/v1/chat/completions", False),
        ("http://127.0.0.1:4000/v1/chat/completions", False),
    ],
)
def test_only_hosts_known_to_take_the_option_are_asked(url: str, *, takes: bool) -> None:
    assert takes_the_option(httpx2.URL(url)) is takes


def test_the_request_is_as_it_was_but_for_the_option() -> None:
    body = b'{"model": "gpt-5.5",  "messages":[{"content":"\\u00e9 %s"}], "stream":true}'
    asked = with_usage(body)
    assert asked == (
        b'{"model":"gpt-5.5","messages":[{"content":"\\u00e9 %s"}],"stream":true,'
        b'"stream_options":{"include_usage":true}}'
    )
    both = with_usage(b'{"stream":true,"stream_options":{"include_obfuscation":false}}')
    assert both is not None
    assert msgspec.json.decode(both)["stream_options"] == {
        "include_obfuscation": False,
        "include_usage": True,
    }


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"stream":false}',
        b'{"stream":true,"stream_options":{"include_usage":true}}',
        b'{"stream":true,"stream_options":{"include_usage":false}}',
    ],
)
def test_who_does_not_stream_or_says_what_he_wants_is_left_alone(body: bytes) -> None:
    assert with_usage(body) is None


def test_the_application_sees_what_it_would_have_seen(standin: Standin) -> None:
    standin.answer(Reply(chunks=[*openai.CHAT_STREAM], content_type="text/event-stream"))
    events: list[Any] = []
    request = {"model": "gpt-5.5", "messages": openai.MESSAGES, "stream": True}
    transport = RecordingTransport(events.append, Rerouted(standin.address))
    with httpx2.Client(transport=transport) as client:
        response = client.post(URL, json=request)

    assert response.content == SHOWN
    received = standin.received[0]
    assert msgspec.json.decode(received.body) == request | {
        "stream_options": {"include_usage": True}
    }
    assert received.headers["accept-encoding"] == "identity"
    # The request that the application holds is the one that it made.
    assert msgspec.json.decode(response.request.content) == request
    assert events[0]["input_tokens"] == 1830
    assert "tags" not in events[0]


def test_it_can_be_told_not_to_ask(standin: Standin) -> None:
    standin.answer(Reply(chunks=[*openai.CHAT_STREAM], content_type="text/event-stream"))
    transport = RecordingTransport(lambda _: None, Rerouted(standin.address), ask_for_usage=False)
    with httpx2.Client(transport=transport) as client:
        response = client.post(URL, json={"model": "m", "stream": True})
    assert response.content == b"".join(openai.CHAT_STREAM)
    assert msgspec.json.decode(standin.received[0].body) == {"model": "m", "stream": True}


def test_who_asked_for_usage_gets_it(standin: Standin) -> None:
    standin.answer(Reply(chunks=[*openai.CHAT_STREAM], content_type="text/event-stream"))
    request = {"model": "m", "stream": True, "stream_options": {"include_usage": True}}
    transport = RecordingTransport(lambda _: None, Rerouted(standin.address))
    with httpx2.Client(transport=transport) as client:
        response = client.post(URL, json=request)
    assert response.content == b"".join(openai.CHAT_STREAM)


@given(data=st.data(), ending=st.sampled_from([b"\n\n", b"\r\n\r\n"]))
def test_any_cutting_hides_the_same(data: st.DataObject, ending: bytes) -> None:
    stream, shown = (
        body.replace(b"\n\n", ending) for body in (b"".join(openai.CHAT_STREAM), SHOWN)
    )
    places = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=40)))
    hider = UsageHider()
    seen = b"".join(
        hider.feed(stream[start:end]) for start, end in pairwise([0, *places, len(stream)])
    )
    assert seen + hider.rest() == shown


def test_nothing_else_is_hidden() -> None:
    filtered: dict[str, Any] = {"choices": [], "prompt_filter_results": [], "usage": None}
    stream = data(filtered) + b": ping\n\n" + b"data: {not JSON\n\n" + DONE
    hider = UsageHider()
    assert hider.feed(stream) + hider.rest() == stream


def test_a_long_event_is_not_held_back() -> None:
    long = data({"choices": [{"delta": {"content": PROMPT * HELD_BYTES_MAX}}]})
    hider = UsageHider()
    begun = hider.feed(long[: 2 * HELD_BYTES_MAX])
    assert len(begun) > HELD_BYTES_MAX
    assert begun + hider.feed(long[2 * HELD_BYTES_MAX :]) + hider.rest() == long


@pytest.mark.parametrize("depth", [1_500, 20_000])
def test_an_event_that_is_nested_too_deep_passes(depth: int) -> None:
    hider = UsageHider()
    deep = b'data: {"id":' + b"[" * depth + b',"usage": {\n\n'
    assert hider.feed(deep + deep[:-1]) + hider.rest() == deep + deep[:-1]
