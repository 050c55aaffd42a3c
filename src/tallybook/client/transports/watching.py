"""Which requests are observed, and what is done to them on their way out."""

import time
from collections.abc import Callable

import httpx2
import msgspec

from tallybook.client.transports.asked import NOTHING, Asked, OutgoingForm
from tallybook.client.transports.asking import UsageHider, asking, takes_the_option, with_usage
from tallybook.client.transports.endpoints import Recognised, recognise
from tallybook.client.transports.event_writer import Event, EventWriter, Occasion, Record
from tallybook.client.transports.observation import Observation
from tallybook.client.transports.providers import provider_of

Clock = Callable[[], float]

_FORM = "multipart/form-data"


class Sent(msgspec.Struct, frozen=True):
    """A request as it goes out, and who observes its answer; nobody when it is no model request."""

    request: httpx2.Request
    observation: Observation | None = None


class Watch:
    """What the synchronous and the asynchronous transport share: everything but the waiting."""

    def __init__(
        self,
        record: Record,
        *,
        provider: str | None,
        attributes: Event,
        ask_for_usage: bool,
        clock: Clock = time.time,
    ) -> None:
        self._writer = EventWriter(record, attributes)
        self._provider = provider
        self._ask_for_usage = ask_for_usage
        self._clock = clock

    def sent(self, request: httpx2.Request) -> Sent:
        """A request that is about to be sent. What goes wrong is logged, and it goes out as is."""
        recognised = recognise(request.method, request.url.path)
        if recognised is None:
            return Sent(request)
        try:
            return self._observed(request, recognised)
        except Exception as error:
            self._writer.fault(recognised.endpoint.name, error)
            return Sent(request, self._observation(request, recognised, NOTHING))

    def _observed(self, request: httpx2.Request, recognised: Recognised) -> Sent:
        body = _loaded(request)
        if body is None:
            return self._form(request, recognised)
        endpoint = recognised.endpoint
        asked = _asked(recognised, body)
        if (
            self._ask_for_usage
            and endpoint.reports_usage_when_asked
            and takes_the_option(request.url)
            and (rewritten := with_usage(body)) is not None
        ):
            observation = self._observation(request, recognised, asked, UsageHider())
            return Sent(asking(request, rewritten), observation)
        return Sent(request, self._observation(request, recognised, asked))

    def _form(self, request: httpx2.Request, recognised: Recognised) -> Sent:
        """A request whose body is made while it is sent: of forms the fields are read."""
        content_type = request.headers.get("content-type", "")
        if not content_type.startswith(_FORM):
            return Sent(request, self._observation(request, recognised, NOTHING))
        form = OutgoingForm(request.stream, content_type)
        outgoing = httpx2.Request(
            request.method,
            request.url,
            headers=request.headers,
            stream=form,
            extensions=request.extensions,
        )
        return Sent(outgoing, self._observation(request, recognised, form))

    def _observation(
        self,
        request: httpx2.Request,
        recognised: Recognised,
        asked: Asked | OutgoingForm,
        hider: UsageHider | None = None,
    ) -> Observation:
        provider = self._provider or provider_of(request.url.host) or recognised.endpoint.provider
        occasion = Occasion(time=self._clock(), provider=provider)
        return Observation(self._writer, recognised, occasion, asked, hider)


def _loaded(request: httpx2.Request) -> bytes | None:
    """The body, where it is in memory anyway."""
    try:
        return request.content
    except httpx2.RequestNotRead:
        return None


def _asked(recognised: Recognised, body: bytes) -> Asked:
    """What the request says; nothing where it is not JSON, which the provider will say."""
    try:
        return recognised.endpoint.read_request(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return NOTHING
