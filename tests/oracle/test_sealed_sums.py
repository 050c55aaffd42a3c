"""Sums that must not depend on how they are cut, nor on who writes them down."""

import json
from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support import cost_prices, extended_streams
from support.extended_streams import WINDOWS, Scenario
from support.prices import source
from support.sealing import opened, posted, seal_all, seal_some
from tallybook.domain.buckets import BucketWidth, Span
from tallybook.domain.errors import InvalidValue
from tallybook.domain.kinds import KINDS
from tallybook.domain.queries import CostsQuery, UsageQuery
from tallybook.ledger.duckdb.store import DuckDBLedger
from tallybook.ledger.sql.row_text import Amount, Sum
from tallybook.pricing.source import PriceSource
from tallybook.usage.costs import costs_page
from tallybook.usage.dialects import Dialect

Event = dict[str, Any]

DAY = 86_400
# 2016-02-29.
BASE = 1_456_617_600 + DAY


@pytest.fixture(scope="module")
def prices(tmp_path_factory: pytest.TempPathFactory) -> PriceSource:
    """The prices of the oracle."""
    return source(tmp_path_factory.mktemp("prices"), cost_prices.price_file())


def test_the_windows_have_days_of_23_and_of_25_hours() -> None:
    lengths = {
        span.end - span.start
        for window in WINDOWS
        for span in _query(CostsQuery, window.zone, window.base, BucketWidth.DAY).page_spans
    }
    assert {23 * 3_600, 24 * 3_600, 25 * 3_600} <= lengths


def _query(sort: Any, zone: str, base: int, width: BucketWidth, **more: Any) -> Any:
    """A query of the whole days of a zone around a window."""
    days = CostsQuery(
        start=base - DAY, end=base, width=BucketWidth.DAY, limit=1, resume=base, zone=zone
    )
    start, end = days.grid.floor(base - DAY), days.grid.next(base + 4 * DAY)
    return sort(start=start, end=end, width=width, limit=1_000, resume=start, zone=zone, **more)


def _used(ledger: DuckDBLedger, query: UsageQuery, buckets: list[Span]) -> dict[str, int]:
    """The sum of every column of a kind over some buckets."""
    columns = query.kind.columns
    pieces: list[str | Sum] = []
    for column in columns:
        pieces += ["," if pieces else "[", Sum((column,))]
    found = ledger.usage(query, buckets, (*pieces, "]"))
    rows = [json.loads(text) for text in found.values()]
    return {column: sum(row[place] for row in rows) for place, column in enumerate(columns)}


def _spent(ledger: DuckDBLedger, query: CostsQuery, buckets: list[Span]) -> dict[str, Fraction]:
    """The exact amount in each currency over some buckets."""
    found: defaultdict[str, Fraction] = defaultdict(Fraction)
    for row in ledger.cost_rows(query, buckets):
        if row.currency is not None and row.product is not None:
            found[row.currency] += Fraction(row.product) / row.stored
    return dict(found)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(scenario=extended_streams.cost_scenarios(), chance=st.randoms(use_true_random=False))
def test_the_sum_of_days_is_the_range_whatever_is_sealed(
    tmp_path_factory: pytest.TempPathFactory,
    prices: PriceSource,
    scenario: Scenario,
    chance: Random,
) -> None:
    zone, base, _ = scenario.window
    kinds = {KINDS[event["kind"]] for event in scenario.events} - {KINDS["vector_stores"]}
    widths = (BucketWidth.DAY, BucketWidth.HOUR, BucketWidth.WEEK)
    costs = [_query(CostsQuery, zone, base, width, group_by=("currency",)) for width in widths]
    with opened(tmp_path_factory.mktemp("ledger"), prices) as ledger:
        posted(ledger, scenario.events)
        for _ in range(3):
            for kind in kinds:
                flows = [_query(UsageQuery, zone, base, width, kind=kind) for width in widths]
                whole = _used(ledger, flows[0], [Span(flows[0].start, flows[0].end)])
                for query in flows:
                    assert _used(ledger, query, query.page_spans) == whole
            spent = _spent(ledger, costs[0], [Span(costs[0].start, costs[0].end)])
            for query in costs:
                assert _spent(ledger, query, query.page_spans) == spent
            seal_some(ledger, base + 5 * DAY, chance)


FINE_PRICES = """
[[price]]
model = "fine"
input = "0.0000000000005 / token"
output = "free"
audio = "0.0000000000018 / hour"
[[price]]
storage = "0.000000000001 / GiB day"
[[price]]
model = "large"
images = "100 / image"
[[price]]
model = "euro"
images = "100 / image"
currency = "eur"
"""


def _tokens(count: int, project: str, hour: int) -> Event:
    return _of("completions", f"{project}-{hour}", project, hour) | {
        "model": "fine",
        "input_tokens": count,
        "output_tokens": 0,
    }


def _of(kind: str, name: str, project: str, hour: int) -> Event:
    time = BASE + hour * 3_600
    return {"id": f"{kind}-{name}", "time": time, "kind": kind, "project_id": project}


