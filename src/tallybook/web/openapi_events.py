"""The description of stored events: listed, one by one, and voided; written from what is read."""

import msgspec

from tallybook.domain.instants import AHEAD_SECONDS_MAX
from tallybook.domain.listings import LIMIT_DEFAULT, LIMIT_MAX
from tallybook.domain.voids import REASON_LENGTH_MAX, VOIDED_TOGETHER_MAX, Voids
from tallybook.intake.native import Format
from tallybook.usage.event_pages import NEXT_PAGE_HEADER
from tallybook.web.event_parameters import FILTERS, VOIDED
from tallybook.web.openapi_parts import (
    Document,
    answer,
    errors,
    filters,
    object_of,
    parameter,
    ref,
    too_slow,
)
from tallybook.web.voids import VoidWish

_SECONDS: Document = {"type": "integer", "minimum": 0}


def get_events() -> Document:
    """The route."""
    page = answer("A page of events.", ref("EventList"))
    page["content"][str(Format.NDJSON)] = {"schema": {"type": "string"}}
    page["headers"] = {
        NEXT_PAGE_HEADER: {
            "description": "Of an answer in NDJSON, and only when there are more: `next_page`.",
            "schema": {"type": "string"},
        }
    }
    return {
        "operationId": "events",
        "tags": ["events"],
        "summary": "Stored events, by time and id",
        "description": "Events have the fields of a post, and"
        f" make the same events when they are posted elsewhere. With `Accept: {Format.NDJSON}` they"
        " come one to a line.",
        "parameters": [
            parameter("start_time", "Start, inclusive, in Unix seconds; all by default.", _SECONDS),
            parameter(
                "end_time",
                "End, exclusive, in Unix seconds; by default"
                f" {AHEAD_SECONDS_MAX} seconds from now, which is later than any event.",
                _SECONDS,
            ),
            *filters(FILTERS),
            parameter(
                VOIDED,
                "Whether events that were voided are among them; they are marked.",
                {"type": "string", "enum": list(Voids), "default": Voids.EXCLUDE},
            ),
            parameter(
                "limit",
                "Events of a page.",
                {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": LIMIT_MAX,
                    "default": LIMIT_DEFAULT,
                },
            ),
            parameter(
                "page", "The `next_page` of the page before; repeat the rest.", {"type": "string"}
            ),
        ],
        "responses": {"200": page, **errors(), **too_slow()},
    }


def get_event() -> Document:
    """The route of one event."""
    return {
        "operationId": "event",
        "tags": ["events"],
        "summary": "One stored event, voided or not",
        "description": "An id with slashes may be sent with them, or with `%2F`.",
        "parameters": [
            {
                "name": "event_id",
                "in": "path",
                "required": True,
                "description": "The event's id.",
                "schema": {"type": "string"},
            },
            parameter(
                "time",
                "Which one, where several have this id: Unix seconds, as lists have it, or RFC"
                " 3339 with an offset.",
                {"type": "string"},
            ),
        ],
        "responses": {
            "200": answer("The event.", ref("StoredEvent")),
            **errors(),
            "404": answer("No event has this id, or none this time.", ref("Error")),
            **too_slow(),
        },
    }


def post_void() -> Document:
    """The route that voids events."""
    return {
        "operationId": "void_events",
        "tags": ["events"],
        "summary": "Void events: they stay, marked, and count no more",
        "description": f"One by `id`, or up to {VOIDED_TOGETHER_MAX} by `events`: all of them or"
        " none. An event that was voided before keeps its first mark.",
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": ref("VoidWish")}},
        },
        "responses": {
            "200": answer("The events, each with its mark.", ref("VoidedEvents")),
            **errors(),
            "404": answer("One of them is not stored; nothing was changed.", ref("Error")),
            "413": answer("The body is too large.", ref("Error")),
            **too_slow(),
            "507": answer("The disk is full; nothing was changed.", ref("Error")),
        },
    }


def void_schemas(event: Document) -> Document:
    """The schemas that those routes refer to."""
    _, schemas = msgspec.json.schema_components(
        [VoidWish], ref_template="#/components/schemas/{name}"
    )
    reason = schemas["VoidWish"]["properties"]["reason"]
    reason |= {"minLength": 1, "maxLength": REASON_LENGTH_MAX}
    return {
        "StoredEvent": event,
        "VoidedEvents": object_of(
            {
                "object": {"const": "list"},
                "data": {"type": "array", "items": ref("StoredEvent")},
            }
        ),
        **schemas,
    }


def void_mark() -> Document:
    """The mark of a voided event, which no posted event may have."""
    mark = object_of(
        {
            "at": {"type": "number", "description": "when, in Unix seconds"},
            "by": {"type": "string"},
            "reason": {"type": "string"},
        }
    )
    return {
        **mark,
        "readOnly": True,
        "description": "Only of an event that was voided: it is in no sum and no cost.",
    }


def event_list_schema(event: Document) -> Document:
    """The schema of a page of events."""
    return object_of(
        {
            "object": {"const": "list"},
            "data": {"type": "array", "items": event},
            "has_more": {"type": "boolean"},
            "next_page": {"type": ["string", "null"]},
        }
    )
