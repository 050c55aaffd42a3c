"""The cover: the fewest sealed spans and what is left, whatever is sealed and asked for."""

from collections.abc import Sequence
from itertools import chain, combinations, pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support import zone_oracle
from support.extended_streams import WINDOWS, Window
from tallybook.domain.buckets import BucketWidth, Grid, Span, spans
from tallybook.ledger.seals.cover import Level, cover

LONG, SHORT, UNIVERSE = 6, 2, 24


def buckets_of(start: int, cuts: Sequence[int], end: int) -> list[Span]:
    return [Span(*each) for each in pairwise((start, *cuts, end))]


def naive(buckets: Sequence[Span], levels: Sequence[Level], step: int) -> list[list[Span]]:
    """Step by step: each belongs to the longest sealed span around it that its bucket holds."""
    parts: list[list[Span]] = [[] for _ in range(len(levels) + 1)]
    for bucket in buckets:
        for at in range(bucket.start, bucket.end, step):
            place = len(levels)
            for number, level in enumerate(levels):
                first = at - at % level.seconds
                inside = bucket.start <= first and first + level.seconds <= bucket.end
                if inside and first in level.sealed:
                    place = number
                    break
            if parts[place] and parts[place][-1].end == at:
                parts[place][-1] = Span(parts[place][-1].start, at + step)
            else:
                parts[place].append(Span(at, at + step))
    return parts


def hold(buckets: Sequence[Span], levels: Sequence[Level], parts: Sequence[Sequence[Span]]) -> None:
    """What a cover promises, beside being the naive one."""
    everything = sorted(chain.from_iterable(parts))
    assert all(before.end <= after.start for before, after in pairwise(everything)), "disjoint"
    assert sum(each.end - each.start for each in everything) == buckets[-1].end - buckets[0].start
    assert (everything[0].start, everything[-1].end) == (buckets[0].start, buckets[-1].end)
    cuts = {bucket.start for bucket in buckets[1:]}
    for level, found in zip(levels, parts, strict=False):
        assert all(before.end < after.start for before, after in pairwise(found)), "merged"
        for at in chain.from_iterable(range(*_bounds(each), level.seconds) for each in found):
            assert at % level.seconds == 0
            assert at in level.sealed
            assert not cuts & set(range(at + 1, at + level.seconds)), "in one bucket"


def _bounds(span: Span) -> tuple[int, int]:
    return span.start, span.end


def subsets(items: Sequence[int]) -> list[frozenset[int]]:
    return [frozenset(each) for size in range(len(items) + 1) for each in combinations(items, size)]


LONG_SETS = subsets(range(0, UNIVERSE, LONG))
SHORT_STARTS = range(0, UNIVERSE, SHORT)


