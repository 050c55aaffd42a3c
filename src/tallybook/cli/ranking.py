"""Rankings: the largest groups of a span, beside what they had in the same span before. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from tallybook.cli.names import NONE, Names
from tallybook.domain.buckets import BucketWidth, Grid, Span
from tallybook.domain.dimensions import OTHER
from tallybook.usage.pages import Bucket, Result

# What a span can be cut into, the coarsest first, and what an unfinished bucket is cut into.
_WIDTHS = (BucketWidth.DAY, BucketWidth.HOUR, BucketWidth.MINUTE)
_FINER = {BucketWidth.DAY: BucketWidth.HOUR, BucketWidth.HOUR: BucketWidth.MINUTE}


class Piece(msgspec.Struct, frozen=True):
    """A part of a span, in Unix seconds, and the width of the buckets that it is asked in."""

    span: Span
    width: BucketWidth


class Ends(msgspec.Struct, frozen=True):
    """The span that is ranked. One that is ``open`` ends now, and goes on."""

    span: Span
    zone: str
    open: bool

    @property
    def width(self) -> BucketWidth:
        """The coarsest width whose buckets the span is made of, but for the last of an open one."""
        for width in _WIDTHS[:-1]:
            grid = Grid(width, self.zone)
            if grid.is_boundary(self.span.start) and (self.open or grid.is_boundary(self.span.end)):
                return width
        return _WIDTHS[-1]

    @property
    def before(self) -> list[Piece]:
        """The same span before: as many buckets, and of the last as much as has passed of ours.

        That is told to the hour where buckets are days, and to the minute where they are hours.
        """
        grid = Grid(self.width, self.zone)
        start, end = self.span.start, self.span.end
        first = start
        for _ in range(1 + sum(1 for _ in grid.between(start, end))):
            first = max(grid.floor(first - 1), 0)
        running = grid.floor(end)
        if not self.open or running == end or self.width not in _FINER:
            return [Piece(Span(first, start), self.width)] if first < start else []
        last, finer = grid.floor(start - 1), _FINER[self.width]
        reached = min(last + finer.floor(end - running), start)
        pieces = (Piece(Span(first, last), self.width), Piece(Span(last, reached), finer))
        return [each for each in pieces if each.span.start < each.span.end]


# A group's value, and the currency of its sum; that of quantities is empty.
Key = tuple[Any, str]


class Sums(msgspec.Struct, frozen=True):
    """Sums by group, and by currency those of all groups that were not told apart."""

    groups: dict[Key, Decimal]
    other: dict[str, Decimal]

    def total(self, currency: str) -> Decimal:
        """Everything of one currency."""
        groups = (amount for (_, each), amount in self.groups.items() if each == currency)
        return sum(groups, self.other.get(currency, Decimal(0)))


def sums_of(
    buckets: Iterable[Bucket], dimension: str, measured: Callable[[Result], tuple[Decimal, str]]
) -> Sums:
    """The sums of some buckets by a dimension; ``measured`` is a result's number and currency."""
    groups: defaultdict[Key, Decimal] = defaultdict(Decimal)
    other: defaultdict[str, Decimal] = defaultdict(Decimal)
    for bucket in buckets:
        for result in bucket.results:
            number, currency = measured(result)
            if result.get(OTHER):
                other[currency] += number
            else:
                groups[result[dimension], currency] += number
    return Sums(dict(groups), dict(other))


def together(parts: Iterable[Sums]) -> Sums:
    """The sums of several pieces."""
    groups: defaultdict[Key, Decimal] = defaultdict(Decimal)
    other: defaultdict[str, Decimal] = defaultdict(Decimal)
    for part in parts:
        for key, amount in part.groups.items():
            groups[key] += amount
        for currency, amount in part.other.items():
            other[currency] += amount
    return Sums(dict(groups), dict(other))


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A group and its sum; ``other`` is all that are not among the largest, and has no value.

    ``before`` is None where the sum of the span before is not known.
    """

    value: Any
    other: bool
    currency: str
    amount: Decimal
    share: Decimal
    before: Decimal | None

    @property
    def change(self) -> Decimal | None:
        """By which part of what was before it the sum grew; None when there was nothing."""
        return self.amount / self.before - 1 if self.before else None


class Total(msgspec.Struct, frozen=True):
    """The sum of all groups in one currency, now and before."""

    currency: str
    amount: Decimal
    before: Decimal

    @property
    def change(self) -> Decimal | None:
        """By which part of what was before it the sum grew; None when there was nothing."""
        return self.amount / self.before - 1 if self.before else None


class Ranking(msgspec.Struct, frozen=True, kw_only=True):
    """The largest groups of a span, by currency and size, and the totals of all."""

    dimension: str
    by: str
    ends: Ends
    rows: Sequence[Row]
    totals: Sequence[Total]
    # Events with a charge that nobody prices; they add nothing.
    unpriced: int = 0
    names: Names = NONE

    @property
    def is_compared(self) -> bool:
        """Whether there was anything in the span before."""
        return any(total.before for total in self.totals)


def ranked(now: Sums, before: Sums) -> tuple[list[Row], list[Total]]:
    """The rows of a ranking, the largest first and the rest last, and the totals by currency."""
    currencies = sorted({*now.other, *(currency for _, currency in now.groups)})
    rows: list[Row] = []
    totals: list[Total] = []
    for currency in currencies:
        total = Total(currency, now.total(currency), before.total(currency))
        groups = [
            _row(value, amount, total, _before(before, value, currency))
            for (value, each), amount in now.groups.items()
            if each == currency
        ]
        rows += sorted(groups, key=lambda row: (-row.amount, str(row.value)))
        if currency in now.other:
            known = [row.before for row in groups if row.before is not None]
            rest = total.before - sum(known, Decimal(0)) if len(known) == len(groups) else None
            rows.append(_row(None, now.other[currency], total, rest, other=True))
        totals.append(total)
    return rows, totals


def _row(
    value: Any, amount: Decimal, total: Total, before: Decimal | None, *, other: bool = False
) -> Row:
    return Row(
        value=value,
        other=other,
        currency=total.currency,
        amount=amount,
        share=amount / total.amount if total.amount else Decimal(0),
        before=before,
    )


def _before(before: Sums, value: Any, currency: str) -> Decimal | None:
    """What a group had; nothing when all groups are known, not known when some were left out."""
    return before.groups.get((value, currency), None if before.other else Decimal(0))
