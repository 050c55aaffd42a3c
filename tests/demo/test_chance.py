"""Chance: within its bounds, and the same everywhere."""

from collections import Counter
from itertools import pairwise
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallybook.demo.chance import Chance, by_rank, chance_of, narrow, new_words, pick, wide

NEARLY_ONE = 1 - 2**-53


def always(value: float) -> Chance:
    return lambda: value


def test_the_numbers_of_a_seed_are_these() -> None:
    chance = chance_of(2, 8321)
    assert [chance() for _ in range(3)] == [
        0.6630109642744356,
        0.4840740221981923,
        0.9405620771066852,
    ]


def test_the_order_of_the_numbers_matters() -> None:
    assert chance_of(1, 2)() != chance_of(2, 1)()


@given(st.floats(0, NEARLY_ONE), st.lists(st.integers(0, 10**20), min_size=1).filter(any))
def test_a_pick_is_a_place_with_some_weight(value: float, weights: list[int]) -> None:
    sums = [sum(weights[: place + 1]) for place in range(len(weights))]
    place = pick(always(value), sums)
    # A double just below the whole sum may be rounded up to it.
    assert weights[place] or place == len(weights) - 1


def test_picks_follow_the_weights() -> None:
    chance = chance_of(7)
    picks = Counter(pick(chance, [10, 10, 30, 100]) for _ in range(20_000))
    assert sorted(picks) == [0, 2, 3]
    assert [round(picks[place] / 20_000, 1) for place in (0, 2, 3)] == [0.1, 0.2, 0.7]


@pytest.mark.parametrize(
    ("size", "least", "most"), [(wide, 56, 17_782), (narrow, 236, 4_217)], ids=["wide", "narrow"]
)
def test_sizes_lie_around_their_median(size: object, least: int, most: int) -> None:
    assert callable(size)
    assert size(always(0.0), 1_000) == least
    assert size(always(0.5), 1_000) == 1_000
    assert most - 1 <= size(always(NEARLY_ONE), 1_000) <= most
    chance = chance_of(3)
    assert 950 < median(size(chance, 1_000) for _ in range(10_000)) < 1_050


def test_ranks_weigh_less_and_less() -> None:
    sums = by_rank(300)
    weights = [sums[0], *(after - before for before, after in pairwise(sums))]
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] > 0


def test_words_are_all_different() -> None:
    words = new_words(chance_of(5), 2, 500)
    assert len(set(words)) == 500
    assert {len(word) for word in words} == {2}
