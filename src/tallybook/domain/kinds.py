"""The table of kinds: what can be used, in which quantities, and by whom.

Everything that differs from kind to kind is a row of this table: how an event
is decoded, which columns the ledger has, what a query may ask, what a result
looks like on the wire, the OpenAPI document, the command line's menus. Adding
a kind is one entry of ``KINDS`` and nothing else; ``tests/contract`` holds the
table equal to the published wire contract.

A quantity is stored either as itself or as the disjoint *parts* it is the sum
of. Only disjoint parts are stored, so nothing can be counted or priced twice;
the inclusive names (``input_tokens``) are made again on the way out.
"""

from tallybook.domain import charges
from tallybook.domain.buckets import BucketWidth
from tallybook.domain.charges import Charge
from tallybook.domain.definitions import (
    REQUESTS,
    Filter,
    Fold,
    Generation,
    GroupKey,
    Kind,
    PageLimit,
    Quantity,
    Split,
)
from tallybook.domain.dimensions import DIMENSIONS

# A fraction of a second is kept to the microsecond, as whole microseconds.
MICROSECONDS_PER_SECOND = 1_000_000
# About 31 years: more than any recording, and exact as a double to the microsecond.
SECONDS_MAX = 1_000_000_000

# The contract has minutes, hours and days (section 3.2).
USAGE_LIMITS: dict[BucketWidth, PageLimit] = {
    BucketWidth.MINUTE: PageLimit(default=60, maximum=1440),
    BucketWidth.FIVE_MINUTES: PageLimit(default=60, maximum=1440),
    BucketWidth.QUARTER_HOUR: PageLimit(default=96, maximum=672),
    BucketWidth.HOUR: PageLimit(default=24, maximum=168),
    BucketWidth.DAY: PageLimit(default=7, maximum=31),
    BucketWidth.WEEK: PageLimit(default=4, maximum=53),
    BucketWidth.MONTH: PageLimit(default=3, maximum=60),
}

# A bucket of costs may be of any width; the contract has days only (section 3.2).
COSTS_LIMITS: dict[BucketWidth, PageLimit] = USAGE_LIMITS | {
    BucketWidth.DAY: PageLimit(default=7, maximum=180)
}

_UNCACHED = ("input_text_tokens", "input_audio_tokens", "input_image_tokens")
_CACHED = ("input_cached_text_tokens", "input_cached_audio_tokens", "input_cached_image_tokens")
_CACHE_WRITE = ("input_cache_write_30m_tokens", "input_cache_write_12h_tokens")
_OUTPUT = ("output_text_tokens", "output_audio_tokens", "output_image_tokens")

_TARGET, _LATEST = Generation.TARGET, Generation.LATEST
_REQUESTS = Quantity(REQUESTS, "requests", required=True, default=1)


def _generation_quantities() -> tuple[Quantity, ...]:
    """The quantities of text generation, shared by ``completions`` and ``decisions``."""
    return (
        Quantity("input_tokens", "tokens", (*_UNCACHED, *_CACHED, *_CACHE_WRITE), required=True),
        Quantity("input_cached_tokens", "tokens", _CACHED),
        Quantity("input_cache_write_tokens", "tokens", _CACHE_WRITE, since=_TARGET),
        Quantity("input_uncached_tokens", "tokens", _UNCACHED, since=_TARGET),
        Quantity("output_tokens", "tokens", _OUTPUT, required=True),
        Quantity("input_text_tokens", "tokens", since=_TARGET),
        Quantity("output_text_tokens", "tokens", since=_TARGET),
        Quantity("input_cached_text_tokens", "tokens", since=_TARGET),
        Quantity("input_audio_tokens", "tokens"),
        Quantity("input_cached_audio_tokens", "tokens", since=_TARGET),
        Quantity("output_audio_tokens", "tokens"),
        Quantity("input_image_tokens", "tokens", since=_TARGET),
        Quantity("input_cached_image_tokens", "tokens", since=_TARGET),
        Quantity("output_image_tokens", "tokens", since=_TARGET),
        _REQUESTS,
        Quantity("input_cache_write_30m_tokens", "tokens", since=_LATEST, nullable=True),
        Quantity("input_cache_write_12h_tokens", "tokens", since=_LATEST, nullable=True),
        # A part of the output tokens that costs the same: kept, never added.
        Quantity("output_reasoning_tokens", "tokens", since=Generation.OWN, on_wire=False),
    )


_INPUT_ONLY = (Quantity("input_tokens", "tokens", ("input_text_tokens",), required=True), _REQUESTS)


def _keys(*names: str, since: Generation = Generation.FIRST) -> tuple[GroupKey, ...]:
    return tuple(GroupKey(name, since) for name in names)


def _ids(*dimensions: str, since: Generation = Generation.FIRST) -> tuple[Filter, ...]:
    return tuple(Filter(f"{dimension}s", dimension, since=since) for dimension in dimensions)


