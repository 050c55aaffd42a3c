"""Token counts taken apart.

On the wire token counts are inclusive: ``input_tokens`` holds cached and
cache-write tokens, ``input_cached_tokens`` holds cached text, audio and image.
Stored they are disjoint, so that nothing is priced twice. The sums that must
hold are the contract's (``docs/wire.md``, section 6.1)::

    input_tokens       = input_uncached + input_cached + input_cache_write
    input_uncached     = input_text + input_audio + input_image
    input_cached       = input_cached_text + input_cached_audio + input_cached_image
    input_cache_write  = input_cache_write_30m + input_cache_write_12h
    output_tokens      = output_text + output_audio + output_image

A caller gives the totals and the parts it knows. Of each sum, the part that
was left out is what remains: text, and for cache writes the shorter lifetime,
which is what providers do unless asked for the longer one.
"""

import operator
from collections.abc import Sequence
from typing import Any, NoReturn

import msgspec

from tallybook.domain.errors import ImpossibleEvent


class _Sum(msgspec.Struct, frozen=True):
    """The names of one sum: its total, the part that may be left out, the other parts."""

    total: str
    rest: str
    others: tuple[str, ...]


_CACHED = _Sum(
    "input_cached_tokens",
    "input_cached_text_tokens",
    ("input_cached_audio_tokens", "input_cached_image_tokens"),
)
_WRITTEN = _Sum(
    "input_cache_write_tokens", "input_cache_write_30m_tokens", ("input_cache_write_12h_tokens",)
)
_INPUT = _Sum(
    "input_tokens", "input_uncached_tokens", ("input_cached_tokens", "input_cache_write_tokens")
)
_UNCACHED = _Sum(
    "input_uncached_tokens", "input_text_tokens", ("input_audio_tokens", "input_image_tokens")
)
_OUTPUT = _Sum(
    "output_tokens", "output_text_tokens", ("output_audio_tokens", "output_image_tokens")
)


# What need not be said of an event whose other counts are known: each is the rest of its sum.
DERIVED_FIELDS = frozenset(of.rest for of in (_CACHED, _WRITTEN, _INPUT, _UNCACHED, _OUTPUT))


def _remainder(of: _Sum, total: int | None, rest: int | None, *others: int) -> int:
    """The part of a sum that was left out, or the given one once it is known to fit.

    Without a total it is what was given, or none. Raises ImpossibleEvent when
    the other parts are more than the total, or all parts do not add up to it.
    """
    if total is None:
        return rest or 0
    remains = total - sum(others)
    if remains < 0 or (rest is not None and rest != remains):
        _refuse(of, total, rest, others)
    return remains


def _refuse(of: _Sum, total: int, rest: int | None, others: tuple[int, ...]) -> NoReturn:
    """Raise the fault of a sum that does not hold, in words."""
    parts = [(name, count) for name, count in zip(of.others, others, strict=True) if count]
    if sum(others) > total:
        listed = " + ".join(f"{name} ({count})" for name, count in parts)
        field = max(parts, key=lambda part: part[1])[0]
        raise ImpossibleEvent(
            field, f"{listed} is more than {of.total} ({total}), which includes it"
        )
    listed = " + ".join(f"{name} ({count})" for name, count in [(of.rest, rest), *parts])
    raise ImpossibleEvent(of.rest, f"{listed} must add up to {of.total} ({total})")


def split_tokens(event: Any) -> tuple[int, ...]:
    """The disjoint counts of a text generation event, in the order of its kind's columns.

    Raises ImpossibleEvent, naming the field, when the counts contradict each other.
    """
    audio, image = event.input_audio_tokens or 0, event.input_image_tokens or 0
    cached_audio = event.input_cached_audio_tokens or 0
    cached_image = event.input_cached_image_tokens or 0
    write_long = event.input_cache_write_12h_tokens or 0
    output_audio, output_image = event.output_audio_tokens or 0, event.output_image_tokens or 0
    total, output, reasoning = (
        event.input_tokens,
        event.output_tokens,
        event.output_reasoning_tokens or 0,
    )

    cached_text = _remainder(
        _CACHED,
        event.input_cached_tokens,
        event.input_cached_text_tokens,
        cached_audio,
        cached_image,
    )
    write_short = _remainder(
        _WRITTEN, event.input_cache_write_tokens, event.input_cache_write_30m_tokens, write_long
    )
    cached, written = cached_text + cached_audio + cached_image, write_short + write_long
    uncached = _remainder(_INPUT, total, event.input_uncached_tokens, cached, written)
    text = _remainder(_UNCACHED, uncached, event.input_text_tokens, audio, image)
    output_text = _remainder(_OUTPUT, output, event.output_text_tokens, output_audio, output_image)
    if reasoning > output:
        raise ImpossibleEvent(
            "output_reasoning_tokens",
            f"output_reasoning_tokens ({reasoning}) is more than output_tokens"
            f" ({output}), which includes it",
        )
    requests = event.num_model_requests
    return (
        text, audio, image,
        cached_text, cached_audio, cached_image,
        write_short, write_long,
        output_text, output_audio, output_image,
        1 if requests is None else requests, reasoning,
    )  # fmt: skip


# What most requests report; every other field of such an event is absent.
PLAIN_TOKEN_FIELDS = ("input_tokens", "input_cached_tokens", "output_tokens", "num_model_requests")


def split_plain_tokens(
    inputs: Sequence[int],
    cached: Sequence[int | None],
    outputs: Sequence[int],
    requests: Sequence[int | None],
) -> list[Sequence[int]] | None:
    """``split_tokens`` of many events that have no other count, as columns.

    None when any of them contradicts itself.
    """
    if None in cached:
        cached = [count or 0 for count in cached]
    if None in requests:
        requests = [1 if count is None else count for count in requests]
    texts = list(map(operator.sub, inputs, cached))
    if min(texts) < 0:
        return None
    none = [0] * len(texts)
    return [
        texts,
        none,
        none,
        cached,
        none,
        none,
        none,
        none,
        outputs,
        none,
        none,
        requests,
        none,
    ]
