"""Which bucket a moment lies in: the engine's expression equals a search in the list."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.extended_streams import WINDOWS, Window
from tallybook.domain.buckets import BucketWidth, Grid, Span, spans
from tallybook.domain.instants import MICROSECONDS
from tallybook.ledger.sql.bucketing import bucket_of

DAY = 86_400
# 2026-10-01T00:00:00Z, and the days around which Paris changes its clocks.
OCTOBER = 1_790_812_800
AUTUMN = 1_792_879_200
SPRING = 1_774_738_800


def places(buckets: Sequence[Span], times_us: Iterable[int]) -> tuple[list[int], list[int]]:
    """What the engine says of some moments, and what the list does."""
    moments = list(times_us)
    statement = bucket_of(buckets)
    found = duckdb.execute(
        f"SELECT {statement.sql} FROM (SELECT unnest(?::BIGINT[]) AS time_us)",  # noqa: S608
        [*statement.values, moments],
    ).fetchall()
    starts = [bucket.start * MICROSECONDS for bucket in buckets]
    return [place for (place,) in found], [bisect_right(starts, each) - 1 for each in moments]


def beside(buckets: Sequence[Span]) -> list[int]:
    """Every edge: the first microsecond of each bucket, its second one, and its last."""
    return [
        time_us
        for bucket in buckets
        for time_us in (
            bucket.start * MICROSECONDS,
            bucket.start * MICROSECONDS + 1,
            bucket.end * MICROSECONDS - 1,
        )
    ]


def every(buckets: Sequence[Span], seconds: int) -> range:
    """Every so many seconds of all buckets."""
    first, end = buckets[0].start, buckets[-1].end
    return range(first * MICROSECONDS, end * MICROSECONDS, seconds * MICROSECONDS)


def cut(*bounds: int) -> list[Span]:
    return [Span(*each) for each in pairwise(bounds)]


def grid(start: int, end: int, width: BucketWidth, zone: str = "UTC") -> list[Span]:
    return list(spans(start, end, Grid(width, zone)))


@pytest.mark.parametrize(
    "buckets",
    [
        cut(5, 6),
        cut(0, 60, 120, 180),
        cut(3, 60, 120, 121),
        cut(59, 60, 120),
        cut(0, 60, 61),
        cut(0, 1, 61),
        # The first or the last is longer than those between: no division tells these.
        cut(0, 100, 160, 220),
        cut(0, 60, 120, 220),
        cut(0, 7, 9),
        cut(0, 2, 9),
        cut(0, 7, 20, 21, 48),
        cut(0, 60, 90, 150),
        cut(1_000, 1_007, 1_020, 1_021, 1_048),
        # Before the epoch.
        cut(-120, -60, 0, 60),
        cut(-61, -60, 0, 31),
        cut(-100, -93, -80, -79, 20),
    ],
    ids=str,
)
def test_every_second_lies_in_the_bucket_that_it_is_after_the_start_of(
    buckets: list[Span],
) -> None:
    for moments in (every(buckets, 1), beside(buckets)):
        found, wanted = places(buckets, moments)
        assert found == wanted


@pytest.mark.parametrize(
    "buckets",
    [
        grid(OCTOBER + 60, OCTOBER + DAY - 60, BucketWidth.HOUR),
        grid(OCTOBER, OCTOBER + 2 * DAY, BucketWidth.QUARTER_HOUR, "Asia/Kathmandu"),
        grid(OCTOBER, OCTOBER + 150 * DAY, BucketWidth.MONTH),
        grid(OCTOBER + 5 * 3_600, OCTOBER + 93 * DAY + 60, BucketWidth.MONTH, "Europe/Paris"),
        grid(AUTUMN - 2 * DAY, AUTUMN + 3 * DAY, BucketWidth.DAY, "Europe/Paris"),
        grid(AUTUMN - DAY - 7_260, AUTUMN + 2 * DAY, BucketWidth.DAY, "Europe/Paris"),
        grid(AUTUMN - 3 * DAY, AUTUMN + DAY + 3_600, BucketWidth.DAY, "Europe/Paris"),
        grid(SPRING - 2 * DAY, SPRING + 3 * DAY - 3_600, BucketWidth.DAY, "Europe/Paris"),
        grid(SPRING - 10 * DAY, SPRING + 20 * DAY, BucketWidth.WEEK, "Europe/Paris"),
        grid(OCTOBER - 3 * DAY, OCTOBER + 5 * DAY, BucketWidth.HOUR, "Australia/Lord_Howe"),
        grid(0, 40 * DAY, BucketWidth.WEEK, "Africa/Monrovia"),
    ],
    ids=lambda buckets: f"{len(buckets)} from {buckets[0].start}",
)
def test_every_minute_lies_in_the_bucket_that_it_is_after_the_start_of(
    buckets: list[Span],
) -> None:
    for moments in (every(buckets, 60), beside(buckets)):
        found, wanted = places(buckets, moments)
        assert found == wanted


@settings(max_examples=100)
@given(
    window=st.sampled_from(WINDOWS),
    width=st.sampled_from(BucketWidth),
    start=st.integers(-DAY, 3 * DAY),
    seconds=st.integers(1, 70 * DAY),
)
def test_every_edge_of_every_grid_is_told(
    window: Window, width: BucketWidth, start: int, seconds: int
) -> None:
    most = 500 * (60 if not width.by_calendar else DAY)
    begin = window.base + start
    buckets = grid(begin, begin + min(seconds, most), width, window.zone)
    found, wanted = places(buckets, beside(buckets))
    assert found == wanted


@settings(max_examples=150)
@given(
    start=st.integers(-1_000, 1_000),
    lengths=st.lists(st.sampled_from((1, 2, 3, 10, 60, 60, 60, 3_600)), min_size=1, max_size=12),
)
def test_every_edge_of_buckets_of_any_lengths_is_told(start: int, lengths: list[int]) -> None:
    bounds = [start]
    for length in lengths:
        bounds.append(bounds[-1] + length)
    buckets = cut(*bounds)
    found, wanted = places(buckets, beside(buckets))
    assert found == wanted
