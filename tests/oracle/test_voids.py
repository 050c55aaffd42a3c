"""Every answer equals a loop over the events that were not voided, whatever is sealed."""

from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracle import test_sealed_answers, test_sealed_costs
from support import cost_prices, extended_streams, streams
from support.extended_streams import DAY_SECONDS, Scenario
from support.prices import source
from support.sealing import opened, posted, seal_all, seal_some, wrong
from support.voiding import voided
from tallybook.pricing.source import PriceSource

Event = dict[str, Any]
Asker = type[test_sealed_answers.Asker] | type[test_sealed_costs.Asker]


@pytest.fixture(scope="module")
def prices(tmp_path_factory: pytest.TempPathFactory) -> PriceSource:
    """The prices of the oracle."""
    return source(tmp_path_factory.mktemp("prices"), cost_prices.price_file())


def hold(
    folder: Path, prices: PriceSource, scenario: Scenario, chance: Random, asker: Asker
) -> None:
    """Store, seal and void at random, and hold every answer against the loop; then restart."""
    base = scenario.window.base
    after = base + 4 * DAY_SECONDS
    model: dict[tuple[str, float], Event] = {}
    gone: dict[tuple[str, float], Event] = {}
    with opened(folder, prices, scenario.kept_tags) as ledger:
        asked = asker(ledger, base)
        stream = list(scenario.events)
        while stream:
            size = chance.randint(len(stream) // 2 + 1, len(stream))
            batch, stream = stream[:size], stream[size:]
            for event in batch:
                model.setdefault((event["id"], event["time"]), event)
            posted(ledger, batch)
            seal_some(ledger, chance.choice((base + DAY_SECONDS + 1_800, after)), chance)
            # Some of them are void already.
            some = chance.sample(sorted(model), chance.randint(1, max(1, len(model) // 3)))
            fresh = set(some) - gone.keys()
            assert voided(ledger, [model[key] for key in some]) == len(fresh)
            gone |= {key: model[key] for key in fresh}
            left = [event for key, event in model.items() if key not in gone]
            asked.check(chance.choice(scenario.queries), left)
            seal_some(ledger, after, chance)
            asked.check(chance.choice(scenario.queries), left)
        # Posted again, all are known.
        assert posted(ledger, list(model.values())).duplicates == len(model)
        assert wrong(ledger) == []
    with opened(folder, prices, scenario.kept_tags) as ledger:
        asked = asker(ledger, base)
        for seal in (False, True):
            if seal:
                seal_all(ledger, after)
            for query in scenario.queries:
                asked.check(query, left)
        assert posted(ledger, list(model.values())).duplicates == len(model)
        assert wrong(ledger) == []


@settings(streams.UNHURRIED, max_examples=12)
@given(scenario=extended_streams.usage_scenarios(), chance=st.randoms(use_true_random=False))
def test_usage_equals_a_loop_over_what_was_not_voided(
    tmp_path_factory: pytest.TempPathFactory,
    prices: PriceSource,
    scenario: Scenario,
    chance: Random,
) -> None:
    folder = tmp_path_factory.mktemp("ledger")
    hold(folder, prices, scenario, chance, test_sealed_answers.Asker)


@settings(streams.UNHURRIED, max_examples=10)
@given(scenario=extended_streams.cost_scenarios(), chance=st.randoms(use_true_random=False))
def test_costs_equal_a_loop_over_what_was_not_voided(
    tmp_path_factory: pytest.TempPathFactory,
    prices: PriceSource,
    scenario: Scenario,
    chance: Random,
) -> None:
    folder = tmp_path_factory.mktemp("ledger")
    hold(folder, prices, scenario, chance, test_sealed_costs.Asker)
