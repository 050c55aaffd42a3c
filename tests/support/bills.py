"""Bills by hand: what events cost, from the quantities that are kept and the rates of their cards.

The arithmetic shares nothing with the ledger's, on purpose: a loop, and decimals
that are never rounded.
"""

from collections.abc import Iterator, Sequence
from decimal import Context, Decimal
from typing import Any

import msgspec

from support.events import event
from support.prices import at
from tallybook.domain.entries import COLUMN_NAMES, Entry
from tallybook.domain.kinds import CHARGES
from tallybook.domain.sheets import Sheet
from tallybook.intake.native import Format, read_events
from tallybook.pricing.cards import Rate, RateCard
from tallybook.pricing.pricer import Pricer
from tallybook.pricing.source import PriceSource

# Line items with their amounts; null where nobody states a price.
Bill = dict[str, Decimal | None]

# A moment at which the catalogue knows no price for tiers and batch.
BEFORE = "2026-10-01T09:00"

_WIDE = Context(prec=200)
_LATEST_US = at("2030-01-01T00:00")


def request(model: str | None, moment: str = BEFORE, /, **fields: Any) -> dict[str, Any]:
    """An event about a model at a moment in UTC; of completions unless a kind is given."""
    kind = fields.pop("kind", "completions")
    return event(kind, model=model, time=at(moment) / 1_000_000, **fields)


def sheet_of(*events: dict[str, Any]) -> Sheet:
    """Events as the intake enters them; none of them may be at fault."""
    batch = read_events(msgspec.json.encode(events), Format.JSON, _LATEST_US, len(events))
    assert batch.rejected == []
    return batch.sheet


class Kept:
    """What a ledger does with rate cards: it numbers them, in the order in which they come."""

    def __init__(self, first: int = 0) -> None:
        self.cards: list[RateCard] = []
        self._first = first

    def numbers_of(self, new: Sequence[RateCard]) -> list[int]:
        """The numbers of new cards, from ``first`` on."""
        start = self._first + len(self.cards)
        self.cards.extend(new)
        return list(range(start, start + len(new)))


def cards_of(source: PriceSource, sheet: Sheet) -> list[RateCard]:
    """The rate card of each entry, as the pricer finds it."""
    kept = Kept()
    return [kept.cards[number] for number in Pricer(source, kept.numbers_of).numbers(sheet)]


def lines(entry: Entry, card: RateCard) -> Iterator[tuple[Rate, Decimal | None]]:
    """The rates of a card with what the entry owes by each, where it has used anything of it."""
    row = dict(zip(COLUMN_NAMES, entry, strict=True))
    for rate in card.rates:
        charge = CHARGES[rate.charge]
        quantity = max(0, row[charge.column] - (row[charge.less] if charge.less else 0))
        if not quantity:
            continue
        if rate.unit_price is None:
            yield rate, None
            continue
        product = _WIDE.multiply(Decimal(quantity), rate.unit_price)
        yield rate, _WIDE.divide(product, Decimal(charge.unit.stored))


def bill(source: PriceSource, *events: dict[str, Any]) -> Bill:
    """What events cost, by line item."""
    found: Bill = {}
    sheet = sheet_of(*events)
    for entry, card in zip(sheet.entries(), cards_of(source, sheet), strict=True):
        for rate, amount in lines(entry, card):
            before = found.get(rate.line_item, Decimal(0))
            if before is None or amount is None:
                found[rate.line_item] = None
            else:
                found[rate.line_item] = _WIDE.add(before, amount)
    return found


def rates(source: PriceSource, event: dict[str, Any]) -> dict[str, Rate]:
    """The rates of an event's card, by charge."""
    (card,) = cards_of(source, sheet_of(event))
    return {rate.charge: rate for rate in card.rates}
