"""When a request is sent again, and after how long."""

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallybook.client.retrying import RetryPolicy, may_try_again, retry_after_seconds

NOW = 1_790_845_261.0
CHANCES = st.floats(0, 1, exclude_max=True)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "3"}, 0.25),
        ({"retry-after": formatdate(NOW + 10, usegmt=True)}, 10.0),
        ({"retry-after": formatdate(NOW - 10, usegmt=True)}, 0.0),
        ({"retry-after": "Thu, 01 Oct 2026 09:01:11"}, 10.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
    ],
)
def test_a_wait_is_read_in_every_form(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_seconds(headers, NOW) == seconds


AGAIN, NEVER = [408, 429, 500, 502, 503, 504, 507], [400, 401, 403, 404, 409, 413, 422, 501]


@pytest.mark.parametrize(
    ("status", "again"), [*((each, True) for each in AGAIN), *((each, False) for each in NEVER)]
)
def test_what_may_be_better_the_next_time_is_tried_again(status: int, again: bool) -> None:
    assert may_try_again(status, {}) is again
    assert may_try_again(status, {"x-should-retry": "true"}) is True
    assert may_try_again(status, {"x-should-retry": "false"}) is False
    assert may_try_again(status, {"x-should-retry": "perhaps"}) is again


@given(attempt=st.integers(0, 10_000), chance=CHANCES)
def test_pauses_double_to_their_limit_and_jitter_shortens_them_by_a_quarter_at_most(
    attempt: int, chance: float
) -> None:
    policy = RetryPolicy(retries_max=20_000)
    whole = min(0.5 * 2 ** min(attempt, 60), 8.0)
    pause = policy.pause_seconds(attempt, None, chance)
    assert pause is not None
    assert 0.75 * whole <= pause <= whole


@given(chance=CHANCES)
def test_what_the_server_asks_for_is_waited_for_or_given_up(chance: float) -> None:
    policy = RetryPolicy(wait_seconds_max=120)
    assert policy.pause_seconds(0, 120.0, chance) == 120.0
    assert policy.pause_seconds(0, 121.0, chance) is None
    assert policy.pause_seconds(2, 1.0, chance) is None
