"""The provider SDKs, as an application calls them: sync and async, streaming and not."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import anthropic
import httpx2
import msgspec
import openai
from google import genai
from google.genai import types as google_types
from mistralai.client import Mistral

from support.providers.openai import MESSAGES, TOOLS
from support.providers.vector import PROMPT

KEY = "sk-of-nobody"
SOUND = ("a.wav", b"RIFF" + b"\0" * 5000)
GEMINI = "gemini-3-pro-preview"


class Call(msgspec.Struct, frozen=True):
    """What an application asks of an SDK, and the known answer to it."""

    vector: str
    sdk: str
    ask: Callable[[Any], Any]
    # The same for the asynchronous client, where it is asked otherwise.
    ask_async: Callable[[Any], Any] | None = None
    # Whether the application does not ask for the usage that the answer has.
    asks_for_no_usage: bool = False


def sync_client(sdk: str, transport: httpx2.BaseTransport) -> Any:
    """The client of an SDK over a transport, at the provider's own address."""
    if sdk == "openai":
        http = openai.DefaultHttpxClient(transport=transport)
        return openai.OpenAI(api_key=KEY, http_client=http)
    if sdk == "anthropic":
        http = anthropic.DefaultHttpxClient(transport=transport)
        return anthropic.Anthropic(api_key=KEY, http_client=http)
    if sdk == "mistralai":
        return Mistral(
            api_key=KEY, client=httpx2.Client(transport=transport, follow_redirects=True)
        )
    options = google_types.HttpOptions(client_args={"transport": transport})
    return genai.Client(api_key=KEY, http_options=options)


def async_client(sdk: str, transport: httpx2.AsyncBaseTransport) -> Any:
    """The asynchronous client of an SDK over a transport."""
    if sdk == "openai":
        http = openai.DefaultAsyncHttpxClient(transport=transport)
        return openai.AsyncOpenAI(api_key=KEY, http_client=http)
    if sdk == "anthropic":
        http = anthropic.DefaultAsyncHttpxClient(transport=transport)
        return anthropic.AsyncAnthropic(api_key=KEY, http_client=http)
    if sdk == "mistralai":
        http = httpx2.AsyncClient(transport=transport, follow_redirects=True)
        return Mistral(api_key=KEY, async_client=http)
    options = google_types.HttpOptions(async_client_args={"transport": transport})
    return genai.Client(api_key=KEY, http_options=options)


def result_of(call: Call, transport: httpx2.BaseTransport) -> list[Any]:
    """What the application gets: one value, or those of a stream."""
    client = sync_client(call.sdk, transport)
    try:
        given = call.ask(client)
        streams = isinstance(given, Iterable) and not hasattr(given, "model_dump")
        return [plain(each) for each in given] if streams else [plain(given)]
    finally:
        transport.close()


def async_result_of(call: Call, transport: httpx2.AsyncBaseTransport) -> list[Any]:
    """The same, awaited."""

    async def ask() -> list[Any]:
        client = async_client(call.sdk, transport)
        given: Any = (call.ask_async or call.ask)(client)
        if isinstance(given, Awaitable):
            given = await given
        if hasattr(given, "__aiter__") and not hasattr(given, "model_dump"):
            values = [plain(each) async for each in given]
        else:
            values = [plain(given)]
        await transport.aclose()
        return values

    return asyncio.run(ask())


def plain(value: Any) -> Any:
    """A value of an SDK, as data."""
    if hasattr(value, "model_dump"):
        # What came with the answer beside it: Google keeps the headers, with their date.
        return value.model_dump(mode="json", exclude={"sdk_http_response"})
    return value.read() if hasattr(value, "read") else value


def _chat(client: Any, *, stream: bool, **more: Any) -> Any:
    return client.chat.completions.create(model="gpt-5.5", messages=MESSAGES, stream=stream, **more)


def _message(client: Any, *, stream: bool) -> Any:
    return client.messages.create(
        model="claude-opus-4-8", max_tokens=1000, messages=MESSAGES, stream=stream
    )


def _transcription(client: Any, **more: Any) -> Any:
    return client.audio.transcriptions.create(file=SOUND, **more)


