"""Times gathered into few narrow spans.

Looking a handful of late events up means reading only the stretches of the
table that can hold them. One span around all of them would read the days in
between as well.
"""

from collections.abc import Iterable
from itertools import pairwise

# Times further apart than this are worth a stretch of their own.
GAP_US = 3_600 * 1_000_000
# Each span is a range of the statement, which has to be planned and compared with.
CLUSTERS_MAX = 16


def clusters(
    times: Iterable[int], gap: int = GAP_US, count_max: int = CLUSTERS_MAX
) -> list[tuple[int, int]]:
    """At most ``count_max`` disjoint spans ``(first, last)``, both inclusive, around all times.

    Spans are separated by more than ``gap``; where there would be too many,
    those that lie closest are joined.
    """
    ordered = sorted(set(times))
    if not ordered:
        return []
    jumps = sorted(
        (
            (after - before, index)
            for index, (before, after) in enumerate(pairwise(ordered), 1)
            if after - before > gap
        ),
        reverse=True,
    )
    cuts = [0, *sorted(index for _, index in jumps[: count_max - 1]), len(ordered)]
    return [(ordered[start], ordered[stop - 1]) for start, stop in pairwise(cuts)]
