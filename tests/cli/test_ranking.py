"""Rankings: which spans are compared, what is added up, and how it changed."""

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from support.events import DAY
from tallybook.cli.ranking import Row, Sums, ranked, sums_of, together
from tallybook.cli.top import ends_of
from tallybook.domain.buckets import BucketWidth, Grid, Span
from tallybook.usage.pages import Bucket

MINUTE, HOUR, WHOLE = 60, 3_600, 86_400
# 14:25:30 on a day.
NOW = DAY + 10 * WHOLE + 14 * HOUR + 25 * MINUTE + 30
PARIS = "Europe/Paris"


@pytest.mark.parametrize(
    ("start", "end", "first", "last", "width"),
    [
        ("-30d", "now", DAY - 20 * WHOLE, NOW, "1d"),
        ("-1w", "now", DAY + 3 * WHOLE, NOW, "1d"),
        ("-24h", "now", NOW - 25 * MINUTE - 30 - WHOLE, NOW, "1h"),
        ("-90m", "now", NOW - 30 - 90 * MINUTE, NOW, "1m"),
        ("2026-10-01", "now", DAY, NOW, "1d"),
        ("2026-10-01", "2026-10-08", DAY, DAY + 7 * WHOLE, "1d"),
        ("2026-10-01", "2026-10-01T06:00", DAY, DAY + 6 * HOUR, "1h"),
        ("2026-10-01T00:01", "2026-10-08", DAY + MINUTE, DAY + 7 * WHOLE, "1m"),
        (str(DAY + 59), str(DAY + 3 * MINUTE + 7), DAY, DAY + 3 * MINUTE, "1m"),
        # What ends later than now ends now.
        ("2026-10-01", "2027-01-01", DAY, NOW, "1d"),
    ],
)
def test_a_span_is_cut_into_the_coarsest_buckets_that_it_is_made_of(
    start: str, end: str, first: int, last: int, width: str
) -> None:
    ends = ends_of(start, end, "UTC", NOW)
    assert (ends.span, ends.width) == (Span(first, last), BucketWidth(width))
    assert ends.open is (last == NOW)


def test_days_are_those_of_the_zone() -> None:
    ends = ends_of("2026-10-25", "2026-10-26", PARIS, NOW + 60 * WHOLE)
    assert (ends.width, ends.span.end - ends.span.start) == (BucketWidth.DAY, 25 * HOUR)


@pytest.mark.parametrize(
    ("start", "end"), [("2026-10-02", "2026-10-01"), ("2026-10-01", "2026-10-01"), ("soon", "now")]
)
def test_a_span_that_cannot_be_is_a_usage_error(start: str, end: str) -> None:
    with pytest.raises(typer.BadParameter):
        ends_of(start, end, "UTC", NOW)


def before(start: str, end: str = "now") -> list[tuple[int, int, str]]:
    ends = ends_of(start, end, "UTC", NOW)
    return [(each.span.start, each.span.end, each.width.value) for each in ends.before]


def test_whole_buckets_are_compared_with_as_many_before_them() -> None:
    assert before("2026-10-03", "2026-10-05") == [(DAY, DAY + 2 * WHOLE, "1d")]
    assert before("2026-10-01T06:00", "2026-10-01T08:00") == [
        (DAY + 4 * HOUR, DAY + 6 * HOUR, "1h")
    ]


def test_of_the_last_bucket_as_much_is_compared_as_has_passed() -> None:
    start = DAY + 8 * WHOLE
    assert before("-2d") == [
        # Today is the third day: two whole days, and 14 hours of the third.
        (start - 3 * WHOLE, start - WHOLE, "1d"),
        (start - WHOLE, start - WHOLE + 14 * HOUR, "1h"),
    ]
    hour = NOW - 25 * MINUTE - 30
    assert before("-1h") == [
        (hour - 3 * HOUR, hour - 2 * HOUR, "1h"),
        (hour - 2 * HOUR, hour - 2 * HOUR + 25 * MINUTE, "1m"),
    ]
    minute = NOW - 30
    assert before("-2m") == [(minute - 5 * MINUTE, minute - 2 * MINUTE, "1m")]


