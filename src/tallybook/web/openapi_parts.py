"""The pieces that descriptions of routes are made of."""

from collections.abc import Iterable, Mapping
from typing import Any

from tallybook.domain.buckets import BucketWidth
from tallybook.domain.definitions import Filter, PageLimit
from tallybook.domain.dimensions import DIMENSIONS, OTHER, TAG_PREFIX
from tallybook.domain.events import NAME_LENGTH_MAX, TAG_NAME_LENGTH_MAX
from tallybook.domain.queries import TOP_MAX
from tallybook.domain.zones import UTC
from tallybook.web.answered_from import ANSWERED_FROM_HEADER, EVENTS
from tallybook.web.conditional import CACHE_CONTROL

Document = dict[str, Any]

NAME: Document = {"type": "string", "minLength": 1, "maxLength": NAME_LENGTH_MAX}
_ERROR_STATUSES = {
    "400": "A parameter or the body is at fault; `param` names it.",
    "401": "No key, an unknown key, or one without the scope.",
    "403": "It came by a session's cookie, and not from a page of this server.",
    "429": "The key made too many requests; the next is let in after `Retry-After`.",
    "500": "A defect of the server; its log says more under the `x-request-id`.",
    "503": "The ledger cannot be reached, or too much waits; try again after `Retry-After`.",
}


def ref(name: str) -> Document:
    """A reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def answer(description: str, schema: Document) -> Document:
    """An answer with a JSON body."""
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def errors() -> Document:
    """The answers that any route may give."""
    return {status: answer(text, ref("Error")) for status, text in _ERROR_STATUSES.items()}


def too_slow() -> Document:
    """The answer of a route whose query of the events is stopped after a time."""
    text = (
        "The query was not answered in time (setting `query_seconds_max`) and was stopped: ask for"
        " less at a time."
    )
    return {"504": answer(text, ref("Error"))}


def page_answers(schema: str, headers: Document | None = None) -> Document:
    """The answers of an endpoint with buckets, whose pages may have ``headers`` of their own."""
    page = answer("A page of buckets.", ref(schema))
    again = {
        "ETag": {
            "description": "Only when all buckets of the page are sealed: its validator.",
            "schema": {"type": "string"},
        },
        "Cache-Control": {
            "description": "An answer may be kept, and is asked about before each use.",
            "schema": {"const": CACHE_CONTROL},
        },
        ANSWERED_FROM_HEADER: {
            "description": "Only when the question names a tag by which no sums are kept (setting"
            " `kept_tags`): every event of its range is read for it.",
            "schema": {"const": EVENTS},
        },
    }
    page["headers"] = {**again, **(headers or {})}
    held = {"description": "The page that `If-None-Match` names still holds.", "headers": again}
    return {"200": page, "304": held, **errors(), **too_slow()}


def parameter(name: str, description: str, schema: Document, **more: Any) -> Document:
    """A query parameter."""
    return {"name": name, "in": "query", "description": description, "schema": schema, **more}


def common_parameters(allowed: Mapping[BucketWidth, PageLimit]) -> list[Document]:
    """The parameters of every endpoint with buckets."""
    limits = "; ".join(
        f"{limit.default} by default and at most {limit.maximum} for `{width}`"
        for width, limit in allowed.items()
    )
    return [
        parameter(
            "start_time",
            "Start of the range, inclusive, in Unix seconds.",
            {"type": "integer", "minimum": 0},
            required=True,
        ),
        parameter(
            "end_time",
            "End of the range, exclusive, in Unix seconds; now by default.",
            {"type": "integer", "minimum": 0},
        ),
        parameter(
            "bucket_width",
            "The size of a bucket.",
            {
                "type": "string",
                "enum": [str(width) for width in BucketWidth],
                "default": str(BucketWidth.DAY),
            },
        ),
        parameter(
            "timezone",
            "Whose days, weeks and months, and whose clocks: a zone of the IANA database.",
            {"type": "string", "default": UTC, "examples": ["Europe/Paris"]},
        ),
        parameter("limit", f"Buckets of a page: {limits}.", {"type": "integer", "minimum": 1}),
        parameter(
            "page", "The `next_page` of the page before; repeat the rest.", {"type": "string"}
        ),
        {
            "name": "If-None-Match",
            "in": "header",
            "description": "The `ETag` of a page that one has.",
            "schema": {"type": "string"},
        },
    ]


def groups(names: Iterable[str], text: str, rankings: tuple[str, ...]) -> list[Document]:
    """The parameters that tell groups apart, order them and keep the largest."""
    tag = {"type": "string", "pattern": f"^{TAG_PREFIX}.{{1,{TAG_NAME_LENGTH_MAX}}}$"}
    name = {"anyOf": [{"type": "string", "enum": list(names)}, tag]}
    return [
        parameter("group_by", text, {"type": "array", "items": name}),
        parameter(
            "order_by",
            "The number by which rows of a bucket descend; without it they are sorted by their"
            " keys.",
            {"type": "string", "enum": list(rankings)},
        ),
        parameter(
            "top",
            "How many groups are kept, only with `group_by`: those with the largest sum over the"
            f" whole range, of `order_by` or else of `{rankings[0]}`. The others are one row of a"
            f" bucket, its keys null; every row says in `{OTHER}` whether it is that one.",
            {"type": "integer", "minimum": 1, "maximum": TOP_MAX},
        ),
    ]


def extension_fields(*names: str) -> Document:
    """The fields beyond the contract of a result: each is there only when it was asked for."""
    fields: Document = {}
    for name in names:
        plain = "boolean" if name in DIMENSIONS and DIMENSIONS[name].boolean else "string"
        text = "only when grouped by; so is `tag:NAME`"
        fields[name] = {"type": [plain, "null"], "description": text}
    text = "only with `top`: whether it is all groups beside the largest"
    return {**fields, OTHER: {"type": "boolean", "description": text}}


def filters(among: Iterable[Filter]) -> list[Document]:
    """The parameters that narrow a query."""
    parameters = []
    for filter_ in among:
        if filter_.boolean:
            text = f"Only events whose `{filter_.dimension}` is this."
            parameters.append(parameter(filter_.name, text, {"type": "boolean"}))
            continue
        item: Document = {"type": "string"}
        if filter_.values:
            item["enum"] = list(filter_.values)
        text = f"Only events whose `{filter_.dimension}` is one of these."
        parameters.append(parameter(filter_.name, text, {"type": "array", "items": item}))
    text = "Only events whose tag of this name is one of these."
    items = {"type": "array", "items": {"type": "string"}}
    return [*parameters, parameter("tags[NAME]", text, items)]


def object_of(properties: Document, required: list[str] | None = None) -> Document:
    """An object's schema; all of its properties are required unless some are named."""
    return {
        "type": "object",
        "required": list(properties) if required is None else required,
        "properties": properties,
    }


def page_of(result: str) -> Document:
    """The schema of a page whose results are of a schema."""
    bucket = object_of(
        {
            "object": {"const": "bucket"},
            "start_time": {"type": "integer"},
            "end_time": {"type": "integer"},
            "results": {"type": "array", "items": ref(result)},
        }
    )
    return object_of(
        {
            "object": {"const": "page"},
            "data": {"type": "array", "items": bucket},
            "has_more": {"type": "boolean"},
            "next_page": {"type": ["string", "null"]},
        }
    )
