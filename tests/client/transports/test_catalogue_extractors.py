"""The catalogue's extractors as an oracle: over every known answer that they read, both agree.

``genai_prices`` is too heavy for an application, so the client reads answers
itself (``docs/decisions/0025-own-extraction.md``). Where the catalogue's
extractor is silent or wrong is listed here, with the reason.
"""

from collections.abc import Mapping
from typing import Any

import pytest
from genai_prices import Usage
from genai_prices.data_snapshot import get_snapshot

from support.providers.vector import Vector
from support.providers.vectors import VECTORS
from tallybook.client.transports.providers import HOSTS

# What its extractor does not say of an answer that it reads, and we do.
SILENT: dict[str, tuple[tuple[str, ...], str]] = {
    "chat with sound and pictures": (
        ("input_image_tokens",),
        "image tokens of a prompt are in no mapping of the chat format",
    ),
    "response": (
        ("input_cache_write_12h_tokens",),
        "the lifetimes of what was written are in no mapping of the responses format",
    ),
    "response with tools": (
        ("input_cache_write_12h_tokens",),
        "the same; tool calls and the tokens of image generation are not read either",
    ),
    "message on Bedrock": (
        ("output_reasoning_tokens",),
        "thinking is read of Anthropic's own answers only",
    ),
}

# What it does not read at all, though it has a list for the provider.
UNREAD: dict[str, str] = {
    "response with tools that nobody summed up": "as the response with tools",
    "moderation": "no tokens are reported, and none are charged",
    "images, counted": "its formats count tokens",
    "image edit": "its formats count tokens",
    "image variation": "its formats count tokens",
    "image at an Azure deployment": "its formats count tokens",
    "images on Vertex AI": "its formats count tokens",
    "speech": "what was asked for is in the request",
    "transcription, by tokens": "no format of a transcription",
    "transcription, by its duration": "no format of a transcription",
    "transcription, by seconds": "no format of a transcription",
    "transcription as plain text": "nothing is reported",
    "translation": "no format of a transcription",
    "stream on Bedrock, in a format that is not read": "binary",
    "Mistral moderation": "it requires completion tokens, of which there are none",
    "Mistral transcription": "the seconds are in no mapping",
    "Gemini content stream as one array": "it reads one chunk",
    "embeddings on Vertex AI": "predictions are in no mapping",
}

READ = [vector for vector in VECTORS if vector.flavour is not None]


def in_our_words(usage: Usage) -> dict[str, int]:
    """The catalogue's usage, whose parts of the input include what was cached of them."""
    said: Mapping[str, Any] = {name: value or 0 for name, value in usage.__dict__.items()}

    def of(name: str) -> int:
        return int(said.get(name, 0))

    cached_audio = of("cache_audio_read_tokens")
    cached_image = of("cache_image_read_tokens") + of("cache_video_read_tokens")
    counts = {
        "input_tokens": of("input_tokens"),
        "output_tokens": of("output_tokens"),
        "input_cached_tokens": of("cache_read_tokens"),
        "input_cached_audio_tokens": cached_audio,
        "input_cached_image_tokens": cached_image,
        "input_cache_write_tokens": of("cache_write_tokens"),
        "input_cache_write_12h_tokens": of("cache_write_1h_tokens"),
        "input_audio_tokens": of("input_audio_tokens") - cached_audio,
        # We see videos and documents as images.
        "input_image_tokens": of("input_image_tokens") + of("input_video_tokens") - cached_image,
        "output_audio_tokens": of("output_audio_tokens"),
        "output_image_tokens": of("output_image_tokens"),
        "output_reasoning_tokens": of("output_reasoning_tokens"),
    }
    return {name: count for name, count in counts.items() if count}


def read_by_catalogue(vector: Vector) -> Usage:
    provider = get_snapshot().find_provider(None, str(vector.events[0]["provider"]), None)
    (extractor,) = (each for each in provider.extractors or () if each.api_flavor == vector.flavour)
    return extractor.extract(vector.answer)[1]


@pytest.mark.parametrize("vector", READ, ids=lambda vector: vector.name)
def test_both_read_the_same(vector: Vector) -> None:
    event = dict(vector.events[0])
    usage = read_by_catalogue(vector)
    ours = {
        name: count
        for name, count in event.items()
        if name.endswith("_tokens") and count and name not in SILENT.get(vector.name, ((), ""))[0]
    }
    assert in_our_words(usage) == ours
    searches = sum(
        int(str(other["num_requests"]))
        for other in vector.events[1:]
        if other["kind"] == "web_search_calls"
    )
    if usage.__dict__.get("web_searches") is not None:
        assert usage.__dict__["web_searches"] == searches


@pytest.mark.parametrize("name", SILENT)
def test_where_it_is_said_to_be_silent_it_is(name: str) -> None:
    vector = next(vector for vector in READ if vector.name == name)
    usage = read_by_catalogue(vector)
    missing, _ = SILENT[name]
    assert not {*missing} & in_our_words(usage).keys()
    assert {*missing} <= vector.events[0].keys()


def test_every_whole_answer_is_compared_or_said_to_be_unread() -> None:
    whole = {vector.name for vector in VECTORS if vector.stream is None}
    assert whole == {vector.name for vector in READ} | UNREAD.keys()


@pytest.mark.parametrize("host", HOSTS)
def test_every_host_is_the_catalogues(host: str) -> None:
    provider = HOSTS[host]
    address = {
        "googleapis.com": "https://generativelanguage.googleapis.com",
        "amazonaws.com": "https://bedrock-runtime.eu-west-1.amazonaws.com",
        # The catalogue has Mistral's main address alone.
        "codestral.mistral.ai": "https://api.mistral.ai",
    }.get(host, f"https://{host}")
    found = get_snapshot().find_provider(None, None, address)
    assert found.id == provider
