"""Token counts as providers report them, in the words of the ledger.

A provider's counts can contradict each other, and an event whose parts do not
add up is refused. The totals are what is paid for, so a part is never more
than what is left of its total: a request is always counted.
"""

import msgspec


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """The tokens of one request.

    ``input`` and ``output`` include everything, ``audio`` and ``image`` the
    cached ones, ``output`` the reasoning.
    """

    input: int
    output: int = 0
    cached: int | None = None
    written: int | None = None
    # Of ``written``: for the longer of a provider's two lifetimes.
    written_long: int | None = None
    audio: int | None = None
    image: int | None = None
    cached_audio: int | None = None
    cached_image: int | None = None
    output_audio: int | None = None
    output_image: int | None = None
    reasoning: int | None = None

    def quantities(self) -> dict[str, int]:
        """The quantities of a text generation event: the totals, and each part that there is."""
        total, output = _part(self.input), _part(self.output)
        cached = _part(self.cached, total)
        written = _part(self.written, total - cached)
        uncached = total - cached - written
        cached_audio = _cached_part(self.audio, self.cached_audio, uncached, cached)
        audio = _part((self.audio or 0) - cached_audio, uncached)
        cached_image = _cached_part(
            self.image, self.cached_image, uncached - audio, cached - cached_audio
        )
        image = _part((self.image or 0) - cached_image, uncached - audio)
        output_audio = _part(self.output_audio, output)
        parts = {
            "input_cached_tokens": cached,
            "input_cache_write_tokens": written,
            "input_cache_write_12h_tokens": _part(self.written_long, written),
            "input_audio_tokens": audio,
            "input_image_tokens": image,
            "input_cached_audio_tokens": cached_audio,
            "input_cached_image_tokens": cached_image,
            "output_audio_tokens": output_audio,
            "output_image_tokens": _part(self.output_image, output - output_audio),
            "output_reasoning_tokens": _part(self.reasoning, output),
        }
        given = {name: count for name, count in parts.items() if count}
        return {"input_tokens": total, "output_tokens": output} | given


def _part(count: int | None, whole: int | None = None) -> int:
    """A count that is none below zero, and at most what is left of the whole."""
    known = max(count or 0, 0)
    return known if whole is None else min(known, whole)


def _cached_part(count: int | None, said: int | None, uncached: int, cached: int) -> int:
    """How much of a modality was cached: as said, else only what cannot have been uncached.

    Providers that do not say it cache text first: a prompt's beginning.
    """
    return _part((count or 0) - uncached if said is None else said, cached)
