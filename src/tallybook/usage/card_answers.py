"""Rate cards as answers: those that events have, and those that the price book has for a model.

Amounts here are text, exactly as they are; times are RFC 3339.
"""

from collections.abc import Iterable

import msgspec

from tallybook.domain.instants import iso
from tallybook.domain.kinds import CHARGES, KINDS
from tallybook.domain.money import plain
from tallybook.ledger.ledger import CardUse, Ledger
from tallybook.ledger.stopping import NEVER, Stop
from tallybook.pricing.book import PriceBook
from tallybook.pricing.cards import Rate, RateCard, Standing, Traits

# The sorts of requests that a price list has columns for.
BATCH, TIERS = "batch", ("flex", "priority")


class RateAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a card; ``unit_price`` is for one ``unit``."""

    line_item: str
    label: str
    standing: Standing
    unit_price: str | None
    unit: str
    currency: str | None
    source: str
    note: str


class CardAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A rate card: what it is for, when it holds, and its rates.

    ``rate_card`` is its number in the ledger, ``known_since`` when it was first
    needed; ``events`` says how many have it. They are null for a card that is
    read from the price book only.
    """

    kind: str
    provider: str
    model: str | None
    batch: bool
    service_tier: str | None
    size: str | None
    quality: str | None
    context_level: str | None
    above_input_tokens: int
    valid_from: str | None
    valid_until: str | None
    standing: Standing
    rates: list[RateAnswer]
    rate_card: int | None = None
    known_since: str | None = None
    events: int | None = None
    first_event: str | None = None
    last_event: str | None = None


class Cards(msgspec.Struct, frozen=True, tag_field="object", tag="list"):
    """A list of cards; ``fault`` says why the price file as it is now is not in force."""

    data: list[CardAnswer]
    fault: str | None = None


def rate_answer(rate: Rate) -> RateAnswer:
    """A rate as an answer."""
    charge = CHARGES[rate.charge]
    return RateAnswer(
        line_item=rate.line_item,
        label=charge.label,
        standing=rate.standing,
        unit_price=None if rate.unit_price is None else plain(rate.unit_price),
        unit=charge.unit.name,
        currency=rate.currency,
        source=rate.source,
        note=rate.note,
    )


def card_answer(card: RateCard, use: CardUse | None = None) -> CardAnswer:
    """A card as an answer, with its use when it has any."""
    traits = card.traits
    answer = CardAnswer(
        kind=traits.kind,
        provider=traits.provider,
        model=traits.model,
        batch=traits.batch,
        service_tier=traits.service_tier,
        size=traits.size,
        quality=traits.quality,
        context_level=traits.context_level,
        above_input_tokens=card.above,
        valid_from=_moment(card.valid_from_us),
        valid_until=_moment(card.valid_until_us),
        standing=card.standing,
        rates=[rate_answer(rate) for rate in card.rates],
    )
    if use is None:
        return answer
    return msgspec.structs.replace(
        answer,
        rate_card=use.kept.number,
        known_since=_moment(use.kept.known_us),
        events=use.events,
        first_event=_moment(use.first_us),
        last_event=_moment(use.last_us),
    )


def cards_in_use(ledger: Ledger, stop: Stop = NEVER) -> list[CardAnswer]:
    """The cards that the ledger's events have, by kind, provider and model."""
    return [card_answer(use.kept.card, use) for use in ledger.cards(stop=stop)]


def price_list(
    book: PriceBook, provider: str, model: str, at_us: int, kind: str | None = None
) -> list[CardAnswer]:
    """What requests to a model cost at a moment, plain, in batches and by tier.

    Of the kind that is named, or of those for which somebody states a price of
    this model; kinds that say nothing new after the ones before are left out.
    """
    answers: list[CardAnswer] = []
    told: set[tuple[object, ...]] = set()
    for name in [kind] if kind else KINDS:
        cards = _cards_at(book, Traits(kind=name, provider=provider, model=model), at_us)
        says = _says(cards)
        of_any_model = _says(_cards_at(book, Traits(kind=name, provider=provider), at_us))
        if kind or not says <= told | of_any_model:
            told |= says
            answers.extend(map(card_answer, cards))
    return answers


def _cards_at(book: PriceBook, plain_traits: Traits, at_us: int) -> list[RateCard]:
    """The cards of plain requests, of batches and of each tier; tools know no tiers."""
    sorts = [plain_traits]
    if not all(charge.tool for charge in KINDS[plain_traits.kind].charges):
        sorts.append(msgspec.structs.replace(plain_traits, batch=True))
        sorts += [msgspec.structs.replace(plain_traits, service_tier=tier) for tier in TIERS]
    return [card for traits in sorts for card in book.tariff(traits).window(at_us).terms.cards]


def _says(cards: Iterable[RateCard]) -> set[tuple[object, ...]]:
    """Every price that some cards state, with what it is for."""
    return {
        (card.traits.batch, card.traits.service_tier, card.above, rate.charge, rate.unit_price)
        for card in cards
        for rate in card.rates
        if rate.unit_price is not None
    }


def _moment(at_us: int | None) -> str | None:
    return None if at_us is None else iso(at_us)
