"""The catalogue: the public list prices of ``genai-prices``, in Tallybook's words.

Read once for each sort of request, never per event. What the catalogue calls
a price key is one of ``domain/charges.py``'s; what it prices beyond those
(video, document pages, citations) no event carries.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from importlib.metadata import distribution, version
from pathlib import Path

import msgspec
from genai_prices.data_snapshot import DataSnapshot
from genai_prices.types import (
    ConditionalPrice,
    ModelInfo,
    ModelPrice,
    PriceContext,
    PriceVariant,
    Provider,
    StartDateConstraint,
    TieredPrices,
    TimeOfDateConstraint,
)

from tallybook.domain.instants import from_datetime, to_datetime
from tallybook.domain.money import EXACT

_MILLION = Decimal(1_000_000)
_THOUSAND = Decimal(1_000)
_ONE = Decimal(1)

# The catalogue's names of prices: ours, and how many of our units one of its prices is for. "5m"
# and "1h" are Anthropic's words for the short and the long life of what is written to a cache,
# as "30m" and "12h" are the contract's.
KEYS: Mapping[str, tuple[str, Decimal]] = {
    "input_mtok": ("input", _MILLION),
    "input_text_mtok": ("text_input", _MILLION),
    "input_audio_mtok": ("audio_input", _MILLION),
    "input_image_mtok": ("image_input", _MILLION),
    "cache_read_mtok": ("cached_input", _MILLION),
    "cache_text_read_mtok": ("cached_text_input", _MILLION),
    "cache_audio_read_mtok": ("cached_audio_input", _MILLION),
    "cache_image_read_mtok": ("cached_image_input", _MILLION),
    "cache_write_mtok": ("cache_write", _MILLION),
    "cache_write_5m_mtok": ("cache_write_30m", _MILLION),
    "cache_write_1h_mtok": ("cache_write_12h", _MILLION),
    "output_mtok": ("output", _MILLION),
    "output_text_mtok": ("text_output", _MILLION),
    "output_audio_mtok": ("audio_output", _MILLION),
    "output_image_mtok": ("image_output", _MILLION),
    "output_reasoning_mtok": ("reasoning_output", _MILLION),
    "input_mchars": ("speech", _MILLION),
    "audio_hours": ("audio", _ONE),
    "input_audio_hours": ("transcription", _ONE),
    "requests_kcount": ("requests", _THOUSAND),
    "storage_searches_kcount": ("file_search", _THOUSAND),
    "web_searches_kcount": ("web_search", _THOUSAND),
}

# Decisions have a list of their own.
_LISTS = {("decisions", "openai"): "openai-decisions"}

BATCH = {"processing": "batch"}

_EPOCH = date(1970, 1, 1)


class Steps(msgspec.Struct, frozen=True):
    """A unit price by the size of the request: ``(above, price)``, ascending, the first from 0.

    A step is the price of the whole of a request with more than ``above`` input tokens.
    """

    steps: tuple[tuple[int, Decimal], ...]

    def at(self, above: int) -> Decimal:
        """The unit price of requests with one input token more than ``above``."""
        return next(price for start, price in reversed(self.steps) if start <= above)


# Unit prices by the name of their key.
Prices = dict[str, Steps]


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """What the catalogue says of one model at one moment, in US dollars.

    ``variant`` are the prices of the tier or of batch that was asked for;
    null when the catalogue has none at this moment. A model whose list is
    empty ``is_free``.
    """

    standard: Prices
    variant: Prices | None
    is_free: bool
    source: str


class Model(msgspec.Struct, frozen=True):
    """A model on a provider's list."""

    provider: Provider
    info: ModelInfo
    release: str

    @property
    def breaks(self) -> set[int]:
        """The moments at which a price may change, in microseconds."""
        return {
            from_datetime(datetime.combine(each.start_date, time(), UTC))
            for each in self._constraints()
            if isinstance(each, StartDateConstraint)
        }

    @property
    def cuts(self) -> set[int]:
        """The times of day at which a price may change, in microseconds since midnight, UTC."""
        return {
            from_datetime(datetime.combine(_EPOCH, moment))
            for each in self._constraints()
            if isinstance(each, TimeOfDateConstraint)
            for moment in (_in_utc(each.start_time), _in_utc(each.end_time))
        }

    def listing(self, wanted: PriceContext, at_us: int) -> Listing:
        """The prices at a moment; ``wanted`` names the tier or batch, empty for plain requests."""
        at = to_datetime(at_us)
        standard = self.info.get_prices(at)
        return Listing(
            standard=_prices(standard),
            variant=_prices(self.info.get_prices(at, wanted)) if self._varies(wanted, at) else None,
            is_free=not any(value is not None for value in standard.__dict__.values()),
            source=f"{self.release}, {self.provider.id}/{self.info.id}",
        )

    def _varies(self, wanted: PriceContext, at: datetime) -> bool:
        """Whether the list has prices for the tier or batch at a moment.

        A model that is here by way of another provider's list has none: the
        catalogue drops them, as nobody said that they hold here.
        """
        own = any(self.info is info for info in self.provider.models)
        return own and any(
            variant.when == wanted and (variant.constraint is None or variant.constraint.active(at))
            for variant in self.info.price_variants or ()
        )

    def _constraints(self) -> Iterator[StartDateConstraint | TimeOfDateConstraint | None]:
        prices = self.info.prices
        dated: list[ConditionalPrice | PriceVariant] = [
            *(() if isinstance(prices, ModelPrice) else prices),
            *(self.info.price_variants or ()),
        ]
        return (each.constraint for each in dated)


def catalogue_installed_at() -> int | None:
    """When the release of the catalogue was installed here, in Unix seconds, as its files say.

    A release has no date of its own; it is at least as old as this. None where files have no times.
    """
    record = next(
        (each for each in distribution("genai-prices").files or () if each.name == "RECORD"), None
    )
    if record is None:
        return None
    try:
        return int(Path(str(record.locate())).stat().st_mtime)
    except OSError:
        return None


class Catalogue:
    """The lists of all providers, as the installed release has them."""

    def __init__(self, snapshot: DataSnapshot) -> None:
        self._snapshot = snapshot
        self.release = f"genai-prices {version('genai-prices')}"

    def find(self, kind: str, provider: str, model: str | None) -> Model | None:
        """The model on the list that holds for a kind; None when it is on none."""
        if model is None:
            return None
        listed = _LISTS.get((kind, provider), provider)
        try:
            found, info = self._snapshot.find_provider_model(model, None, listed, None)
        except LookupError:
            return None
        return Model(found, info, self.release)

    def home(self, model: str) -> str | None:
        """The provider whose model this is by its name, for whoever named another one."""
        for provider in self._snapshot.providers:
            if provider.model_match is not None and provider.model_match.is_match(model):
                return provider.id if provider.find_model(model) else None
        return None


def _prices(listed: ModelPrice) -> Prices:
    """The unit prices of a list, by our names, exactly."""
    return {
        KEYS[key][0]: _steps(value, KEYS[key][1])
        for key, value in listed.__dict__.items()
        if value is not None and key in KEYS
    }


def _steps(value: Decimal | TieredPrices, per: Decimal) -> Steps:
    if isinstance(value, Decimal):
        return Steps(((0, EXACT.divide(value, per)),))
    tiers = [(tier.start, tier.price) for tier in value.tiers]
    return Steps(
        tuple((start, EXACT.divide(price, per)) for start, price in [(0, value.base), *tiers])
    )


def _in_utc(moment: time) -> time:
    """A time of day in UTC; one without a zone is in UTC."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    return datetime.combine(_EPOCH, moment).astimezone(UTC).timetz()
