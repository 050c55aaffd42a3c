"""Costs beyond the contract: other widths, every dimension of events, estimates.

Whole pages, so that a field that comes or goes is seen.
"""

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from contract.contract import fields
from support.events import DAY, event
from support.server import Server, running
from support.wire import fault, refusal

_PRICES = """\
[[price]]
model = "large"
input = "2 / 1M tokens"
output = "8 / 1M tokens"

[[price]]
model = "large"
provider = "acme"
currency = "eur"
input = "1 / 1M tokens"
output = "4 / 1M tokens"

[[price]]
model = "large"
batch = true
input = "0.5 / 1M tokens"

[[price]]
model = "painter"
images = "0.04 / image"

[[price]]
model = "painter"
size = "1024x1024"
quality = "high"
images = "0.16 / image"

[[price]]
provider = "openai"
file_search = "2.50 / 1k calls"

[[price]]
provider = "openai"
context_level = "high"
web_search = "25 / 1k calls"
"""
_MILLION = 1_000_000
_DAYS = {name: DAY + place * 86_400 for place, name in enumerate(
    ("dimensions", "order", "estimates", "currencies", "calm", "unpriced", "more unpriced")
)}  # fmt: skip
_CONTRACT = ("project_id", "line_item", "api_key_id", "user_id", "api_source")


def _tokens(name: str, day: str, at: float = 0, **more: Any) -> dict[str, Any]:
    """An event that costs 2 dollars, or 1 euro with a provider who asks for euros."""
    counts = {"input_tokens": _MILLION, "output_tokens": 0}
    known = {"id": f"{day} {name}", "time": _DAYS[day] + at, "model": "large"}
    return event() | counts | known | more


