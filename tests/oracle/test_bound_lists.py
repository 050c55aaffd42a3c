"""What a bound key is listed equals a sorted loop over the events of its projects."""

import json
from itertools import count
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support import oracle, streams
from support.ledgers import NOW, opened, store
from support.told_events import Event, listed
from tallybook.ledger.ledger import Ledger
from tallybook.usage.event_pages import event_list, ndjson
from tallybook.web.event_parameters import read_listing

# 2016-01-01: each example gets a window of its own, so that one ledger serves all.
FIRST_WINDOW = 1_451_606_400
_windows = count()


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with opened(tmp_path_factory.mktemp("ledger")) as ledger:
        yield ledger


def pages(
    ledger: Ledger, parameters: list[tuple[str, Any]], projects: frozenset[str] | None
) -> list[Event]:
    """All events of a list, page by page."""
    found: list[Event] = []
    token: list[tuple[str, str]] = []
    while True:
        query = urlencode([*parameters, *token]).encode()
        page = event_list(read_listing(query, NOW, projects), ledger)
        found += [json.loads(line) for line in ndjson(page).splitlines()]
        if page.next_page is None:
            return found
        token = [("page", page.next_page)]


@settings(streams.UNHURRIED, max_examples=40)
@given(
    scenario=streams.scenarios(),
    projects=streams.reaches,
    filtered=st.lists(st.sampled_from(("alpha", "beta", *streams.AWKWARD)), max_size=2),
    limit=st.integers(1, 9),
)
def test_a_list_equals_a_loop_over_the_events_that_the_key_may_see(
    ledger: Ledger,
    scenario: tuple[list[Event], list[dict[str, Any]]],
    projects: frozenset[str] | None,
    filtered: list[str],
    limit: int,
) -> None:
    base = FIRST_WINDOW + next(_windows) * streams.WINDOW_SECONDS
    model: dict[tuple[str, float], Event] = {}
    for event in scenario[0]:
        moved = event | {"time": base + event["time"]}
        model.setdefault((moved["id"], moved["time"]), moved)
    store(ledger, *model.values())
    end = base + streams.WINDOW_SECONDS
    parameters: list[tuple[str, Any]] = [("start_time", base), ("end_time", end)]
    parameters += [("limit", limit)]
    parameters += [("project_ids[]", name) for name in filtered]
    # The comma is the list's own, here as in every filter of ids.
    names = [item for name in filtered for item in name.split(",")]
    wanted = oracle.within(list(model.values()), projects)
    filters: dict[str, list[Any]] = {"project_id": names} if names else {}
    assert pages(ledger, parameters, projects) == listed(wanted, base, end, filters)
