"""The catalogue's own calculator and our rate cards say the same amounts, to the last digit.

What is compared is the sum of a request: every disjoint part of it times its
unit price, here, and ``genai_prices.calc_price`` over the inclusive counts that
it wants, there.
"""

import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal, localcontext

import msgspec
from genai_prices import Usage, calc_price
from genai_prices.data_snapshot import DataSnapshot
from genai_prices.types import (
    ClauseEquals,
    ModelInfo,
    ModelPrice,
    PriceContext,
    Provider,
    StartDateConstraint,
)

from support import catalogue
from support.catalogue import Listed
from support.prices import book
from tallybook.domain.entries import COLUMN_NAMES
from tallybook.domain.instants import from_datetime
from tallybook.domain.kinds import CHARGES
from tallybook.pricing.book import PriceBook
from tallybook.pricing.cards import RateCard, Traits
from tallybook.pricing.catalogue import KEYS, Catalogue
from tallybook.pricing.tariffs import Tariff

USAGES = 20_000
EARLIEST, DAYS = datetime(2024, 1, 1, tzinfo=UTC), 4 * 365

# Wide enough for every product here: a dozen digits times a price of nineteen decimals.
WIDE = Context(prec=60)

INPUTS = (
    "input_text_tokens",
    "input_audio_tokens",
    "input_image_tokens",
    "input_cached_text_tokens",
    "input_cached_audio_tokens",
    "input_cached_image_tokens",
    "input_cache_write_30m_tokens",
    "input_cache_write_12h_tokens",
)
# Reasoning is a part of the text of the output.
OUTPUTS = ("output_text_tokens", "output_audio_tokens", "output_image_tokens")


def is_clean(price: Decimal, key: str) -> bool:
    """Whether a unit price has at most 15 decimals."""
    return unit_price(price, key) == kept(price, key)


def unit_price(price: Decimal, key: str) -> Decimal:
    """The price of one unit, exactly: millions and thousands only move the point."""
    return WIDE.divide(price, KEYS[key][1])


def kept(price: Decimal, key: str) -> Decimal:
    """The price of one unit as a rate card keeps it."""
    return unit_price(price, key).quantize(Decimal("1e-15"), context=WIDE)


def token_keys(info: ModelInfo) -> set[str]:
    return {key for _, key, _ in catalogue.prices(info) if key in KEYS and key.endswith("_mtok")}


def is_priced_cleanly(info: ModelInfo) -> bool:
    return all(is_clean(price, key) for _, key, price in catalogue.prices(info) if key in KEYS)


class Subject(msgspec.Struct, frozen=True):
    """A model in a context, and the days on which something changes for it."""

    model: Listed
    context: PriceContext
    days: tuple[datetime, ...]
    thresholds: tuple[int, ...]

    def is_known(self, moment: datetime) -> bool:
        """Whether the catalogue has prices for the context at a moment."""
        return not self.context or any(
            variant.when == self.context
            and (variant.constraint is None or variant.constraint.active(moment))
            for variant in self.model.info.price_variants or ()
        )

    @property
    def traits(self) -> Traits:
        return Traits(
            "completions",
            self.model.provider.id,
            self.model.reference,
            batch=self.context == {"processing": "batch"},
            service_tier=self.context.get("service_tier"),
        )


def change_days(info: ModelInfo) -> tuple[datetime, ...]:
    dated = [] if not isinstance(info.prices, list) else info.prices
    constraints = [each.constraint for each in (*dated, *(info.price_variants or ()))]
    return tuple(
        datetime.combine(each.start_date, datetime.min.time(), UTC)
        for each in constraints
        if isinstance(each, StartDateConstraint)
    )


def subjects() -> list[Subject]:
    return [
        Subject(model, context, change_days(model.info), tuple(catalogue.thresholds(model.info)))
        for model in catalogue.walk().found
        if token_keys(model.info) and is_priced_cleanly(model.info)
        for context in catalogue.contexts(model.info)
    ]


