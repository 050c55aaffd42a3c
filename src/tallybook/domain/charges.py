"""Charges: which of an event's quantities cost money, and in which units prices are told.

A *charge* is one stored quantity that a rate card may price, and so one line
of a bill. A *price key* is a name under which somebody states a price
(``cached_input``, ``storage``). Both have *aspects*; a price applies to every
charge that has all aspects of its key, and of several the one with the most:
where nobody states a price for cached audio, that of cached input holds, and
where nobody states that either, that of input.

Amounts are ``stored quantity x unit price / unit.stored``, exactly: the unit
price is a decimal, and the division is the last step.
"""

from collections.abc import Iterable

import msgspec

_MICROSECONDS_PER_HOUR = 3_600 * 1_000_000
_BYTES_PER_GIB = 1 << 30

# Decimals of a unit price, inclusive, and digits before the point: DECIMAL(18, 15).
UNIT_PRICE_DECIMALS = 15
UNIT_PRICE_INTEGER_DIGITS = 3


class Unit(msgspec.Struct, frozen=True):
    """What a unit price is for one of: a token, an hour, a GiB kept for a day.

    ``stored`` units of the ledger make one of it, and it makes ``shown`` units
    of the wire, which are called ``wire_name`` (null where the contract has no
    name for them).
    """

    name: str
    wire_name: str | None = None
    stored: int = 1
    shown: int = 1


TOKEN = Unit("token", "tokens")
CHARACTER = Unit("character", "characters")
IMAGE = Unit("image", "images")
CALL = Unit("call")
SESSION = Unit("session")
REQUEST = Unit("request")
# By the hour, not the second: providers state prices that no decimal divides by 3,600.
HOUR = Unit("hour", "duration_seconds", stored=_MICROSECONDS_PER_HOUR, shown=3_600)
# The largest amount of bytes that was kept on a day, for that day.
GIB_DAY = Unit("GiB day", "gibibyte_hours", stored=_BYTES_PER_GIB, shown=24)


class PriceKey(msgspec.Struct, frozen=True):
    """A name under which a price is stated.

    A ``tiered`` price is another one for batch, flex and priority requests;
    the others are the same for all.
    """

    name: str
    unit: Unit
    aspects: frozenset[str]
    tiered: bool = True


def _key(name: str, unit: Unit, *aspects: str, tiered: bool = True) -> PriceKey:
    return PriceKey(name, unit, frozenset(aspects), tiered)


PRICE_KEYS: dict[str, PriceKey] = {
    key.name: key
    for key in (
        _key("input", TOKEN, "input"),
        _key("text_input", TOKEN, "input", "text"),
        _key("audio_input", TOKEN, "input", "audio"),
        _key("image_input", TOKEN, "input", "image"),
        _key("cached_input", TOKEN, "input", "cached"),
        _key("cached_text_input", TOKEN, "input", "cached", "text"),
        _key("cached_audio_input", TOKEN, "input", "cached", "audio"),
        _key("cached_image_input", TOKEN, "input", "cached", "image"),
        _key("cache_write", TOKEN, "input", "write"),
        _key("cache_write_30m", TOKEN, "input", "write", "short"),
        _key("cache_write_12h", TOKEN, "input", "write", "long"),
        _key("output", TOKEN, "output"),
        _key("text_output", TOKEN, "output", "text"),
        _key("audio_output", TOKEN, "output", "audio"),
        _key("image_output", TOKEN, "output", "image"),
        _key("reasoning_output", TOKEN, "output", "reasoning"),
        _key("images", IMAGE, "images"),
        _key("speech", CHARACTER, "characters"),
        _key("audio", HOUR, "duration"),
        _key("transcription", HOUR, "duration", "heard"),
        _key("requests", REQUEST, "requests", tiered=False),
        _key("storage", GIB_DAY, "storage", tiered=False),
        _key("code_interpreter", SESSION, "sessions", tiered=False),
        _key("file_search", CALL, "file search", tiered=False),
        _key("web_search", CALL, "web search", tiered=False),
    )
}


