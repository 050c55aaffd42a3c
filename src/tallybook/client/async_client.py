"""The same for ``await``: ``AsyncClient``; see ``client/client.py``."""

import os
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Literal, Unpack, overload

import anyio
import httpx2

from tallybook.client import posting, stored_events
from tallybook.client.addresses import address_of
from tallybook.client.async_buckets import AsyncBuckets, AsyncCostsBuckets, AsyncUsageBuckets
from tallybook.client.closing import AsyncClosing
from tallybook.client.connection import TIMEOUT_SECONDS, AsyncConnection
from tallybook.client.errors import BadRequest, Conflict
from tallybook.client.exchanges import Parameters
from tallybook.client.options import (
    CostsOptions,
    FileSearchOptions,
    GenerationOptions,
    ImagesOptions,
    ModelOptions,
    ProjectOptions,
    WebSearchOptions,
    Width,
)
from tallybook.client.questions import COSTS, Question, endpoint_of, question
from tallybook.client.results import (
    AudioSpeechesResult,
    AudioTranscriptionsResult,
    CodeInterpreterSessionsResult,
    CompletionsResult,
    DecisionsResult,
    EmbeddingsResult,
    FileSearchCallsResult,
    ImagesResult,
    ModerationsResult,
    Result,
    VectorStoresResult,
    WebSearchCallsResult,
)
from tallybook.client.retrying import RetryPolicy
from tallybook.client.stored_events import EventTime, StoredEvent
from tallybook.domain.instants import exclusive_now
from tallybook.domain.moments import Moment
from tallybook.domain.receipts import Receipt