_EVENTS = [
    _tokens("tokens", "dimensions", 60, service_tier="default", tags={"team": "a"}),
    _tokens("batch", "dimensions", 3_600, batch=True),
    event("images", id="dimensions images", time=_DAYS["dimensions"] + 3_601, model="painter")
    | {"size": "1024x1024", "quality": "high", "source": "image.edit", "project_id": "p"},
    event("file_search_calls", id="dimensions files", time=_DAYS["dimensions"] + 7_200)
    | {"vector_store_id": "vs", "num_requests": 400},
    event("web_search_calls", id="dimensions web", time=_DAYS["dimensions"] + 7_201)
    | {"context_level": "high", "num_requests": 40},
    *(
        _tokens(f"{project} {provider} {user}", "order", number)
        | {"project_id": project, "provider": provider, "user_id": user}
        for number, (project, provider, user) in enumerate(
            (project, provider, user)
            for project in ("b", None, "B", "é", "a")
            for provider in ("openai", "acme", "Acme2")
            for user in ("u", None)
        )
    ),
    _tokens("flex", "estimates", 1, service_tier="flex"),
    _tokens("batch output", "estimates", 2, batch=True, output_tokens=_MILLION),
    _tokens("priority", "estimates", 3, service_tier="priority"),
    _tokens("batch flex", "estimates", 4, service_tier="flex", batch=True),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with prices in dollars, in euros and of tools, and all events of this module."""
    folder = tmp_path_factory.mktemp("priced")
    (folder / "prices.toml").write_text(_PRICES, encoding="utf-8")
    with running(folder) as server:
        assert server.post(_EVENTS).json()["accepted"] == len(_EVENTS)
        yield server


def _ask(server: Server, day: str = "dimensions", days: int = 1, **asked: Any) -> httpx2.Response:
    start = _DAYS[day]
    times = {"start_time": start, "end_time": start + days * 86_400}
    return server.http.get("/v1/organization/costs", params={**times, **asked})


def _buckets(server: Server, day: str, days: int = 1, **asked: Any) -> list[Any]:
    answer = _ask(server, day, days, **asked)
    assert answer.status_code == 200, answer.text
    # As text, so that 0.218 is what was written and not what a double makes of it.
    page = json.loads(answer.content, parse_float=str, parse_int=str)
    return [bucket["results"] for bucket in page["data"]]


def _found(server: Server, day: str, *keys: str, **asked: Any) -> list[Any]:
    """The rows of a day: the keys, and the amount with its currency."""
    (rows,) = _buckets(server, day, **{"group_by[]": [*keys]} | asked)
    return [
        (*(row[key] for key in keys), f"{row['amount']['value']} {row['amount']['currency']}")
        for row in rows
    ]


def _result(value: str, **more: Any) -> dict[str, Any]:
    """A result with every field of the contract."""
    return {
        "object": "organization.costs.result",
        "amount": {"value": value, "currency": "usd"},
        **dict.fromkeys(_CONTRACT),
        "quantity": None,
        "quantity_unit": None,
    } | more


def test_a_field_beyond_the_contract_is_there_only_when_it_is_grouped_by(server: Server) -> None:
    (plain,) = _buckets(server, "dimensions")
    assert plain == [_result("4.82")]
    assert {*plain[0]} == {*fields("costs")}
    keys = ("model", "batch", "service_tier", "size", "source", "vector_store_id", "context_level",
            "quality", "provider", "currency", "tag:team")  # fmt: skip
    for key in keys:
        (rows,) = _buckets(server, "dimensions", group_by=key)
        assert {name for row in rows for name in row} == {*fields("costs"), key}


def test_rows_by_every_dimension_of_events_as_a_whole_page(server: Server) -> None:
    beyond: dict[str, Any] = {
        "model": None,
        "batch": False,
        "service_tier": None,
        "size": None,
        "source": None,
    }
    beyond |= {"vector_store_id": None, "context_level": None, "quality": None}
    beyond |= {"provider": "openai", "currency": "usd", "tag:team": None}
    asked: dict[str, Any] = {"group_by[]": [*_CONTRACT, *beyond]}
    assert _buckets(server, "dimensions", **asked) == [
        [
            _result("0.32", **beyond)
            | {"project_id": "p", "model": "painter", "size": "1024x1024", "source": "image.edit"}
            | {"quality": "high", "line_item": "painter, images"}
            | {"quantity": "2", "quantity_unit": "images"},
            _result("2", **beyond)
            | {"model": "large", "service_tier": "default", "tag:team": "a"}
            | {"line_item": "large, input", "quantity": "1000000", "quantity_unit": "tokens"},
            _result("0.5", **beyond | {"model": "large", "batch": True})
            | {"line_item": "large, input", "quantity": "1000000", "quantity_unit": "tokens"},
            _result("1", **beyond | {"vector_store_id": "vs"})
            | {"line_item": "file search tool calls", "quantity": "400"},
            _result("1", **beyond | {"context_level": "high"})
            | {"line_item": "web search tool calls", "quantity": "40"},
        ]
    ]


@pytest.mark.parametrize(
    ("asked", "amount"),
    [
        ({"models": "large"}, "2.5"),
        ({"models": "large,painter"}, "2.82"),
        ({"models": "LARGE"}, None),
        ({"batch": "true"}, "0.5"),
        ({"batch": "False"}, "4.32"),
        ({"sizes": "1024x1024,256x256"}, "0.32"),
        ({"sources": "image.edit"}, "0.32"),
        ({"sources": "image.variation"}, None),
        ({"vector_store_ids": "vs"}, "1"),
        ({"context_levels[]": ["low", "high"]}, "1"),
        ({"user_ids": "u"}, None),
        ({"providers": "openai,nobody"}, "4.82"),
        ({"providers": "nobody"}, None),
        ({"currencies": "usd"}, "4.82"),
        ({"currencies": "usd,eur"}, "4.82"),
        ({"currencies": "USD"}, None),
        ({"tags[team]": "a"}, "2"),
        ({"line_items": "large, input", "batch": "true"}, "0.5"),
        ({"line_items[]": ["large, input", "file search tool calls"]}, "3.5"),
        ({"line_items": "large, input,file search tool calls"}, None),
    ],
    ids=str,
)
def test_the_filters_of_every_usage_endpoint_and_those_beyond_narrow_costs(
    server: Server, asked: dict[str, Any], amount: str | None
) -> None:
    wanted = [] if amount is None else [_result(amount)]
    assert _buckets(server, "dimensions", **asked) == [wanted]


@pytest.mark.parametrize(
    ("asked", "param"),
    [
        ({"sizes": "1x1"}, "sizes"),
        ({"sources[]": "image.magic"}, "sources"),
        ({"context_levels[0]": "huge"}, "context_levels"),
        ({"batch": "maybe"}, "batch"),
    ],
    ids=str,
)
def test_a_filter_with_a_list_of_values_refuses_any_other(
    server: Server, asked: dict[str, Any], param: str
) -> None:
    assert fault(_ask(server, **asked)) == refusal(param, "invalid_value")


def test_rows_are_sorted_by_the_contracts_keys_then_by_provider_and_currency(
    server: Server,
) -> None:
    found = _found(server, "order", "currency", "provider", "user_id", "project_id")
    amounts = {"openai": ("usd", "2 usd"), "Acme2": ("usd", "2 usd"), "acme": ("eur", "1 eur")}
    assert found == [
        (amounts[provider][0], provider, user, project, amounts[provider][1])
        for project in ("B", "a", "b", "é", None)
        for user in ("u", None)
        for provider in ("Acme2", "acme", "openai")
    ]


@pytest.mark.parametrize(("width", "default", "most"), [("1h", 24, 168), ("1m", 60, 1_440)])
def test_hours_and_minutes_page_by_the_limits_of_usage(
    server: Server, width: str, default: int, most: int
) -> None:
    asked = {"bucket_width": width, "currencies": "usd"}
    assert len(_ask(server, days=30, **asked).json()["data"]) == default
    page = _ask(server, days=30, **asked, limit=most).json()
    assert (len(page["data"]), page["has_more"]) == (most, True)
    over = _ask(server, bucket_width=width, limit=most + 1)
    assert fault(over) == refusal("limit", "integer_above_max_value")
    for wrong in ("2w", "2h", "1H", "h"):
        refused = fault(_ask(server, bucket_width=wrong))
        assert refused == refusal("bucket_width", "invalid_value")


def test_hours_hold_what_was_spent_in_them(server: Server) -> None:
    found = _buckets(server, "dimensions", bucket_width="1h")
    assert found[:3] == [[_result("2")], [_result("0.82")], [_result("2")]]
    assert found[3:] == [[]] * 21
    minutes = _buckets(server, "dimensions", bucket_width="1m", limit=122)
    assert {place: rows for place, rows in enumerate(minutes) if rows} == {
        1: [_result("2")], 60: [_result("0.82")], 120: [_result("2")]
    }  # fmt: skip


def test_a_price_that_nobody_states_is_estimated_under_a_name_of_its_own(server: Server) -> None:
    # In the order of rows: batch, tier, line.
    assert _found(server, "estimates", "batch", "service_tier", "line_item") == [
        (False, "flex", "large, input, estimated", "1 usd"),
        (False, "priority", "large, input, unpriced", "0 usd"),
        (True, "flex", "large, input", "0.5 usd"),
        (True, None, "large, input", "0.5 usd"),
        (True, None, "large, output, estimated", "4 usd"),
    ]
    assert _found(server, "estimates", "line_item") == [
        ("large, input", "1 usd"),
        ("large, input, estimated", "1 usd"),
        ("large, input, unpriced", "0 usd"),
        ("large, output, estimated", "4 usd"),
    ]


@pytest.mark.parametrize("key", ["nonsense", "PROJECT_ID", "kind", "amount", "id", "quantity"])
def test_a_group_key_that_there_is_not_is_refused_by_all_there_are(
    server: Server, key: str
) -> None:
    for form in ("group_by", "group_by[]", "group_by[0]"):
        asked: dict[str, Any] = {form: f"project_id,{key}"}
        answer = _ask(server, **asked)
        assert fault(answer) == refusal("group_by", "invalid_value")
        message = answer.json()["error"]["message"]
        assert message.startswith(f"group_by is {key!r}, but costs can be grouped by project_id, ")
        assert message.endswith(" quality, provider, currency and tag:NAME.")


@pytest.mark.parametrize("value", ["a'b", 'a"b', "a;b", "a%b", "\x00", "日本", "x" * 20_000])
def test_any_text_is_a_value_of_a_filter_and_nothing_more(server: Server, value: str) -> None:
    for name in ("providers", "currencies", "line_items", "models", "vector_store_ids"):
        asked: dict[str, Any] = {name: value}
        assert _buckets(server, "dimensions", **asked) == [[]]
    assert "Traceback" not in "".join(server.output)
