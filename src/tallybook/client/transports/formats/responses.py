"""OpenAI's Responses and Decisions: tokens, and the built-in tools that are paid for apart.

Each tool family makes one more event, its id that of the response and the
tool's name. Tool calls are counted in the items of ``output``; of web searches
the billable number is reported, which leaves out opened pages.
"""

import re
from collections.abc import Iterable

import msgspec

from tallybook.client.transports.asked import Asked
from tallybook.client.transports.counts import Tokens
from tallybook.client.transports.metered import Metered
from tallybook.client.transports.reading import Format
from tallybook.domain.dimensions import DIMENSIONS

_WEB_SEARCH = ("web_search", "web_search_preview")
_ITEM_DONE = "response.output_item.done"
# The states that a response does not leave.
_ENDED = frozenset({"completed", "incomplete", "failed", "cancelled"})


class _CacheWriteDetails(msgspec.Struct, frozen=True):
    ttl_12h_tokens: int | None = None


class _InputDetails(msgspec.Struct, frozen=True):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    cache_write_tokens_details: _CacheWriteDetails | None = None


class _OutputDetails(msgspec.Struct, frozen=True):
    reasoning_tokens: int | None = None


class _Usage(msgspec.Struct, frozen=True):
    input_tokens: int | None = None
    output_tokens: int | None = None
    input_tokens_details: _InputDetails | None = None
    output_tokens_details: _OutputDetails | None = None

    def quantities(self) -> dict[str, int]:
        """The tokens; none where the input was not counted."""
        if self.input_tokens is None:
            return {}
        given = self.input_tokens_details or _InputDetails()
        made = self.output_tokens_details or _OutputDetails()
        written = given.cache_write_tokens_details or _CacheWriteDetails()
        return Tokens(
            input=self.input_tokens,
            output=self.output_tokens or 0,
            cached=given.cached_tokens,
            written=given.cache_write_tokens,
            written_long=written.ttl_12h_tokens,
            reasoning=made.reasoning_tokens,
        ).quantities()


class _Action(msgspec.Struct, frozen=True):
    type: str | None = None


class _Item(msgspec.Struct, frozen=True):
    type: str = ""
    container_id: str | None = None
    action: _Action | None = None

    @property
    def is_search(self) -> bool:
        """Whether it searched the web; opening a page it found is no search."""
        searched = self.action is None or self.action.type in (None, "search")
        return self.type == "web_search_call" and searched


class _Tool(msgspec.Struct, frozen=True):
    type: str = ""
    model: str | None = None
    search_context_size: str | None = None
    vector_store_ids: tuple[str, ...] | None = None


class _Modalities(msgspec.Struct, frozen=True):
    image_tokens: int | None = None
    cached_image_tokens: int | None = None


class _ImageTokens(msgspec.Struct, frozen=True):
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int | None = None
    input_tokens_details: _Modalities | None = None
    cached_tokens_details: _Modalities | None = None
    output_tokens_details: _Modalities | None = None

    def quantities(self) -> dict[str, int]:
        """The tokens; those of the output are an image's where nothing else is said."""
        made = self.output_tokens_details or _Modalities(self.output_tokens)
        return Tokens(
            input=self.input_tokens,
            output=self.output_tokens,
            cached=self.cached_tokens,
            image=(self.input_tokens_details or _Modalities()).image_tokens,
            cached_image=(self.cached_tokens_details or _Modalities()).cached_image_tokens,
            output_image=made.image_tokens,
        ).quantities()


class _Searches(msgspec.Struct, frozen=True):
    num_requests: int | None = None


class _ToolUsage(msgspec.Struct, frozen=True):
    image_gen: _ImageTokens | None = None
    web_search: _Searches | None = None


