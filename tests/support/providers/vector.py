"""A known answer: what is asked of a provider, what it says, and the events that follow."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from support.providers.standin import Reply

# Stand in every prompt and every answer: they must be found nowhere afterwards.
PROMPT = "the heron stands in the reeds"
COMPLETION = "seven otters swim upstream"
REQUEST_ID = "req_0f6a2c"

Event = Mapping[str, object]


class Vector(msgspec.Struct, kw_only=True):
    """``answer`` is a JSON value, or the whole body; ``stream`` the events of a stream instead.

    ``flavour`` is the catalogue's name of the format, when it reads it.
    """

    name: str
    url: str
    request: Mapping[str, Any] | None = None
    form: Mapping[str, str] | None = None
    answer: Any = None
    stream: Sequence[bytes] | None = None
    content_type: str = "application/json"
    events: Sequence[Event]
    flavour: str | None = None

    @property
    def chunks(self) -> list[bytes]:
        """The bytes of the answer, an event of a stream at a time."""
        if self.stream is not None:
            return list(self.stream)
        if isinstance(self.answer, bytes):
            return [self.answer]
        return [msgspec.json.encode(self.answer)]

    @property
    def reply(self) -> Reply:
        """The answer as the stand-in gives it."""
        streams = self.stream is not None
        return Reply(
            chunks=self.chunks,
            content_type="text/event-stream; charset=utf-8" if streams else self.content_type,
            headers={"x-request-id": REQUEST_ID},
        )


def data(payload: Mapping[str, Any], ending: bytes = b"\n\n") -> bytes:
    """One event of a stream, without a name."""
    return b"data: " + msgspec.json.encode(payload) + ending


def named(payload: Mapping[str, Any]) -> bytes:
    """One event of a stream, named by its type."""
    return f"event: {payload['type']}\n".encode() + data(payload)


DONE = b"data: [DONE]\n\n"