CALLS = (
    Call("chat", "openai", lambda client: _chat(client, stream=False)),
    Call(
        "chat stream",
        "openai",
        lambda client: _chat(client, stream=True),
        asks_for_no_usage=True,
    ),
    Call(
        "chat stream",
        "openai",
        lambda client: _chat(client, stream=True, stream_options={"include_usage": True}),
    ),
    Call(
        "legacy completion",
        "openai",
        lambda client: client.completions.create(model="gpt-3.5-turbo-instruct", prompt=PROMPT),
    ),
    Call(
        "response",
        "openai",
        lambda client: client.responses.create(model="gpt-5.5", input=PROMPT),
    ),
    Call(
        "response with tools",
        "openai",
        lambda client: client.responses.create(model="gpt-5.5", input=PROMPT, tools=TOOLS),
    ),
    Call(
        "response stream",
        "openai",
        lambda client: client.responses.create(model="gpt-5.5", input=PROMPT, stream=True),
    ),
    Call(
        "embeddings",
        "openai",
        lambda client: client.embeddings.create(model="text-embedding-3-small", input=[PROMPT]),
    ),
    Call("moderation", "openai", lambda client: client.moderations.create(input=PROMPT)),
    Call(
        "images, counted",
        "openai",
        lambda client: client.images.generate(
            model="dall-e-3", prompt=PROMPT, size="1024x1792", quality="hd"
        ),
    ),
    Call(
        "images, by tokens",
        "openai",
        lambda client: client.images.generate(model="gpt-image-1.5", prompt=PROMPT),
    ),
    Call(
        "image stream",
        "openai",
        lambda client: client.images.generate(model="gpt-image-1.5", prompt=PROMPT, stream=True),
    ),
    Call(
        "image edit",
        "openai",
        lambda client: client.images.edit(
            image=("a.png", b"\x89PNG"), model="dall-e-2", prompt=PROMPT, size="512x512"
        ),
    ),
    Call(
        "speech",
        "openai",
        lambda client: client.audio.speech.create(
            model="tts-1", voice="alloy", input=f"{PROMPT} é🦦"
        ),
    ),
    Call(
        "transcription, by tokens",
        "openai",
        lambda client: _transcription(client, model="gpt-4o-transcribe"),
    ),
    Call(
        "transcription stream",
        "openai",
        lambda client: _transcription(client, model="gpt-4o-transcribe", stream=True),
    ),
    Call(
        "transcription, by its duration",
        "openai",
        lambda client: _transcription(client, model="whisper-1", response_format="verbose_json"),
    ),
    Call(
        "transcription as plain text",
        "openai",
        lambda client: _transcription(client, model="whisper-1", response_format="text"),
    ),
    Call("message", "anthropic", lambda client: _message(client, stream=False)),
    Call("message stream", "anthropic", lambda client: _message(client, stream=True)),
    Call(
        "Mistral chat",
        "mistralai",
        lambda client: client.chat.complete(model="mistral-large-latest", messages=MESSAGES),
        lambda client: client.chat.complete_async(model="mistral-large-latest", messages=MESSAGES),
    ),
    Call(
        "Mistral chat stream",
        "mistralai",
        lambda client: client.chat.stream(model="mistral-large-latest", messages=MESSAGES),
        lambda client: client.chat.stream_async(model="mistral-large-latest", messages=MESSAGES),
    ),
    Call(
        "Mistral FIM",
        "mistralai",
        lambda client: client.fim.complete(model="codestral-latest", prompt=PROMPT),
        lambda client: client.fim.complete_async(model="codestral-latest", prompt=PROMPT),
    ),
    Call(
        "Mistral agent",
        "mistralai",
        lambda client: client.agents.complete(agent_id="ag_1", messages=MESSAGES),
        lambda client: client.agents.complete_async(agent_id="ag_1", messages=MESSAGES),
    ),
    Call(
        "Mistral embeddings",
        "mistralai",
        lambda client: client.embeddings.create(model="mistral-embed", inputs=[PROMPT]),
        lambda client: client.embeddings.create_async(model="mistral-embed", inputs=[PROMPT]),
    ),
    Call(
        "Mistral moderation",
        "mistralai",
        lambda client: client.classifiers.moderate_chat(
            model="mistral-moderation-latest", inputs=MESSAGES
        ),
        lambda client: client.classifiers.moderate_chat_async(
            model="mistral-moderation-latest", inputs=MESSAGES
        ),
    ),
    Call(
        "Mistral transcription",
        "mistralai",
        lambda client: client.audio.transcriptions.complete(
            model="voxtral-mini-latest", file={"file_name": "a.wav", "content": SOUND[1]}
        ),
        lambda client: client.audio.transcriptions.complete_async(
            model="voxtral-mini-latest", file={"file_name": "a.wav", "content": SOUND[1]}
        ),
    ),
    Call(
        "Gemini content",
        "google-genai",
        lambda client: client.models.generate_content(model=GEMINI, contents=PROMPT),
        lambda client: client.aio.models.generate_content(model=GEMINI, contents=PROMPT),
    ),
    Call(
        "Gemini content stream",
        "google-genai",
        lambda client: client.models.generate_content_stream(model=GEMINI, contents=PROMPT),
        lambda client: client.aio.models.generate_content_stream(model=GEMINI, contents=PROMPT),
    ),
    Call(
        "Gemini embeddings",
        "google-genai",
        lambda client: client.models.embed_content(model="gemini-embedding-001", contents=PROMPT),
        lambda client: client.aio.models.embed_content(
            model="gemini-embedding-001", contents=PROMPT
        ),
    ),
)