class _Response(msgspec.Struct, frozen=True):
    id: str | None = None
    model: str | None = None
    service_tier: str | None = None
    status: str | None = None
    usage: _Usage | None = None
    output: tuple[_Item, ...] | None = None
    tools: tuple[_Tool, ...] | None = None
    tool_usage: _ToolUsage | None = None

    @property
    def has_ended(self) -> bool:
        """Whether nothing will be added."""
        return self.status in _ENDED

    def metered(self, asked: Asked) -> list[Metered]:
        """The request, then each tool family that was used."""
        model = self.model or asked.model
        request = Metered(
            kind=asked.kind,
            quantities=self.usage.quantities() if self.usage else {},
            id=self.id,
            model=model,
            service_tier=self.service_tier,
        )
        used = (
            self._web_searches(model),
            self._file_searches(model),
            self._sessions(model),
            self._images(),
        )
        return [request, *(each for each in used if each is not None)]

    def _web_searches(self, model: str | None) -> Metered | None:
        reported = self.tool_usage and self.tool_usage.web_search
        searches = reported.num_requests if reported else None
        if searches is None:
            searches = sum(item.is_search for item in self.output or ())
        levels = {tool.search_context_size for tool in self._tools(_WEB_SEARCH)}
        known = levels & {*DIMENSIONS["context_level"].values}
        return self._tool_event(
            "web_search_calls",
            {"num_requests": searches},
            model,
            {"context_level": str(*known)} if len(levels) == len(known) == 1 else {},
        )

    def _file_searches(self, model: str | None) -> Metered | None:
        stores = {
            store for tool in self._tools(("file_search",)) for store in tool.vector_store_ids or ()
        }
        return self._tool_event(
            "file_search_calls",
            {"num_requests": self._count("file_search_call")},
            model,
            {"vector_store_id": str(*stores)} if len(stores) == 1 else {},
        )

    def _sessions(self, model: str | None) -> Metered | None:
        containers = {
            item.container_id for item in self.output or () if item.type == "code_interpreter_call"
        }
        return self._tool_event(
            "code_interpreter_sessions", {"num_sessions": len(containers)}, model
        )

    def _images(self) -> Metered | None:
        reported = self.tool_usage and self.tool_usage.image_gen
        if not reported or not (reported.input_tokens or reported.output_tokens):
            return None
        models = {tool.model for tool in self._tools(("image_generation",))}
        requests = max(self._count("image_generation_call"), 1)
        return Metered(
            kind="completions",
            quantities=reported.quantities() | {"num_model_requests": requests},
            id=self.id,
            model=models.pop() if len(models) == 1 else None,
            part="image_generation",
        )

    def _tool_event(
        self,
        kind: str,
        quantities: dict[str, int],
        model: str | None,
        dimensions: dict[str, str] | None = None,
    ) -> Metered | None:
        """The event of a tool family; None when it was not used."""
        if not any(quantities.values()):
            return None
        return Metered(
            kind=kind,
            quantities=quantities,
            id=self.id,
            model=model,
            part=kind,
            dimensions=dimensions or {},
        )

    def _tools(self, types: Iterable[str]) -> list[_Tool]:
        # Newer versions of a tool have a date after its name.
        return [tool for tool in self.tools or () if tool.type.startswith(tuple(types))]

    def _count(self, item_type: str) -> int:
        return sum(item.type == item_type for item in self.output or ())


class _Event(msgspec.Struct, frozen=True):
    type: str = ""
    response: _Response | None = None
    item: _Item | None = None


_decode = msgspec.json.Decoder(_Response).decode
_decode_event = msgspec.json.Decoder(_Event).decode


def _fold(known: _Response, data: bytes) -> _Response:
    event = _decode_event(data)
    if event.response is not None:
        # The last event has the whole response; items told of before hold where it has none.
        output = event.response.output or known.output
        return msgspec.structs.replace(event.response, output=output)
    if event.type == _ITEM_DONE and event.item is not None:
        return msgspec.structs.replace(known, output=(*(known.output or ()), event.item))
    return known


RESPONSES = Format(
    _Response(),
    _decode,
    _fold,
    says_its_end=True,
    tells=(re.compile(rb'"response"\s*:\s*\{'), re.compile(f'"{re.escape(_ITEM_DONE)}"'.encode())),
)
