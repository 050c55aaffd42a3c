"""Results as values: one class for each ``object`` of the contract (``docs/wire.md``, section 6).

Quantities are whole numbers, amounts exact decimals. A key is None unless it
was grouped by, and where the events have none. Counts that the contract lets
a server leave out are 0 then; those it may not know are None.

``tests/client/test_results.py`` holds the classes equal to the tables of the
domain and to the contract.
"""

from decimal import Decimal
from typing import Any, Literal

import msgspec

from tallybook.domain.costs import OBJECT as COSTS_OBJECT
from tallybook.domain.kinds import KINDS


class Result(msgspec.Struct, frozen=True, kw_only=True, repr_omit_defaults=True):
    """What one group of events adds up to in a bucket.

    ``object`` says what was counted. ``extra`` has the fields that its class
    does not have, under their names on the wire: keys beyond the contract that
    were grouped by (``provider``, ``tag:team``), ``other``, and whatever a
    later server adds. Numbers with a fraction are decimals there.
    """

    object: str
    extra: dict[str, Any] = {}

    def get(self, name: str) -> Any:
        """The field of a name on the wire, of the class's own or extra; None when it has none."""
        if name in self.__struct_fields__:
            return getattr(self, name)
        return self.extra.get(name)


class UnknownResult(Result, frozen=True, kw_only=True):
    """A result of an ``object`` that this version does not know: everything is in ``extra``."""


class _ModelResult(Result, frozen=True, kw_only=True):
    """What calls of models have in common: how many there were, and whose they were."""

    num_model_requests: int
    project_id: str | None = None
    user_id: str | None = None
    api_key_id: str | None = None
    model: str | None = None


class _GenerationResult(_ModelResult, frozen=True, kw_only=True):
    """What ``completions`` and ``decisions`` have in common.

    ``input_tokens`` includes cached and cache-write tokens; the text, audio and
    image tokens of the input are the uncached ones.
    """

    input_tokens: int
    input_cached_tokens: int = 0
    input_cache_write_tokens: int = 0
    input_uncached_tokens: int = 0
    output_tokens: int
    input_text_tokens: int = 0
    output_text_tokens: int = 0
    input_cached_text_tokens: int = 0
    input_audio_tokens: int = 0
    input_cached_audio_tokens: int = 0
    output_audio_tokens: int = 0
    input_image_tokens: int = 0
    input_cached_image_tokens: int = 0
    output_image_tokens: int = 0
    input_cache_write_30m_tokens: int | None = None
    input_cache_write_12h_tokens: int | None = None
    batch: bool | None = None
    service_tier: str | None = None
    api_source: str | None = None


class CompletionsResult(_GenerationResult, frozen=True, kw_only=True):
    """Text generation, in tokens and requests."""

    object: Literal["organization.usage.completions.result"]


class DecisionsResult(_GenerationResult, frozen=True, kw_only=True):
    """The Decisions API, in tokens and requests."""

    object: Literal["organization.usage.decisions.result"]


class EmbeddingsResult(_ModelResult, frozen=True, kw_only=True):
    """Embedding calls, in tokens and requests."""

    object: Literal["organization.usage.embeddings.result"]
    input_tokens: int


class ModerationsResult(_ModelResult, frozen=True, kw_only=True):
    """Moderation calls, in tokens and requests."""

    object: Literal["organization.usage.moderations.result"]
    input_tokens: int


class ImagesResult(_ModelResult, frozen=True, kw_only=True):
    """Images that were made, edited and varied, and the requests for them."""

    object: Literal["organization.usage.images.result"]
    images: int
    size: str | None = None
    source: str | None = None


class AudioSpeechesResult(_ModelResult, frozen=True, kw_only=True):
    """Text to speech, in characters and requests."""

    object: Literal["organization.usage.audio_speeches.result"]
    characters: int


class AudioTranscriptionsResult(_ModelResult, frozen=True, kw_only=True):
    """Speech to text, in whole seconds of sound and requests."""

    object: Literal["organization.usage.audio_transcriptions.result"]
    seconds: int


