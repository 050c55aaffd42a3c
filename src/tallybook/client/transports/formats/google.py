"""Google's Gemini API and Vertex AI: content, embeddings, and Vertex's predictions.

Thoughts and the results of tools are counted beside the prompt and the
candidates: ours include them. A stream's counts are cumulative, so its last
ones hold. Documents and videos are seen as images: their tokens are counted
as an image's.
"""

import re

import msgspec

from tallybook.client.transports.asked import Asked
from tallybook.client.transports.counts import Tokens
from tallybook.client.transports.metered import Metered
from tallybook.client.transports.reading import Format

_SEEN = frozenset({"IMAGE", "VIDEO", "DOCUMENT"})
_HEARD = frozenset({"AUDIO"})

# Vertex's words for how it served a request: a tier's name where it is one elsewhere.
_TIERS = {
    "ON_DEMAND_PRIORITY": "priority",
    "ON_DEMAND_FLEX": "flex",
    "ON_DEMAND_OFFPEAK": "offpeak",
    "PROVISIONED_THROUGHPUT": "provisioned_throughput",
}
_NOT_SAID = frozenset({"TRAFFIC_TYPE_UNSPECIFIED", "UNSPECIFIED"})

# Up to this generation a grounded request is charged once, however often it searched.
_ONE_SEARCH = re.compile(r"gemini-[12][.-]")


class _ModalityCount(msgspec.Struct, frozen=True, rename="camel"):
    modality: str = ""
    token_count: int = 0


_Counts = tuple[_ModalityCount, ...] | None


class _Usage(msgspec.Struct, frozen=True, rename="camel"):
    prompt_token_count: int | None = None
    cached_content_token_count: int | None = None
    candidates_token_count: int | None = None
    thoughts_token_count: int | None = None
    tool_use_prompt_token_count: int | None = None
    prompt_tokens_details: _Counts = None
    cache_tokens_details: _Counts = None
    candidates_tokens_details: _Counts = None
    tool_use_prompt_tokens_details: _Counts = None
    traffic_type: str | None = None
    service_tier: str | None = None

    @property
    def tier(self) -> str | None:
        """How the request was served; None where it is not said."""
        said = self.service_tier or self.traffic_type
        return _TIERS.get(said, said.lower()) if said and said not in _NOT_SAID else None

    def quantities(self) -> dict[str, int]:
        """The tokens; none where the prompt was not counted."""
        if self.prompt_token_count is None:
            return {}
        given = (*(self.prompt_tokens_details or ()), *(self.tool_use_prompt_tokens_details or ()))
        cached, made = self.cache_tokens_details or (), self.candidates_tokens_details or ()
        thoughts = self.thoughts_token_count or 0
        return Tokens(
            input=self.prompt_token_count + (self.tool_use_prompt_token_count or 0),
            output=(self.candidates_token_count or 0) + thoughts,
            cached=self.cached_content_token_count,
            audio=_sum(given, _HEARD),
            image=_sum(given, _SEEN),
            cached_audio=_sum(cached, _HEARD) if cached else None,
            cached_image=_sum(cached, _SEEN) if cached else None,
            output_audio=_sum(made, _HEARD),
            output_image=_sum(made, _SEEN),
            reasoning=thoughts,
        ).quantities()


def _sum(counts: tuple[_ModalityCount, ...], modalities: frozenset[str]) -> int:
    return sum(each.token_count for each in counts if each.modality in modalities)


class _Grounding(msgspec.Struct, frozen=True, rename="camel"):
    # Counted where they are decoded, and forgotten.
    web_search_queries: tuple[msgspec.Raw, ...] | None = None


class _Candidate(msgspec.Struct, frozen=True, rename="camel"):
    finish_reason: str | None = None
    grounding_metadata: _Grounding | None = None


class _Chunk(msgspec.Struct, frozen=True, rename="camel"):
    response_id: str | None = None
    model_version: str | None = None
    usage_metadata: _Usage | None = None
    candidates: tuple[_Candidate, ...] | None = None


class _Content(msgspec.Struct, frozen=True):
    id: str | None = None
    model: str | None = None
    usage: _Usage | None = None
    queries: int = 0
    has_ended: bool = False

    def and_then(self, chunk: _Chunk) -> "_Content":
        """What is known after one more chunk."""
        candidates = chunk.candidates or ()
        queries = sum(
            len(each.grounding_metadata.web_search_queries or ())
            for each in candidates
            if each.grounding_metadata is not None
        )
        return _Content(
            chunk.response_id or self.id,
            chunk.model_version or self.model,
            chunk.usage_metadata or self.usage,
            max(queries, self.queries),
            self.has_ended or any(each.finish_reason for each in candidates),
        )

    def metered(self, asked: Asked) -> list[Metered]:
        """The request, then its web searches, if any."""
        usage, model = self.usage or _Usage(), self.model or asked.model
        request = Metered(
            kind=asked.kind,
            quantities=usage.quantities(),
            id=self.id,
            model=model,
            service_tier=usage.tier,
        )
        if not self.queries:
            return [request]
        kind = "web_search_calls"
        searches = 1 if model and _ONE_SEARCH.match(model) else self.queries
        found = Metered(
            kind=kind, quantities={"num_requests": searches}, id=self.id, model=model, part=kind
        )
        return [request, found]


class _Statistics(msgspec.Struct, frozen=True):
    token_count: int | float = 0


class _Embedding(msgspec.Struct, frozen=True):
    statistics: _Statistics | None = None


class _Prediction(msgspec.Struct, frozen=True, rename="camel"):
    embeddings: _Embedding | None = None
    mime_type: str | None = None


class _Embedded(msgspec.Struct, frozen=True, rename="camel"):
    usage_metadata: _Usage | None = None
    predictions: tuple[_Prediction, ...] | None = None

    @property
    def has_ended(self) -> bool:
        """Never by itself: these do not come as streams."""
        return False

    def metered(self, asked: Asked) -> list[Metered]:
        """The request: embeddings by their tokens, predicted images by their number."""
        predictions = self.predictions or ()
        images = sum((each.mime_type or "").startswith("image/") for each in predictions)
        if images:
            source = {"source": "image.generation"}
            return [
                Metered(
                    kind="images",
                    quantities={"images": images},
                    model=asked.model,
                    dimensions=source,
                )
            ]
        tokens = (self.usage_metadata or _Usage()).prompt_token_count
        counted = [
            each.embeddings.statistics.token_count
            for each in predictions
            if each.embeddings is not None and each.embeddings.statistics is not None
        ]
        if tokens is None and counted:
            tokens = int(sum(counted))
        return [
            Metered(
                kind=asked.kind,
                quantities={} if tokens is None else {"input_tokens": max(tokens, 0)},
                model=asked.model,
            )
        ]


_decode_event = msgspec.json.Decoder(_Chunk).decode
# Without ``alt=sse`` a stream is one JSON array.
_decode = msgspec.json.Decoder(_Chunk | tuple[_Chunk, ...]).decode
_decode_embedded = msgspec.json.Decoder(_Embedded).decode


def _read(body: bytes) -> _Content:
    decoded = _decode(body)
    known = _Content()
    for chunk in decoded if isinstance(decoded, tuple) else (decoded,):
        known = known.and_then(chunk)
    return known


CONTENT = Format(_Content(), _read, lambda known, data: known.and_then(_decode_event(data)))
EMBEDDED = Format(_Embedded(), _decode_embedded, lambda _, data: _decode_embedded(data))
