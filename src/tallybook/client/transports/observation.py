"""One request and its answer, watched while the bytes pass.

Nothing that goes wrong here reaches the application: a fault is logged, and
the request's event says that its usage could not be read.
"""

from collections.abc import Mapping

import msgspec

from tallybook.client.transports.asked import NOTHING, Asked, OutgoingForm
from tallybook.client.transports.asking import UsageHider
from tallybook.client.transports.codings import codings_of
from tallybook.client.transports.endpoints import Recognised
from tallybook.client.transports.event_writer import CUT_OFF, UNREADABLE, EventWriter, Occasion
from tallybook.client.transports.reading import BodyReading, NoReading, Reading, StreamReading

# Where providers say what they call a request.
_REQUEST_ID = ("x-request-id", "request-id")
_EVENT_STREAM = "text/event-stream"


class Observation:
    """What is known of one model request. Its events are written once, when the answer ends."""

    def __init__(
        self,
        writer: EventWriter,
        recognised: Recognised,
        occasion: Occasion,
        asked: Asked | OutgoingForm,
        hider: UsageHider | None = None,
    ) -> None:
        self._writer = writer
        self._recognised = recognised
        self._occasion = occasion
        self._asked = asked
        self._hider = hider
        self._reading: Reading = NoReading(recognised.endpoint.format)
        self._is_over = False

    def answered(self, headers: Mapping[str, str]) -> None:
        """The answer begins: it will be read as its headers say."""
        try:
            request_id = next((headers[name] for name in _REQUEST_ID if name in headers), None)
            self._occasion = msgspec.structs.replace(self._occasion, request_id=request_id)
            encoding = headers.get("content-encoding", "identity")
            if encoding != "identity":
                # What is packed cannot be cut: it passes as it is.
                self._hider = None
            content_type = headers.get("content-type", "")
            form = self._recognised.endpoint.format
            if _EVENT_STREAM in content_type:
                self._reading = StreamReading(form, codings_of(encoding))
            elif "json" in content_type:
                self._reading = BodyReading(form, codings_of(encoding))
        except Exception as error:
            self._fault(error)

    def passed(self, chunk: bytes) -> bytes:
        """Bytes of the answer pass: what of them, and of those held back, the application sees."""
        if self._is_understood:
            try:
                self._reading.feed(chunk)
            except Exception as error:
                self._fault(error)
        return chunk if self._hider is None else self._hider.feed(chunk)

    def finished(self) -> bytes:
        """The answer has arrived: the bytes that were held back and the application sees."""
        if self._is_understood and not self._is_over:
            try:
                self._reading.finish()
            except Exception as error:
                self._fault(error)
        return self.broke_off()

    def broke_off(self) -> bytes:
        """The answer ends here, whether it is whole or not: as ``finished``. Not after it."""
        if not self._is_over:
            self._is_over = True
            try:
                self._write()
            except Exception as error:
                self._fault(error)
            # An application may keep the answer: nothing of what was read stays with it.
            self._reading, self._asked = NoReading(self._recognised.endpoint.format), NOTHING
        return b"" if self._hider is None else self._hider.rest()

    @property
    def _is_understood(self) -> bool:
        return self._occasion.note is None

    def _write(self) -> None:
        asked = self._asked_for()
        try:
            metered = self._reading.metered(asked)
        except Exception as error:
            self._fault(error)
            metered = self._recognised.endpoint.format.nothing.metered(asked)
        if self._is_understood and not self._reading.has_ended:
            self._occasion = msgspec.structs.replace(self._occasion, note=CUT_OFF)
        self._writer.write(self._occasion, metered)

    def _asked_for(self) -> Asked:
        """What the request says, its path, and its endpoint."""
        asked = self._asked.asked() if isinstance(self._asked, OutgoingForm) else self._asked
        endpoint = self._recognised.endpoint
        return msgspec.structs.replace(
            asked,
            kind=endpoint.kind,
            source=endpoint.source,
            model=asked.model or self._recognised.model,
        )

    def _fault(self, error: Exception) -> None:
        self._writer.fault(self._recognised.endpoint.name, error)
        self._occasion = msgspec.structs.replace(self._occasion, note=UNREADABLE)
