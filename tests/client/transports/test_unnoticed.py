"""What the application must never notice: our faults; and what of its provider's is its own."""

import logging
from typing import Any

import httpx2
import msgspec
import pytest
from openai import DefaultHttpxClient, OpenAI

from support.providers import openai
from support.providers.standin import Reply, Rerouted, Standin
from support.providers.vector import REQUEST_ID
from tallybook.client.transports import RecordingTransport
from tallybook.client.transports.reading import ANSWER_BYTES_MAX

URL = f"{openai.URL}/chat/completions"
REQUEST = {"model": "gpt-5.5", "messages": openai.MESSAGES}
UNREAD = {
    "id": REQUEST_ID,
    "time": 7.5,
    "kind": "completions",
    "provider": "openai",
    "model": "gpt-5.5",
    "input_tokens": 0,
    "output_tokens": 0,
    "num_model_requests": 1,
}


def answering(
    body: bytes, events: list[Any], status: int = 200, encoding: str | None = None
) -> RecordingTransport:
    """A transport above one that answers so."""
    told = {"content-type": "application/json", "x-request-id": REQUEST_ID}
    if encoding is not None:
        told["content-encoding"] = encoding
    inner = httpx2.MockTransport(
        lambda _: httpx2.Response(status, headers=told, stream=httpx2.ByteStream(body))
    )
    return RecordingTransport(events.append, inner, clock=lambda: 7.5)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not JSON",
        b'{"model": 5}',
        b'{"usage": {"prompt_tokens": "many"}}',
        b'{"usage": {"prompt_tokens": 1e400}}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_an_answer_that_is_not_understood_is_counted_and_logged_once(
    body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    events: list[Any] = []
    transport = answering(body, events)
    with caplog.at_level(logging.DEBUG), httpx2.Client(transport=transport) as client:
        for _ in range(2):
            assert client.post(URL, json=REQUEST).content == body
    assert events == [UNREAD | {"tags": {"usage": "unreadable"}}] * 2
    assert len([record for record in caplog.records if record.name == "tallybook.client"]) == 1


@pytest.mark.parametrize("count", [2**53, 2**62])
def test_an_answer_with_more_than_events_can_say_is_counted_as_unreadable(count: int) -> None:
    events: list[Any] = []
    usage = {"prompt_tokens": 5, "completion_tokens": count}
    transport = answering(msgspec.json.encode({"model": "gpt-5.5", "usage": usage}), events)
    with httpx2.Client(transport=transport) as client:
        assert client.post(URL, json=REQUEST).status_code == 200
    assert events == [UNREAD | {"tags": {"usage": "unreadable"}}]


def test_a_coding_that_cannot_be_undone_passes() -> None:
    events: list[Any] = []
    transport = answering(b"\x1f\x9d", events, encoding="compress")
    with (
        httpx2.Client(transport=transport) as client,
        client.stream("POST", URL, json=REQUEST) as response,
    ):
        assert b"".join(response.iter_raw()) == b"\x1f\x9d"
    assert events == [UNREAD | {"tags": {"usage": "unreadable"}}]


def test_damaged_packing_is_the_applications_error_alone() -> None:
    events: list[Any] = []
    transport = answering(b"no gzip", events, encoding="gzip")
    with httpx2.Client(transport=transport) as client, pytest.raises(httpx2.DecodingError):
        client.post(URL, json=REQUEST)
    assert events == [UNREAD | {"tags": {"usage": "unreadable"}}]


def test_an_answer_that_is_too_long_is_not_read() -> None:
    events: list[Any] = []
    body = b" " * (ANSWER_BYTES_MAX + 1)
    with httpx2.Client(transport=answering(body, events)) as client:
        assert len(client.post(URL, json=REQUEST).content) == len(body)
    assert events == [UNREAD | {"tags": {"usage": "not_reported"}}]


def test_a_recorder_that_fails_is_not_noticed(caplog: pytest.LogCaptureFixture) -> None:
    def record(_: object) -> None:
        raise OSError("the disk is full")

    inner = httpx2.MockTransport(lambda _: httpx2.Response(200, json=openai.chat({})))
    with httpx2.Client(transport=RecordingTransport(record, inner)) as client:
        assert client.post(URL, json=REQUEST).json() == openai.chat({})
    assert "chat completions" in caplog.text


