"""A key's requests: a minute's number at once, then evenly; told when again."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallybook.domain.errors import RateLimited
from tallybook.web.rate_limits import MINUTE_NS, SECOND_NS, RateLimits


class Hands:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 5 * MINUTE_NS

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def limits(clock: Hands) -> RateLimits:
    return RateLimits(clock)


def refused_for(limits: RateLimits, key_id: str, maximum: int) -> int:
    """The seconds that a refusal asks for."""
    with pytest.raises(RateLimited) as fault:
        limits.take(key_id, maximum)
    assert fault.value.retry_after_seconds is not None
    return fault.value.retry_after_seconds


@pytest.mark.parametrize("maximum", [1, 2, 7, 60, 61, 1_000, 9_999])
def test_a_minutes_number_may_come_at_once_and_not_one_more(
    limits: RateLimits, maximum: int
) -> None:
    for _ in range(maximum):
        limits.take("key_a", maximum)
    assert refused_for(limits, "key_a", maximum) == max(1, -(-60 // maximum))


def test_after_the_time_that_was_told_the_next_one_is_let_in(
    limits: RateLimits, clock: Hands
) -> None:
    for _ in range(7):
        limits.take("key_a", 7)
    seconds = refused_for(limits, "key_a", 7)
    assert seconds == 9
    clock.now += (seconds - 1) * SECOND_NS
    assert refused_for(limits, "key_a", 7) == 1
    clock.now += SECOND_NS
    limits.take("key_a", 7)
    assert refused_for(limits, "key_a", 7) > 1


def test_a_quiet_minute_fills_the_bucket_and_more_than_full_it_never_is(
    limits: RateLimits, clock: Hands
) -> None:
    for minutes in (1, 50):
        for _ in range(30):
            limits.take("key_a", 30)
        refused_for(limits, "key_a", 30)
        clock.now += minutes * MINUTE_NS


def test_keys_do_not_share_a_bucket(limits: RateLimits) -> None:
    limits.take("key_a", 1)
    refused_for(limits, "key_a", 1)
    limits.take("key_b", 1)


def test_who_is_refused_loses_nothing_by_asking(limits: RateLimits, clock: Hands) -> None:
    limits.take("key_a", 1)
    for _ in range(100):
        refused_for(limits, "key_a", 1)
    clock.now += MINUTE_NS
    limits.take("key_a", 1)


def test_a_limit_that_was_lowered_is_waited_for_no_longer_than_a_minute(
    limits: RateLimits,
) -> None:
    for _ in range(1_000):
        limits.take("key_a", 1_000)
    assert refused_for(limits, "key_a", 1) <= 60


def test_buckets_that_are_full_again_are_forgotten(limits: RateLimits, clock: Hands) -> None:
    for number in range(5_000):
        limits.take(f"key_{number}", 10)
    assert len(limits) == 5_000
    clock.now += MINUTE_NS
    limits.take("key_last", 10)
    assert len(limits) == 1


def test_a_refusal_names_the_key_by_its_id_and_the_limit(limits: RateLimits) -> None:
    limits.take("key_a", 1)
    with pytest.raises(RateLimited, match=r"key_a is reached: 1 requests per minute\..* 60 s\."):
        limits.take("key_a", 1)


@given(
    maximum=st.integers(1, 200),
    steps=st.lists(st.integers(0, 20 * SECOND_NS), min_size=1, max_size=300),
)
def test_no_span_of_time_sees_more_than_its_share_and_a_minutes_number(
    maximum: int, steps: list[int]
) -> None:
    clock = Hands()
    limits = RateLimits(clock)
    taken: list[int] = []
    for step in steps:
        clock.now += step
        with contextlib.suppress(RateLimited):
            limits.take("key_a", maximum)
            taken.append(clock.now)
    interval = MINUTE_NS // maximum
    for first, begin in enumerate(taken):
        for last in range(first, len(taken)):
            assert last - first + 1 <= maximum + (taken[last] - begin) // interval
