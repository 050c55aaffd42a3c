"""The transports: HTTP for a provider's SDK, with each model request recorded.

The application sees the bytes, the timing and the errors that it would see
without them. What they record is an event for each answer of a model, made of
the usage in it (``docs/transports.md``); they keep nothing of what was asked
and answered.
"""

import time
from typing import cast

import httpx2

from tallybook.client.transports.event_writer import Event, Record
from tallybook.client.transports.observation import Observation
from tallybook.client.transports.streams import AsyncObservedStream, ObservedStream
from tallybook.client.transports.watching import Clock, Watch


class RecordingTransport(httpx2.BaseTransport):
    """A synchronous transport that records what is used.

    ``record`` takes each event, a mapping with the fields of ``POST
    /v1/events``; ``id`` is missing where the provider gave none. ``transport``
    does the sending: one of httpx2's defaults if left out. ``provider`` says
    whose prices hold where the host does not tell, for a gateway or a proxy.
    ``attributes`` are fields that every event gets: ``project_id``,
    ``user_id``, ``tags`` and the like. ``ask_for_usage`` lets chat streams of
    OpenAI and Azure report their usage. ``clock`` gives Unix seconds.

    Raises ValueError for an attribute that no event has, or too many tags.
    """

    def __init__(
        self,
        record: Record,
        transport: httpx2.BaseTransport | None = None,
        *,
        provider: str | None = None,
        attributes: Event | None = None,
        ask_for_usage: bool = True,
        clock: Clock = time.time,
    ) -> None:
        self._watch = Watch(
            record,
            provider=provider,
            attributes=attributes or {},
            ask_for_usage=ask_for_usage,
            clock=clock,
        )
        self._transport = transport or httpx2.HTTPTransport()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request; raises what the transport below raises."""
        sent = self._watch.sent(request)
        response = self._transport.handle_request(sent.request)
        if (observation := _observation_of(sent.observation, response)) is not None:
            stream = cast(httpx2.SyncByteStream, response.stream)
            response.stream = ObservedStream(stream, observation)
        return response

    def close(self) -> None:
        """Close the transport below."""
        self._transport.close()


class AsyncRecordingTransport(httpx2.AsyncBaseTransport):
    """An asynchronous transport that records what is used; as ``RecordingTransport``."""

    def __init__(
        self,
        record: Record,
        transport: httpx2.AsyncBaseTransport | None = None,
        *,
        provider: str | None = None,
        attributes: Event | None = None,
        ask_for_usage: bool = True,
        clock: Clock = time.time,
    ) -> None:
        self._watch = Watch(
            record,
            provider=provider,
            attributes=attributes or {},
            ask_for_usage=ask_for_usage,
            clock=clock,
        )
        self._transport = transport or httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request; raises what the transport below raises."""
        sent = self._watch.sent(request)
        response = await self._transport.handle_async_request(sent.request)
        if (observation := _observation_of(sent.observation, response)) is not None:
            stream = cast(httpx2.AsyncByteStream, response.stream)
            response.stream = AsyncObservedStream(stream, observation)
        return response

    async def aclose(self) -> None:
        """Close the transport below."""
        await self._transport.aclose()


def _observation_of(
    observation: Observation | None, response: httpx2.Response
) -> Observation | None:
    """Who has to see the bytes of an answer: nobody of an error, which nobody pays for."""
    if observation is None or not response.is_success:
        return None
    observation.answered(response.headers)
    if not response.is_stream_consumed:
        return observation
    # A transport below, a cache perhaps, has read the answer already, and unpacked it.
    observation.passed(response.content)
    observation.finished()
    return None
