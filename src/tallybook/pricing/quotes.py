"""Quotes: what is asked for one price key, by whom, at one moment.

Of these the first that is stated:

1. a price of one's own for the tier or for batch, the closest selector first;
2. a share of one's own standard price, as an estimate;
3. the catalogue's price for the tier or for batch, less a discount;
4. a share of the catalogue's standard price, as an estimate, less a discount.

A plain request has only one's own price and the catalogue's. A tier for which
no share is set is not estimated: it has no price.
"""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from tallybook.domain.charges import PRICE_KEYS
from tallybook.domain.money import DEFAULT_CURRENCY, EXACT, plain
from tallybook.pricing.cards import Traits
from tallybook.pricing.catalogue import Listing, Prices
from tallybook.pricing.own_prices import Discount, OwnPrice

_ONE = Decimal(1)
_HUNDRED = Decimal(100)


class Quote(msgspec.Struct, frozen=True):
    """A unit price, exact, whose it is, and what else has to be said of it."""

    unit_price: Decimal
    currency: str
    source: str
    estimated: bool = False
    note: str = ""


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever has a say about one sort of requests at one moment: ``name`` is the price file's."""

    traits: Traits
    own: Sequence[OwnPrice]
    discounts: Sequence[Discount]
    # The share of the standard price that the tier is estimated at; null when none is set.
    share: Decimal | None
    name: str
    listing: Listing | None

    @property
    def knows_standard(self) -> bool:
        """Whether anybody states a price of plain requests."""
        own = any(not price.selector.is_variant for price in self.own)
        return own or (self.listing is not None and bool(self.listing.standard))

    def quotes(self, above: int) -> dict[str, Quote]:
        """All that is quoted to requests of just over ``above`` input tokens, by price key."""
        return {key: quote for key in PRICE_KEYS if (quote := self._quote(key, above)) is not None}

    def _quote(self, key: str, above: int) -> Quote | None:
        tiered = PRICE_KEYS[key].tiered and self.traits.tier is not None
        listed = self.listing
        standard = self._own(key, above, variant=False)
        listed_standard = self._listed(listed.standard if listed else None, key, above)
        if not tiered:
            return standard or listed_standard
        return (
            self._own(key, above, variant=True)
            or self._estimate(standard)
            or self._listed(listed.variant if listed else None, key, above)
            or self._estimate(listed_standard)
        )

    def _own(self, key: str, above: int, *, variant: bool) -> Quote | None:
        fitting = [
            price
            for price in self.own
            if key in price.prices
            and price.above <= above
            and price.selector.is_variant is variant
            and price.selector.admits_tier(self.traits)
        ]
        if not fitting:
            return None
        best = max(
            fitting,
            key=lambda price: (price.selector.closeness, price.above, price.span.from_us or 0),
        )
        return Quote(
            best.prices[key], best.currency, f"{self.name} line {best.line}", note=best.note
        )

    def _listed(self, prices: Prices | None, key: str, above: int) -> Quote | None:
        if not prices or key not in prices or self.listing is None:
            return None
        price, note = prices[key].at(above), ""
        fitting = [each for each in self.discounts if each.selector.admits_tier(self.traits)]
        if fitting:
            best = max(fitting, key=lambda each: (each.selector.closeness, each.span.from_us or 0))
            price = EXACT.multiply(price, EXACT.subtract(_ONE, best.part))
            percent = plain(EXACT.multiply(best.part, _HUNDRED))
            note = f"less {percent}% ({self.name} line {best.line})"
        return Quote(price, DEFAULT_CURRENCY, self.listing.source, note=note)

    def _estimate(self, standard: Quote | None) -> Quote | None:
        """A share of a standard quote."""
        if standard is None or self.share is None:
            return None
        percent = plain(EXACT.multiply(self.share, _HUNDRED))
        reason = f"no {self.traits.tier} price is known here: {percent}% of the standard price"
        return msgspec.structs.replace(
            standard,
            unit_price=EXACT.multiply(standard.unit_price, self.share),
            estimated=True,
            note="; ".join(filter(None, (reason, standard.note))),
        )