class Charge(msgspec.Struct, frozen=True):
    """One stored quantity that may be priced.

    It is ``column``, where it has one less ``less``, and of no event less than
    nothing. Its line item is called ``label``, after the model unless it is a ``tool``.
    An ``optional`` charge that nobody prices is not made; any other is shown
    as unpriced. ``apart`` names a price key: the charge is made only where
    that is priced; one that is ``whole`` only where it is not.
    """

    name: str
    label: str
    column: str
    aspects: frozenset[str]
    unit: Unit = TOKEN
    less: str | None = None
    optional: bool = False
    tool: bool = False
    apart: str | None = None
    whole: str | None = None

    def most_specific(self, names: Iterable[str]) -> str | None:
        """Of some price keys, the one whose price this charge has; None when none fits.

        None as well where two fit and neither is the more specific one:
        cached audio is not priced by a price for audio and one for cached
        input.
        """
        fitting = sorted(
            (key for name in names if (key := PRICE_KEYS[name]).aspects <= self.aspects),
            key=lambda key: len(key.aspects),
        )
        if not fitting or any(not key.aspects <= fitting[-1].aspects for key in fitting):
            return None
        return fitting[-1].name


def _tokens(label: str, column: str, *aspects: str) -> Charge:
    return Charge(label.replace(" ", "_"), label, column, frozenset(aspects))


REQUESTS = Charge(
    "requests", "requests", "num_model_requests", frozenset({"requests"}), REQUEST, optional=True
)

_INPUT = (
    _tokens("input", "input_text_tokens", "input", "text"),
    _tokens("audio input", "input_audio_tokens", "input", "audio"),
    _tokens("image input", "input_image_tokens", "input", "image"),
    _tokens("cached input", "input_cached_text_tokens", "input", "cached", "text"),
    _tokens("cached audio input", "input_cached_audio_tokens", "input", "cached", "audio"),
    _tokens("cached image input", "input_cached_image_tokens", "input", "cached", "image"),
    _tokens("cache write 30m", "input_cache_write_30m_tokens", "input", "write", "short", "text"),
    _tokens("cache write 12h", "input_cache_write_12h_tokens", "input", "write", "long", "text"),
)

_OUTPUT_TEXT = frozenset({"output", "text"})
_REASONING = "reasoning_output"
_OUTPUT = (
    Charge("output", "output", "output_text_tokens", _OUTPUT_TEXT, whole=_REASONING),
    # Reasoning is a part of the output; it is taken out of it only where it costs otherwise.
    Charge(
        "output_apart",
        "output",
        "output_text_tokens",
        _OUTPUT_TEXT,
        less="output_reasoning_tokens",
        apart=_REASONING,
    ),
    Charge(
        _REASONING,
        "reasoning output",
        "output_reasoning_tokens",
        _OUTPUT_TEXT | {"reasoning"},
        apart=_REASONING,
    ),
    _tokens("audio output", "output_audio_tokens", "output", "audio"),
    _tokens("image output", "output_image_tokens", "output", "image"),
)

GENERATION = (*_INPUT, *_OUTPUT, REQUESTS)
# Decisions are charged by their input alone where no price for output is stated.
DECISION = (
    *_INPUT,
    *(msgspec.structs.replace(charge, optional=True) for charge in _OUTPUT),
    REQUESTS,
)
TEXT_INPUT = (_INPUT[0], REQUESTS)
IMAGES = (
    Charge("images", "images", "images", frozenset({"images"}), IMAGE),
    REQUESTS,
)
SPEECH = (
    Charge("speech", "speech", "characters", frozenset({"characters"}), CHARACTER),
    REQUESTS,
)
TRANSCRIPTION = (
    Charge("transcription", "transcription", "seconds", frozenset({"duration", "heard"}), HOUR),
    REQUESTS,
)


def _tool(name: str, label: str, column: str, aspect: str, unit: Unit) -> tuple[Charge, ...]:
    return (Charge(name, label, column, frozenset({aspect}), unit, tool=True),)


STORAGE = _tool("storage", "vector store storage", "usage_bytes", "storage", GIB_DAY)
CODE_INTERPRETER = _tool(
    "code_interpreter", "code interpreter sessions", "num_sessions", "sessions", SESSION
)
FILE_SEARCH = _tool("file_search", "file search tool calls", "num_requests", "file search", CALL)
WEB_SEARCH = _tool("web_search", "web search tool calls", "num_requests", "web search", CALL)
