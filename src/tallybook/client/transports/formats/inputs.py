"""Embeddings and moderations, whose tokens are all input: OpenAI's format, and Mistral's."""

import msgspec

from tallybook.client.transports.asked import Asked
from tallybook.client.transports.metered import Metered
from tallybook.client.transports.reading import Format


class _Usage(msgspec.Struct, frozen=True):
    prompt_tokens: int | None = None
    total_tokens: int | None = None


class _Answer(msgspec.Struct, frozen=True):
    id: str | None = None
    model: str | None = None
    usage: _Usage | None = None

    @property
    def has_ended(self) -> bool:
        """Never by itself: these do not come as streams."""
        return False

    def metered(self, asked: Asked) -> list[Metered]:
        """The request. OpenAI does not count the tokens of moderations, which are free."""
        usage = self.usage or _Usage()
        tokens = usage.total_tokens if usage.prompt_tokens is None else usage.prompt_tokens
        return [
            Metered(
                kind=asked.kind,
                quantities={} if tokens is None else {"input_tokens": max(tokens, 0)},
                id=self.id,
                model=self.model or asked.model,
            )
        ]


_decode = msgspec.json.Decoder(_Answer).decode


INPUTS = Format(_Answer(), _decode, lambda _, data: _decode(data))
