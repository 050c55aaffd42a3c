"""Which of a page's buckets a moment lies in, as an expression of SQL.

Buckets of one length are told by a division. Others (months, days of a zone
in which clocks change) are looked up: their boundaries lie on multiples of some
granule, and a list says of each granule which bucket it is in.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import gcd

from tallybook.domain.buckets import Span
from tallybook.domain.instants import MICROSECONDS
from tallybook.ledger.sql.statement import Statement

# Longer lists take longer to bind than comparing does: a zone that was off by seconds, long ago.
PLACES_MAX = 50_000


def bucket_of(spans: Sequence[Span]) -> Statement:
    """The place among ``spans`` of the one that ``time_us`` lies in, as an expression.

    ``spans``, at least one, follow each other without gaps; ``time_us`` is a
    moment in one of them.
    """
    if len(spans) == 1:
        return Statement("0", ())
    # The first and the last may be cut short: what counts is where the others begin.
    bounds = [span.start for span in spans[1:]]
    first, last = (span.end - span.start for span in (spans[0], spans[-1]))
    lengths = {after - before for before, after in pairwise(bounds)} or {first}
    if len(lengths) == 1 and max(first, last) <= (length := lengths.pop()):
        return Statement(
            f"((time_us - ?) // {length * MICROSECONDS})::INTEGER",
            ((bounds[0] - length) * MICROSECONDS,),
        )
    return _looked_up(spans, bounds)


def _looked_up(spans: Sequence[Span], bounds: Sequence[int]) -> Statement:
    granule = gcd(*(bound - bounds[0] for bound in bounds[1:])) or spans[-1].end - bounds[0]
    # The granules lie on the boundaries, and the first of them begins before the range does.
    origin = bounds[0] - -(-(bounds[0] - spans[0].start) // granule) * granule
    if (spans[-1].end - origin) // granule > PLACES_MAX:
        return _compared(bounds)
    places: list[int] = []
    for place, span in enumerate(spans):
        reached = -(-(span.end - origin) // granule)
        places += [place] * (reached - len(places))
    return Statement(
        f"list_extract(?::INTEGER[], ((time_us - ?) // {granule * MICROSECONDS})::INTEGER + 1)",
        (places, origin * MICROSECONDS),
    )


def _compared(bounds: Sequence[int]) -> Statement:
    """The place by comparing with each boundary in turn: slow for each row, whatever the bounds."""
    whens = "".join(f" WHEN time_us < ? THEN {place}" for place in range(len(bounds)))
    values = tuple(bound * MICROSECONDS for bound in bounds)
    return Statement(f"(CASE{whens} ELSE {len(bounds)} END)", values)
