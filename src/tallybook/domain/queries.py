"""Queries: what a caller asks of the ledger, as values that are valid once made.

A query names a half-open range of whole Unix seconds, a bucket width, the
dimensions to group by and the conditions that events must meet; one of usage
names a kind as well.
"""

from collections.abc import Mapping

import msgspec

from tallybook.domain.buckets import BucketWidth, Span, first_spans
from tallybook.domain.definitions import Kind, PageLimit
from tallybook.domain.errors import AboveMaximum, BelowMinimum, InvalidValue


class Condition(msgspec.Struct, frozen=True):
    """Events match when their ``dimension`` has one of ``values``."""

    dimension: str
    values: tuple[str | bool, ...]


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over ``[start, end)``, in buckets of ``width``.

    ``group_by`` is in the order of rows. ``limit`` counts buckets. ``resume``
    is the start of the first bucket that is wanted: ``start`` itself, or a
    boundary after it and before ``end``.
    """

    start: int
    end: int
    width: BucketWidth
    limit: int
    resume: int
    group_by: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()

    @property
    def subject(self) -> str:
        """What the sums are of: a kind's name, or ``costs``."""
        raise NotImplementedError

    def can_end(self, end: int) -> bool:
        """Whether the range could end there."""
        return self.start < end

    @property
    def page_spans(self) -> list[Span]:
        """The buckets of the wanted page, at least one."""
        return first_spans(self.resume, self.end, self.width, self.limit)


class UsageQuery(Query, frozen=True, kw_only=True):
    """Usage of one kind. ``start`` is on a whole minute."""

    kind: Kind

    @property
    def subject(self) -> str:
        """The kind's name."""
        return self.kind.name


class CostsQuery(Query, frozen=True, kw_only=True):
    """Costs of all kinds. Both ends are boundaries of the width."""

    @property
    def subject(self) -> str:
        """Costs have no kind."""
        return "costs"

    def can_end(self, end: int) -> bool:
        """Whether the range could end there: only where a bucket does."""
        return self.start < end and self.width.is_boundary(end)


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


def whole_buckets(start: int, end: int, width: BucketWidth) -> tuple[int, int]:
    """The range with both ends moved outwards to boundaries: costs have no short buckets.

    Today's bucket of costs is the whole day (contract, section 4).
    """
    return width.floor(start), end if width.is_boundary(end) else width.next(end)


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
