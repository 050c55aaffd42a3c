"""The API's description, OpenAPI 3.1, written from the table of kinds.

Nothing is listed by hand that the table knows: a kind that is added there is
described here.
"""

from typing import Any

from tallybook.domain.buckets import BucketWidth
from tallybook.domain.definitions import Kind, Quantity
from tallybook.domain.dimensions import DIMENSIONS
from tallybook.domain.events import (
    DEFAULT_PROVIDER,
    NAME_LENGTH_MAX,
    TAG_NAME_LENGTH_MAX,
    TAG_VALUE_LENGTH_MAX,
    TAGS_MAX,
)
from tallybook.domain.kinds import KINDS, USAGE_LIMITS
from tallybook.usage.dialects import LEGACY_PREFIX
from tallybook.version import __version__

Document = dict[str, Any]

_NAME: Document = {"type": "string", "minLength": 1, "maxLength": NAME_LENGTH_MAX}
_ERROR_STATUSES = {
    "400": "A parameter or the body is at fault; `param` names it.",
    "401": "No key, an unknown key, or one without the scope.",
    "500": "A defect of the server; its log says more under the `x-request-id`.",
    "503": "The ledger cannot be reached, or too much waits; try again after `Retry-After`.",
}


def openapi_document() -> Document:
    """The whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tallybook",
            "version": __version__,
            "summary": "The usage-and-cost ledger for AI APIs.",
            "description": "Events in, exact usage out, in the wire format of OpenAI's"
            " organization Usage API. Every path below `/v1/organization` is also there below"
            f" `{LEGACY_PREFIX}/organization`, in the dialect of 2.3.0 clients.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"key": []}],
        "tags": [{"name": "events"}, {"name": "usage"}, {"name": "health"}],
        "paths": {
            "/v1/events": {"post": _post_events()},
            **{f"/v1{kind.path}": {"get": _get_usage(kind)} for kind in KINDS.values()},
            "/healthz": {"get": _probe("healthz", "The process lives.", "status", "version")},
            "/readyz": {"get": _probe("readyz", "The ledger answers too.", "status")},
        },
        "components": {
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An admin key (`sk-admin-…`) for everything, or an ingest key"
                    " (`sk-ingest-…`) that may only post events.",
                }
            },
            "schemas": _schemas(),
        },
    }


def _ref(name: str) -> Document:
    return {"$ref": f"#/components/schemas/{name}"}


def _type_name(kind: Kind, suffix: str) -> str:
    return "".join(word.capitalize() for word in kind.name.split("_")) + suffix


def _answer(description: str, schema: Document) -> Document:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _errors() -> Document:
    return {status: _answer(text, _ref("Error")) for status, text in _ERROR_STATUSES.items()}


def _get_usage(kind: Kind) -> Document:
    return {
        "operationId": f"usage_{kind.name}",
        "tags": ["usage"],
        "summary": f"Usage: {kind.summary}",
        "description": "Needs the scope `api.usage.read`. Arrays are accepted as `x[]=a&x[]=b`,"
        " `x=a&x=b`, `x[0]=a` and `x=a,b`.",
        "parameters": [*_common_parameters(), *_filters(kind), _group_by(kind)],
        "responses": {
            "200": _answer("A page of buckets.", _ref(_type_name(kind, "Page"))),
            **_errors(),
        },
    }


def _parameter(name: str, description: str, schema: Document, **more: Any) -> Document:
    return {"name": name, "in": "query", "description": description, "schema": schema, **more}


def _common_parameters() -> list[Document]:
    limits = "; ".join(
        f"{limit.default} by default and at most {limit.maximum} for `{width}`"
        for width, limit in USAGE_LIMITS.items()
    )
    return [
        _parameter(
            "start_time",
            "Start of the range, inclusive, in Unix seconds.",
            {"type": "integer", "minimum": 0},
            required=True,
        ),
        _parameter(
            "end_time",
            "End of the range, exclusive, in Unix seconds; now by default.",
            {"type": "integer", "minimum": 0},
        ),
        _parameter(
            "bucket_width",
            "The size of a bucket.",
            {
                "type": "string",
                "enum": [str(width) for width in BucketWidth],
                "default": str(BucketWidth.DAY),
            },
        ),
        _parameter("limit", f"Buckets of a page: {limits}.", {"type": "integer", "minimum": 1}),
        _parameter(
            "page", "The `next_page` of the page before; repeat the rest.", {"type": "string"}
        ),
    ]


def _filters(kind: Kind) -> list[Document]:
    parameters = []
    for filter_ in kind.filters:
        if filter_.boolean:
            text = f"Only events whose `{filter_.dimension}` is this."
            parameters.append(_parameter(filter_.name, text, {"type": "boolean"}))
            continue
        item: Document = {"type": "string"}
        if filter_.values:
            item["enum"] = list(filter_.values)
        text = f"Only events whose `{filter_.dimension}` is one of these."
        parameters.append(_parameter(filter_.name, text, {"type": "array", "items": item}))
    return parameters


def _group_by(kind: Kind) -> Document:
    return _parameter(
        "group_by",
        "The dimensions to group by; a dimension that is not named is null in the results.",
        {"type": "array", "items": {"type": "string", "enum": list(kind.dimensions)}},
    )


def _post_events() -> Document:
    event = {
        "oneOf": [_ref(_type_name(kind, "Event")) for kind in KINDS.values()],
        "discriminator": {
            "propertyName": "kind",
            "mapping": {
                kind.name: f"#/components/schemas/{_type_name(kind, 'Event')}"
                for kind in KINDS.values()
            },
        },
    }
    return {
        "operationId": "post_events",
        "tags": ["events"],
        "summary": "Store events, exactly once",
        "description": "Needs the scope `api.usage.write`. Answers after the events are on disk."
        " An event's identity is `(id, time)`, so sending it again changes nothing.",
        "parameters": [
            _parameter(
                "atomic", "Store all events or none.", {"type": "boolean", "default": False}
            ),
            {
                "name": "Content-Encoding",
                "in": "header",
                "schema": {"type": "string", "enum": ["identity", "gzip", "zstd"]},
            },
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"anyOf": [event, {"type": "array", "items": event}]}
                },
                "application/x-ndjson": {"schema": {"type": "string"}},
            },
        },
        "responses": {
            "200": _answer("All are stored, now or before.", _ref("Receipt")),
            "207": _answer("Some were refused: see `conflicts`, `rejected`.", _ref("Receipt")),
            **_errors(),
            "400": _answer(
                "None could be stored, or the body cannot be read.", _ref("RefusedReceipt")
            ),
            "409": _answer("All that failed are conflicts.", _ref("RefusedReceipt")),
            "413": _answer("The body, or the number of events, is too large.", _ref("Error")),
            "415": _answer("A content type or encoding that is not read.", _ref("Error")),
            "507": _answer("The disk is full; nothing was stored.", _ref("Error")),
        },
    }


def _probe(name: str, text: str, *fields: str) -> Document:
    schema = {
        "type": "object",
        "required": list(fields),
        "properties": {field: {"type": "string"} for field in fields},
    }
    answers = {"200": _answer(text, schema)}
    if name == "readyz":
        answers["503"] = _answer("The ledger does not answer.", _ref("Error"))
    return {
        "operationId": name,
        "tags": ["health"],
        "summary": text,
        "security": [],
        "responses": answers,
    }


def _schemas() -> Document:
    schemas: Document = {
        "Error": _error_schema(),
        "Fault": _fault_schema(),
        "Receipt": _receipt_schema(),
    }
    schemas["RefusedReceipt"] = {
        "allOf": [_ref("Error"), {"type": "object", "properties": _receipt_schema()["properties"]}]
    }
    for kind in KINDS.values():
        schemas[_type_name(kind, "Event")] = _event_schema(kind)
        schemas[_type_name(kind, "Result")] = _result_schema(kind)
        schemas[_type_name(kind, "Page")] = _page_schema(kind)
    return schemas


def _object(properties: Document, required: list[str] | None = None) -> Document:
    return {
        "type": "object",
        "required": list(properties) if required is None else required,
        "properties": properties,
    }


def _error_schema() -> Document:
    nullable = {"type": ["string", "null"]}
    fields = {
        "message": {"type": "string"},
        "type": {"type": "string"},
        "param": nullable,
        "code": nullable,
    }
    return _object({"error": _object(fields)})


def _fault_schema() -> Document:
    nullable = {"type": ["string", "null"]}
    return _object(
        {
            "index": {"type": "integer", "minimum": 0},
            "id": nullable,
            "field": nullable,
            "reason": {"type": "string"},
        }
    )


def _receipt_schema() -> Document:
    count = {"type": "integer", "minimum": 0}
    faults = {"type": "array", "items": _ref("Fault")}
    return _object(
        {"accepted": count, "duplicates": count, "conflicts": faults, "rejected": faults}
    )


def _event_schema(kind: Kind) -> Document:
    properties: Document = {
        "id": _NAME,
        "time": {
            "description": "When the provider accepted the request: Unix seconds, a fraction"
            " allowed, or RFC 3339; kept to the microsecond.",
            "type": ["number", "string"],
        },
        "kind": {"const": kind.name},
        "provider": {**_NAME, "default": DEFAULT_PROVIDER},
        **{name: _event_dimension(name) for name in kind.event_dimensions},
        **{quantity.name: _event_quantity(quantity) for quantity in kind.quantities},
        "tags": {
            "type": ["object", "null"],
            "maxProperties": TAGS_MAX,
            "propertyNames": {"minLength": 1, "maxLength": TAG_NAME_LENGTH_MAX},
            "additionalProperties": {"type": "string", "maxLength": TAG_VALUE_LENGTH_MAX},
        },
        "reported_cost": {
            "description": "What the source said that it cost: kept, never used as the price.",
            "oneOf": [
                _object({"value": {"type": ["string", "number"]}, "currency": {"type": "string"}}),
                {"type": "null"},
            ],
        },
    }
    counts = [q.name for q in kind.quantities if q.required and not q.default]
    return {
        **_object(properties, ["id", "time", "kind", *counts]),
        "additionalProperties": False,
    }


def _event_dimension(name: str) -> Document:
    dimension = DIMENSIONS[name]
    if dimension.boolean:
        return {"type": "boolean", "default": False}
    if dimension.values:
        return {"type": ["string", "null"], "enum": [*dimension.values, None]}
    return {**_NAME, "type": ["string", "null"]}


def _event_quantity(quantity: Quantity) -> Document:
    number = "integer" if quantity.scale == 1 else "number"
    schema: Document = {
        "description": quantity.unit,
        "type": number if quantity.required and not quantity.default else [number, "null"],
        "minimum": 0,
        "maximum": quantity.maximum,
    }
    return schema | ({"default": quantity.default} if quantity.default else {})


def _result_schema(kind: Kind) -> Document:
    properties: Document = {"object": {"const": kind.object}}
    for quantity in kind.wire_quantities:
        properties[quantity.name] = {"type": "integer", "description": quantity.unit}
        if quantity.format:
            properties[quantity.name]["format"] = quantity.format
    for name in kind.dimensions:
        plain = "boolean" if DIMENSIONS[name].boolean else "string"
        properties[name] = {"type": [plain, "null"]}
    return _object(properties)


def _page_schema(kind: Kind) -> Document:
    bucket = _object(
        {
            "object": {"const": "bucket"},
            "start_time": {"type": "integer"},
            "end_time": {"type": "integer"},
            "results": {"type": "array", "items": _ref(_type_name(kind, "Result"))},
        }
    )
    return _object(
        {
            "object": {"const": "page"},
            "data": {"type": "array", "items": bucket},
            "has_more": {"type": "boolean"},
            "next_page": {"type": ["string", "null"]},
        }
    )
