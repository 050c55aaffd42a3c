"""Repricings as answers: what changes, or changed, by day and model, and in all."""

from decimal import Decimal

import msgspec

from tallybook.domain.errors import InvalidValue
from tallybook.domain.instants import AHEAD_SECONDS_MAX, MICROSECONDS, iso, iso_date
from tallybook.domain.money import EXACT, ZERO, wire_number
from tallybook.ledger.ledger import Ledger, RepriceWish, Repricing


class DifferenceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Amounts of one day (UTC) and model, before and after: of all its events that are meant.

    ``events`` of them have another rate card. An amount is null where nobody
    states a price.
    """

    day: str
    model: str | None
    currency: str
    events: int
    old: str | None
    new: str | None


class TotalAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The sums of all differences in one currency."""

    currency: str
    old: str
    new: str


class RepricingAnswer(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="object", tag="repricing"
):
    """What a repricing changes, or changed when it is ``applied``: then ``at``, by ``who``."""

    applied: bool
    events: int
    differences: list[DifferenceAnswer]
    totals: list[TotalAnswer]
    since: str
    until: str
    model: str | None
    at: str | None = None
    who: str | None = None
    why: str | None = None


class Repricings(msgspec.Struct, frozen=True, tag_field="object", tag="list"):
    """The ledger's history of repricings, in order of time."""

    data: list[RepricingAnswer]


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a caller says: ``[since, until)`` in Unix seconds, without an end for all."""

    since: int
    until: int | None = None
    model: str | None = None
    apply: bool = False
    why: str = ""


def checked_wish(wish: Wish, who: str, now: int) -> RepriceWish:
    """A wish with both of its ends, none of them later than any event at the moment ``now``.

    Raises InvalidValue, ``param`` ``since``.
    """
    latest = now + AHEAD_SECONDS_MAX
    until = latest if wish.until is None else min(wish.until, latest)
    if not 0 <= wish.since < until:
        raise InvalidValue(
            f"since is {wish.since}; it must not be before 0, and before until, which is {until}.",
            param="since",
        )
    return RepriceWish(
        since=wish.since, until=until, model=wish.model, apply=wish.apply, who=who, why=wish.why
    )


def repriced(ledger: Ledger, wish: RepriceWish) -> RepricingAnswer:
    """Reprice, or say what would change. Raises PricesRefused."""
    done = ledger.reprice(wish)
    # Where nothing changes nothing is recorded, and so nothing was applied.
    return _answer(wish, done, applied=wish.apply and done.events > 0)


def repricings(ledger: Ledger) -> Repricings:
    """Every repricing that was applied."""
    return Repricings(
        [
            msgspec.structs.replace(
                _answer(record.wish, record.repricing, applied=True),
                at=iso(record.at_us),
                who=record.wish.who,
                why=record.wish.why,
            )
            for record in ledger.repricings()
        ]
    )


def _answer(wish: RepriceWish, repricing: Repricing, *, applied: bool) -> RepricingAnswer:
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for each in repricing.differences:
        old, new = sums.get(each.currency, (ZERO, ZERO))
        sums[each.currency] = EXACT.add(old, each.old or ZERO), EXACT.add(new, each.new or ZERO)
    return RepricingAnswer(
        applied=applied,
        events=repricing.events,
        differences=[
            DifferenceAnswer(
                day=iso_date(each.day),
                model=each.model,
                currency=each.currency,
                events=each.events,
                old=None if each.old is None else wire_number(each.old),
                new=None if each.new is None else wire_number(each.new),
            )
            for each in repricing.differences
        ],
        totals=[
            TotalAnswer(currency=currency, old=wire_number(old), new=wire_number(new))
            for currency, (old, new) in sorted(sums.items())
        ],
        since=iso(wish.since * MICROSECONDS),
        until=iso(wish.until * MICROSECONDS),
        model=wish.model,
    )
