"""Chat completions, as OpenAI, Mistral and most others answer them; legacy and FIM completions too.

A stream reports usage in its last chunk, and OpenAI's only when asked
(``asking.py``). ``completion_tokens`` includes the reasoning; where it does
not, as at xAI, the total shows it.
"""

import msgspec

from tallybook.client.transports.asked import Asked
from tallybook.client.transports.counts import Tokens
from tallybook.client.transports.formats.merging import later
from tallybook.client.transports.metered import Metered
from tallybook.client.transports.reading import IS_DONE, USAGE_REPORTED, Format


class _PromptDetails(msgspec.Struct, frozen=True):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    audio_tokens: int | None = None
    image_tokens: int | None = None


class _CompletionDetails(msgspec.Struct, frozen=True):
    audio_tokens: int | None = None
    reasoning_tokens: int | None = None


class _Usage(msgspec.Struct, frozen=True):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    prompt_tokens_details: _PromptDetails | None = None
    completion_tokens_details: _CompletionDetails | None = None
    # Where Moonshot, and Anthropic's endpoint of this format, say what was cached.
    cached_tokens: int | None = None
    # Where Mistral says it.
    service_tier: str | None = None

    def tokens(self) -> Tokens | None:
        """The counts; None where the prompt was not counted."""
        if self.prompt_tokens is None:
            return None
        given = self.prompt_tokens_details or _PromptDetails()
        made = self.completion_tokens_details or _CompletionDetails()
        output, reasoning = self.completion_tokens or 0, made.reasoning_tokens or 0
        if reasoning and self.total_tokens == self.prompt_tokens + output + reasoning:
            output += reasoning
        return Tokens(
            input=self.prompt_tokens,
            output=output,
            cached=self.cached_tokens if given.cached_tokens is None else given.cached_tokens,
            written=given.cache_write_tokens,
            audio=given.audio_tokens,
            image=given.image_tokens,
            output_audio=made.audio_tokens,
            reasoning=reasoning,
        )


class _Groq(msgspec.Struct, frozen=True):
    usage: _Usage | None = None


class _Chat(msgspec.Struct, frozen=True):
    id: str | None = None
    model: str | None = None
    service_tier: str | None = None
    usage: _Usage | None = None
    # Groq's streams have it here unless asked as OpenAI's are.
    x_groq: _Groq | None = None

    @property
    def has_ended(self) -> bool:
        """Never by itself: ``[DONE]`` ends a stream."""
        return False

    def metered(self, asked: Asked) -> list[Metered]:
        """The request, with the tokens of all its choices."""
        usage = self.usage or (self.x_groq.usage if self.x_groq else None) or _Usage()
        tokens = usage.tokens()
        return [
            Metered(
                kind=asked.kind,
                quantities=tokens.quantities() if tokens else {},
                id=self.id,
                model=self.model or asked.model,
                service_tier=self.service_tier or usage.service_tier,
            )
        ]


_decode = msgspec.json.Decoder(_Chat).decode


def _fold(known: _Chat, data: bytes) -> _Chat:
    return later(known, _decode(data)) or known


CHAT = Format(_Chat(), _decode, _fold, tells=(USAGE_REPORTED, IS_DONE))
