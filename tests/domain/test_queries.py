"""Queries: their buckets follow the grid, and ranked ones say what they rank by."""

from typing import Any

import pytest

from tallybook.domain.buckets import BucketWidth, Grid
from tallybook.domain.definitions import PageLimit
from tallybook.domain.errors import AboveMaximum, BelowMinimum, InvalidValue
from tallybook.domain.kinds import COSTS_LIMITS, KINDS, USAGE_LIMITS
from tallybook.domain.queries import (
    TOP_MAX,
    CostsQuery,
    UsageQuery,
    checked_limit,
    checked_top,
    whole_buckets,
)
from tallybook.domain.zones import local_iso

# 2026-10-25T00:00 in Paris: a day of 25 hours.
AUTUMN = 1_792_879_200
HOUR, DAY = 3_600, 86_400


def usage(kind: str = "completions", **more: Any) -> UsageQuery:
    asked: dict[str, Any] = {
        "kind": KINDS[kind],
        "start": AUTUMN,
        "end": AUTUMN + 3 * DAY,
        "width": BucketWidth.DAY,
        "limit": 7,
        "resume": AUTUMN,
    }
    return UsageQuery(**(asked | more))


def costs(**more: Any) -> CostsQuery:
    asked: dict[str, Any] = {
        "start": AUTUMN,
        "end": AUTUMN + 25 * HOUR,
        "width": BucketWidth.DAY,
        "limit": 7,
        "resume": AUTUMN,
        "zone": "Europe/Paris",
    }
    return CostsQuery(**(asked | more))


def test_the_buckets_of_a_page_are_those_of_the_zone() -> None:
    query = usage(zone="Europe/Paris", resume=AUTUMN + 25 * HOUR, limit=2)
    assert query.grid == Grid(BucketWidth.DAY, "Europe/Paris")
    assert [local_iso(query.zone, span.start) for span in query.page_spans] == [
        "2026-10-26T00:00:00+01:00",
        "2026-10-27T00:00:00+01:00",
    ]
    assert [span.start % DAY for span in usage().page_spans] == [22 * HOUR, 0, 0, 0]


def test_costs_end_where_a_bucket_of_the_zone_does() -> None:
    assert costs().can_end(AUTUMN + 25 * HOUR)
    assert not costs().can_end(AUTUMN + 24 * HOUR)
    assert not costs(zone="UTC").can_end(AUTUMN + 25 * HOUR)


@pytest.mark.parametrize(
    ("width", "begin", "end"),
    [
        (BucketWidth.HOUR, "2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"),
        (BucketWidth.DAY, "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"),
        (BucketWidth.WEEK, "2026-10-19T00:00:00+02:00", "2026-10-26T00:00:00+01:00"),
        (BucketWidth.MONTH, "2026-10-01T00:00:00+02:00", "2026-11-01T00:00:00+01:00"),
    ],
)
def test_a_range_of_whole_buckets_is_moved_outwards_to_the_zones_boundaries(
    width: BucketWidth, begin: str, end: str
) -> None:
    grid = Grid(width, "Europe/Paris")
    first, last = whole_buckets(AUTUMN + 2 * HOUR + 5, AUTUMN + 3 * HOUR - 5, grid)
    assert (local_iso(grid.zone, first), local_iso(grid.zone, last)) == (begin, end)
    assert whole_buckets(first, last, grid) == (first, last)


@pytest.mark.parametrize(
    ("width", "default", "most"),
    [("5m", 60, 1_440), ("15m", 96, 672), ("1w", 4, 53), ("1mo", 3, 60)],
)
def test_widths_beyond_the_contract_have_limits_of_their_own(
    width: str, default: int, most: int
) -> None:
    named = BucketWidth(width)
    for limits in (USAGE_LIMITS, COSTS_LIMITS):
        assert limits[named] == PageLimit(default, most)
        assert checked_limit(None, named, limits) == default
        assert checked_limit(most, named, limits) == most
        with pytest.raises(AboveMaximum, match=f"at most {most} buckets of width {width}"):
            checked_limit(most + 1, named, limits)


@pytest.mark.parametrize("name", KINDS)
def test_usage_is_ranked_by_any_quantity_and_by_requests_unless_said_otherwise(name: str) -> None:
    query = usage(name)
    quantities = [quantity.name for quantity in KINDS[name].wire_quantities]
    assert sorted(query.rankings) == sorted(quantities)
    requests = "num_model_requests"
    assert query.ranking == (requests if requests in quantities else quantities[0])
    assert usage(name, order_by=quantities[-1]).ranking == quantities[-1]
    assert [each for each in query.rankings if each != requests] == [
        each for each in quantities if each != requests
    ]


def test_costs_are_ranked_by_their_amount() -> None:
    assert costs().rankings == ("amount",)
    assert costs().ranking == costs(order_by="amount").ranking == "amount"


@pytest.mark.parametrize("top", [None, 1, 5, TOP_MAX])
def test_so_many_groups_can_be_kept(top: int | None) -> None:
    assert checked_top(top, ("model",)) == top


@pytest.mark.parametrize(
    ("top", "group_by", "error", "words"),
    [
        (0, ("model",), BelowMinimum, "top is 0, but it must be at least 1"),
        (-3, (), BelowMinimum, "top is -3"),
        (1_001, ("model",), AboveMaximum, "at most 1000 groups"),
        (5, (), InvalidValue, "group_by"),
    ],
)
def test_a_top_that_cannot_be_is_refused(
    top: int, group_by: tuple[str, ...], error: type[InvalidValue], words: str
) -> None:
    with pytest.raises(error, match=words) as raised:
        checked_top(top, group_by)
    assert raised.value.param == "top"