def a_moment(chance: random.Random, subject: Subject) -> datetime:
    """A moment of 2024 to 2027; every other one beside a change, where there is one."""
    if subject.days and chance.random() < 0.5:
        beside = chance.choice((-1, 0, 1, chance.randrange(-3 * 86_400, 3 * 86_400) * 1_000_000))
        return chance.choice(subject.days) + timedelta(microseconds=beside)
    of_day = chance.choice((chance.randrange(86_400), chance.randrange(48) * 1_800))
    return EARLIEST + timedelta(days=chance.randrange(DAYS), seconds=of_day)


def some_parts(chance: random.Random, total: int, names: tuple[str, ...]) -> dict[str, int]:
    """A total cut into parts, some of them empty."""
    used = chance.sample(names, chance.randint(1, len(names)))
    cuts = sorted(chance.randint(0, total) for _ in used[1:])
    sizes = [end - start for start, end in zip((0, *cuts), (*cuts, total), strict=True)]
    return dict.fromkeys(names, 0) | dict(zip(used, sizes, strict=True))


def a_usage(chance: random.Random, subject: Subject) -> dict[str, int]:
    """The disjoint counts of a request, by column; its size is often beside a threshold."""
    sizes = [chance.randrange(1_000), chance.randrange(2_000_000)]
    if subject.thresholds:
        threshold = chance.choice(subject.thresholds)
        sizes += [threshold + beside for beside in (-1, 0, 1)]
    counts = some_parts(chance, chance.choice(sizes), INPUTS)
    counts |= some_parts(chance, chance.randrange(100_000), OUTPUTS)
    counts["output_reasoning_tokens"] = chance.randint(0, counts["output_text_tokens"])
    return counts | {"num_model_requests": 1}


def theirs(counts: Mapping[str, int]) -> Usage:
    """The same counts in the catalogue's words, which are inclusive."""
    (
        text, audio, image, cached_text, cached_audio, cached_image, short, long,
    ) = (counts[name] for name in INPUTS)  # fmt: skip
    output_text, output_audio, output_image = (counts[name] for name in OUTPUTS)
    return Usage(
        input_tokens=sum(counts[name] for name in INPUTS),
        input_text_tokens=text + cached_text + short + long,
        input_audio_tokens=audio + cached_audio,
        input_image_tokens=image + cached_image,
        cache_read_tokens=cached_text + cached_audio + cached_image,
        cache_text_read_tokens=cached_text,
        cache_audio_read_tokens=cached_audio,
        cache_image_read_tokens=cached_image,
        cache_write_tokens=short + long,
        cache_text_write_tokens=short + long,
        cache_write_5m_tokens=short,
        cache_write_1h_tokens=long,
        output_tokens=output_text + output_audio + output_image,
        output_text_tokens=output_text,
        output_audio_tokens=output_audio,
        output_image_tokens=output_image,
        output_reasoning_tokens=counts["output_reasoning_tokens"],
        output_text_reasoning_tokens=counts["output_reasoning_tokens"],
    )


def card_at(tariff: Tariff, moment: datetime, size: int) -> RateCard:
    cards = tariff.window(from_datetime(moment)).terms.cards
    return next(card for card in reversed(cards) if card.above < size or not card.above)


def ours(card: RateCard, counts: Mapping[str, int]) -> Decimal:
    """The sum over a card's rates; what is unpriced adds nothing, as it does over there."""
    total = Decimal(0)
    for rate in card.rates:
        charge = CHARGES[rate.charge]
        assert charge.unit.stored == 1
        quantity = counts[charge.column] - (counts[charge.less] if charge.less else 0)
        total += quantity * (rate.unit_price or Decimal(0))
    return total


def draws(chance: random.Random, found: list[Subject]) -> Iterator[tuple[Subject, datetime]]:
    """Every subject in turn, at moments at which the catalogue has prices for it."""
    while True:
        for subject in found:
            moment = a_moment(chance, subject)
            while not subject.is_known(moment):
                moment = a_moment(chance, subject)
            yield subject, moment


