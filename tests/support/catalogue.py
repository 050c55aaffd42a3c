"""The catalogue as it stands, for tests that walk all of it."""

from collections.abc import Iterator
from decimal import Decimal

import msgspec
from genai_prices.data_snapshot import DataSnapshot, get_snapshot
from genai_prices.types import (
    ClauseContains,
    ClauseEndsWith,
    ClauseEquals,
    ClauseOr,
    ClauseStartsWith,
    MatchLogic,
    ModelInfo,
    ModelPrice,
    PriceContext,
    Provider,
    StartDateConstraint,
    TieredPrices,
    TimeOfDateConstraint,
)

# A price, and the request contexts and sizes that it is for, in words.
Price = tuple[str, str, Decimal]


class Listed(msgspec.Struct, frozen=True):
    """A model of a provider's own list, with a name that finds this very model."""

    provider: Provider
    info: ModelInfo
    reference: str

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.provider.id}/{self.info.id}"


class Walk(msgspec.Struct, frozen=True):
    """The models that a name finds, and the names of those that none was found for."""

    found: tuple[Listed, ...]
    hidden: tuple[str, ...]


def walk() -> Walk:
    """All models of all providers."""
    snapshot = get_snapshot()
    found: list[Listed] = []
    hidden: list[str] = []
    for provider in snapshot.providers:
        for info in provider.models:
            names = (info.id, *_literals(info.match))
            reference = next((name for name in names if _finds(snapshot, provider, info, name)), "")
            if reference:
                found.append(Listed(provider, info, reference))
            else:
                hidden.append(f"{provider.id}/{info.id}")
    return Walk(tuple(found), tuple(hidden))


def _finds(snapshot: DataSnapshot, provider: Provider, info: ModelInfo, name: str) -> bool:
    try:
        return snapshot.find_provider_model(name, None, provider.id, None)[1] is info
    except LookupError:
        return False


def _literals(match: MatchLogic) -> Iterator[str]:
    """Names that a model's own rule may fit."""
    if isinstance(match, ClauseEquals):
        yield match.equals
    elif isinstance(match, ClauseStartsWith):
        yield match.starts_with
    elif isinstance(match, ClauseEndsWith):
        yield match.ends_with
    elif isinstance(match, ClauseContains):
        yield match.contains
    elif isinstance(match, ClauseOr):
        for clause in match.or_:
            yield from _literals(clause)


def price_lists(info: ModelInfo) -> Iterator[tuple[str, ModelPrice]]:
    """Every list of a model, dated or for a tier, with what it is for in words."""
    if isinstance(info.prices, ModelPrice):
        yield "", info.prices
    else:
        for dated in info.prices:
            yield _when(dated.constraint), dated.prices
    for variant in info.price_variants or ():
        context = ", ".join(f"{key} {value}" for key, value in variant.when.items())
        yield " ".join(filter(None, (context, _when(variant.constraint)))), variant.prices


def _when(constraint: StartDateConstraint | TimeOfDateConstraint | None) -> str:
    if isinstance(constraint, StartDateConstraint):
        return f"from {constraint.start_date}"
    if isinstance(constraint, TimeOfDateConstraint):
        return f"{constraint.start_time:%H:%M} to {constraint.end_time:%H:%M}"
    return ""


def prices(info: ModelInfo) -> Iterator[Price]:
    """Every price of a model: what it is for, its key, and the price as it is listed."""
    for what, listed in price_lists(info):
        for key, value in listed.__dict__.items():
            if isinstance(value, Decimal):
                yield what, key, value
            elif isinstance(value, TieredPrices):
                yield what, key, value.base
                for tier in value.tiers:
                    yield f"{what} above {tier.start}".strip(), key, tier.price


def thresholds(info: ModelInfo) -> list[int]:
    """The sizes above which some price of a model is another one."""
    return sorted(
        {
            tier.start
            for _, listed in price_lists(info)
            for value in listed.__dict__.values()
            if isinstance(value, TieredPrices)
            for tier in value.tiers
        }
    )


def contexts(info: ModelInfo) -> list[PriceContext]:
    """The tiers and batch for which a model has prices at some time, plain requests first."""
    asked: list[PriceContext] = [{}]
    for variant in info.price_variants or ():
        if set(variant.when) in ({"processing"}, {"service_tier"}) and variant.when not in asked:
            asked.append(variant.when)
    return asked