def test_nothing_is_before_the_epoch() -> None:
    assert before("0", str(WHOLE)) == []
    assert before(str(WHOLE), str(5 * WHOLE)) == [(0, WHOLE, "1d")]


@given(st.integers(0, 40), st.integers(0, WHOLE - 1), st.sampled_from(("UTC", PARIS)))
def test_the_span_before_ends_where_ours_begins_and_is_as_long_to_the_hour(
    days: int, second: int, zone: str
) -> None:
    now = DAY + 30 * WHOLE + second
    ends = ends_of(f"-{days}d", "now", zone, now)
    pieces = ends.before
    for earlier, later in pairwise(pieces):
        assert earlier.span.end == later.span.start
    assert all(Grid(each.width, zone).is_boundary(each.span.start) for each in pieces)
    if pieces:
        assert pieces[-1].span.end <= ends.span.start
    length = sum(each.span.end - each.span.start for each in pieces)
    # Clocks may have been changed once in between.
    assert 0 <= ends.span.end - ends.span.start - length + HOUR < 3 * HOUR


def cost(result: dict[str, Any]) -> tuple[Decimal, str]:
    return Decimal(result["amount"]), result["currency"]


def result(model: str | None, amount: str, currency: str = "usd") -> dict[str, Any]:
    return {"model": model, "amount": amount, "currency": currency}


def rest(amount: str) -> dict[str, Any]:
    return result(None, amount) | {"other": True}


def test_groups_are_added_up_over_buckets_and_never_over_currencies() -> None:
    buckets = [
        Bucket(0, 1, [result("a", "1"), result(None, "2"), rest("8")]),
        Bucket(1, 2, [result("a", "0.5"), result("a", "4", "eur"), rest("1")]),
    ]
    sums = sums_of(buckets, "model", cost)
    assert sums.groups == {
        ("a", "usd"): Decimal("1.5"),
        ("a", "eur"): Decimal(4),
        (None, "usd"): Decimal(2),
    }
    assert sums.other == {"usd": Decimal(9)}
    assert (sums.total("usd"), sums.total("eur")) == (Decimal("12.5"), Decimal(4))
    assert together([sums, sums]).total("usd") == Decimal(25)
    assert together([]) == Sums({}, {})


def sums(groups: dict[str | None, int], other: int | None = None) -> Sums:
    return Sums(
        {(name, "usd"): Decimal(amount) for name, amount in groups.items()},
        {} if other is None else {"usd": Decimal(other)},
    )


def told(rows: list[Row]) -> list[tuple[Any, ...]]:
    return [(row.value, row.other, row.amount, row.before) for row in rows]


def test_the_largest_come_first_and_the_rest_last() -> None:
    rows, (total,) = ranked(sums({"a": 10, "b": 30}, 60), sums({"a": 5, "b": 30, "z": 7}))
    assert told(rows) == [
        ("b", False, 30, 30),
        ("a", False, 10, 5),
        (None, True, 60, 7),
    ]
    assert [row.share for row in rows] == [Decimal("0.3"), Decimal("0.1"), Decimal("0.6")]
    assert [row.change for row in rows[:2]] == [0, 1]
    assert [total.amount, total.before] == [100, 42]


def test_what_was_not_there_before_is_new_and_what_was_left_out_is_not_known() -> None:
    rows, _ = ranked(sums({"a": 1}), sums({"b": 2}))
    assert [rows[0].before, rows[0].change] == [0, None]
    rows, (total,) = ranked(sums({"a": 1, "b": 3}, 4), sums({"b": 2}, 50))
    assert told(rows) == [("b", False, 3, 2), ("a", False, 1, None), (None, True, 4, None)]
    # All together they are known all the same.
    assert total.before == 52


def test_groups_without_a_name_are_not_the_rest() -> None:
    rows, _ = ranked(sums({None: 1}, 5), sums({None: 4}, 1))
    assert told(rows) == [(None, False, 1, 4), (None, True, 5, 1)]


def test_a_total_of_nothing_has_no_shares() -> None:
    rows, _ = ranked(sums({"a": 0}), sums({}))
    assert [rows[0].share, rows[0].change] == [0, None]


def test_nothing_is_ranked_as_nothing() -> None:
    assert ranked(Sums({}, {}), sums({"a": 1})) == ([], [])