def test_twenty_thousand_usages_cost_what_the_catalogue_s_own_calculator_says() -> None:
    chance = random.Random("twenty thousand usages")  # noqa: S311 - not for secrets
    assert set(INPUTS) | set(OUTPUTS) <= set(COLUMN_NAMES)
    prices: PriceBook = book()
    tariffs: dict[Traits, Tariff] = {}
    found = subjects()
    compared = 0
    differing = []
    with localcontext(WIDE):
        for subject, moment in draws(chance, found):
            counts = a_usage(chance, subject)
            traits = subject.traits
            tariff = tariffs.get(traits) or tariffs.setdefault(traits, prices.tariff(traits))
            size = sum(counts[name] for name in INPUTS)
            amount = ours(card_at(tariff, moment, size), counts)
            expected = calc_price(
                theirs(counts),
                subject.model.reference,
                provider_id=subject.model.provider.id,
                genai_request_timestamp=moment,
                price_context=subject.context,
            ).total_price
            if amount != expected:
                differing.append((subject.model.name, subject.context, moment, counts))
            compared += 1
            if compared == USAGES:
                break
    assert differing == []
    # Every one of them was compared, several times.
    assert 5 * len(found) < USAGES


def test_nearly_every_model_is_among_those_that_are_compared() -> None:
    walk = catalogue.walk()
    clean = {subject.model.name for subject in subjects()}
    others = [model for model in walk.found if model.name not in clean]
    assert walk.hidden == ()
    assert {model.name for model in others if token_keys(model.info)} == ROUNDED_MODELS
    assert len(clean) > 2_000


# Every key of tokens, in two models: whoever states cache writes beside modalities has to state the
# writes of each modality as well, and those no event carries.
MODALITIES = (
    "input_mtok", "input_text_mtok", "input_audio_mtok", "input_image_mtok", "cache_read_mtok",
    "cache_text_read_mtok", "cache_audio_read_mtok", "cache_image_read_mtok", "output_mtok",
    "output_text_mtok", "output_audio_mtok", "output_image_mtok",
)  # fmt: skip
LIFETIMES = (
    "input_mtok", "cache_read_mtok", "cache_write_mtok", "cache_write_5m_mtok",
    "cache_write_1h_mtok", "output_mtok", "output_reasoning_mtok",
)  # fmt: skip


def test_every_key_of_tokens_is_read_whether_or_not_a_list_has_it_today() -> None:
    assert {*MODALITIES, *LIFETIMES} == {key for key in KEYS if key.endswith("_mtok")}
    models = [
        ModelInfo(
            id=name,
            match=ClauseEquals(name),
            prices=ModelPrice(**{key: Decimal(2**place) for place, key in enumerate(keys)}),
        )
        for name, keys in (("modalities", MODALITIES), ("lifetimes", LIFETIMES))
    ]
    provider = Provider(id="acme", name="Acme", api_pattern="acme", models=models)
    snapshot = DataSnapshot(providers=[provider], from_auto_update=False)
    prices = PriceBook(Catalogue(snapshot))
    chance = random.Random("every key")  # noqa: S311 - not for secrets
    for info in models:
        subject = Subject(Listed(provider, info, info.id), {}, (), ())
        tariff = prices.tariff(subject.traits)
        for _ in range(200):
            counts = a_usage(chance, subject)
            expected = snapshot.calc(theirs(counts), info.id, "acme", None, EARLIEST)
            assert ours(card_at(tariff, EARLIEST, 1), counts) == expected.total_price


