"""The description of costs and prices, written from the tables and the answers' own types."""

from typing import Any

import msgspec

from tallybook.domain import costs
from tallybook.domain.costs import CONTRACT_KEYS, OBJECT
from tallybook.domain.events import DEFAULT_PROVIDER
from tallybook.domain.kinds import COSTS_LIMITS, KINDS
from tallybook.usage.card_answers import Cards
from tallybook.usage.explaining import Explanation
from tallybook.usage.repricing_answers import RepricingAnswer, Repricings, Wish
from tallybook.web.costs import UNPRICED_HEADER
from tallybook.web.openapi_parts import (
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
    too_slow,
)


def money_paths() -> Document:
    """The routes of costs and prices."""
    return {
        f"/v1{costs.PATH}": {"get": _get_costs()},
        "/v1/prices/cards": {"get": _get_cards()},
        "/v1/prices/list": {"get": _get_price_list()},
        "/v1/prices/explanation": {"get": _get_explanation()},
        "/v1/prices/repricings": {"get": _get_repricings(), "post": _post_repricing()},
    }


def money_schemas() -> Document:
    """The schemas that those routes refer to."""
    _, schemas = msgspec.json.schema_components(
        [Cards, Explanation, Repricings, RepricingAnswer, Wish],
        ref_template="#/components/schemas/{name}",
    )
    return {
        "CostsResult": _result_schema(),
        "CostsPage": page_of("CostsResult"),
        **schemas,
    }


def _get_costs() -> Document:
    unpriced = {
        "description": "How many events of the page's range have a charge that nobody prices.",
        "schema": {"type": "integer", "minimum": 0},
    }
    contract = ", ".join(f"`{name}`" for name in CONTRACT_KEYS)
    return {
        "operationId": costs.NAME,
        "tags": ["costs"],
        "summary": "Costs: money spent",
        "description": "Buckets are whole: today's is the whole day. Beyond the contract,"
        " which knows days only, any width and any dimension; a field that is beyond it is there"
        " only when it is grouped by. Amounts in two currencies are never added up.",
        "parameters": [
            *common_parameters(COSTS_LIMITS),
            *filters(costs.FILTERS),
            *groups(
                costs.GROUP_BY,
                f"The contract's keys are {contract}; the others, and `tag:NAME`, are beyond it.",
                costs.RANKINGS,
            ),
        ],
        "responses": page_answers("CostsPage", {UNPRICED_HEADER: unpriced}),
    }


def _result_schema() -> Document:
    nullable = {"type": ["string", "null"]}
    amount = object_of(
        {
            "value": {"type": "number", "description": "major units; at most 12 decimals"},
            "currency": {"type": "string", "description": "lowercase ISO 4217"},
        }
    )
    fields = {
        "object": {"const": OBJECT},
        "amount": amount,
        **dict.fromkeys(CONTRACT_KEYS, nullable),
        "quantity": {
            "type": ["number", "null"],
            "description": "null unless grouped by `line_item`",
        },
        "quantity_unit": nullable,
    }
    own = [name for name in costs.GROUP_BY if name not in CONTRACT_KEYS]
    return object_of(fields | extension_fields(*own), list(fields))


def _get(
    name: str, summary: str, description: str, schema: str, *parameters: Document, **more: Any
) -> Document:
    return {
        "operationId": name,
        "tags": ["prices"],
        "summary": summary,
        "description": description,
        "parameters": list(parameters),
        "responses": {"200": answer(summary + ".", ref(schema)), **errors(), **more},
    }


def _get_cards() -> Document:
    return _get(
        "rate_cards",
        "The rate cards that events have",
        "With the number of their events; those that are `unpriced` wait for a price.",
        "Cards",
        **too_slow(),
    )


def _get_price_list() -> Document:
    text: Document = {"type": "string"}
    return _get(
        "price_list",
        "What requests to a model cost at a moment",
        "Plain, in batches, and by tier.",
        "Cards",
        parameter("model", "The model, as events name it.", text, required=True),
        parameter("provider", "The provider.", {"type": "string", "default": DEFAULT_PROVIDER}),
        parameter(
            "kind",
            "One kind; without it, those that somebody prices.",
            {"type": "string", "enum": list(KINDS)},
        ),
        parameter("at", "The moment, in Unix seconds; now by default.", {"type": "integer"}),
    )


def _get_explanation() -> Document:
    return _get(
        "explanation",
        "What the events with an id cost, line by line",
        "With the rate card, its source and its dates.",
        "Explanation",
        parameter("event_id", "The event's id.", {"type": "string"}, required=True),
        **{"404": answer("No event has this id.", ref("Error"))},
        **too_slow(),
    )


def _get_repricings() -> Document:
    return _get(
        "repricings",
        "Every repricing that was applied",
        "In order of time: by whom, when and why.",
        "Repricings",
    )


def _post_repricing() -> Document:
    return {
        "operationId": "reprice",
        "tags": ["prices"],
        "summary": "Price events again",
        "description": "Says by day and model what the prices"
        " in force would change; with `apply` it is changed, and recorded.",
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": ref("Wish")}},
        },
        "responses": {
            "200": answer("What changes, or changed.", ref("RepricingAnswer")),
            **errors(),
            "409": answer("The price file has a fault; nothing was done.", ref("Error")),
            "413": answer("The body is too large.", ref("Error")),
        },
    }
