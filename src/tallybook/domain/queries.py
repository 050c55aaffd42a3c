"""Queries: what a caller asks of the ledger, as values that are valid once made.

A query names a half-open range of whole Unix seconds, a grid of buckets, the
dimensions to group by and the conditions that events must meet; one of usage
names a kind as well. Groups may be ranked, and all but the first be one.
"""

from collections.abc import Mapping, Sequence

import msgspec

from tallybook.domain import costs
from tallybook.domain.buckets import BucketWidth, Grid, Span, first_spans
from tallybook.domain.definitions import Kind, PageLimit
from tallybook.domain.dimensions import PROJECT
from tallybook.domain.errors import AboveMaximum, BelowMinimum, InvalidValue
from tallybook.domain.zones import UTC

# Groups that a query may keep, inclusive.
TOP_MAX = 1_000


class Condition(msgspec.Struct, frozen=True):
    """Events match when their ``dimension`` has one of ``values``."""

    dimension: str
    values: tuple[str | bool, ...]


def within(projects: frozenset[str] | None) -> tuple[Condition, ...]:
    """What holds of all that a caller is shown who may see these projects; None is all there is."""
    return () if projects is None else (Condition(PROJECT, tuple(sorted(projects))),)


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over ``[start, end)``, in buckets of ``width`` by the clocks of ``zone``.

    ``group_by`` is in the order of rows. ``limit`` counts buckets. ``resume``
    is the start of the first bucket that is wanted: ``start`` itself, or a
    boundary after it and before ``end``.

    ``order_by`` is one of ``rankings``: rows in a bucket descend by it, those
    with the same number in the order of rows; None is the order of rows alone.

    ``top``, from 1 to ``TOP_MAX`` and only of a query that groups, keeps that
    many groups. They are ranked by the sum of ``ranking`` over the whole range
    from ``start`` to ``end``, whatever page is wanted, the largest first and
    those with the same sum in the order of rows. What the other groups have in
    a bucket is one row, the last, whose keys are all null. None keeps all.
    """

    start: int
    end: int
    width: BucketWidth
    limit: int
    resume: int
    group_by: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    zone: str = UTC
    order_by: str | None = None
    top: int | None = None

    @property
    def subject(self) -> str:
        """What the sums are of: a kind's name, or ``costs``."""
        raise NotImplementedError

    @property
    def named(self) -> frozenset[str]:
        """What the query groups and filters by."""
        return frozenset((*self.group_by, *(each.dimension for each in self.conditions)))

    @property
    def rankings(self) -> tuple[str, ...]:
        """The numbers of a result that groups can be ranked by, the default first."""
        raise NotImplementedError

    @property
    def ranking(self) -> str:
        """The number that ``top`` ranks groups by."""
        return self.order_by or self.rankings[0]

    @property
    def grid(self) -> Grid:
        """The boundaries of buckets."""
        return Grid(self.width, self.zone)

    def can_end(self, end: int) -> bool:
        """Whether the range could end there."""
        return self.start < end

    @property
    def page_spans(self) -> list[Span]:
        """The buckets of the wanted page, at least one."""
        return first_spans(self.resume, self.end, self.grid, self.limit)


class UsageQuery(Query, frozen=True, kw_only=True):
    """Usage of one kind. ``start`` is on a whole minute."""

    kind: Kind

    @property
    def subject(self) -> str:
        """The kind's name."""
        return self.kind.name

    @property
    def rankings(self) -> tuple[str, ...]:
        """The kind's quantities."""
        return self.kind.rankings


class CostsQuery(Query, frozen=True, kw_only=True):
    """Costs of all kinds. Both ends are boundaries of the grid."""

    @property
    def subject(self) -> str:
        """Costs have no kind."""
        return costs.NAME

    @property
    def rankings(self) -> tuple[str, ...]:
        """The amount."""
        return costs.RANKINGS

    def can_end(self, end: int) -> bool:
        """Whether the range could end there: only where a bucket does."""
        return self.start < end and self.grid.is_boundary(end)


def checked_range(start: int, end: int | None, now: int) -> tuple[int, int]:
    """The range ``[start, end)`` that a query covers at the moment ``now``.

    ``now`` is the exclusive end of the present, in whole seconds. An open or
    future end is now; the start is rounded down to the minute, as the live
    service does. Raises InvalidValue, ``param`` ``start_time``.
    """
    if start < 0:
        raise InvalidValue(
            f"start_time is {start}; it must not be before 0, the Unix epoch.", param="start_time"
        )
    if start >= now:
        raise InvalidValue(
            f"start_time is {start}, which is in the future: it is now {now - 1}, in Unix seconds"
            " (not milliseconds).",
            param="start_time",
        )
    if end is not None and start >= end:
        raise InvalidValue(
            f"start_time is {start}, but it must be before end_time, which is {end}.",
            param="start_time",
        )
    return BucketWidth.MINUTE.floor(start), now if end is None else min(end, now)


def whole_buckets(start: int, end: int, grid: Grid) -> tuple[int, int]:
    """The range with both ends moved outwards to boundaries: costs have no short buckets.

    Today's bucket of costs is the whole day (contract, section 4).
    """
    return grid.floor(start), end if grid.is_boundary(end) else grid.next(end)


def checked_limit(
    limit: int | None, width: BucketWidth, limits: Mapping[BucketWidth, PageLimit]
) -> int:
    """The number of buckets of a page. Raises BelowMinimum and AboveMaximum."""
    allowed = limits[width]
    if limit is None:
        return allowed.default
    if limit < 1:
        raise BelowMinimum(f"limit is {limit}, but it must be at least 1.", param="limit")
    if limit > allowed.maximum:
        raise AboveMaximum(
            f"limit is {limit}, but at most {allowed.maximum} buckets of width {width}"
            " can be returned.",
            param="limit",
        )
    return limit


def checked_top(top: int | None, group_by: Sequence[str]) -> int | None:
    """How many groups are kept. Raises BelowMinimum, AboveMaximum, InvalidValue without groups."""
    if top is None:
        return None
    if top < 1:
        raise BelowMinimum(f"top is {top}, but it must be at least 1.", param="top")
    if top > TOP_MAX:
        raise AboveMaximum(f"top is {top}, but at most {TOP_MAX} groups can be kept.", param="top")
    if not group_by:
        raise InvalidValue(
            f"top is {top}, but there are no groups to rank: say by what with group_by.",
            param="top",
        )
    return top