# Unit prices that 15 decimals do not hold: the listed price of a million, how much more a card's
# price of one is, the key, since when, and the model. Each is a quotient that the source of the
# catalogue cut off, or wrote as a float; a billion such tokens are off by less than a millionth of
# a dollar.
ROUNDED = {
    "huggingface_together": """
    0.18000000000000002  -2E-23         input       always     Qwen/Qwen3-VL-8B-Instruct
    0.13999999999999999  1E-23          input       always     deepseek-ai/DeepSeek-V4-Flash-0731
    0.27999999999999997  3E-23          output      always     deepseek-ai/DeepSeek-V4-Flash-0731
    1.0399999999999998   2E-22          input       2026-10-19 meta-llama/Llama-3.3-70B-Instruct
    1.0399999999999998   2E-22          output      2026-10-19 meta-llama/Llama-3.3-70B-Instruct
    """,
    "openrouter": """
    0.0833333333333333   -3.333333E-16  cache_write 2026-10-19 google/gemini-2.5-flash
    0.08333333333333334  -3.3333334E-16 cache_write always     google/gemini-2.5-flash-image
    0.08333333333333334  -3.3333334E-16 cache_write always     google/gemini-2.5-flash-lite
    0.04166666666666665  3.3333335E-16  cache_write always     google/gemini-2.5-flash-lite:batch
    0.04166666666666665  3.3333335E-16  cache_write always     google/gemini-2.5-flash:batch
    0.08333333333333334  -3.3333334E-16 cache_write always     google/gemini-3-flash-preview
    0.04166666666666665  3.3333335E-16  cache_write always     google/gemini-3-flash-preview:batch
    0.08333333333333334  -3.3333334E-16 cache_write always     google/gemini-3.1-flash-lite
    0.04166666666666665  3.3333335E-16  cache_write always     google/gemini-3.1-flash-lite:batch
    0.08333333333333334  -3.3333334E-16 cache_write always     google/gemini-3.5-flash
    0.0833333333333333   -3.333333E-16  cache_write always     google/gemini-3.5-flash-lite
    0.04166666666666665  3.3333335E-16  cache_write always     google/gemini-3.5-flash-lite:batch
    0.04166666666666665  3.3333335E-16  cache_write always     google/gemini-3.5-flash:batch
    0.0416666666666667   3.333333E-16   cache_write always     google/gemini-3.6-flash
    0.0416666666666667   3.333333E-16   cache_write always     google/gemini-3.6-flash:batch
    0.0416666666666667   3.333333E-16   cache_write always     google/gemini-3.7-flash
    0.0416666666666667   3.333333E-16   cache_write always     google/gemini-3.7-flash:batch
    0.041666666666666664 3.33333336E-16 cache_write always     google/gemini-3.8-flash
    0.041666666666666664 3.33333336E-16 cache_write 2026-10-19 google/gemini-3.8-flash
    0.041666666666666664 3.33333336E-16 cache_write 2026-11-03 google/gemini-3.8-flash
    0.0416666666666667   3.333333E-16   cache_write always     google/gemini-3.8-flash:batch
    0.08333333333333334  -3.3333334E-16 cache_write always     ~google/gemini-flash-latest
    0.0416666666666667   3.333333E-16   cache_write 2026-10-19 ~google/gemini-flash-latest
    """,
}
ROUNDED_MODELS = {
    f"{provider}/{line.split()[-1]}"
    for provider, table in ROUNDED.items()
    for line in table.strip().splitlines()
}


def test_the_unit_prices_that_are_rounded_are_known() -> None:
    found: dict[str, list[list[str]]] = {}
    for model in catalogue.walk().found:
        for when, key, price in catalogue.prices(model.info):
            if key in KEYS and not is_clean(price, key):
                more = kept(price, key) - unit_price(price, key)
                since = when.removeprefix("from ") or "always"
                row = [str(price), f"{more:E}", key.removesuffix("_mtok"), since, model.info.id]
                found.setdefault(model.provider.id, []).append(row)
    assert found == {
        provider: [line.split() for line in table.strip().splitlines()]
        for provider, table in ROUNDED.items()
    }


def test_a_rounded_unit_price_says_so_on_its_card() -> None:
    traits = Traits("completions", "openrouter", "google/gemini-3-flash-preview")
    (card,) = book().tariff(traits).window(0).terms.cards
    rates = {rate.charge: rate for rate in card.rates}
    written = rates["cache_write_30m"]
    assert (written.unit_price, written.note) == (
        Decimal("0.000000083333333"),
        "rounded from 0.00000008333333333333334 per token",
    )
    assert rates["input"].note == ""
