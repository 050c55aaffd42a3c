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

from enum import StrEnum

import msgspec

from tallybook.domain.buckets import BucketWidth

# Counts beyond this cannot be written as a JSON number that every client reads
# back exactly (IEEE 754 doubles, RFC 8259 section 6).
QUANTITY_MAX = 2**53 - 1

# A fraction of a second is kept to the microsecond, as whole microseconds.
MICROSECONDS_PER_SECOND = 1_000_000
# About 31 years: more than any recording, and exact as a double to the microsecond.
SECONDS_MAX = 1_000_000_000


class Generation(StrEnum):
    """When a part of the wire contract appeared; see ``docs/wire.md``, section 1."""

    FIRST = "2.3.0"
    TARGET = "2026-08"
    LATEST = "2026-11"
    # Beyond the contract: fields that only events have.
    OWN = "tallybook"


class Fold(StrEnum):
    """How the events of a bucket become one number."""

    # A flow: the bucket is the sum of its events.
    SUM = "sum"
    # A stock, sampled: the bucket is the sum, over the things that are
    # stocked, of the largest sample of each.
    STOCK = "stock"


class Split(StrEnum):
    """How an event's quantities become the disjoint ones that are stored."""

    # Each quantity is stored as it came, under its own or its only part's name.
    PLAIN = "plain"
    # Inclusive token counts are taken apart: ``domain/tokens.py``.
    TOKENS = "tokens"


class Dimension(msgspec.Struct, frozen=True):
    """A field to filter and to group by. ``values`` is empty when any string is allowed."""

    name: str
    values: tuple[str, ...] = ()
    boolean: bool = False


class Quantity(msgspec.Struct, frozen=True):
    """A number that an event carries and a bucket sums.

    ``parts`` are the stored columns whose sum it is; a stored quantity is its own only part.
    ``scale`` is how many stored units make one unit of the wire (1,000,000 for seconds).
    """

    name: str
    unit: str
    parts: tuple[str, ...] = ()
    required: bool = False
    default: int = 0
    # Units on the wire; the largest value that one event may carry, inclusive.
    maximum: int = QUANTITY_MAX
    scale: int = 1
    since: Generation = Generation.FIRST
    on_wire: bool = True
    nullable: bool = False
    # The name of the same number in the 2.3.0 generation, where it differs.
    legacy_name: str | None = None
    format: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The stored columns that this quantity is the sum of."""
        return self.parts or (self.name,)

    @property
    def is_stored(self) -> bool:
        """Whether the ledger has a column of this name."""
        return self.columns == (self.name,)


class Filter(msgspec.Struct, frozen=True):
    """A query parameter that narrows a query to some values of one dimension."""

    name: str
    dimension: str
    # The accepted values; empty when any string is.
    values: tuple[str, ...] = ()
    since: Generation = Generation.FIRST

    @property
    def boolean(self) -> bool:
        """Whether the parameter is a single true or false instead of a list."""
        return DIMENSIONS[self.dimension].boolean


class GroupKey(msgspec.Struct, frozen=True):
    """A dimension that a kind may be grouped by, and the generation that allowed it."""

    dimension: str
    since: Generation = Generation.FIRST


class PageLimit(msgspec.Struct, frozen=True):
    """How many buckets of one width a page holds: by default, and at most (inclusive)."""

    default: int
    maximum: int


class Kind(msgspec.Struct, frozen=True):
    """One family of usage: a row of the table."""

    name: str
    summary: str
    object: str
    quantities: tuple[Quantity, ...]
    group_by: tuple[GroupKey, ...]
    filters: tuple[Filter, ...]
    since: Generation = Generation.FIRST
    fold: Fold = Fold.SUM
    split: Split = Split.PLAIN

    @property
    def path(self) -> str:
        """The path of the usage endpoint below the API's base path ``/v1``."""
        return f"/organization/usage/{self.name}"

    @property
    def wire_quantities(self) -> tuple[Quantity, ...]:
        """The quantities of a result, in the wire's order."""
        return tuple(quantity for quantity in self.quantities if quantity.on_wire)

    @property
    def columns(self) -> tuple[str, ...]:
        """The stored columns of this kind: the union of its quantities' parts, in order."""
        return tuple(
            dict.fromkeys(column for quantity in self.quantities for column in quantity.columns)
        )

    def field_of(self, column: str) -> str:
        """The field of an event that a column of the ledger was filled from."""
        names = {quantity.name for quantity in self.quantities}
        totals = [quantity.name for quantity in self.quantities if column in quantity.columns]
        return column if column in names or not totals else totals[0]

    @property
    def event_dimensions(self) -> tuple[str, ...]:
        """The names of the dimensions that an event of this kind may carry."""
        stock = STOCK_IDENTITY[1:] if self.fold is Fold.STOCK else ()
        return tuple(dict.fromkeys((*COMMON_DIMENSIONS, *self.dimensions, *stock)))

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The names of the dimensions that results of this kind have, in the wire's order."""
        return tuple(key.dimension for key in self.group_by)


