"""Anthropic's messages, at Anthropic, Vertex AI and Bedrock.

Anthropic's ``input_tokens`` are those that were neither read from a cache nor
written to one: ours is the sum of the three. A stream begins with the counts
of the input and then says, cumulatively, what changed.
"""

import re

import msgspec

from tallybook.client.transports.asked import Asked
from tallybook.client.transports.counts import Tokens
from tallybook.client.transports.formats.merging import later
from tallybook.client.transports.metered import Metered
from tallybook.client.transports.reading import USAGE_REPORTED, Format

_LAST = "message_stop"


class _CacheCreation(msgspec.Struct, frozen=True):
    # The rest of what was written has the shorter lifetime, of 5 minutes.
    ephemeral_1h_input_tokens: int | None = None


class _OutputDetails(msgspec.Struct, frozen=True):
    thinking_tokens: int | None = None


class _ServerTools(msgspec.Struct, frozen=True):
    web_search_requests: int | None = None


class _Usage(msgspec.Struct, frozen=True):
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_creation: _CacheCreation | None = None
    output_tokens_details: _OutputDetails | None = None
    server_tool_use: _ServerTools | None = None
    service_tier: str | None = None

    def quantities(self) -> dict[str, int]:
        """The tokens; none where the input was not counted."""
        if self.input_tokens is None:
            return {}
        cached = max(self.cache_read_input_tokens or 0, 0)
        written = max(self.cache_creation_input_tokens or 0, 0)
        return Tokens(
            input=max(self.input_tokens, 0) + cached + written,
            output=self.output_tokens or 0,
            cached=cached,
            written=written,
            written_long=(self.cache_creation or _CacheCreation()).ephemeral_1h_input_tokens,
            reasoning=(self.output_tokens_details or _OutputDetails()).thinking_tokens,
        ).quantities()


class _Message(msgspec.Struct, frozen=True):
    id: str | None = None
    model: str | None = None
    usage: _Usage | None = None


class _Seen(msgspec.Struct, frozen=True):
    message: _Message = _Message()
    has_ended: bool = False

    def metered(self, asked: Asked) -> list[Metered]:
        """The request, then its web searches, if any."""
        message, usage = self.message, self.message.usage or _Usage()
        model = message.model or asked.model
        request = Metered(
            kind=asked.kind,
            quantities=usage.quantities(),
            id=message.id,
            model=model,
            service_tier=usage.service_tier,
        )
        searches = (usage.server_tool_use or _ServerTools()).web_search_requests or 0
        if searches <= 0:
            return [request]
        kind = "web_search_calls"
        found = Metered(
            kind=kind, quantities={"num_requests": searches}, id=message.id, model=model, part=kind
        )
        return [request, found]


class _Event(msgspec.Struct, frozen=True):
    type: str = ""
    message: _Message | None = None
    usage: _Usage | None = None


_decode = msgspec.json.Decoder(_Message).decode
_decode_event = msgspec.json.Decoder(_Event).decode


def _fold(known: _Seen, data: bytes) -> _Seen:
    event = _decode_event(data)
    if event.message is not None:
        return _Seen(event.message)
    if event.usage is not None:
        usage = later(known.message.usage, event.usage)
        return _Seen(msgspec.structs.replace(known.message, usage=usage))
    if event.type == _LAST:
        return _Seen(known.message, has_ended=True)
    return known


MESSAGES = Format(
    _Seen(),
    lambda body: _Seen(_decode(body)),
    _fold,
    says_its_end=True,
    tells=(USAGE_REPORTED, re.compile(f'"{_LAST}"'.encode())),
)
