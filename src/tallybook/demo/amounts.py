"""How much one request uses: a function for each kind, which fills in its event."""

from collections.abc import Callable
from itertools import accumulate
from typing import Any

from tallybook.demo.chance import Chance, narrow, pick, wide
from tallybook.demo.workloads import Tokens

Fields = dict[str, Any]

# Providers cache from this many tokens on, in steps of 128.
_CACHE_FROM, _CACHE_STEP = 1_024, 128
# The question itself is always new.
_CACHED_PERCENT_MAX = 95
# The most tokens of one request; a context window.
_INPUT_MAX = 200_000
# Of a voice conversation, what is spoken, in percent of input and of output.
_SPOKEN_IN, _SPOKEN_OUT = 60, 75

_EMBEDDED_TOKENS, _MODERATED_TOKENS = 420, 85
_SPOKEN_CHARACTERS, _RECORDED_MILLISECONDS = 360, 42_000

_SIZES = ("1024x1024", "1024x1792", "512x512", "1792x1792", "256x256")
_SIZE_SUMS = list(accumulate((60, 20, 10, 6, 4)))
_SOURCES = ("image.generation", "image.edit", "image.variation")
_SOURCE_SUMS = list(accumulate((80, 16, 4)))
_QUALITIES = ("medium", "high", "low")
_QUALITY_SUMS = list(accumulate((60, 25, 15)))
_LEVELS = ("medium", "low", "high")
_LEVEL_SUMS = list(accumulate((60, 30, 10)))
# One most often, then two, three, four.
_FEW_SUMS = list(accumulate((70, 18, 8, 4)))


def _few(chance: Chance) -> int:
    return 1 + pick(chance, _FEW_SUMS)


def fill_tokens(event: Fields, tokens: Tokens, chance: Chance) -> None:
    """Token counts of a text generation request; inclusive, as on the wire."""
    input_tokens = min(8 + wide(chance, tokens.input), _INPUT_MAX)
    output_tokens = 1 + narrow(chance, tokens.output)
    event["input_tokens"] = input_tokens
    event["output_tokens"] = output_tokens
    uncached = input_tokens
    if input_tokens >= _CACHE_FROM:
        if tokens.cached:
            uncached -= _fill_cached(event, tokens, input_tokens, chance)
        if tokens.write_30m:
            uncached -= _fill_written(event, tokens, uncached)
    if tokens.image:
        event["input_image_tokens"] = uncached * tokens.image // 100
    if tokens.audio:
        event["input_audio_tokens"] = uncached * _SPOKEN_IN // 100
        event["output_audio_tokens"] = output_tokens * _SPOKEN_OUT // 100
    if tokens.reasoning:
        event["output_reasoning_tokens"] = int(output_tokens * tokens.reasoning * chance() / 100)


def _fill_cached(event: Fields, tokens: Tokens, input_tokens: int, chance: Chance) -> int:
    """The cached part of the input: from none of it to most of it, on average its share."""
    percent = min(2 * tokens.cached * chance(), _CACHED_PERCENT_MAX)
    cached = int(input_tokens * percent / 100) // _CACHE_STEP * _CACHE_STEP
    event["input_cached_tokens"] = cached
    if tokens.audio:
        event["input_cached_audio_tokens"] = cached * _SPOKEN_IN // 100
    return cached


def _fill_written(event: Fields, tokens: Tokens, uncached: int) -> int:
    """The part of the input that is new and kept for the next request."""
    short = uncached * tokens.write_30m // 100
    event["input_cache_write_30m_tokens"] = short
    if not tokens.write_12h:
        event["input_cache_write_tokens"] = short
        return short
    long = uncached * tokens.write_12h // 100
    event["input_cache_write_12h_tokens"] = long
    event["input_cache_write_tokens"] = short + long
    return short + long


def _fill_embedding(event: Fields, chance: Chance) -> None:
    event["input_tokens"] = 1 + wide(chance, _EMBEDDED_TOKENS)


def _fill_moderation(event: Fields, chance: Chance) -> None:
    event["input_tokens"] = 1 + wide(chance, _MODERATED_TOKENS)


def _fill_images(event: Fields, chance: Chance) -> None:
    event["images"] = _few(chance)
    event["size"] = _SIZES[pick(chance, _SIZE_SUMS)]
    event["source"] = _SOURCES[pick(chance, _SOURCE_SUMS)]
    event["quality"] = _QUALITIES[pick(chance, _QUALITY_SUMS)]


def _fill_speech(event: Fields, chance: Chance) -> None:
    event["characters"] = 1 + narrow(chance, _SPOKEN_CHARACTERS)


def _fill_transcription(event: Fields, chance: Chance) -> None:
    event["seconds"] = wide(chance, _RECORDED_MILLISECONDS) / 1000


def _fill_sessions(event: Fields, _chance: Chance) -> None:
    event["num_sessions"] = 1


def _fill_file_search(event: Fields, chance: Chance) -> None:
    event["num_requests"] = _few(chance)


def _fill_web_search(event: Fields, chance: Chance) -> None:
    event["num_requests"] = _few(chance)
    event["context_level"] = _LEVELS[pick(chance, _LEVEL_SUMS)]


# The kinds whose amounts depend on nothing but chance.
FILLERS: dict[str, Callable[[Fields, Chance], None]] = {
    "embeddings": _fill_embedding,
    "moderations": _fill_moderation,
    "images": _fill_images,
    "audio_speeches": _fill_speech,
    "audio_transcriptions": _fill_transcription,
    "code_interpreter_sessions": _fill_sessions,
    "file_search_calls": _fill_file_search,
    "web_search_calls": _fill_web_search,
}
