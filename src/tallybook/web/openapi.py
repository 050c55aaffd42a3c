"""The API's description, OpenAPI 3.1, written from the table of kinds.

Nothing is listed by hand that the table knows: a kind that is added there is
described here.
"""

from collections.abc import Iterable

from tallybook.domain.definitions import Kind, Quantity
from tallybook.domain.dimensions import DIMENSIONS, PROVIDER, TAG_PREFIX
from tallybook.domain.events import (
    DEFAULT_PROVIDER,
    TAG_NAME_LENGTH_MAX,
    TAG_VALUE_LENGTH_MAX,
    TAGS_MAX,
)
from tallybook.domain.kinds import KINDS, USAGE_LIMITS
from tallybook.usage.dialects import LEGACY_PREFIX
from tallybook.version import __version__
from tallybook.web.access import Reach
from tallybook.web.doors import Door
from tallybook.web.openapi_backups import backup_paths, backup_schemas
from tallybook.web.openapi_events import (
    event_list_schema,
    get_event,
    get_events,
    post_void,
    void_mark,
    void_schemas,
)
from tallybook.web.openapi_money import money_paths, money_schemas
from tallybook.web.openapi_operation import operation_paths, operation_schemas
from tallybook.web.openapi_organization import organization_paths, organization_schemas
from tallybook.web.openapi_parts import (
    NAME,
    Document,
    answer,
    common_parameters,
    errors,
    extension_fields,
    filters,
    groups,
    object_of,
    page_answers,
    page_of,
    parameter,
    ref,
)
from tallybook.web.openapi_session import session_paths, session_schemas, session_scheme

_TAGS = ("events", "usage", "costs", "prices", "organization", "backups", "session", "health")
_REACHES = {
    Reach.PROJECTS: "A key that is bound to projects reaches its own and nothing beyond them.",
    Reach.ORGANIZATION: "Not for a key that is bound to projects.",
}
_GROUP_BY = (
    "The dimensions to group by; one that is not named is null in the results."
    f" `{PROVIDER}` and `{TAG_PREFIX}NAME` are beyond the contract: fields that are there only when"
    " they are named."
)


def openapi_document(doors: Iterable[Door]) -> Document:
    """The whole description, of each route with what opens it, as ``doors`` have it."""
    document = _document()
    for door in doors:
        operation = document["paths"].get(door.path, {}).get(door.method.lower())
        if operation is not None and door.scope is not None:
            opened = f"Needs the scope `{door.scope}`. {_REACHES[door.reach]}"
            if door.also is not None:
                opened += f" It needs the scope `{door.also}` as well."
            operation["description"] = f"{opened} {operation.get('description', '')}".rstrip()
    return document


def _document() -> Document:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tallybook",
            "version": __version__,
            "summary": "The usage-and-cost ledger for AI APIs.",
            "description": "Events in, exact usage and costs out, in the wire format of OpenAI's"
            " organization Usage and Costs API. Every path below `/v1/organization` is also there"
            f" below `{LEGACY_PREFIX}/organization`, in the dialect of 2.3.0 clients.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"key": []}, {"session": []}],
        "tags": [{"name": name} for name in _TAGS],
        "paths": {
            "/v1/events": {"post": _post_events(), "get": get_events()},
            "/v1/events/void": {"post": post_void()},
            "/v1/events/{event_id}": {"get": get_event()},
            **{f"/v1{kind.path}": {"get": _get_usage(kind)} for kind in KINDS.values()},
            **money_paths(),
            **backup_paths(),
            **organization_paths(),
            **session_paths(),
            **operation_paths(),
            "/healthz": {"get": _probe("healthz", "The process lives.", "status", "version")},
            "/readyz": {"get": _probe("readyz", "The ledger answers too.", "status")},
        },
        "components": {
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key with the scopes that a route needs: an admin key"
                    " (`sk-admin-…`), an ingest key (`sk-ingest-…`), which may only post events,"
                    " or that of a service account (`sk-svcacct-…`).",
                },
                "session": session_scheme(),
            },
            "schemas": _schemas(),
        },
    }


def _type_name(kind: Kind, suffix: str) -> str:
    return "".join(word.capitalize() for word in kind.name.split("_")) + suffix


def _get_usage(kind: Kind) -> Document:
    return {
        "operationId": f"usage_{kind.name}",
        "tags": ["usage"],
        "summary": f"Usage: {kind.summary}",
        "description": "Arrays are accepted as `x[]=a&x[]=b`, `x=a&x=b`, `x[0]=a` and `x=a,b`.",
        "parameters": [
            *common_parameters(USAGE_LIMITS),
            *filters(kind.query_filters),
            *groups(kind.query_dimensions, _GROUP_BY, kind.rankings),
        ],
        "responses": page_answers(_type_name(kind, "Page")),
    }


