"""Clusters of times against every choice of cuts."""

from itertools import combinations, pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from tallybook.ledger.clusters import CLUSTERS_MAX, GAP_US, clusters

Spans = list[tuple[int, int]]

few_times = st.lists(st.integers(0, 60), max_size=9)
many_times = st.lists(st.integers(0, 1 << 53), max_size=200)


def read(spans: Spans) -> int:
    """How much time the spans read."""
    return sum(last - first for first, last in spans)


def every_choice(times: set[int], gap: int, count_max: int) -> list[Spans]:
    """All ways to cut the times where they lie far enough apart, into few enough spans."""
    ordered = sorted(times)
    cuts = [place for place in range(1, len(ordered)) if ordered[place] - ordered[place - 1] > gap]
    return [
        [(ordered[start], ordered[stop - 1]) for start, stop in pairwise([0, *chosen, len(times)])]
        for count in range(min(count_max, len(cuts) + 1))
        for chosen in combinations(cuts, count)
    ]


@given(few_times, st.integers(0, 30), st.integers(1, 5))
@example([0, 10, 20, 30], 0, 2)
def test_no_other_choice_of_cuts_reads_less(times: list[int], gap: int, count_max: int) -> None:
    found = clusters(times, gap, count_max)
    if not times:
        assert found == []
        return
    choices = every_choice(set(times), gap, count_max)
    assert found in choices
    assert read(found) == min(map(read, choices))


@given(many_times)
def test_spans_are_disjoint_and_hold_all_times(times: list[int]) -> None:
    spans = clusters(times)
    assert len(spans) <= CLUSTERS_MAX
    for time in times:
        assert sum(first <= time <= last for first, last in spans) == 1
    for (_, before), (after, _) in pairwise(spans):
        assert after - before > GAP_US


@given(many_times)
def test_spans_start_and_end_with_a_time(times: list[int]) -> None:
    assert {bound for span in clusters(times) for bound in span} <= set(times)


@given(many_times)
def test_order_and_repeats_do_not_matter(times: list[int]) -> None:
    assert clusters(times) == clusters([*reversed(times), *times])
