"""OpenAI's images: counted, or by tokens, never both.

The models that report tokens are priced by tokens: their requests are text
generation with image tokens, as in OpenAI's own usage. The others make an
``images`` event. A request that made both would be charged for twice.
"""

import msgspec

from tallybook.client.transports.asked import Asked
from tallybook.client.transports.counts import Tokens
from tallybook.client.transports.metered import Metered
from tallybook.client.transports.reading import Format

_COMPLETED = ("image_generation.completed", "image_edit.completed")


class _Details(msgspec.Struct, frozen=True):
    image_tokens: int | None = None


class _Usage(msgspec.Struct, frozen=True):
    input_tokens: int = 0
    output_tokens: int = 0
    input_tokens_details: _Details | None = None
    output_tokens_details: _Details | None = None

    @property
    def tokens(self) -> Tokens:
        """The counts; the output is an image's where nothing else is said."""
        made = self.output_tokens_details or _Details(self.output_tokens)
        return Tokens(
            input=self.input_tokens,
            output=self.output_tokens,
            image=(self.input_tokens_details or _Details()).image_tokens,
            output_image=made.image_tokens,
        )


class _SvgUsage(msgspec.Struct, frozen=True):
    model: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int | None = None


class _Image(msgspec.Struct, frozen=True):
    """One image, of which nothing is decoded."""


class _Images(msgspec.Struct, frozen=True):
    data: tuple[_Image, ...] | None = None
    size: str | None = None
    quality: str | None = None
    usage: _Usage | None = None
    svg_usage: _SvgUsage | None = None

    @property
    def has_ended(self) -> bool:
        """Never by itself: any number of images may come."""
        return False

    def metered(self, asked: Asked) -> list[Metered]:
        """The request, by tokens or images; writing an SVG is another model's request."""
        if self.usage is not None:
            tokens = self.usage.tokens.quantities()
            request = Metered(kind="completions", quantities=tokens, model=asked.model)
        else:
            request = self._counted(asked)
        return [request, *([_svg(self.svg_usage)] if self.svg_usage else [])]

    def _counted(self, asked: Asked) -> Metered:
        told = {
            "size": self.size or asked.size,
            "quality": self.quality or asked.quality,
            "source": asked.source,
        }
        return Metered(
            kind="images",
            quantities={} if self.data is None else {"images": len(self.data)},
            model=asked.model,
            dimensions={name: value for name, value in told.items() if value},
        )


class _Event(_Images, frozen=True):
    type: str = ""


def _svg(usage: _SvgUsage) -> Metered:
    tokens = Tokens(
        input=usage.input_tokens, output=usage.output_tokens, reasoning=usage.reasoning_tokens
    )
    return Metered(
        kind="completions", quantities=tokens.quantities(), model=usage.model, part="svg"
    )


def _added(known: _Usage, more: _Usage) -> _Usage:
    def images(one: _Details | None, other: _Details | None) -> _Details | None:
        counts = [each.image_tokens for each in (one, other) if each is not None]
        return _Details(sum(count or 0 for count in counts)) if counts else None

    return _Usage(
        known.input_tokens + more.input_tokens,
        known.output_tokens + more.output_tokens,
        images(known.input_tokens_details, more.input_tokens_details),
        images(known.output_tokens_details, more.output_tokens_details),
    )


_decode = msgspec.json.Decoder(_Images).decode
_decode_event = msgspec.json.Decoder(_Event).decode


def _fold(known: _Images, data: bytes) -> _Images:
    """What is known after one more event: each finished image comes with its own usage."""
    event = _decode_event(data)
    if event.type not in _COMPLETED:
        return known
    return _Images(
        data=(*(known.data or ()), _Image()),
        size=event.size,
        quality=event.quality,
        usage=_added(known.usage or _Usage(), event.usage) if event.usage else known.usage,
        svg_usage=event.svg_usage or known.svg_usage,
    )


IMAGES = Format(_Images(), _decode, _fold)
