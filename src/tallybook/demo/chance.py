"""Chance, the same on every machine and in every version of Python.

Only ``random.Random(seed).random()`` is promised to stay as it is; the rest of
that module, and the machine's ``log`` and ``cos``, are not. So everything here
is made of that one number, plain arithmetic and tables of literals.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from math import sqrt
from random import Random

# A source of numbers, evenly from 0 (inclusive) to 1 (exclusive).
Chance = Callable[[], float]

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"

# The quantiles 0/32 to 32/32 of a log-normal distribution with median 1 and
# sigma 1, the ends cut at 0.2 %: what the sizes of prompts look like.
_WIDE = (
    0.056, 0.155, 0.216, 0.268, 0.317, 0.364, 0.412, 0.460, 0.509, 0.560, 0.613,
    0.669, 0.727, 0.789, 0.854, 0.925, 1.000, 1.082, 1.170, 1.268, 1.375, 1.495,
    1.630, 1.784, 1.963, 2.174, 2.428, 2.746, 3.159, 3.736, 4.637, 6.441, 17.782,
)  # fmt: skip
# The same with sigma 1/2: the square root, which is exact everywhere.
_NARROW = tuple(sqrt(value) for value in _WIDE)
_STEPS = len(_WIDE) - 1


def chance_of(*numbers: int) -> Chance:
    """A source that depends on these numbers, each below 2**64, and their order."""
    seed = 0
    for number in numbers:
        seed = (seed << 64) + number
    return Random(seed).random  # noqa: S311 - made-up usage, not a secret


def wide(chance: Chance, median: int) -> int:
    """A size around a median, from 1/18 of it to 18 times it; log-normal-like."""
    place = chance() * _STEPS
    below = int(place)
    low = _WIDE[below]
    return int(median * (low + (place - below) * (_WIDE[below + 1] - low)))


def narrow(chance: Chance, median: int) -> int:
    """A size around a median, from about a quarter of it to about four times it."""
    place = chance() * _STEPS
    below = int(place)
    low = _NARROW[below]
    return int(median * (low + (place - below) * (_NARROW[below + 1] - low)))


def word(chance: Chance, length: int) -> str:
    """Letters and digits that people do not confuse."""
    return "".join(_LETTERS[int(chance() * len(_LETTERS))] for _ in range(length))


def new_words(chance: Chance, length: int, count: int) -> list[str]:
    """``count`` words, all different."""
    words: dict[str, None] = {}
    while len(words) < count:
        words[word(chance, length)] = None
    return list(words)


def by_rank(count: int) -> list[int]:
    """The running sums of Zipf-like weights, the first place the heaviest; to pick from."""
    # The constant keeps the first few from doing nearly everything.
    return list(accumulate(1_000_000 // (rank + 4) for rank in range(count)))


def pick(chance: Chance, sums: Sequence[int]) -> int:
    """A place, by weights that are given as their running sums."""
    return bisect_right(sums, chance() * sums[-1], 0, len(sums) - 1)