_PEOPLE = ("project_id", "user_id", "api_key_id")
_WHO = (*_PEOPLE, "model")
_WHO_FILTERS = _ids(*_WHO)
_BATCH_FILTER = Filter("batch", "batch")

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "completions",
            "text generation (chat, responses and legacy completions)",
            "organization.usage.completions.result",
            _generation_quantities(),
            (
                *_keys(*_WHO, "batch"),
                GroupKey("service_tier", _TARGET),
                GroupKey("api_source", _LATEST),
            ),
            (*_WHO_FILTERS, _BATCH_FILTER),
            charges.GENERATION,
            split=Split.TOKENS,
        ),
        Kind(
            "embeddings",
            "embedding calls",
            "organization.usage.embeddings.result",
            _INPUT_ONLY,
            _keys(*_WHO),
            _WHO_FILTERS,
            charges.TEXT_INPUT,
        ),
        Kind(
            "moderations",
            "moderation calls",
            "organization.usage.moderations.result",
            _INPUT_ONLY,
            _keys(*_WHO),
            _WHO_FILTERS,
            charges.TEXT_INPUT,
        ),
        Kind(
            "images",
            "image generation, edit and variation",
            "organization.usage.images.result",
            (Quantity("images", "images", required=True), _REQUESTS),
            _keys(*_WHO, "size", "source"),
            (
                *_WHO_FILTERS,
                Filter("sources", "source", DIMENSIONS["source"].values),
                Filter(
                    "sizes",
                    "size",
                    ("256x256", "512x512", "1024x1024", "1792x1792", "1024x1792"),
                ),
            ),
            charges.IMAGES,
            own_dimensions=("quality",),
        ),
        Kind(
            "audio_speeches",
            "text to speech",
            "organization.usage.audio_speeches.result",
            (Quantity("characters", "characters", required=True), _REQUESTS),
            _keys(*_WHO),
            _WHO_FILTERS,
            charges.SPEECH,
        ),
        Kind(
            "audio_transcriptions",
            "speech to text",
            "organization.usage.audio_transcriptions.result",
            (
                Quantity(
                    "seconds",
                    "seconds",
                    required=True,
                    maximum=SECONDS_MAX,
                    scale=MICROSECONDS_PER_SECOND,
                    format="int64",
                ),
                _REQUESTS,
            ),
            _keys(*_WHO),
            _WHO_FILTERS,
            charges.TRANSCRIPTION,
        ),
        Kind(
            "vector_stores",
            "vector store storage",
            "organization.usage.vector_stores.result",
            (Quantity("usage_bytes", "bytes", required=True),),
            _keys("project_id"),
            _ids("project_id"),
            charges.STORAGE,
            fold=Fold.STOCK,
        ),
        Kind(
            "code_interpreter_sessions",
            "code interpreter containers",
            "organization.usage.code_interpreter_sessions.result",
            (
                Quantity(
                    "num_sessions",
                    "sessions",
                    required=True,
                    since=_TARGET,
                    legacy_name="sessions",
                ),
            ),
            _keys("project_id"),
            _ids("project_id"),
            charges.CODE_INTERPRETER,
        ),
        Kind(
            "file_search_calls",
            "file search tool calls",
            "organization.usage.file_searches.result",
            (Quantity("num_requests", "calls", required=True, since=_TARGET),),
            _keys(*_PEOPLE, "vector_store_id", since=_TARGET),
            _ids(*_PEOPLE, "vector_store_id", since=_TARGET),
            charges.FILE_SEARCH,
            since=_TARGET,
        ),
        Kind(
            "web_search_calls",
            "web search tool calls",
            "organization.usage.web_searches.result",
            (
                _REQUESTS,
                Quantity("num_requests", "calls", required=True, since=_TARGET),
            ),
            (
                *_keys(*_WHO, "context_level", since=_TARGET),
                GroupKey("api_source", _LATEST),
            ),
            (
                *_ids(*_WHO, since=_TARGET),
                Filter(
                    "context_levels",
                    "context_level",
                    DIMENSIONS["context_level"].values,
                    since=_TARGET,
                ),
            ),
            charges.WEB_SEARCH,
            since=_TARGET,
        ),
        Kind(
            "decisions",
            "Decisions API usage",
            "organization.usage.decisions.result",
            _generation_quantities(),
            _keys(*_WHO, "batch", "service_tier", "api_source", since=_LATEST),
            (*_ids(*_WHO, since=_LATEST), Filter("batch", "batch", since=_LATEST)),
            charges.DECISION,
            since=_LATEST,
            split=Split.TOKENS,
        ),
    )
}

# Every stored quantity of any kind, once, in the order of the table.
QUANTITY_COLUMNS: tuple[str, ...] = tuple(
    dict.fromkeys(column for kind in KINDS.values() for column in kind.columns)
)

# Every charge of any kind, by its name.
CHARGES: dict[str, Charge] = {
    charge.name: charge for kind in KINDS.values() for charge in kind.charges
}

# Every filter name of any endpoint: a name that is here but not on the
# endpoint that was asked is refused, because ignoring a filter gives wrong sums.
FILTER_NAMES: frozenset[str] = frozenset(
    filter_.name for kind in KINDS.values() for filter_ in kind.filters
) | {"line_items"}
