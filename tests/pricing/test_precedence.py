"""Whose price holds: the closest of one's own, and one's own before the catalogue's."""

from decimal import Decimal

from support.prices import at, book
from tallybook.pricing.cards import Rate, Standing, Traits

BEFORE, AFTER = at("2026-10-01T00:00"), at("2026-10-20T00:00")
GPT_5 = Traits("completions", "openai", "gpt-5")
GPT_5_BATCH = Traits("completions", "openai", "gpt-5", batch=True)
GPT_5_FLEX = Traits("completions", "openai", "gpt-5", service_tier="flex")


def rates_at(text: str, traits: Traits, time_us: int = BEFORE, size: int = 1) -> dict[str, Rate]:
    """The rates of one request, by charge."""
    cards = book(text).tariff(traits).window(time_us).terms.cards
    card = next(each for each in reversed(cards) if each.above < size)
    return {rate.charge: rate for rate in card.rates}


def price(line: int, millions: str, *conditions: str) -> str:
    """A price of input that begins at a line of its file."""
    return f"# {line}\n[[price]]\n" + "\n".join(
        (*conditions, f'input = "{millions} / 1M tokens"', "")
    )


def test_the_closest_selector_holds_wherever_it_stands_in_the_file() -> None:
    selectors = [
        ('model = "gpt-5"', 'provider = "openai"', 'kind = "completions"'),
        ('model = "gpt-5"', 'provider = "openai"'),
        ('model = "gpt-5"', 'provider = "open*"'),
        ('model = "gpt-5"', 'kind = "completions"'),
        ('model = "gpt-5"',),
        ('model = "gpt-*"', 'provider = "openai"'),
        ('model = "gpt-*"',),
        ('model = "g*"',),
        ('model = "*"',),
        ('provider = "openai"',),
        ('provider = "o*"',),
        ('kind = "completions"',),
        (),
    ]
    # Without the closest, the next one holds, and so on.
    for first in range(len(selectors)):
        rest = list(enumerate(selectors))[first:]
        for parts in (rest, rest[::-1]):
            text = "".join(price(0, str(place + 1), *selector) for place, selector in parts)
            found = rates_at(text, GPT_5)["input"]
            assert found.unit_price == Decimal(first + 1) / 1_000_000, selectors[first]


def test_an_own_price_holds_before_the_catalogue_s_and_for_its_keys_only() -> None:
    text = price(1, "9", 'model = "gpt-5"', 'currency = "eur"', 'note = "as agreed"')
    found = rates_at(text, GPT_5)
    assert {
        charge: (rate.unit_price, rate.currency, rate.source, rate.note)
        for charge, rate in found.items()
        if charge in ("input", "cached_input", "output")
    } == {
        "input": (Decimal("0.000009"), "eur", "prices.toml line 2", "as agreed"),
        # What is more specific, and stated by the catalogue, stays.
        "cached_input": (
            Decimal("0.000000125"), "usd", "genai-prices 0.2.3, openai/gpt-5", "",
        ),
        "output": (Decimal("0.00001"), "usd", "genai-prices 0.2.3, openai/gpt-5", ""),
    }  # fmt: skip


def test_an_own_price_that_is_more_specific_holds_beside_the_catalogue_s() -> None:
    text = '[[price]]\nmodel = "gpt-5"\naudio_input = "7 / 1M tokens"\n'
    found = rates_at(text, GPT_5)
    assert (found["input"].unit_price, found["audio_input"].unit_price) == (
        Decimal("0.00000125"),
        Decimal("0.000007"),
    )
    # Cached audio is as much cached input as it is audio: nobody says which price it has.
    assert found["cached_audio_input"].standing is Standing.UNPRICED


STANDARD = price(1, "8", 'model = "gpt-5"')
BATCH = price(1, "3", 'model = "gpt-5"', "batch = true")
FLEX = price(1, "2", 'model = "gpt-5"', "batch = false", 'service_tier = "flex"')


def in_words(rate: Rate) -> str:
    whose = "own" if rate.source.startswith("prices.toml") else "listed"
    million = (rate.unit_price or Decimal(0)) * 1_000_000
    return f"{whose} {rate.standing} {million.normalize():f}"


def test_a_tier_has_the_first_price_that_is_stated() -> None:
    # The list price of a million is 1.25, and 0.625 in batch and flex, once it is known.
    files = {
        "all": STANDARD + BATCH + FLEX,
        "standard": STANDARD,
        "tiers": BATCH + FLEX,
        "none": "",
    }
    found = {
        name: [
            in_words(rates_at(text, traits, time_us)["input"])
            for traits, time_us in (
                (GPT_5, BEFORE),
                (GPT_5_BATCH, BEFORE),
                (GPT_5_BATCH, AFTER),
                (GPT_5_FLEX, BEFORE),
                (GPT_5_FLEX, AFTER),
            )
        ]
        for name, text in files.items()
    }
    assert found == {
        "all": ["own priced 8", "own priced 3", "own priced 3", "own priced 2", "own priced 2"],
        "standard": ["own priced 8", *["own estimated 4"] * 4],
        "tiers": [
            "listed priced 1.25",
            "own priced 3",
            "own priced 3",
            "own priced 2",
            "own priced 2",
        ],
        "none": [
            "listed priced 1.25",
            "listed estimated 0.625",
            "listed priced 0.625",
            "listed estimated 0.625",
            "listed priced 0.625",
        ],
    }


