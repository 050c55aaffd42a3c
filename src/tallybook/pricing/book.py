"""The price book: the catalogue, and what people say beside it, as tariffs."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from tallybook.domain.charges import UNIT_PRICE_DECIMALS, Charge
from tallybook.domain.instants import DAY_US
from tallybook.domain.kinds import KINDS
from tallybook.domain.money import DEFAULT_CURRENCY, ZERO, plain, rounded
from tallybook.pricing.cards import Rate, RateCard, Standing, Traits
from tallybook.pricing.catalogue import BATCH, Catalogue, Listing, Model
from tallybook.pricing.own_prices import NONE, Discount, OwnPrice, OwnPrices, Stated
from tallybook.pricing.quotes import Desk, Quote
from tallybook.pricing.tariffs import Period, Tariff, Terms

# What a line item of an event without a model is called by.
NO_MODEL = "no model"

_BEFORE_ALL_US = -(1 << 62)


class _Sort(msgspec.Struct, frozen=True):
    """A sort of requests, and who may have a say about it at some time."""

    traits: Traits
    model: Model | None
    prices: Sequence[OwnPrice]
    discounts: Sequence[Discount]

    @property
    def breaks(self) -> set[int]:
        """The moments at which something may change."""
        stated: list[Stated] = [*self.prices, *self.discounts]
        own = {moment for each in stated for moment in each.span.breaks}
        return own | (self.model.breaks if self.model else set())

    @property
    def cuts(self) -> set[int]:
        """The times of day at which something may change, midnight among them."""
        return {0} | (self.model.cuts if self.model else set())


class PriceBook:
    """All rate cards that can be, by the traits of a request and the time."""

    def __init__(self, catalogue: Catalogue, own: OwnPrices = NONE) -> None:
        self._catalogue = catalogue
        self.own = own

    def tariff(self, traits: Traits) -> Tariff:
        """The prices of one sort of requests over all time."""
        sort = _Sort(
            traits,
            self._catalogue.find(traits.kind, traits.provider, traits.model),
            [price for price in self.own.prices if price.selector.matches(traits)],
            [each for each in self.own.discounts if each.selector.matches(traits)],
        )
        cuts = sorted(sort.cuts)
        return Tariff(
            Period(start, tuple((cut, self._terms(sort, start, cut)) for cut in cuts))
            for start in (None, *sorted(sort.breaks))
        )

    def _terms(self, sort: _Sort, start_us: int | None, cut_us: int) -> Terms:
        """What a request costs, by its size, in a period from a time of day on.

        The catalogue is asked about that time on the period's first day: its
        prices change at midnight and at times of day, one's own at any moment.
        """
        traits = sort.traits
        first_day_us = 0 if start_us is None else start_us - start_us % DAY_US
        listing = None
        if sort.model is not None:
            listing = sort.model.listing(_context(traits), first_day_us + cut_us)
        at_us = _BEFORE_ALL_US if start_us is None else start_us
        asked = Desk(
            traits=traits,
            own=[price for price in sort.prices if price.span.holds(at_us)],
            discounts=[each for each in sort.discounts if each.span.holds(at_us)],
            share=self.own.shares.get(traits.tier or ""),
            name=self.own.name,
            listing=listing,
        )
        thresholds = {0, *(price.above for price in asked.own)}
        for prices in (listing.standard, listing.variant or {}) if listing else ():
            thresholds.update(above for steps in prices.values() for above, _ in steps.steps)
        cards: list[RateCard] = []
        for above in sorted(thresholds):
            rates = tuple(self._rates(traits, asked, asked.quotes(above)))
            if not cards or cards[-1].rates != rates:
                cards.append(RateCard(traits=traits, rates=rates, above=above))
        return Terms(tuple(cards))

    def _rates(self, traits: Traits, asked: Desk, quotes: Mapping[str, Quote]) -> list[Rate]:
        listing = asked.listing
        rates = []
        for charge in KINDS[traits.kind].charges:
            if (charge.apart and charge.apart not in quotes) or charge.whole in quotes:
                continue
            key = charge.most_specific(quotes)
            if key is not None:
                rates.append(_quoted(charge, traits, quotes[key]))
            elif listing is not None and listing.is_free and not charge.tool:
                if not charge.optional:
                    rates.append(_free(charge, traits, listing))
            elif not charge.optional:
                reason = self._why_unpriced(charge, traits, asked)
                rates.append(
                    Rate(
                        charge.name,
                        f"{_line_item(charge, traits)}, {Standing.UNPRICED}",
                        Standing.UNPRICED,
                        note=reason,
                    )
                )
        return rates

    def _why_unpriced(self, charge: Charge, traits: Traits, asked: Desk) -> str:
        """The reason, for whoever has to find a price."""
        listing = asked.listing
        if traits.model is None:
            return f"the event names no model, and {self.own.name} has no price for {charge.label}"
        if traits.tier and asked.knows_standard and not asked.share:
            return (
                f"no {traits.tier} price is known here, and no share is set to estimate it of the"
                " standard price"
            )
        if listing is None:
            return self._not_listed(traits.model, traits)
        return f"{listing.source} has no price for {charge.label}"

    def _not_listed(self, model: str, traits: Traits) -> str:
        """That nobody lists a model, and who does when another provider was meant."""
        home = self._catalogue.home(model)
        if home == traits.provider:
            return f"{model} is on no list for {traits.kind}"
        hint = f"; it is on the list of provider {home}" if home else ""
        return f"{model} is not on the list of provider {traits.provider}{hint}"


def _context(traits: Traits) -> dict[str, str]:
    """The tier in the catalogue's words; empty for plain requests."""
    if traits.is_batch:
        return BATCH
    return {"service_tier": traits.tier} if traits.tier else {}


def _line_item(charge: Charge, traits: Traits) -> str:
    return charge.label if charge.tool else f"{traits.model or NO_MODEL}, {charge.label}"


def _quoted(charge: Charge, traits: Traits, quote: Quote) -> Rate:
    """The rate of a charge that has a price."""
    name, note = _line_item(charge, traits), quote.note
    price = rounded(quote.unit_price, UNIT_PRICE_DECIMALS)
    if price != quote.unit_price:
        exact = plain(rounded(quote.unit_price, 2 * UNIT_PRICE_DECIMALS))
        note = "; ".join(filter(None, (note, f"rounded from {exact} per {charge.unit.name}")))
    standing = Standing.PRICED
    if quote.unit_price == ZERO:
        # A share of nothing is nothing, and no guess.
        standing = Standing.FREE
    elif quote.estimated:
        name, standing = f"{name}, {Standing.ESTIMATED}", Standing.ESTIMATED
    return Rate(charge.name, name, standing, price, quote.currency, quote.source, note)


def _free(charge: Charge, traits: Traits, listing: Listing) -> Rate:
    return Rate(
        charge.name,
        _line_item(charge, traits),
        Standing.FREE,
        rounded(Decimal(0), UNIT_PRICE_DECIMALS),
        DEFAULT_CURRENCY,
        listing.source,
        "the list of this model is empty: it costs nothing",
    )
