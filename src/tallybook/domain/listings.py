"""Listings: which stored events a caller asks for, one by one, and how many at a time."""

import msgspec

from tallybook.domain.errors import AboveMaximum, BelowMinimum
from tallybook.domain.queries import Condition
from tallybook.domain.sheets import Identity
from tallybook.domain.voids import Voids

NAME = "events"
# Events of a page: by default, and at most, inclusive.
LIMIT_DEFAULT, LIMIT_MAX = 1_000, 10_000


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """The events of ``[start, end)``, in whole Unix seconds, in the order of ``(time, id)``.

    ``limit`` counts events. ``after`` is the identity, in microseconds, that
    the wanted ones come after; None is the beginning. Events that were voided
    are among them as ``voided`` says.
    """

    start: int
    end: int
    limit: int
    conditions: tuple[Condition, ...] = ()
    after: Identity | None = None
    voided: Voids = Voids.EXCLUDE


def checked_events_limit(limit: int | None) -> int:
    """The number of events of a page. Raises BelowMinimum and AboveMaximum."""
    if limit is None:
        return LIMIT_DEFAULT
    if limit < 1:
        raise BelowMinimum(f"limit is {limit}, but it must be at least 1.", param="limit")
    if limit > LIMIT_MAX:
        raise AboveMaximum(
            f"limit is {limit}, but at most {LIMIT_MAX} events can be returned at a time.",
            param="limit",
        )
    return limit