class AsyncClient(AsyncClosing):
    """``Client`` for tasks: ``async with``, ``async for``, ``await answer.total()``.

    Takes what Client takes, with the asynchronous twins of ``http`` and ``transport``.
    """

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
        http: httpx2.AsyncClient | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
        proxy: str | httpx2.Proxy | None = None,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        chance: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.time,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        address, secret = address_of(url, key, environment)
        self.connection = AsyncConnection(
            address,
            secret,
            timeout_seconds=timeout_seconds,
            retry=retry,
            http=http,
            transport=transport,
            proxy=proxy,
            sleep=sleep,
            chance=chance,
            clock=clock,
        )
        self._clock = clock

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.connection.base!r})"

    async def close(self) -> None:
        """Close the connections that were opened here."""
        await self.connection.close()

    @overload
    def usage(
        self,
        kind: Literal["completions"],
        start: Moment,
        end: Moment | None = None,
        width: Width = "1d",
        **options: Unpack[GenerationOptions],
    ) -> AsyncUsageBuckets[CompletionsResult]: ...
    @overload
    def usage(
        self,
        kind: Literal["embeddings"],
        start: Moment,
        end: Moment | None = None,
        width: Width = "1d",
        **options: Unpack[ModelOptions],
    ) -> AsyncUsageBuckets[EmbeddingsResult]: ...
    @overload
    def usage(
        self,
        kind: Literal["moderations"],
        start: Moment,
        end: Moment | None = None,
        width: Width = "1d",
        **options: Unpack[ModelOptions],
    ) -> AsyncUsageBuckets[ModerationsResult]: ...
    @overload
    def usage(
        self,
        kind: Literal["images"],
        start: Moment,
        end: Moment | None = None,
        width: Width = "1d",
        **options: Unpack[ImagesOptions],
    ) -> AsyncUsageBuckets[ImagesResult]: ...
    @overload
    def usage(
        self,
        kind: Literal["audio_speeches"],
        start: Moment,
        end: Moment | None = None,
        width: Width = "1d",
        **options: Unpack[ModelOptions],
    ) -> AsyncUsageBuckets[AudioSpeechesResult]: ...
    @overload
    def usage(
        self,
        kind: Literal["audio_transcriptions"],
        start: Moment,
        end: Moment | None = None,
        width: Width = "1d",
        **options: Unpack[ModelOptions],
    ) -> AsyncUsageBuckets[AudioTranscriptionsResult]: ...
    @overload
    def usage(
        self,
        kind: Literal["vector_stores"],
        start: Moment,
        end: Moment | None = None,
        width: Width = "1d",
        **options: Unpack[ProjectOptions],
    ) -> AsyncUsageBuckets[VectorStoresResult]: ...
    @overload
    def usage(
        self,
        kind: Literal["code_interpreter_sessions"],
        start: Moment,
        end: Moment | None = None,
        width: Width = "1d",
        **options: Unpack[ProjectOptions],
    ) -> AsyncUsageBuckets[CodeInterpreterSessionsResult]: ...
    @overload
    def usage(
        self,
        kind: Literal["file_search_calls"],
        start: Moment,
        end: Moment | None = None,
        width: Width = "1d",
        **options: Unpack[FileSearchOptions],
    ) -> AsyncUsageBuckets[FileSearchCallsResult]: ...
    @overload
    def usage(
        self,
        kind: Literal["web_search_calls"],
        start: Moment,
        end: Moment | None = None,
        width: Width = "1d",
        **options: Unpack[WebSearchOptions],
    ) -> AsyncUsageBuckets[WebSearchCallsResult]: ...
    @overload
    def usage(
        self,
        kind: Literal["decisions"],
        start: Moment,
        end: Moment | None = None,
        width: Width = "1d",
        **options: Unpack[GenerationOptions],
    ) -> AsyncUsageBuckets[DecisionsResult]: ...
    def usage(
        self, kind: str, start: Moment, end: Moment | None = None, width: str = "1d", **options: Any
    ) -> AsyncUsageBuckets[Any]:
        """What was used; see Client.usage. Nothing is sent before the buckets are walked."""
        asked = question(endpoint_of(kind), start, end, width, options=options, now=self._now())
        return AsyncUsageBuckets(self.connection, asked, kind)

    def costs(
        self,
        start: Moment,
        end: Moment | None = None,
        width: Width = "1d",
        **options: Unpack[CostsOptions],
    ) -> AsyncCostsBuckets:
        """What it cost, in whole buckets; otherwise as ``usage``."""
        return AsyncCostsBuckets(
            self.connection, question(COSTS, start, end, width, options=options, now=self._now())
        )

    def ask(self, path: str, parameters: Parameters) -> AsyncBuckets[Result]:
        """What an endpoint answers that this version does not know, page by page.

        ``path`` is below the base path, like ``/organization/usage/holograms``;
        ``parameters`` go out as they are, and ``page`` after them.
        """
        return AsyncBuckets(self.connection, Question(path, tuple(parameters)))

    async def post_events(self, events: posting.Event | Iterable[posting.Event]) -> Receipt:
        """Post an event, or several in one request, and say what became of each.

        Events have the fields of ``docs/events.md``. Posting one again is safe:
        it is known by its ``id`` and ``time``. A receipt comes back even when
        none was stored; what is wrong with the request itself raises ClientError.
        """
        try:
            answer = await self.connection.post(
                posting.PATH, posting.body_of(events), posting.HEADERS
            )
        except (BadRequest, Conflict) as fault:
            return posting.refused(fault)
        return posting.read_receipt(answer.body)

    async def event(self, event_id: str, *, time: EventTime | None = None) -> StoredEvent:
        """The stored event with an id, as it was posted; ``voided`` says that it was voided.

        ``time`` says which, where several have the id. Raises NotFound, and
        BadRequest, code ``ambiguous_event``, which lists the times.
        """
        path, parameters = stored_events.path_of(event_id), stored_events.parameters_of(time)
        return stored_events.read_event((await self.connection.get(path, parameters)).body)

    async def void(
        self, event_id: str, reason: str, *, time: EventTime | None = None
    ) -> StoredEvent:
        """Void an event: it stays, marked, and counts no more. Safe to do again.

        The event, with its first mark, comes back. Needs the scope
        ``api.usage.write``; raises what ``event`` does.
        """
        body = stored_events.void_body(event_id, reason, time)
        answer = await self.connection.post(stored_events.VOID_PATH, body, posting.HEADERS)
        return stored_events.read_voided(answer.body)

    def _now(self) -> int:
        return exclusive_now(self._clock())