def test_a_request_that_is_not_understood_is_sent_as_it_is(standin: Standin) -> None:
    standin.answer(Reply(chunks=[msgspec.json.encode(openai.chat(openai.CHAT_USAGE))]))
    events: list[Any] = []
    transport = RecordingTransport(events.append, Rerouted(standin.address))
    with httpx2.Client(transport=transport) as client:
        client.post(URL, content=b'{"stream": "perhaps"')
        assert standin.received[-1].body == b'{"stream": "perhaps"'
        client.post(URL, content=iter([b"{", b"}"]))
        assert standin.received[-1].body == b"{}"
    assert [event["input_tokens"] for event in events] == [1830, 1830]


@pytest.mark.parametrize("status", [302, 400, 401, 404, 429, 500, 529])
def test_an_error_is_passed_on_and_not_counted(status: int) -> None:
    events: list[Any] = []
    body = msgspec.json.encode({"error": {"message": "no"}})
    with httpx2.Client(transport=answering(body, events, status)) as client:
        response = client.post(URL, json=REQUEST)
    assert (response.status_code, response.content) == (status, body)
    assert events == []


def test_of_a_request_that_an_sdk_tries_again_only_the_answered_one_counts(
    standin: Standin,
) -> None:
    refused = Reply(
        chunks=[b'{"error": {"message": "slow down"}}'], status=429, headers={"retry-after-ms": "1"}
    )
    answer = Reply(chunks=[msgspec.json.encode(openai.chat(openai.CHAT_USAGE))])
    standin.answer(refused, refused, answer)
    events: list[Any] = []
    http = DefaultHttpxClient(
        transport=RecordingTransport(events.append, Rerouted(standin.address))
    )
    with OpenAI(api_key="sk-of-nobody", http_client=http, max_retries=2) as client:
        client.chat.completions.create(model="gpt-5.5", messages=openai.MESSAGES)  # type: ignore[arg-type]
    assert len(standin.received) == 3
    assert [event["id"] for event in events] == ["chatcmpl-A1"]


def test_what_is_no_model_request_is_passed_through() -> None:
    events: list[Any] = []
    with httpx2.Client(transport=answering(b'{"data": []}', events)) as client:
        assert client.get(f"{openai.URL}/models").json() == {"data": []}
        assert client.post(f"{openai.URL}/files", content=b"x").json() == {"data": []}
    assert events == []


def test_an_answer_that_a_transport_below_has_read_is_counted_too() -> None:
    events: list[Any] = []
    inner = httpx2.MockTransport(
        lambda _: httpx2.Response(200, json=openai.chat(openai.CHAT_USAGE))
    )
    with httpx2.Client(transport=RecordingTransport(events.append, inner)) as client:
        client.post(URL, json=REQUEST)
    assert [event["input_tokens"] for event in events] == [1830]


def test_a_provider_and_attributes_can_be_given() -> None:
    events: list[Any] = []
    inner = httpx2.MockTransport(
        lambda _: httpx2.Response(200, json=openai.chat(openai.CHAT_USAGE))
    )
    transport = RecordingTransport(
        events.append,
        inner,
        provider="mistral",
        attributes={"project_id": "proj_atlas", "batch": True, "tags": {"team": "search"}},
    )
    with httpx2.Client(transport=transport) as client:
        client.post("http://127.0.0.1:4000/v1/chat/completions", json=REQUEST)
    (event,) = events
    assert event["provider"] == "mistral"
    assert event["project_id"] == "proj_atlas"
    assert event["batch"] is True
    assert event["tags"] == {"team": "search"}


def test_attributes_that_no_event_has_are_refused_at_once() -> None:
    with pytest.raises(ValueError, match="attributes has colour: an event has api_key_id"):
        RecordingTransport(lambda _: None, attributes={"colour": "red"})
    tags = {f"tag {number}": "x" for number in range(16)}
    with pytest.raises(ValueError, match="attributes has 16 tags: at most 15"):
        RecordingTransport(lambda _: None, attributes={"tags": tags})


def test_an_id_that_is_too_long_is_left_to_the_recorder() -> None:
    events: list[Any] = []
    body = msgspec.json.encode(openai.chat(openai.CHAT_USAGE, id="x" * 201, model="m" * 201))
    with httpx2.Client(transport=answering(body, events)) as client:
        client.post(URL, json=REQUEST)
    assert "id" not in events[0]
    assert events[0]["model"] == "m" * 200
