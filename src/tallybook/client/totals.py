"""Totals: what the results of many buckets add up to, exactly."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, TypeVar

from tallybook.client.pages import Bucket
from tallybook.client.results import USAGE_RESULTS, CostsResult, Result
from tallybook.domain.definitions import Fold
from tallybook.domain.kinds import KINDS
from tallybook.domain.money import EXACT, ZERO

R = TypeVar("R", bound=Result)


def usage_total(kind: str, buckets: Iterable[Bucket[R]]) -> R:
    """The quantities of all buckets as one result without keys.

    Flows are summed. A stock's buckets do not add up: its total is that of the
    bucket that has the most. A quantity that some result does not know is not
    known, None. Raises TypeError for results of another kind.
    """
    sums = [_sum(kind, bucket.results) for bucket in buckets]
    if KINDS[kind].fold is Fold.STOCK:
        (name,) = _names(kind)
        return max(sums, key=lambda each: int(each.get(name)), default=_sum(kind, ()))
    return _sum(kind, sums)


def costs_total(buckets: Iterable[Bucket[CostsResult]]) -> dict[str, Decimal]:
    """The amounts of all buckets, by currency; those of unpriced events are not among them."""
    sums: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for bucket in buckets:
        for result in bucket.results:
            amount = result.amount
            sums[amount.currency] = EXACT.add(sums[amount.currency], amount.value)
    return dict(sums)


def _sum(kind: str, results: Iterable[R]) -> R:
    """One result with the sums of some of a kind."""
    result, names = USAGE_RESULTS[kind], _names(kind)
    sums: dict[str, Any] = dict.fromkeys(names, 0)
    for each in results:
        if not isinstance(each, result):
            raise TypeError(f"a result of {each.object} cannot be added to {kind}.")
        for name in names:
            before, value = sums[name], getattr(each, name)
            sums[name] = None if before is None or value is None else before + value
    # The class of the kind is that of its buckets' results.
    return result(object=KINDS[kind].object, **sums)  # type: ignore[return-value]


def _names(kind: str) -> list[str]:
    return [quantity.name for quantity in KINDS[kind].wire_quantities]
