"""Every answer about costs equals a naive loop, whatever is sealed, in every zone, and by rank."""

import json
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support import cost_oracle, cost_prices, extended_streams, oracle, streams
from support.cost_oracle import Bucket, Event
from support.extended_streams import MOST, Scenario
from support.prices import source
from support.query_strings import query_string
from support.sealing import hold_whatever_is_sealed, opened, posted, seal_all
from tallybook.domain.errors import InvalidValue
from tallybook.ledger.sealable import SealedLedger
from tallybook.pricing.source import PriceSource
from tallybook.usage.costs import costs_page, unpriced_events
from tallybook.usage.dialects import Dialect
from tallybook.web.parameters import read_costs_query

DAY = 86_400
# The moment at which questions are asked: long after every window.
ASKED = 1_790_000_000

MOST_OF_COSTS = MOST | {"1d": 180}


@pytest.fixture(scope="module")
def prices(tmp_path_factory: pytest.TempPathFactory) -> PriceSource:
    """The prices of the oracle."""
    return source(tmp_path_factory.mktemp("prices"), cost_prices.price_file())


class Asker:
    """Asks a ledger, and holds every answer against the loop and against what vouches for it."""

    def __init__(
        self, ledger: SealedLedger, base: int, projects: frozenset[str] | None = None
    ) -> None:
        self.ledger = ledger
        self.base = base
        # Whose answers they are: of a key that is bound to these.
        self.projects = projects
        # The page that each seal stood for.
        self._known: dict[tuple[str, str], tuple[bytes, int]] = {}

    def check(self, query: dict[str, Any], events: list[Event]) -> None:
        """Ask, with long pages and with short ones."""
        wanted = cost_oracle.answer(
            oracle.within(events, self.projects),
            start=self.base + query["start"],
            end=self.base + query["end"],
            **{name: query[name] for name in ("width", "group_by", "filters", "order_by", "top")},
            zone=query["zone"] or "UTC",
        )
        most = MOST_OF_COSTS[query["width"]]
        self.walk(query, most, wanted)
        short = min(max(query["limit"], len(wanted) // 3), most)
        if short < len(wanted):
            self.walk(query, short, wanted)

    def walk(self, query: dict[str, Any], limit: int, wanted: list[Bucket]) -> None:
        """Ask page by page; every page is the next part of what is wanted, and so is its count."""
        token = None
        while wanted:
            part, wanted = wanted[:limit], wanted[limit:]
            if any(bucket.results is None for bucket in part):
                with pytest.raises(InvalidValue, match="never added up") as refused:
                    self.page(query, limit, token)
                assert refused.value.param == "group_by"
                return
            page, unpriced = self.page(query, limit, token)
            body = json.loads(page, parse_float=Fraction)
            assert body["data"] == [bucket.on_the_wire for bucket in part]
            assert unpriced == sum(bucket.unpriced for bucket in part)
            token = body["next_page"]
            assert body["has_more"] == (token is not None) == bool(wanted)

    def page(self, query: dict[str, Any], limit: int, token: str | None) -> tuple[bytes, int]:
        """One page, and how many of its events are not priced in full."""
        text = query_string(query, self.base, limit, token)
        asked = read_costs_query(text.encode(), ASKED, self.projects)
        seal = self.ledger.seal_of(asked)
        page = costs_page(asked, Dialect.CURRENT, self.ledger), unpriced_events(asked, self.ledger)
        if seal is not None:
            assert self._known.setdefault((text, seal), page) == page
        return page


@settings(streams.UNHURRIED, max_examples=45)
@given(
    scenario=extended_streams.cost_scenarios(),
    projects=streams.reaches,
    chance=st.randoms(use_true_random=False),
)
def test_costs_equal_a_loop_whatever_is_sealed_and_whoever_asks(
    tmp_path_factory: pytest.TempPathFactory,
    prices: PriceSource,
    scenario: Scenario,
    projects: frozenset[str] | None,
    chance: Random,
) -> None:
    folder: Path = tmp_path_factory.mktemp("ledger")
    with opened(folder, prices, scenario.kept_tags) as ledger:
        asker = Asker(ledger, scenario.window.base, projects)
        hold_whatever_is_sealed(ledger, scenario, chance, asker.check)


def test_the_rest_has_no_quantity_and_a_sealed_project_counts_what_is_unpriced(
    tmp_path: Path, prices: PriceSource
) -> None:
    events: list[Event] = [
        {"id": "a", "kind": "images", "model": "beta", "images": 3, "project_id": "p"},
        {"id": "b", "kind": "images", "model": "nobody's", "images": 2, "project_id": "p"},
        {"id": "c", "kind": "completions", "model": "alpha", "input_tokens": 4}
        | {"output_tokens": 1, "project_id": "q"},
        {"id": "d", "kind": "vector_stores", "usage_bytes": 1 << 30, "project_id": "q"},
        {"id": "e", "kind": "audio_transcriptions", "model": "alpha", "seconds": 0.000007},
    ]
    base = 1_456_617_600
    events = [event | {"time": base + 3_600} for event in events]
    with opened(tmp_path, prices) as ledger:
        posted(ledger, events)
        asker = Asker(ledger, base)
        query: dict[str, Any] = {"start": 0, "end": DAY, "width": "1h", "forms": ["comma"]}
        query |= {"zone": None, "filters": {}, "limit": 7, "order_by": None, "top": None}
        queries = [
            query | {"group_by": group_by, "order_by": order_by, "top": top}
            for group_by in (set(), {"project_id"}, {"line_item"}, {"user_id"}, {"model"})
            for order_by in (None, "amount")
            for top in (None, 1, 2)
            if group_by or top is None
        ]
        for each in queries:
            asker.check(each, events)
        assert seal_all(ledger, base + 2 * DAY) == 24
        for each in queries:
            asker.check(each, events)
