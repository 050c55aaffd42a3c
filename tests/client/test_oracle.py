"""What a client reads equals a naive loop over the events, to the last total and table."""

from typing import Any

import pytest
from hypothesis import given, settings

from client.rows import bucket_on_the_wire
from support import cost_oracle, cost_prices, extended_streams, oracle, streams
from support.extended_streams import Scenario
from support.inprocess import serving
from support.prices import source
from support.sealing import opened, posted
from support.server import ADMIN_KEY
from tallybook.client.client import Client
from tallybook.domain.definitions import Fold
from tallybook.domain.kinds import KINDS

Event = dict[str, Any]


def kept(events: list[Event]) -> list[Event]:
    """The events as a ledger keeps them: the first of each identity."""
    first: dict[tuple[str, float], Event] = {}
    for event in events:
        first.setdefault((event["id"], event["time"]), event)
    return list(first.values())


def options_of(query: dict[str, Any]) -> dict[str, Any]:
    """A query of a stream as the keywords that ask it."""
    filters = {
        name: values[0] if name == "batch" else values
        for name, values in query["filters"].items()
        if not name.startswith("tags[")
    }
    tags = {
        name[5:-1]: values for name, values in query["filters"].items() if name.startswith("tags[")
    }
    own = {"timezone": query["zone"], "order_by": query["order_by"], "top": query["top"]}
    asked = {name: value for name, value in own.items() if value is not None}
    return {"group_by": sorted(query["group_by"]), "tags": tags, **filters, **asked}


def range_of(query: dict[str, Any], base: int) -> tuple[int, int, Any]:
    return base + query["start"], base + query["end"], query["width"]


@settings(streams.UNHURRIED, max_examples=25)
@given(scenario=extended_streams.usage_scenarios())
def test_usage_equals_a_loop_over_the_events(
    tmp_path_factory: pytest.TempPathFactory, scenario: Scenario
) -> None:
    folder = tmp_path_factory.mktemp("ledger")
    with opened(folder, source(folder), scenario.kept_tags) as ledger:
        posted(ledger, scenario.events)
        with serving(ledger, folder) as http, Client(str(http.base_url), ADMIN_KEY) as client:
            for query in scenario.queries:
                check_usage(client, query, scenario.window.base, kept(scenario.events))


def check_usage(client: Client, query: dict[str, Any], base: int, events: list[Event]) -> None:
    kind = KINDS[query["kind"]]
    names = {filter_.name: filter_.dimension for filter_ in kind.query_filters}
    start, end, width = range_of(query, base)
    wanted = oracle.answer(
        events,
        kind=kind.name,
        dimensions=kind.dimensions,
        start=start,
        end=end,
        width=width,
        group_by=query["group_by"],
        filters={
            names.get(name, f"tag:{name[5:-1]}"): values
            for name, values in query["filters"].items()
        },
        zone=query["zone"] or "UTC",
        order_by=query["order_by"],
        top=query["top"],
    )
    answer: Any = client.usage(query["kind"], start, end, width, **options_of(query))
    assert [bucket_on_the_wire(bucket) for bucket in answer] == wanted
    sums = [
        {
            each.name: sum(row[each.name] for row in bucket["results"])
            for each in kind.wire_quantities
        }
        for bucket in wanted
    ]
    total = answer.total()
    for name in sums[0]:
        fold = max if kind.fold is Fold.STOCK else sum
        assert total.get(name) == fold(each[name] for each in sums)
    assert len(answer.to_arrow()) == sum(len(bucket["results"]) for bucket in wanted)


@settings(streams.UNHURRIED, max_examples=20)
@given(scenario=extended_streams.cost_scenarios())
def test_costs_equal_a_loop_over_the_events(
    tmp_path_factory: pytest.TempPathFactory, scenario: Scenario
) -> None:
    folder = tmp_path_factory.mktemp("ledger")
    with opened(folder, source(folder, cost_prices.price_file()), scenario.kept_tags) as ledger:
        posted(ledger, scenario.events)
        with serving(ledger, folder) as http, Client(str(http.base_url), ADMIN_KEY) as client:
            for query in scenario.queries:
                check_costs(client, query, scenario.window.base, kept(scenario.events))


def check_costs(client: Client, query: dict[str, Any], base: int, events: list[Event]) -> None:
    start, end, width = range_of(query, base)
    wanted = cost_oracle.answer(
        events,
        start=start,
        end=end,
        width=width,
        group_by=query["group_by"],
        filters=query["filters"],
        zone=query["zone"] or "UTC",
        order_by=query["order_by"],
        top=query["top"],
    )
    if any(bucket.results is None for bucket in wanted):
        # Two currencies that would be added: the server refuses.
        return
    answer = client.costs(start, end, width, **options_of(query))
    assert [bucket_on_the_wire(bucket) for bucket in answer] == [b.on_the_wire for b in wanted]
    unpriced = sum(bucket.unpriced for bucket in wanted)
    assert sum(page.unpriced_events or 0 for page in answer.pages()) == unpriced
    amounts = [
        row["amount"] for bucket in wanted if bucket.results is not None for row in bucket.results
    ]
    assert answer.total() == {
        currency: sum(each["value"] for each in amounts if each["currency"] == currency)
        for currency in {each["currency"] for each in amounts}
    }
    assert len(answer.to_arrow()) == len(amounts)
