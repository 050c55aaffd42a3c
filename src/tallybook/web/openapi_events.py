"""The description of ``GET /v1/events``, written from what it reads."""

from tallybook.domain.instants import AHEAD_SECONDS_MAX
from tallybook.domain.listings import LIMIT_DEFAULT, LIMIT_MAX
from tallybook.intake.native import Format
from tallybook.usage.event_pages import NEXT_PAGE_HEADER
from tallybook.web.event_parameters import FILTERS
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