@pytest.mark.parametrize("start", range(UNIVERSE // 2))
def test_every_range_of_a_small_universe_is_covered_as_a_walk_would(start: int) -> None:
    chance = Random(start)  # noqa: S311 - sets of spans, not secrets
    for end in range(start + 1, UNIVERSE + 1):
        for sealed in LONG_SETS:
            # Every set of long spans, and of short ones those of any density.
            density = chance.random()
            short = {at for at in SHORT_STARTS if chance.random() < density}
            levels = [Level(LONG, sealed), Level(SHORT, short)]
            cuts = sorted(chance.sample(range(start + 1, end), min(2, end - start - 1)))
            for some in (cuts, cuts[:1], ()):
                buckets = buckets_of(start, some, end)
                parts = cover(buckets, levels)
                assert parts == naive(buckets, levels, 1)
                hold(buckets, levels, parts)


@pytest.mark.parametrize("count", range(12))
def test_all_buckets_of_two_long_spans_are_covered_as_a_walk_would(count: int) -> None:
    # Every way to cut them in so many places, some of their spans sealed in every way.
    for cuts in combinations(range(1, 12), count):
        buckets = buckets_of(0, cuts, 13)
        for sealed in subsets((0, 6)):
            for short in subsets((0, 4, 6)):
                levels = [Level(LONG, sealed), Level(SHORT, short)]
                parts = cover(buckets, levels)
                assert parts == naive(buckets, levels, 1)
                hold(buckets, levels, parts)


def test_no_sealed_span_that_fits_is_left_out() -> None:
    for first, last in combinations(range(UNIVERSE + 1), 2):
        bucket = [Span(first, last)]
        everything = [Level(LONG, range(0, UNIVERSE, LONG)), Level(SHORT, SHORT_STARTS)]
        long, short, raw = cover(bucket, everything)
        longs = [n for n in range(0, UNIVERSE, LONG) if first <= n and n + LONG <= last]
        assert sum(each.end - each.start for each in long) == LONG * len(longs)
        # An odd end is all that is ever read from the events.
        assert sum(each.end - each.start for each in raw) == (
            last - first if last - first == 1 else first % 2 + last % 2
        )
        assert len(long) + len(short) + len(raw) <= 5


def test_without_levels_or_seals_everything_is_read_from_the_events_as_one_span() -> None:
    buckets = buckets_of(3, (5, 9, 12), 20)
    assert cover(buckets, []) == [[Span(3, 20)]]
    assert cover(buckets, [Level(LONG, ()), Level(SHORT, ())]) == [[], [], [Span(3, 20)]]


def test_days_hours_and_remainders_of_a_week() -> None:
    hour, day = 3_600, 86_400
    # From Monday 17:31 to the next Monday 02:10, with Wednesday not sealed but for an hour.
    start, end = 17 * hour + 31 * 60, 7 * day + 2 * hour + 600
    days = Level(day, {n * day for n in range(8)} - {2 * day})
    hours = Level(hour, {n * hour for n in range(24 * 8)} - set(range(2 * day, 3 * day, hour)))
    hours = Level(hour, {*(at for at in range(0, 8 * day, hour) if at in hours.sealed), 2 * day})
    assert cover([Span(start, end)], [days, hours]) == [
        [Span(day, 2 * day), Span(3 * day, 7 * day)],
        [
            Span(18 * hour, day),
            Span(2 * day, 2 * day + hour),
            Span(7 * day, 7 * day + 2 * hour),
        ],
        [
            Span(start, 18 * hour),
            Span(2 * day + hour, 3 * day),
            Span(7 * day + 2 * hour, end),
        ],
    ]


@settings(max_examples=150)
@given(
    window=st.sampled_from(WINDOWS),
    width=st.sampled_from(BucketWidth),
    start=st.integers(-86_400 // 60, 3 * 86_400 // 60),
    seconds=st.one_of(st.sampled_from((60, 3_600, 86_400)), st.integers(1, 4 * 86_400)),
    chance=st.randoms(use_true_random=False),
)
def test_every_grid_of_every_zone_is_covered_as_a_walk_would(
    window: Window, width: BucketWidth, start: int, seconds: int, chance: Random
) -> None:
    hour, day = 3_600, 86_400
    begin = window.base + start * 60
    end = begin + seconds // 60 * 60 + 60
    if width in (BucketWidth.MINUTE, BucketWidth.FIVE_MINUTES):
        end = min(end, begin + 9_000)
    buckets = list(spans(begin, end, Grid(width, window.zone)))
    cuts = zone_oracle.spans(window.zone, width, begin, end)
    assert [(each.start, each.end) for each in buckets] == cuts
    around = range(window.base - 3 * day, window.base + 9 * day, hour)
    hours = {at for at in around if chance.random() < 0.9}
    days = {at for at in around if at % day == 0 and chance.random() < 0.7}
    levels = [Level(day, days), Level(hour, hours)]
    parts = cover(buckets, levels)
    assert parts == naive(buckets, levels, 60)
    hold(buckets, levels, parts)
