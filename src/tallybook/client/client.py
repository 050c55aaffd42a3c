"""The client: what was used, what it cost, and events on their way in."""

import os
import random
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, Unpack, overload

import httpx2

from tallybook.client import posting, stored_events
from tallybook.client.addresses import address_of
from tallybook.client.buckets import Buckets, CostsBuckets, UsageBuckets
from tallybook.client.closing import Closing
from tallybook.client.connection import TIMEOUT_SECONDS, Connection
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


class Client(Closing):
    """Asks a Tallybook, or OpenAI's own endpoint, and posts events to a Tallybook.

    ``url`` is its address, with or without ``/v1`` at the end, else that of the
    variable ``TALLYBOOK_URL``; ``key`` an admin key, else that of
    ``TALLYBOOK_ADMIN_KEY``. What else there is, is that of Connection: timeouts,
    retries, and a client, transport or proxy of one's own. May be used by many
    threads at once. ``with`` closes it.

    Every call raises ClientError (``client/errors.py``) for what the server or
    the network says, and ValueError or TypeError, before anything is sent, for
    what cannot be asked.
    """

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
        http: httpx2.Client | None = None,
        transport: httpx2.BaseTransport | None = None,
        proxy: str | httpx2.Proxy | None = None,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.time,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        address, secret = address_of(url, key, environment)
        self.connection = Connection(
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

    def close(self) -> None:
        """Close the connections that were opened here."""
        self.connection.close()

    @overload
    def usage(
        self,
        kind: Literal["completions"],
        start: Moment,
        end: Moment | None = None,
        width: Width = "1d",
        **options: Unpack[GenerationOptions],
    ) -> UsageBuckets[CompletionsResult]: ...
    @overload
    def usage(
        self,
        kind: Literal["embeddings"],
        start: Moment,
        end: Moment | None = None,
        width: Width = "1d",
        **options: Unpack[ModelOptions],
    ) -> UsageBuckets[EmbeddingsResult]: ...
    @overload
    def usage(
        self,
        kind: Literal["moderations"],
        start: Moment,
        end: Moment | None = None,
        width: Width = "1d",
        **options: Unpack[ModelOptions],
    ) -> UsageBuckets[ModerationsResult]: ...
    @overload
    def usage(
        self,
        kind: Literal["images"],
        start: Moment,
        end: Moment | None = None,
        width: Width = "1d",
        **options: Unpack[ImagesOptions],
    ) -> UsageBuckets[ImagesResult]: ...
    @overload
    def usage(
        self,
        kind: Literal["audio_speeches"],
        start: Moment,
        end: Moment | None = None,
        width: Width = "1d",
        **options: Unpack[ModelOptions],
    ) -> UsageBuckets[AudioSpeechesResult]: ...
    @overload
    def usage(
        self,
        kind: Literal["audio_transcriptions"],
        start: Moment,
        end: Moment | None = None,
        width: Width = "1d",
        **options: Unpack[ModelOptions],
    ) -> UsageBuckets[AudioTranscriptionsResult]: ...
    @overload
    def usage(
        self,
        kind: Literal["vector_stores"],
        start: Moment,
        end: Moment | None = None,
        width: Width = "1d",
        **options: Unpack[ProjectOptions],
    ) -> UsageBuckets[VectorStoresResult]: ...
    @overload
    def usage(
        self,
        kind: Literal["code_interpreter_sessions"],
        start: Moment,
        end: Moment | None = None,
        width: Width = "1d",
        **options: Unpack[ProjectOptions],
    ) -> UsageBuckets[CodeInterpreterSessionsResult]: ...
    @overload
    def usage(
        self,
        kind: Literal["file_search_calls"],
        start: Moment,
        end: Moment | None = None,
        width: Width = "1d",
        **options: Unpack[FileSearchOptions],
    ) -> UsageBuckets[FileSearchCallsResult]: ...
    @overload
    def usage(
        self,
        kind: Literal["web_search_calls"],
        start: Moment,
        end: Moment | None = None,
        width: Width = "1d",
        **options: Unpack[WebSearchOptions],
    ) -> UsageBuckets[WebSearchCallsResult]: ...
    @overload
    def usage(
        self,
        kind: Literal["decisions"],
        start: Moment,
        end: Moment | None = None,
        width: Width = "1d",
        **options: Unpack[GenerationOptions],
    ) -> UsageBuckets[DecisionsResult]: ...
    def usage(
        self, kind: str, start: Moment, end: Moment | None = None, width: str = "1d", **options: Any
    ) -> UsageBuckets[Any]:
        """What was used of a kind in ``[start, end)``, in buckets of ``width``.

        Moments are Unix seconds, dates and datetimes, or text like
        ``"2026-11-01"`` and ``"-30d"``; without an offset they are by the
        clocks of ``timezone``, UTC unless given. Without an end it is all until
        now. For the other options see ``client/options.py``.

        Nothing is sent before the buckets are walked.
        """
        asked = question(endpoint_of(kind), start, end, width, options=options, now=self._now())
        return UsageBuckets(self.connection, asked, kind)

    def costs(
        self,
        start: Moment,
        end: Moment | None = None,
        width: Width = "1d",
        **options: Unpack[CostsOptions],
    ) -> CostsBuckets:
        """What it cost, in whole buckets; otherwise as ``usage``."""
        return CostsBuckets(
            self.connection, question(COSTS, start, end, width, options=options, now=self._now())
        )

    def ask(self, path: str, parameters: Parameters) -> Buckets[Result]:
        """What an endpoint answers that this version does not know, page by page.

        ``path`` is below the base path, like ``/organization/usage/holograms``;
        ``parameters`` go out as they are, and ``page`` after them.
        """
        return Buckets(self.connection, Question(path, tuple(parameters)))

    def post_events(self, events: posting.Event | Iterable[posting.Event]) -> Receipt:
        """Post an event, or several in one request, and say what became of each.

        Events have the fields of ``docs/events.md``. Posting one again is safe:
        it is known by its ``id`` and ``time``. A receipt comes back even when
        none was stored; what is wrong with the request itself raises ClientError.
        """
        try:
            answer = self.connection.post(posting.PATH, posting.body_of(events), posting.HEADERS)
        except (BadRequest, Conflict) as fault:
            return posting.refused(fault)
        return posting.read_receipt(answer.body)

    def event(self, event_id: str, *, time: EventTime | None = None) -> StoredEvent:
        """The stored event with an id, as it was posted; ``voided`` says that it was voided.

        ``time`` says which, where several have the id. Raises NotFound, and
        BadRequest, code ``ambiguous_event``, which lists the times.
        """
        path, parameters = stored_events.path_of(event_id), stored_events.parameters_of(time)
        return stored_events.read_event((self.connection.get(path, parameters)).body)

    def void(self, event_id: str, reason: str, *, time: EventTime | None = None) -> StoredEvent:
        """Void an event: it stays, marked, and counts no more. Safe to do again.

        The event, with its first mark, comes back. Needs the scope
        ``api.usage.write``; raises what ``event`` does.
        """
        body = stored_events.void_body(event_id, reason, time)
        answer = self.connection.post(stored_events.VOID_PATH, body, posting.HEADERS)
        return stored_events.read_voided(answer.body)

    def _now(self) -> int:
        return exclusive_now(self._clock())
