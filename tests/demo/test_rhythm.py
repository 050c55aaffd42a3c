"""The rhythm: days, nights, weekends, growth and one spike."""

from collections import Counter
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.months import END, small_month
from tallybook.demo.chance import chance_of
from tallybook.demo.month import MONTH_SECONDS
from tallybook.demo.rhythm import (
    MONTH_HOURS,
    SPIKE_FACTOR,
    Rhythm,
    Spike,
    growth,
    shares,
    some_spike,
)

# 2026-11-23T00:00:00Z, a Monday, and the Saturday before.
MONDAY, SATURDAY = END, END - 2 * 86_400


def requests_by(seconds: int) -> Counter[int]:
    """Requests by the number of the hour, day, … since the month began."""
    start = END - MONTH_SECONDS
    return Counter(
        int(event["time"] - start) // seconds
        for event in small_month()
        if event["kind"] != "vector_stores"
    )


def test_a_weekday_is_busier_than_any_day_of_the_weekend_beside_it() -> None:
    days = requests_by(86_400)
    weekend = {day for day in days if (END - MONTH_SECONDS) // 86_400 + day in _weekend_days()}
    assert len(weekend) in {8, 9, 10}
    work = [days[day] for day in days if day not in weekend]
    assert min(work) > 1.3 * mean(days[day] for day in weekend)


def _weekend_days() -> set[int]:
    saturday = SATURDAY // 86_400
    return {saturday + 7 * week + day for week in range(-6, 2) for day in (0, 1)}


def test_the_day_is_busier_than_the_night() -> None:
    hours: Counter[int] = Counter()
    for hour, count in requests_by(3_600).items():
        hours[hour % 24] += count
    day = sum(hours[hour] for hour in range(8, 18))
    night = sum(hours[hour] for hour in (*range(20, 24), *range(6)))
    assert day > 2 * night


def test_the_last_week_is_busier_than_the_first() -> None:
    days = requests_by(86_400)
    first, last = (sum(days[day] for day in week) for week in (range(7), range(21, 28)))
    assert last > 1.15 * first


def test_few_users_do_much() -> None:
    users = Counter(event["user_id"] for event in small_month() if "user_id" in event)
    top = sum(count for _, count in users.most_common(15))
    assert 0.3 < top / users.total() < 0.8


@pytest.mark.parametrize("rhythm", list(Rhythm))
def test_a_rhythm_is_less_on_weekends_and_never_on_another_scale(rhythm: Rhythm) -> None:
    monday = [rhythm.weight(MONDAY + hour * 3_600) for hour in range(24)]
    saturday = [rhythm.weight(SATURDAY + hour * 3_600) for hour in range(24)]
    assert 0 < sum(saturday) < sum(monday)
    assert max(monday) == 10_000
    assert min(saturday) >= 0


def test_an_hour_has_one_weight_from_its_first_second_to_its_last() -> None:
    weights = {Rhythm.OFFICE.weight(MONDAY + 9 * 3_600 + second) for second in (0, 1, 3_599)}
    assert len(weights) == 1


def test_growth_rises_from_ten_thousand() -> None:
    assert growth(0) == 10_000
    assert growth(MONTH_HOURS) == 14_000


def test_a_spike_is_of_one_project_and_some_hours() -> None:
    spike = Spike("proj_atlas", 10, 12)
    factors = [spike.factor("proj_atlas", hour) for hour in (9, 10, 11, 12)]
    assert factors == [1, SPIKE_FACTOR, SPIKE_FACTOR, 1]
    assert spike.factor("proj_iris", 10) == 1


@given(st.integers(0, 2**64 - 1))
def test_a_spike_lies_within_the_month(seed: int) -> None:
    spike = some_spike(chance_of(seed), ["proj_atlas", "proj_borealis"])
    assert 0 <= spike.start < spike.end <= MONTH_HOURS


@given(st.integers(0, 10**7), st.lists(st.integers(0, 10**30), min_size=1).filter(any))
def test_shares_add_up_and_follow_the_weights(total: int, weights: list[int]) -> None:
    parts = shares(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    assert all(
        abs(part * whole - total * weight) < whole
        for part, weight in zip(parts, weights, strict=True)
    )
