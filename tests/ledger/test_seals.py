"""Seals as a value: what is whole, what a change takes away, what a sealing adds."""

import pytest

from tallybook.domain.buckets import Span
from tallybook.ledger.seals.rollups import DAY, HOUR
from tallybook.ledger.seals.seals import (
    NOTHING_SEALED,
    Seals,
    hours_of,
    hours_of_day,
    span_of_hours,
)

H, D = 3_600, 86_400
# A day whose hours are sealed, the fifth anew and after the day, and three hours of the next.
SEALS = Seals(
    dict.fromkeys(range(D, 2 * D, H), 7) | {2 * D: 8, 2 * D + H: 9, 2 * D + 2 * H: 3},
    {D: 11},
)


@pytest.mark.parametrize(
    ("start", "end", "number"),
    [
        (D, 2 * D, 11),
        (D, 2 * D + 2 * H, 11),
        # Not the whole day: its hours count, and a part of an hour is as sealed as the hour.
        (D, 2 * D - 1, 7),
        (D + H, 2 * D, 7),
        (D + 5, D + 6, 7),
        (D + H - 1, D + H + 1, 7),
        (2 * D, 2 * D + 3 * H, 9),
        (2 * D + 2 * H + 1, 2 * D + 3 * H, 3),
        (2 * D + 2 * H, 2 * D + 3 * H + 1, None),
        (2 * D, 3 * D, None),
        (D - 1, 2 * D, None),
        (0, D, None),
    ],
)
def test_a_range_is_whole_when_all_of_it_is_sealed_and_known_by_the_newest_sealing(
    start: int, end: int, number: int | None
) -> None:
    assert SEALS.whole(start, end) == number


def test_a_day_that_is_sealed_needs_none_of_its_hours_to_be_whole() -> None:
    assert Seals({}, {D: 5}).whole(D, 2 * D) == 5
    assert Seals({}, {D: 5}).whole(D, D + H) is None


def test_a_changed_hour_takes_its_day_along_and_nothing_else() -> None:
    found = SEALS.without([D + 4 * H])
    assert found.hours == {
        hour: number for hour, number in SEALS.hours.items() if hour != D + 4 * H
    }
    assert found.days == {}
    assert SEALS.days == {D: 11}, "a value stays as it is"
    assert SEALS.without([2 * D, 9 * D]).days == {D: 11}
    assert SEALS.without([]) == SEALS


def test_what_is_sealed_again_has_the_number_of_its_last_sealing() -> None:
    found = SEALS.with_sealed([2 * D, 2 * D + 3 * H], [2 * D], 20)
    assert found.hours == {**SEALS.hours, 2 * D: 20, 2 * D + 3 * H: 20}
    assert found.days == {D: 11, 2 * D: 20}
    assert NOTHING_SEALED.with_sealed([0], [], 1) == Seals({0: 1}, {})
    assert (found.of(DAY), found.of(HOUR)) == (found.days, found.hours)


@pytest.mark.parametrize(
    ("times_us", "hours"),
    [
        ((), set()),
        ((0,), {0}),
        ((H * 10**6 - 1, H * 10**6), {0, H}),
        ((5 * H * 10**6, 5 * H * 10**6 + 1, 9 * H * 10**6 - 1), {5 * H, 8 * H}),
        ((9 * H * 10**6, 5 * H * 10**6), {5 * H, 9 * H}),
    ],
)
def test_moments_lie_in_the_hours_that_begin_before_them(
    times_us: tuple[int, ...], hours: set[int]
) -> None:
    assert hours_of(times_us) == hours


def test_a_day_has_24_hours_and_hours_that_touch_are_one_span() -> None:
    assert list(hours_of_day(D)) == [D + n * H for n in range(24)]
    assert span_of_hours([]) == []
    assert span_of_hours({3 * H, 0, H, 5 * H}) == [
        Span(0, 2 * H),
        Span(3 * H, 4 * H),
        Span(5 * H, 6 * H),
    ]
    assert span_of_hours(hours_of_day(D)) == [Span(D, 2 * D)]