def _any_event() -> Document:
    return {
        "oneOf": [ref(_type_name(kind, "Event")) for kind in KINDS.values()],
        "discriminator": {
            "propertyName": "kind",
            "mapping": {
                kind.name: f"#/components/schemas/{_type_name(kind, 'Event')}"
                for kind in KINDS.values()
            },
        },
    }


def _post_events() -> Document:
    event = _any_event()
    return {
        "operationId": "post_events",
        "tags": ["events"],
        "summary": "Store events, exactly once",
        "description": "Answers after the events are on disk."
        " An event's identity is `(id, time)`, so sending it again changes nothing.",
        "parameters": [
            parameter("atomic", "Store all events or none.", {"type": "boolean", "default": False}),
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
            "200": answer("All are stored, now or before.", ref("Receipt")),
            "207": answer("Some were refused: see `conflicts`, `rejected`.", ref("Receipt")),
            **errors(),
            "400": answer(
                "None could be stored, or the body cannot be read.", ref("RefusedReceipt")
            ),
            "409": answer("All that failed are conflicts.", ref("RefusedReceipt")),
            "413": answer("The body, or the number of events, is too large.", ref("Error")),
            "415": answer("A content type or encoding that is not read.", ref("Error")),
            "507": answer("The disk is full; nothing was stored.", ref("Error")),
        },
    }


def _probe(name: str, text: str, *fields: str) -> Document:
    schema = {
        "type": "object",
        "required": list(fields),
        "properties": {field: {"type": "string"} for field in fields},
    }
    answers = {"200": answer(text, schema)}
    if name == "readyz":
        answers["503"] = answer("The ledger does not answer.", ref("Error"))
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
        "EventList": event_list_schema(ref("StoredEvent")),
        **void_schemas(_any_event()),
    }
    schemas["RefusedReceipt"] = {
        "allOf": [ref("Error"), {"type": "object", "properties": _receipt_schema()["properties"]}]
    }
    for kind in KINDS.values():
        schemas[_type_name(kind, "Event")] = _event_schema(kind)
        schemas[_type_name(kind, "Result")] = _result_schema(kind)
        schemas[_type_name(kind, "Page")] = page_of(_type_name(kind, "Result"))
    own = money_schemas() | backup_schemas() | organization_schemas() | session_schemas()
    return schemas | own | operation_schemas()


def _error_schema() -> Document:
    nullable = {"type": ["string", "null"]}
    fields = {
        "message": {"type": "string"},
        "type": {"type": "string"},
        "param": nullable,
        "code": nullable,
    }
    return object_of({"error": object_of(fields)})


def _fault_schema() -> Document:
    nullable = {"type": ["string", "null"]}
    return object_of(
        {
            "index": {"type": "integer", "minimum": 0},
            "id": nullable,
            "field": nullable,
            "reason": {"type": "string"},
        }
    )


def _receipt_schema() -> Document:
    count = {"type": "integer", "minimum": 0}
    faults = {"type": "array", "items": ref("Fault")}
    return object_of(
        {"accepted": count, "duplicates": count, "conflicts": faults, "rejected": faults}
    )


def _event_schema(kind: Kind) -> Document:
    properties: Document = {
        "id": NAME,
        "time": {
            "description": "When the provider accepted the request: Unix seconds, a fraction"
            " allowed, or RFC 3339; kept to the microsecond.",
            "type": ["number", "string"],
        },
        "kind": {"const": kind.name},
        "provider": {**NAME, "default": DEFAULT_PROVIDER},
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
                object_of(
                    {"value": {"type": ["string", "number"]}, "currency": {"type": "string"}}
                ),
                {"type": "null"},
            ],
        },
        "voided": void_mark(),
    }
    counts = [q.name for q in kind.quantities if q.required and not q.default]
    return {
        **object_of(properties, ["id", "time", "kind", *counts]),
        "additionalProperties": False,
    }


def _event_dimension(name: str) -> Document:
    dimension = DIMENSIONS[name]
    if dimension.boolean:
        return {"type": "boolean", "default": False}
    if dimension.values:
        return {"type": ["string", "null"], "enum": [*dimension.values, None]}
    return {**NAME, "type": ["string", "null"]}


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
    return object_of(properties | extension_fields(PROVIDER), list(properties))
