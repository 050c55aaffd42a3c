"""The API's description: valid, complete, and what the server does."""

import json
import re
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from support.events import DAY, event
from support.server import Server
from tallybook.domain import costs
from tallybook.domain.buckets import BucketWidth
from tallybook.domain.kinds import COSTS_LIMITS, KINDS, USAGE_LIMITS
from tallybook.domain.queries import TOP_MAX
from tallybook.usage.dialects import LEGACY_PREFIX
from tallybook.web.access import Reach
from tallybook.web.openapi import openapi_document
from tallybook.web.parameters import COSTS_FORM, OWN_SCALARS, SCALARS, usage_form
from tallybook.web.routes import DOORS

DOCUMENT = json.loads(json.dumps(openapi_document(DOORS)))


def schema(name: str) -> dict[str, Any]:
    """A schema of the document that can be used on its own."""
    return {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}


def type_name(kind: str) -> str:
    return "".join(word.capitalize() for word in kind.split("_"))


def test_the_document_is_valid_openapi() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_every_route_is_described_and_every_description_has_a_route() -> None:
    undescribed = {"/", "/assets/{name}", "/openapi.json", "/docs"}
    doors = {
        (door.path, door.method.lower())
        for door in DOORS
        if door.path not in undescribed and not door.path.startswith(LEGACY_PREFIX)
    }
    described = {
        (path, method) for path, methods in DOCUMENT["paths"].items() for method in methods
    }
    assert described == doors


def test_the_server_serves_the_document(server: Server) -> None:
    answer = server.http.get("/openapi.json")
    assert answer.json() == DOCUMENT


@pytest.mark.parametrize("kind", KINDS)
def test_events_and_pages_are_as_described(server: Server, kind: str) -> None:
    sent = event(kind, id=f"described-{kind}", tags={"team": "search"}, user_id="user-1")
    jsonschema.validate(sent, schema(f"{type_name(kind)}Event"))
    receipt = server.post(sent).json()
    jsonschema.validate(receipt, schema("Receipt"))
    assert receipt["accepted"] == 1
    page = server.usage(kind, start_time=DAY, end_time=DAY + 86_400).json()
    assert page["data"][0]["results"]
    jsonschema.validate(page, schema(f"{type_name(kind)}Page"))


def asked(path: str) -> dict[str, Any]:
    """The query parameters of a route by their names."""
    parameters = DOCUMENT["paths"][path]["get"]["parameters"]
    return {each["name"]: each for each in parameters if each["in"] == "query"}


FORMS = {f"/v1{kind.path}": (usage_form(kind), USAGE_LIMITS) for kind in KINDS.values()}
FORMS |= {f"/v1{costs.PATH}": (COSTS_FORM, COSTS_LIMITS)}


@pytest.mark.parametrize("path", FORMS)
def test_every_parameter_that_is_read_is_described_with_its_values(path: str) -> None:
    form, limits = FORMS[path]
    described = asked(path)
    filters = {filter_.name for filter_ in form.filters}
    assert {*described} == {*SCALARS, *OWN_SCALARS, *filters, "group_by", "tags[NAME]"}
    assert described["bucket_width"]["schema"]["enum"] == [*BucketWidth]
    for width, limit in limits.items():
        told = f"{limit.default} by default and at most {limit.maximum} for `{width}`"
        assert told in described["limit"]["description"]
    names, tags = described["group_by"]["schema"]["items"]["anyOf"]
    assert names["enum"] == [*form.group_by]
    for name in ("tag:team", f"tag:{'x' * 64}", "tag:", f"tag:{'x' * 65}", "team"):
        assert bool(re.search(tags["pattern"], name)) == form.can_group_by(name)
    assert described["order_by"]["schema"]["enum"] == [*form.rankings]
    assert f"`{form.rankings[0]}`" in described["top"]["description"]
    assert described["top"]["schema"] == {"type": "integer", "minimum": 1, "maximum": TOP_MAX}
    assert described["timezone"]["schema"]["default"] == "UTC"


@pytest.mark.parametrize("path", FORMS)
def test_a_field_beyond_the_contract_is_described_and_not_required(path: str) -> None:
    form, _ = FORMS[path]
    result = DOCUMENT["components"]["schemas"][f"{type_name(form.name)}Result"]
    own = {*result["properties"]} - {*result["required"]}
    assert own == {"other"} | ({*form.group_by} - {*result["required"]})
    assert "provider" in own
    assert result["properties"]["other"]["type"] == "boolean"


def test_errors_are_as_described(server: Server) -> None:
    jsonschema.validate(server.usage("completions").json(), schema("Error"))
    refused = server.post(event(input_tokens=-1)).json()
    jsonschema.validate(refused, schema("RefusedReceipt"))
    assert refused["rejected"][0]["field"] == "input_tokens"


def test_the_reference_page_names_every_route_and_loads_nothing(server: Server) -> None:
    answer = server.http.get("/docs")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    for path, operations in DOCUMENT["paths"].items():
        for method in operations:
            assert f"<code>{method.upper()} {path}</code>" in answer.text
    for loaded in ("<script", "<link", "<img", "@import", "url(", "http://", "https://"):
        assert loaded not in answer.text


def test_what_may_be_revalidated_and_what_may_take_too_long_is_described() -> None:
    gets = {path: methods["get"] for path, methods in DOCUMENT["paths"].items() if "get" in methods}
    pages = {*FORMS}
    assert len(pages) == len(KINDS) + 1
    assert {path for path, get in gets.items() if "304" in get["responses"]} == pages
    for path in pages:
        for status in ("200", "304"):
            headers = set(gets[path]["responses"][status]["headers"])
            assert {"ETag", "Cache-Control", "tallybook-answered-from"} <= headers
        assert "content" not in gets[path]["responses"]["304"]
    events = {"/v1/events", "/v1/events/{event_id}"}
    slow = {path for path, get in gets.items() if "504" in get["responses"]}
    assert slow == pages | {"/v1/prices/cards", "/v1/prices/explanation", *events}


def test_what_opens_a_route_is_described() -> None:
    for door in DOORS:
        operation = DOCUMENT["paths"].get(door.path, {}).get(door.method.lower(), {})
        if operation and door.scope is not None:
            told = operation["description"]
            assert told.startswith(f"Needs the scope `{door.scope}`. ")
            assert ("Not for a key that is bound" in told) == (door.reach is Reach.ORGANIZATION)
            assert told.count("Needs the scope") == 1