# The order is the order of rows in a bucket (contract, section 5).
DIMENSIONS: dict[str, Dimension] = {
    dimension.name: dimension
    for dimension in (
        Dimension("project_id"),
        Dimension("user_id"),
        Dimension("api_key_id"),
        Dimension("model"),
        Dimension("batch", boolean=True),
        Dimension("service_tier"),
        Dimension("size"),
        Dimension("source", values=("image.generation", "image.edit", "image.variation")),
        Dimension("vector_store_id"),
        Dimension("context_level", values=("low", "medium", "high")),
        Dimension("api_source", values=("agents_api", "unlabeled")),
    )
}

# Dimensions that an event of any kind may carry, whether or not its endpoint
# groups by them: cost per user is asked of every kind.
COMMON_DIMENSIONS = (
    "project_id",
    "user_id",
    "api_key_id",
    "model",
    "batch",
    "service_tier",
    "api_source",
)

# What makes a stocked thing one thing. The project belongs to it, so that the
# sums by project add up to the sum without grouping.
STOCK_IDENTITY = ("provider", "project_id", "vector_store_id")

USAGE_LIMITS: dict[BucketWidth, PageLimit] = {
    BucketWidth.MINUTE: PageLimit(default=60, maximum=1440),
    BucketWidth.HOUR: PageLimit(default=24, maximum=168),
    BucketWidth.DAY: PageLimit(default=7, maximum=31),
}

_UNCACHED = ("input_text_tokens", "input_audio_tokens", "input_image_tokens")
_CACHED = ("input_cached_text_tokens", "input_cached_audio_tokens", "input_cached_image_tokens")
_CACHE_WRITE = ("input_cache_write_30m_tokens", "input_cache_write_12h_tokens")
_OUTPUT = ("output_text_tokens", "output_audio_tokens", "output_image_tokens")

_TARGET, _LATEST = Generation.TARGET, Generation.LATEST
_REQUESTS = Quantity("num_model_requests", "requests", required=True, default=1)


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
            split=Split.TOKENS,
        ),
        Kind(
            "embeddings",
            "embedding calls",
            "organization.usage.embeddings.result",
            _INPUT_ONLY,
            _keys(*_WHO),
            _WHO_FILTERS,
        ),
        Kind(
            "moderations",
            "moderation calls",
            "organization.usage.moderations.result",
            _INPUT_ONLY,
            _keys(*_WHO),
            _WHO_FILTERS,
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
        ),
        Kind(
            "audio_speeches",
            "text to speech",
            "organization.usage.audio_speeches.result",
            (Quantity("characters", "characters", required=True), _REQUESTS),
            _keys(*_WHO),
            _WHO_FILTERS,
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
        ),
        Kind(
            "vector_stores",
            "vector store storage",
            "organization.usage.vector_stores.result",
            (Quantity("usage_bytes", "bytes", required=True),),
            _keys("project_id"),
            _ids("project_id"),
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
        ),
        Kind(
            "file_search_calls",
            "file search tool calls",
            "organization.usage.file_searches.result",
            (Quantity("num_requests", "calls", required=True, since=_TARGET),),
            _keys(*_PEOPLE, "vector_store_id", since=_TARGET),
            _ids(*_PEOPLE, "vector_store_id", since=_TARGET),
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
            since=_TARGET,
        ),
        Kind(
            "decisions",
            "Decisions API usage",
            "organization.usage.decisions.result",
            _generation_quantities(),
            _keys(*_WHO, "batch", "service_tier", "api_source", since=_LATEST),
            (*_ids(*_WHO, since=_LATEST), Filter("batch", "batch", since=_LATEST)),
            since=_LATEST,
            split=Split.TOKENS,
        ),
    )
}

# Every stored quantity of any kind, once, in the order of the table.
QUANTITY_COLUMNS: tuple[str, ...] = tuple(
    dict.fromkeys(column for kind in KINDS.values() for column in kind.columns)
)

# Every filter name of any endpoint: a name that is here but not on the
# endpoint that was asked is refused, because ignoring a filter gives wrong sums.
FILTER_NAMES: frozenset[str] = frozenset(
    filter_.name for kind in KINDS.values() for filter_ in kind.filters
) | {"line_items"}
