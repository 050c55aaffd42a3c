"""Rate cards: the unit prices of everything that a request of one sort can consume."""

import hashlib
from decimal import Decimal
from enum import StrEnum

import msgspec

from tallybook.domain.money import plain


class Traits(msgspec.Struct, frozen=True):
    """What a price may depend on, apart from the time and the size of a request."""

    kind: str
    provider: str
    model: str | None = None
    batch: bool = False
    service_tier: str | None = None
    size: str | None = None
    quality: str | None = None
    context_level: str | None = None

    @property
    def is_batch(self) -> bool:
        """Whether it is a batch request."""
        return self.batch or self.service_tier == BATCH_TIER

    @property
    def tier(self) -> str | None:
        """What has prices of its own: ``batch`` or a tier; null for plain requests."""
        if self.is_batch:
            return BATCH_TIER
        return None if self.service_tier in STANDARD_TIERS else self.service_tier


# The columns of the ledger that traits are read from, in the order of the struct's fields.
TRAITS: tuple[str, ...] = Traits.__struct_fields__

# Tiers that are the standard one by other names.
STANDARD_TIERS = frozenset({None, "default", "auto", "standard", "on_demand"})
# Anthropic calls batch a tier.
BATCH_TIER = "batch"


class Standing(StrEnum):
    """What is known of a rate."""

    PRICED = "priced"
    # Somebody says that it costs nothing.
    FREE = "free"
    # Nobody states a price for this tier: a share of the standard price.
    ESTIMATED = "estimated"
    # Nobody states a price at all. Never free.
    UNPRICED = "unpriced"


class Rate(msgspec.Struct, frozen=True):
    """One line of a rate card: the price of one unit of a charge.

    ``charge`` names an entry of ``domain/charges.py``; ``line_item`` is its
    name on the wire. ``unit_price`` is in major units of ``currency``, and
    both are null when unpriced. ``source`` says who stated it; ``note`` what
    else one has to know.
    """

    charge: str
    line_item: str
    standing: Standing
    unit_price: Decimal | None = None
    currency: str | None = None
    source: str = ""
    note: str = ""


class RateCard(msgspec.Struct, frozen=True, kw_only=True):
    """The prices of requests of one sort, from a moment on. Never changed once it is stored.

    It holds for requests of more than ``above`` input tokens (exclusive), up
    to the next card's, and from ``valid_from_us`` (inclusive) to
    ``valid_until_us`` (exclusive), in microseconds; null where that is open.
    """

    traits: Traits
    rates: tuple[Rate, ...]
    above: int = 0
    valid_from_us: int | None = None
    valid_until_us: int | None = None

    @property
    def digest(self) -> str:
        """What makes two cards the same: all but who stated the prices, and until when they hold.

        A new release of the catalogue with the same prices, or a later price,
        makes no new card.
        """
        content = (
            self.traits,
            self.above,
            self.valid_from_us,
            [
                (
                    rate.charge,
                    rate.line_item,
                    rate.currency,
                    None if rate.unit_price is None else plain(rate.unit_price),
                )
                for rate in self.rates
            ],
        )
        return hashlib.blake2b(msgspec.json.encode(content), digest_size=16).hexdigest()

    @property
    def standing(self) -> Standing:
        """The card's: that of its least certain rate."""
        found = {rate.standing for rate in self.rates}
        for standing in (Standing.UNPRICED, Standing.ESTIMATED, Standing.PRICED):
            if standing in found:
                return standing
        return Standing.FREE
