"""Answers about days whose events were let go equal a loop over these events, or are refused."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backup.keeping import restored, take
from oracle import test_sealed_answers, test_sealed_costs
from support import cost_prices, extended_streams, streams, zone_oracle
from support.events import event
from support.extended_streams import DAY_SECONDS, Scenario
from support.prices import source
from support.sealing import opened, seal_all, wrong
from support.voiding import voided
from tallybook.domain.errors import BeforeHorizon
from tallybook.intake.native import Format, read_events
from tallybook.ledger.duckdb.store import DuckDBLedger
from tallybook.ledger.ledger import Appended, Lot
from tallybook.pricing.source import PriceSource

Event = dict[str, Any]
Identity = tuple[str, float]
Asker = type[test_sealed_answers.Asker] | type[test_sealed_costs.Asker]

PEOPLE = {"user_id", "api_key_id", "user_ids", "api_key_ids"}
# By these an event may be priced in part, which only events tell.
LINES = {"line_items", "currencies"}


@pytest.fixture(scope="module")
def prices(tmp_path_factory: pytest.TempPathFactory) -> PriceSource:
    """The prices of the oracle."""
    return source(tmp_path_factory.mktemp("prices"), cost_prices.price_file())


class House:
    """A ledger that keeps events for a day, and a model of all that it was given."""

    def __init__(self, folder: Path, prices: PriceSource, scenario: Scenario, asker: Asker) -> None:
        self.folder, self.prices, self.scenario, self.asker = folder, prices, scenario, asker
        self.base = scenario.window.base
        # Long after all others: it is what makes them old.
        last = event(id="the last", time=self.base + 9 * DAY_SECONDS)
        self.now = self.base + 10 * DAY_SECONDS
        self.model: dict[Identity, Event] = {}
        for each in (*scenario.events, last):
            self.model.setdefault((each["id"], each["time"]), each)
        self.void: set[Identity] = set()

    @contextmanager
    def opened(self, *, archive: bool = True) -> Iterator[DuckDBLedger]:
        tags = self.scenario.kept_tags
        with opened(self.folder, self.prices, tags, days=1, archive=archive) as ledger:
            yield ledger

    @property
    def counting(self) -> list[Event]:
        return [each for key, each in self.model.items() if key not in self.void]

    def check(self, ledger: DuckDBLedger) -> int:
        """Ask everything: what is refused is so for its reason. How many were."""
        asked = self.asker(ledger, self.base)
        refused = 0
        for query in self.scenario.queries:
            if not self.needs_events(query, ledger):
                asked.check(query, self.counting)
                continue
            with suppress(BeforeHorizon):
                # Some of them may be answered: nobody was charged what is in question.
                asked.check(query, self.counting)
                continue
            refused += 1
        assert wrong(ledger) == []
        return refused

    def needs_events(self, query: dict[str, Any], ledger: DuckDBLedger) -> bool:
        """Whether a question cannot be answered from hours and days, told from its own words."""
        named = {*query["group_by"], *query["filters"]}
        tags = {name.removeprefix("tag:").removeprefix("tags[").removesuffix("]") for name in named}
        flow = query.get("kind") != "vector_stores"
        if flow and any(
            tags & {tag} for tag in extended_streams.TAGS if tag not in ledger.kept_tags
        ):
            return True
        if named & LINES:
            return True
        horizon = ledger.horizon
        start, end = self.base + query["start"], self.base + query["end"]
        buckets = zone_oracle.spans(query["zone"] or "UTC", query["width"], start, end)
        edges = {
            edge for bucket in buckets for edge in bucket if horizon.first < edge < horizon.end
        }
        step = DAY_SECONDS if named & PEOPLE and flow else 3_600
        return any(edge % step for edge in edges)


def sent(ledger: DuckDBLedger, events: list[Event], *, whole: bool = False) -> Appended:
    """What becomes of events."""
    batch = read_events(msgspec.json.encode(events), Format.JSON, 1 << 60, len(events))
    assert batch.rejected == []
    (answer,) = ledger.append([Lot(batch.sheet, batch.positions, whole)])
    return answer


def hold_intake(house: House, ledger: DuckDBLedger) -> None:
    """What is before the horizon is refused by its time; all else is as exactly once as ever."""
    end = ledger.horizon.end
    events = list(house.model.values())
    late = {place for place, each in enumerate(events) if each["time"] < end}
    answer = sent(ledger, events)
    assert (answer.accepted, answer.conflicts) == (0, ())
    assert answer.duplicates == len(events) - len(late)
    assert {each.position for each in answer.expired} == late
    if end:
        mixed = [event(id="new", time=end - 1), event(id="newer", time=house.now - 3)]
        assert sent(ledger, mixed, whole=True).accepted == 0
        # As before it, so after it.
        assert sent(ledger, events).duplicates == answer.duplicates


def hold_archive(house: House, horizon_end: int) -> None:
    """Every event that was let go is in the file of its day, voided ones with their mark."""
    wanted = {key for key in house.model if key[1] < horizon_end}
    found: dict[Identity, bool] = {}
    for path in (house.folder / "archive").glob("*.parquet"):
        rows = duckdb.execute(
            f"SELECT id, time_us / 1000000, voided_us IS NOT NULL FROM '{path}'"  # noqa: S608
        ).fetchall()
        for id_, time, is_void in rows:
            assert (id_, time) not in found
            found[id_, time] = is_void
    assert found.keys() == wanted
    assert {key for key, is_void in found.items() if is_void} == {
        key for key in house.void if key[1] < horizon_end
    }


def hold(house: House, chance: Random, target: Path) -> None:
    """Store, void, seal and let go, and hold every answer before and after against the loop."""
    archive = chance.random() < 0.7
    with house.opened(archive=archive) as ledger:
        sent(ledger, list(house.model.values()))
        house.void = set(chance.sample(sorted(house.model), chance.randint(0, 3)))
        house.void.discard(("the last", house.now - DAY_SECONDS))
        if house.void:
            voided(ledger, [house.model[key] for key in house.void])
        seal_all(ledger, house.now)
        seal_all(ledger, house.now)
        assert house.check(ledger) == 0
        tries = range(chance.randint(1, 9))
        gone = [found for _ in tries if (found := ledger.let_go(house.now))]
        house.check(ledger)
        hold_intake(house, ledger)
        assert sum(each.events for each in gone) == sum(
            key[1] < ledger.horizon.end for key in house.model
        )
        if archive:
            hold_archive(house, ledger.horizon.end)
    with house.opened(archive=archive) as ledger:
        assert len(gone) == (ledger.horizon.end - ledger.horizon.first) // DAY_SECONDS
        house.check(ledger)
        ledger.unseal()
        house.check(ledger)
        hold_intake(house, ledger)
        seal_all(ledger, house.now)
        house.check(ledger)
        take(ledger, house.folder, target / "backup")
    copy = target / "copy"
    restored(target / "backup", copy)
    house.folder = copy
    with house.opened() as ledger:
        house.check(ledger)
        hold_intake(house, ledger)
        ledger.let_go(house.now)
        house.check(ledger)


@settings(streams.UNHURRIED, max_examples=6)
@given(scenario=extended_streams.usage_scenarios(), chance=st.randoms(use_true_random=False))
def test_usage_is_what_it_was_or_refused_after_days_were_let_go(
    tmp_path_factory: pytest.TempPathFactory,
    prices: PriceSource,
    scenario: Scenario,
    chance: Random,
) -> None:
    folder = tmp_path_factory.mktemp("ledger")
    house = House(folder, prices, scenario, test_sealed_answers.Asker)
    hold(house, chance, tmp_path_factory.mktemp("backup"))


@settings(streams.UNHURRIED, max_examples=5)
@given(scenario=extended_streams.cost_scenarios(), chance=st.randoms(use_true_random=False))
def test_costs_are_what_they_were_or_refused_after_days_were_let_go(
    tmp_path_factory: pytest.TempPathFactory,
    prices: PriceSource,
    scenario: Scenario,
    chance: Random,
) -> None:
    folder = tmp_path_factory.mktemp("ledger")
    house = House(folder, prices, scenario, test_sealed_costs.Asker)
    hold(house, chance, tmp_path_factory.mktemp("backup"))
