"""Overlaps and gaps between prices of one's own.

An overlap is two prices for one thing at one time, neither of them closer to
it: nobody could say which holds, so the file is refused. A gap is a stretch
of time or of request sizes that prices leave out: it may be meant, so it is
told and no more.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from tallybook.domain.instants import iso
from tallybook.pricing.own_prices import Fault, InvalidPrices, OwnPrice, OwnPrices, Span, Stated
from tallybook.pricing.selectors import Selector

# Tiers that providers sell, and batch.
KNOWN_TIERS = frozenset({"batch", "flex", "priority", "fast", "scale", "performance"})

_END_OF_TIME_US = 1 << 62


def refuse_overlaps(own: OwnPrices) -> None:
    """Raise InvalidPrices when two prices or discounts hold for one thing at one time."""
    faults = [*_overlaps("price", own.prices), *_overlaps("discount", own.discounts)]
    if faults:
        raise InvalidPrices(own.name, faults)


def _overlaps(table: str, rows: Sequence[Stated]) -> Iterator[Fault]:
    for one, other in combinations(rows, 2):
        if isinstance(one, OwnPrice) and isinstance(other, OwnPrice):
            shared = sorted(one.prices.keys() & other.prices.keys())
            # The standard price and that of a tier or of batch are never asked for together.
            apart = one.above != other.above or (
                one.selector.is_variant is not other.selector.is_variant
            )
            if apart or not shared:
                continue
            what = f"{table}.{', '.join(shared)}"
        else:
            what = table
        if _compete(one.selector, other.selector) and (when := _both(one, other)):
            yield Fault(
                other.line,
                what,
                f"it overlaps with line {one.line}: {when}, {one.selector} and {other.selector} may"
                " mean the same request. Give one more conditions, or other dates",
            )


def _compete(one: Selector, other: Selector) -> bool:
    return one.closeness == other.closeness and one.may_meet(other)


def _both(one: Stated, other: Stated) -> str | None:
    """When both hold, in words; None when one follows the other.

    A later price with the same selector ends an earlier one that is open, so
    price after price can be added to the end of a file.
    """
    first, last = sorted((one.span, other.span), key=_start)
    if one.selector == other.selector and first.until_us is None and _start(first) < _start(last):
        return None
    start = _start(last)
    if start >= min(_end(first), _end(last)):
        return None
    return f"from {iso(start)} on" if start >= 0 else "always"


def _start(span: Span) -> int:
    return -1 if span.from_us is None else span.from_us


def _end(span: Span) -> int:
    return _END_OF_TIME_US if span.until_us is None else span.until_us


def gaps(own: OwnPrices) -> list[str]:
    """What prices leave out, a sentence each: nothing of it is wrong, some of it may be missed."""
    alike: defaultdict[tuple[Selector, str], list[OwnPrice]] = defaultdict(list)
    for price in own.prices:
        for key in price.prices:
            alike[price.selector, key].append(price)
    found = [
        sentence
        for (selector, key), prices in alike.items()
        for sentence in (
            *_gaps_of_size(selector, key, prices),
            *_gaps_of_time(selector, key, prices),
        )
    ]
    strange = (
        f"estimate.{tier}: no list of prices has such a tier"
        for tier in own.shares
        if tier not in KNOWN_TIERS
    )
    return list(dict.fromkeys((*found, *strange)))


def _gaps_of_size(selector: Selector, key: str, prices: list[OwnPrice]) -> Iterator[str]:
    least = min(prices, key=lambda price: price.above)
    if least.above:
        yield (
            f"line {least.line}: {key} of {selector} is stated above {least.above} input tokens"
            " only; smaller requests have the catalogue's price, or none"
        )


def _gaps_of_time(selector: Selector, key: str, prices: list[OwnPrice]) -> Iterator[str]:
    """The stretches, by size of request, in which no price of the selector holds."""
    for above in sorted({price.above for price in prices}):
        # A price for smaller requests holds for larger ones too, unless theirs does.
        holding = [price for price in prices if price.above <= above]
        covered, line = -1, None
        for price in sorted(holding, key=lambda price: _start(price.span)):
            if _start(price.span) > covered:
                yield _gap(selector, key, line or price.line, covered, _start(price.span))
            if _end(price.span) > covered:
                covered, line = _end(price.span), price.line
        if covered < _END_OF_TIME_US:
            yield _gap(selector, key, line or holding[0].line, covered, _END_OF_TIME_US)


def _gap(selector: Selector, key: str, line: int, start: int, end: int) -> str:
    """A stretch without a price, in words; the line is that of a price beside it."""
    if start < 0:
        when = f"before {iso(end)}"
    elif end == _END_OF_TIME_US:
        when = f"from {iso(start)} on"
    else:
        when = f"from {iso(start)} to {iso(end)}"
    return (
        f"line {line}: {key} of {selector} is not stated {when}; there the catalogue's price holds,"
        " or none"
    )