class VectorStoresResult(Result, frozen=True, kw_only=True):
    """Bytes that are stored: the largest amount within the bucket. Buckets do not add up."""

    object: Literal["organization.usage.vector_stores.result"]
    usage_bytes: int
    project_id: str | None = None


class CodeInterpreterSessionsResult(Result, frozen=True, kw_only=True):
    """Code interpreter containers, in sessions."""

    object: Literal["organization.usage.code_interpreter_sessions.result"]
    num_sessions: int
    project_id: str | None = None


class FileSearchCallsResult(Result, frozen=True, kw_only=True):
    """Calls of the file search tool."""

    object: Literal["organization.usage.file_searches.result"]
    num_requests: int
    project_id: str | None = None
    user_id: str | None = None
    api_key_id: str | None = None
    vector_store_id: str | None = None


class WebSearchCallsResult(_ModelResult, frozen=True, kw_only=True):
    """Calls of the web search tool (``num_requests``), and the requests to models behind them."""

    object: Literal["organization.usage.web_searches.result"]
    num_requests: int
    context_level: str | None = None
    api_source: str | None = None


class Amount(msgspec.Struct, frozen=True):
    """Money: an exact number of major units (dollars, not cents), and its currency, ``usd``."""

    value: Decimal
    currency: str


class CostsResult(Result, frozen=True, kw_only=True):
    """Money spent. ``quantity`` is of ``quantity_unit``, and None unless grouped by line item."""

    object: Literal["organization.costs.result"]
    amount: Amount
    project_id: str | None = None
    line_item: str | None = None
    api_key_id: str | None = None
    quantity: Decimal | None = None
    quantity_unit: str | None = None
    user_id: str | None = None
    api_source: str | None = None


# The class of each kind's results.
USAGE_RESULTS: dict[str, type[Result]] = {
    "completions": CompletionsResult,
    "embeddings": EmbeddingsResult,
    "moderations": ModerationsResult,
    "images": ImagesResult,
    "audio_speeches": AudioSpeechesResult,
    "audio_transcriptions": AudioTranscriptionsResult,
    "vector_stores": VectorStoresResult,
    "code_interpreter_sessions": CodeInterpreterSessionsResult,
    "file_search_calls": FileSearchCallsResult,
    "web_search_calls": WebSearchCallsResult,
    "decisions": DecisionsResult,
}

# The class of each ``object``.
RESULTS: dict[str, type[Result]] = {
    KINDS[name].object: result for name, result in USAGE_RESULTS.items()
} | {COSTS_OBJECT: CostsResult}

_CLASSES: tuple[type[Result], ...] = (*RESULTS.values(), UnknownResult)
_FIELDS = {result: frozenset(result.__struct_fields__) - {"extra"} for result in _CLASSES}
# Of some objects, the names of the 2.3.0 generation, with those that took their place.
_LEGACY_NAMES = {
    kind.object: renamed
    for kind in KINDS.values()
    if (renamed := [(each.legacy_name, each.name) for each in kind.quantities if each.legacy_name])
}


def result_of(row: dict[str, Any]) -> Result:
    """The result that a row of a bucket is, in either dialect.

    Raises msgspec.ValidationError for a row without an ``object``, without a
    required field, or with one of another type.
    """
    name = str(row.get("object"))
    result = RESULTS.get(name, UnknownResult)
    for old, new in _LEGACY_NAMES.get(name, ()):
        if old in row:
            row = {new: row[old]} | {key: row[key] for key in row if key != old}
    fields = _FIELDS[result]
    try:
        found = msgspec.convert(row, result)
    except msgspec.ValidationError:
        # A count that is null is one that is absent.
        known = {key: value for key, value in row.items() if key in fields and value is not None}
        found = msgspec.convert(known, result)
    if not row.keys() <= fields:
        extra = {key: value for key, value in row.items() if key not in fields}
        msgspec.structs.force_setattr(found, "extra", extra)
    return found