# Halves of the last decimal that is shown, made of one unit and of three.
TIES = [
    _tokens(1, "one", 1),
    _tokens(3, "three", 1),
    _tokens(5, "five", 1),
    # Two halves in two hours are a whole one of the day.
    _tokens(1, "twice", 2),
    _tokens(1, "twice", 3),
    _tokens(1, "units", 4),
    _of("audio_transcriptions", "x", "units", 4) | {"model": "fine", "seconds": 1_000},
    _of("vector_stores", "x", "units", 4) | {"usage_bytes": 1 << 29, "vector_store_id": "v"},
    _of("vector_stores", "y", "store", 4) | {"usage_bytes": 3 << 29, "vector_store_id": "w"},
]
AMOUNTS = {
    "five": "0.000000000002",
    "one": "0",
    "store": "0.000000000002",
    "three": "0.000000000002",
    "twice": "0.000000000001",
    "units": "0.000000000002",
}
LARGE = _of("images", "large", "large", 9) | {"model": "large", "images": 2**53 - 1}
EURO = _of("images", "euro", "large", 10) | {"model": "euro", "images": 1}


def _day(width: BucketWidth = BucketWidth.DAY, **more: Any) -> CostsQuery:
    named: dict[str, Any] = {"start": BASE, "end": BASE + DAY, "resume": BASE, "limit": 24}
    return CostsQuery(**named | {"width": width, "group_by": ("project_id",)} | more)


def _shown(ledger: DuckDBLedger, query: CostsQuery) -> list[tuple[str | None, str]]:
    """The rows of the only bucket that has any, as the texts of the wire."""
    page = json.loads(costs_page(query, Dialect.CURRENT, ledger), parse_float=str, parse_int=str)
    (rows,) = (bucket["results"] for bucket in page["data"] if bucket["results"])
    return [(row["project_id"], row["amount"]["value"]) for row in rows]


@pytest.mark.parametrize("large", [False, True], ids=["in the engine", "by values"])
def test_halves_of_the_last_decimal_go_to_the_even_digit_once_per_row(
    tmp_path: Path, large: bool
) -> None:
    events = [*TIES, LARGE] if large else TIES
    amounts = AMOUNTS | ({"large": "900719925474099100"} if large else {})
    with opened(tmp_path, source(tmp_path, FINE_PRICES)) as ledger:
        posted(ledger, events)
        for _ in range(2):
            query = _day()
            # Who writes it is another, what is written is not.
            written = ledger.costs(query, query.page_spans, (Amount(),))
            assert (written is None) is large
            assert _shown(ledger, query) == sorted(amounts.items())
            seal_all(ledger, BASE + DAY)


@pytest.mark.parametrize("large", [False, True], ids=["in the engine", "by values"])
def test_ranks_and_orders_go_by_exact_amounts(tmp_path: Path, large: bool) -> None:
    # 2.5, 1.5, 1.5, 1.5, 1, 0.5: equal ones in the order of keys.
    order = ["five", "store", "three", "units", "twice", "one"]
    order = ["large", *order] if large else order
    with opened(tmp_path, source(tmp_path, FINE_PRICES)) as ledger:
        posted(ledger, [*TIES, LARGE] if large else TIES)
        for _ in range(2):
            found = _shown(ledger, _day(order_by="amount"))
            assert [project for project, _ in found] == order
            for top in range(1, len(order)):
                best = _shown(ledger, _day(top=top))
                assert [project for project, _ in best] == [*sorted(order[:top]), None]
                ordered = _shown(ledger, _day(top=top, order_by="amount"))
                assert [project for project, _ in ordered] == [*order[:top], None]
                assert dict(best) == dict(ordered)
            seal_all(ledger, BASE + DAY)


def test_storage_beside_tokens_and_hours_is_written_by_the_engine(tmp_path: Path) -> None:
    # Bytes of a GiB times 10^15 are large before they are divided, and not after.
    prices = FINE_PRICES.replace('"0.000000000001 / GiB', '"999.5 / GiB')
    with opened(tmp_path, source(tmp_path, prices)) as ledger:
        posted(ledger, TIES)
        query = _day()
        written = ledger.costs(query, query.page_spans, (Amount(),))
        assert written is not None
        assert dict(_shown(ledger, query))["store"] == "1499.25"


def test_two_currencies_are_never_added_up_ranked_or_not_sealed_or_not(tmp_path: Path) -> None:
    with opened(tmp_path, source(tmp_path, FINE_PRICES)) as ledger:
        posted(ledger, [*TIES, LARGE, EURO])
        for _ in range(2):
            for more in ({}, {"order_by": "amount"}, {"top": 2}, {"top": 1, "order_by": "amount"}):
                with pytest.raises(InvalidValue, match="eur and usd, which are never added up"):
                    _shown(ledger, _day(**more))
            found = _day(top=7, group_by=("project_id", "currency"))
            assert ("large", "100") in _shown(ledger, found)
            # The rest has both.
            with pytest.raises(InvalidValue, match="eur and usd"):
                _shown(ledger, _day(top=1, group_by=("project_id", "currency")))
            seal_all(ledger, BASE + DAY)


def test_what_is_less_than_any_decimal_shown_still_ranks(tmp_path: Path) -> None:
    # Half of 10^-15 a second; in two hours, which by themselves are less than one each.
    events = [
        _of("audio_transcriptions", f"{name}-{hour}", name, hour)
        | {"model": "fine", "seconds": seconds}
        for name, seconds in (("a", 1), ("b", 1.25), ("c", 0.5))
        for hour in (1, 2)
    ]
    with opened(tmp_path, source(tmp_path, FINE_PRICES)) as ledger:
        posted(ledger, events)
        for _ in range(2):
            for width in (BucketWidth.DAY, BucketWidth.HOUR):
                page = json.loads(costs_page(_day(width, top=1, limit=2), Dialect.CURRENT, ledger))
                rows = [row for bucket in page["data"] for row in bucket["results"]]
                assert {row["project_id"] for row in rows} == {"b", None}
            seal_all(ledger, BASE + DAY)
