"""Speech and transcriptions: OpenAI's formats, and Mistral's and Groq's of the same paths.

A model that reports tokens is priced by tokens: such a request is text
generation with audio tokens. Otherwise a transcription counts seconds, and
speech the characters of the text that was asked for.
"""

import msgspec

from tallybook.client.transports.asked import Asked
from tallybook.client.transports.counts import Tokens
from tallybook.client.transports.metered import Metered, Number
from tallybook.client.transports.reading import USAGE_REPORTED, Format


class _Details(msgspec.Struct, frozen=True):
    audio_tokens: int | None = None


class _Usage(msgspec.Struct, frozen=True):
    input_tokens: int | None = None
    output_tokens: int | None = None
    input_token_details: _Details | None = None
    seconds: Number | None = None
    # Mistral's; it has tokens too, for which it does not charge.
    prompt_audio_seconds: Number | None = None


class _Transcription(msgspec.Struct, frozen=True):
    model: str | None = None
    duration: Number | str | None = None
    usage: _Usage | None = None

    @property
    def has_ended(self) -> bool:
        """Never by itself: the stream just ends."""
        return False

    def metered(self, asked: Asked) -> list[Metered]:
        """The request, by seconds or by tokens, whichever its usage reports."""
        usage, model = self.usage or _Usage(), self.model or asked.model
        if usage.input_tokens is not None:
            tokens = Tokens(
                input=usage.input_tokens,
                output=usage.output_tokens or 0,
                audio=(usage.input_token_details or _Details()).audio_tokens,
            )
            return [Metered(kind="completions", quantities=tokens.quantities(), model=model)]
        seconds = usage.prompt_audio_seconds if usage.seconds is None else usage.seconds
        if seconds is None and isinstance(self.duration, Number):
            seconds = self.duration
        counted: dict[str, Number] = {} if seconds is None else {"seconds": max(seconds, 0)}
        return [Metered(kind=asked.kind, quantities=counted, model=model)]


class _Event(_Transcription, frozen=True):
    type: str = ""


class _Speech(msgspec.Struct, frozen=True):
    usage: _Usage | None = None

    @property
    def has_ended(self) -> bool:
        """Never by itself: the sound, or the stream, just ends."""
        return False

    def metered(self, asked: Asked) -> list[Metered]:
        """The request, by tokens where a stream reports them, else by characters."""
        if self.usage is not None and self.usage.input_tokens is not None:
            output = self.usage.output_tokens or 0
            tokens = Tokens(input=self.usage.input_tokens, output=output, output_audio=output)
            return [Metered(kind="completions", quantities=tokens.quantities(), model=asked.model)]
        counted = {} if asked.characters is None else {"characters": asked.characters}
        return [Metered(kind=asked.kind, quantities=counted, model=asked.model)]


_decode = msgspec.json.Decoder(_Transcription).decode
_decode_event = msgspec.json.Decoder(_Event).decode
_decode_speech = msgspec.json.Decoder(_Speech).decode


def _fold(known: _Transcription, data: bytes) -> _Transcription:
    event = _decode_event(data)
    return event if event.usage is not None else known


def _fold_speech(known: _Speech, data: bytes) -> _Speech:
    event = _decode_speech(data)
    return event if event.usage is not None else known


TRANSCRIPTION = Format(_Transcription(), _decode, _fold, tells=(USAGE_REPORTED,))
SPEECH = Format(_Speech(), _decode_speech, _fold_speech, tells=(USAGE_REPORTED,))