def test_an_estimate_says_what_it_is_a_share_of() -> None:
    text = '[estimate]\nbatch = "40%"\n' + price(1, "8", 'model = "gpt-5"', 'note = "as agreed"')
    rate = rates_at(text, GPT_5_BATCH)["input"]
    assert (rate.line_item, rate.unit_price, rate.note) == (
        "gpt-5, input, estimated",
        Decimal("0.0000032"),
        "no batch price is known here: 40% of the standard price; as agreed",
    )


def test_a_tier_without_a_share_says_why_it_has_no_price() -> None:
    traits = Traits("completions", "openai", "gpt-5", service_tier="priority")
    rate = rates_at("", traits)["input"]
    assert (rate.line_item, rate.standing, rate.note) == (
        "gpt-5, input, unpriced",
        Standing.UNPRICED,
        (
            "no priority price is known here, and no share is set to estimate it of the standard"
            " price"
        ),
    )


def test_the_price_of_a_tool_is_the_same_in_every_tier() -> None:
    text = '[[price]]\nprovider = "openai"\nweb_search = "0.02 / call"\n'
    for tier in ({}, {"batch": True}, {"service_tier": "priority"}):
        traits = Traits("web_search_calls", "openai", "gpt-5", **tier)
        assert in_words(rates_at(text, traits)["web_search"]) == "own priced 20000"
        assert in_words(rates_at("", traits)["web_search"]) == "listed priced 10000"


DISCOUNT = '[[discount]]\nprovider = "openai"\npercent = "10%"\n'


def test_a_discount_is_taken_off_the_catalogue_s_prices_only() -> None:
    text = DISCOUNT + price(4, "8", 'model = "gpt-5"')
    found = rates_at(text, GPT_5)
    assert (found["input"].unit_price, found["input"].note) == (Decimal("0.000008"), "")
    assert (found["output"].unit_price, found["output"].note) == (
        Decimal("0.000009"),
        "less 10% (prices.toml line 1)",
    )


def test_a_discount_is_taken_off_tiers_and_estimates() -> None:
    assert [
        in_words(rates_at(DISCOUNT, GPT_5_BATCH, time_us)["input"]) for time_us in (BEFORE, AFTER)
    ] == ["listed estimated 0.5625", "listed priced 0.5625"]
    assert rates_at(DISCOUNT, GPT_5_BATCH)["input"].note == (
        "no batch price is known here: 50% of the standard price; less 10% (prices.toml line 1)"
    )


def test_the_closest_and_latest_discount_holds_alone() -> None:
    text = DISCOUNT + (
        '[[discount]]\nmodel = "gpt-5"\npercent = "20%"\nuntil = 2026-10-10\n'
        '[[discount]]\nprovider = "openai"\nfrom = 2026-10-15\npercent = "100%"\n'
    )
    moments = (BEFORE, at("2026-10-12T00:00"), AFTER)
    assert [in_words(rates_at(text, GPT_5, moment)["input"]) for moment in moments] == [
        "listed priced 1",
        "listed priced 1.125",
        "listed free 0",
    ]


def test_a_discount_can_be_for_batch_alone() -> None:
    text = '[[discount]]\nbatch = true\npercent = "20%"\n'
    assert [
        in_words(rates_at(text, traits, AFTER)["input"]) for traits in (GPT_5, GPT_5_BATCH)
    ] == ["listed priced 1.25", "listed priced 0.5"]


def test_a_later_price_supersedes_an_earlier_one() -> None:
    text = (
        price(1, "2", 'model = "gpt-5"', "from = 2026-09-01")
        + price(1, "3", 'model = "gpt-5"', "from = 2026-10-10", "until = 2026-10-15")
        + price(1, "1", 'model = "gpt-5"')
    )
    moments = ("2026-08-31T23:59:59", "2026-09-01T00:00", "2026-10-10T00:00", "2026-10-15T00:00")
    assert [in_words(rates_at(text, GPT_5, at(moment))["input"]) for moment in moments] == [
        "own priced 1",
        "own priced 2",
        "own priced 3",
        "own priced 2",
    ]


def test_prices_by_the_size_of_a_request_hold_above_it() -> None:
    text = price(1, "2", 'model = "gpt-5"') + price(
        1, "4", 'model = "gpt-5"', "input_tokens_above = 1000"
    )
    found = [in_words(rates_at(text, GPT_5, size=size)["input"]) for size in (1, 1000, 1001)]
    assert found == ["own priced 2", "own priced 2", "own priced 4"]
    # Of gpt-5.5, whose list has another price above 272,000, large requests alone are agreed.
    text = price(1, "4", 'model = "gpt-5.5"', "input_tokens_above = 100_000")
    traits = Traits("completions", "openai", "gpt-5.5")
    assert [
        [in_words(rates_at(text, traits, size=size)[charge]) for charge in ("input", "output")]
        for size in (100_000, 100_001, 272_000, 272_001)
    ] == [
        ["listed priced 5", "listed priced 30"],
        ["own priced 4", "listed priced 30"],
        ["own priced 4", "listed priced 30"],
        ["own priced 4", "listed priced 45"],
    ]


def test_a_closer_selector_holds_before_a_larger_size() -> None:
    text = price(1, "2", 'model = "gpt-5"') + price(
        1, "4", 'model = "gpt-*"', "input_tokens_above = 1000"
    )
    found = [in_words(rates_at(text, GPT_5, size=size)["input"]) for size in (1000, 1001)]
    assert found == ["own priced 2", "own priced 2"]


def test_what_is_stated_as_free_is_free() -> None:
    text = '[[price]]\nmodel = "local"\ninput = "free"\noutput = "free"\n'
    found = rates_at(text, Traits("completions", "on-premises", "local"))
    assert {(rate.standing, rate.unit_price) for rate in found.values()} == {
        (Standing.FREE, Decimal(0))
    }
