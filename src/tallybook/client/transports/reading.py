"""How answers are read while their bytes pass: whole bodies, streams of events, and neither."""

import re
from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from tallybook.client.transports.asked import Asked
from tallybook.client.transports.codings import Coding, unpacked
from tallybook.client.transports.metered import Metered
from tallybook.client.transports.sse import RunSplitter, blocks_of, data_of

# A longer answer, unpacked, or a longer event of a stream is not read.
ANSWER_BYTES_MAX = 64 << 20

# What ends a stream in the formats that OpenAI's began.
DONE = b"[DONE]"
USAGE_REPORTED = re.compile(rb'"usage"\s*:\s*\{')
IS_DONE = re.compile(re.escape(DONE))


class Answer(Protocol):
    """What is known of an answer: a struct that has no content of it."""

    @property
    def has_ended(self) -> bool:
        """Whether the event came that says that nothing follows."""
        ...

    def metered(self, asked: Asked) -> list[Metered]:
        """What was used, as far as it is known; the request itself first."""
        ...


class Format(msgspec.Struct, frozen=True):
    """How the answers of an endpoint are read. ``read`` and ``fold`` raise msgspec.DecodeError."""

    # What is known before anything has arrived.
    nothing: Answer
    # A whole answer.
    read: Callable[[bytes], Any]
    # What is known after the data of one more event.
    fold: Callable[[Any, bytes], Any]
    # Whether a stream that is not cut off has an event that says that it has ended.
    says_its_end: bool = False
    # What is in every event that tells something once an answer has begun; empty when all do.
    # Each begins with plain text, for which many events are searched at once.
    tells: tuple[re.Pattern[bytes], ...] = ()


class Reading(Protocol):
    """An answer that is being read."""

    @property
    def has_ended(self) -> bool:
        """Whether what has arrived is all there is."""
        ...

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the answer, as they were sent."""
        ...

    def finish(self) -> None:
        """No more bytes will come: the answer has arrived."""
        ...

    def metered(self, asked: Asked) -> list[Metered]:
        """What is known to be used."""
        ...


class BodyReading:
    """An answer in one piece."""

    def __init__(self, form: Format, codings: list[Coding]) -> None:
        self._format = form
        self._codings = codings
        self._parts: list[bytes] = []
        self._size = 0
        self._answer = form.nothing
        self.has_ended = False

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes. Raises what the codings raise for damaged ones."""
        for piece in unpacked(self._codings, chunk):
            self._size += len(piece)
            if self._size > ANSWER_BYTES_MAX:
                self._parts.clear()
            else:
                self._parts.append(piece)

    def finish(self) -> None:
        """Read the answer, and forget its bytes. Raises msgspec.DecodeError."""
        body = b"".join(self._parts)
        self._parts.clear()
        if self._size <= ANSWER_BYTES_MAX:
            self._answer = self._format.read(body)
        self.has_ended = True

    def metered(self, asked: Asked) -> list[Metered]:
        """What is known to be used."""
        return self._answer.metered(asked)


class StreamReading:
    """An answer that comes as events, each read and forgotten."""

    def __init__(self, form: Format, codings: list[Coding]) -> None:
        self._format = form
        self._codings = codings
        self._runs = RunSplitter(ANSWER_BYTES_MAX)
        self._answer = form.nothing
        self._is_done = False

    @property
    def has_ended(self) -> bool:
        """Whether the last event has come; before the stream closes, where the format says so."""
        return self._is_done or self._answer.has_ended

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes.

        Raises msgspec.DecodeError, and what the codings raise for damaged bytes.
        """
        for piece in unpacked(self._codings, chunk):
            for run in self._runs.feed(piece):
                if run.is_whole and self._may_tell(run.raw):
                    for block in blocks_of(run.raw):
                        self._read(block)

    def finish(self) -> None:
        """Read the last event, when its blank line is missing. Raises msgspec.DecodeError."""
        self._read(self._runs.rest())
        self._is_done = self._is_done or not self._format.says_its_end

    def metered(self, asked: Asked) -> list[Metered]:
        """What is known to be used."""
        return self._answer.metered(asked)

    def _may_tell(self, run: bytes) -> bool:
        tells = self._format.tells
        if not tells or self._answer == self._format.nothing:
            return True
        return any(each.search(run) for each in tells)

    def _read(self, block: bytes) -> None:
        data = data_of(block)
        if data == DONE:
            self._is_done = True
        elif data:
            self._answer = self._format.fold(self._answer, data)


class NoReading:
    """An answer that is not read, since it does not say what was used: sound, plain text."""

    def __init__(self, form: Format) -> None:
        self._format = form
        self.has_ended = False

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes, and keep none."""

    def finish(self) -> None:
        """The answer has arrived."""
        self.has_ended = True

    def metered(self, asked: Asked) -> list[Metered]:
        """What the request alone says."""
        return self._format.nothing.metered(asked)
