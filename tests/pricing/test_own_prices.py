"""Price files: what is read, and every fault told with its line, key and reason."""

from decimal import Decimal

import pytest

from support.prices import NOW_US, at, own
from tallybook.domain.charges import PRICE_KEYS
from tallybook.domain.kinds import KINDS
from tallybook.pricing.own_prices import (
    AHEAD_US_MAX,
    Discount,
    InvalidPrices,
    OwnPrice,
    OwnPrices,
    Span,
    read_prices,
)
from tallybook.pricing.selectors import Selector

EXAMPLE = """\
# What the catalogue does not know, and what was agreed otherwise.
currency = "eur"

[estimate]
batch = "40%"
priority = "250%"

[[price]]
model = "acme-large-*"
provider = "acme"
from = 2026-05-01
until = 2026-11-01T06:00:00+02:00
input = "1.25 / 1M tokens"
cached_input = "free"
output = "10.00 / 1M tokens"
note = "agreed with Acme, contract 4711"

[[price]]
model = "acme-large-*"
provider = "acme"
input_tokens_above = 200_000
from = 2026-05-01T12:30:00
input = "2.50 / 1M tokens"

[[price]]
kind = "images"
size = "1024x1024"
quality = "hd"
currency = "usd"
images = "0.08 / image"

[[price]]
model = "acme-large-1"
batch = true
input = "0.5 / 1M tokens"

[[price]]
model = "acme-large-1"
batch = false
service_tier = "flex"
input = "0.6 / 1M tokens"

[[price]]
provider = "openai"
context_level = "high"
web_search = "0.03 / call"

[[discount]]
provider = "anthropic"
percent = "12.5%"
from = 2026-01-01
note = "for a year"
"""


def test_a_price_file_is_read_whole() -> None:
    large = Selector(model="acme-large-*", provider="acme")
    assert read_prices(EXAMPLE, "prices.toml", NOW_US) == OwnPrices(
        name="prices.toml",
        prices=(
            OwnPrice(
                line=8,
                selector=large,
                span=Span(at("2026-05-01T00:00"), at("2026-11-01T04:00")),
                note="agreed with Acme, contract 4711",
                above=0,
                currency="eur",
                prices={
                    "input": Decimal("0.00000125"),
                    "cached_input": Decimal(0),
                    "output": Decimal("0.00001"),
                },
            ),
            OwnPrice(
                line=18,
                selector=large,
                span=Span(at("2026-05-01T12:30")),
                note="",
                above=200_000,
                currency="eur",
                prices={"input": Decimal("0.0000025")},
            ),
            OwnPrice(
                line=25,
                selector=Selector(kind="images", size="1024x1024", quality="hd"),
                span=Span(),
                note="",
                above=0,
                currency="usd",
                prices={"images": Decimal("0.08")},
            ),
            OwnPrice(
                line=32,
                selector=Selector(model="acme-large-1", batch=True),
                span=Span(),
                note="",
                above=0,
                currency="eur",
                prices={"input": Decimal("0.0000005")},
            ),
            OwnPrice(
                line=37,
                selector=Selector(model="acme-large-1", batch=False, service_tier="flex"),
                span=Span(),
                note="",
                above=0,
                currency="eur",
                prices={"input": Decimal("0.0000006")},
            ),
            OwnPrice(
                line=43,
                selector=Selector(provider="openai", context_level="high"),
                span=Span(),
                note="",
                above=0,
                currency="eur",
                prices={"web_search": Decimal("0.03")},
            ),
        ),
        discounts=(
            Discount(
                line=48,
                selector=Selector(provider="anthropic"),
                span=Span(at("2026-01-01T00:00")),
                note="for a year",
                part=Decimal("0.125"),
            ),
        ),
        shares={
            "batch": Decimal("0.4"),
            "flex": Decimal("0.5"),
            "priority": Decimal("2.5"),
        },
    )


def test_an_empty_file_states_nothing() -> None:
    assert read_prices("# nothing\n", "prices.toml", NOW_US) == OwnPrices(name="prices.toml")


CONDITIONS = "model, provider, kind, batch, service_tier, size, quality, context_level"
KEYS = ", ".join(PRICE_KEYS)
NOT_A_PRICE_KEY = (
    f"it is not one of {CONDITIONS}, from, until, note, currency, input_tokens_above, {KEYS}"
)
NO_CURRENCY = "is not a currency: three small letters, ISO 4217"
NO_PERCENTAGE = 'it must be a percentage like "12.5%", in quotes'
NO_COUNT = "it must be a whole number from 0 to 9007199254740991"
ONE_PRICE = '[[price]]\nmodel = "m"\n'
INPUT = 'input = "1 / 1M tokens"\n'
LATEST = "2036-09-29T00:00:00Z"

# Each file, and every fault that it is refused for.
FAULTY: dict[str, tuple[str, list[str]]] = {
    "an unknown table": (
        'currency = "usd"\n\n[discounts]\npercent = "5%"\n',
        ["line 3: discounts: it is not one of currency, estimate, price, discount"],
    ),
    "an unknown key at the top": (
        '\ncurency = "usd"\n',
        ["line 2: curency: it is not one of currency, estimate, price, discount"],
    ),
    "an unknown key of a price": (
        ONE_PRICE + 'modle = "x"\n' + INPUT,
        [f"line 3: price.modle: {NOT_A_PRICE_KEY}"],
    ),
    "an unknown key of a discount": (
        '[[discount]]\npercent = "5%"\ninput = "1 / 1M tokens"\n',
        [f"line 3: discount.input: it is not one of {CONDITIONS}, from, until, note, percent"],
    ),
    "no price at all": (
        "# one\n" + ONE_PRICE,
        [f"line 2: price: it states none of {KEYS}"],
    ),
    "no TOML": (
        'currency = "usd"\nprice = = 1\n',
        ["line 2: TOML: Invalid value (at line 2, column 9)"],
    ),
    "a key twice": (
        ONE_PRICE + INPUT + INPUT,
        ["line 4: TOML: Cannot overwrite a value (at line 4, column 24)"],
    ),
    "a day that never was": (
        ONE_PRICE + INPUT + "from = 2026-02-30\n",
        ["line 4: TOML: Invalid date or datetime (at line 4, column 8)"],
    ),
    "an unknown currency": (
        'currency = "USD"\n' + ONE_PRICE + 'currency = "btc"\n' + INPUT,
        [f"line 1: currency: 'USD' {NO_CURRENCY}", f"line 4: price.currency: 'btc' {NO_CURRENCY}"],
    ),
    "a currency that is no text": (
        'currency = ["usd"]\n',
        [f"line 1: currency: ['usd'] {NO_CURRENCY}"],
    ),
    "more than ten years ahead": (
        ONE_PRICE + INPUT + "from = 2036-09-29T00:00:01Z\n",
        ["line 4: price.from: 2036-09-29T00:00:01Z is more than ten years ahead"],
    ),
    "until not after from": (
        ONE_PRICE + INPUT + "from = 2026-05-01\nuntil = 2026-05-01\n",
        [
            "line 5: price.until: 2026-05-01T00:00:00Z is not after from, 2026-05-01T00:00:00Z",
        ],
    ),
    "dates as text": (
        ONE_PRICE + INPUT + 'from = "2026-05-01"\nuntil = 12:00:00\n',
        [
            "line 4: price.from: '2026-05-01': it must be a date like 2026-05-01",
            "line 5: price.until: datetime.time(12, 0): it must be a date like 2026-05-01",
        ],
    ),
    "a price without quotes": (
        ONE_PRICE + "input = 1.25\noutput = 10\n",
        [
            "line 3: price.input: '1.25': it must be text like \"1.25 / 1M tokens\", in quotes",
            'line 4: price.output: 10: it must be text like "1.25 / 1M tokens", in quotes',
        ],
    ),
    "a price of zero": (
        ONE_PRICE + 'input = "0 / 1M tokens"\n',
        ["line 3: price.input: '0 / 1M tokens': a price of zero is written \"free\""],
    ),
    "a price of another unit": (
        ONE_PRICE + 'audio = "0.1 / 1M tokens"\n',
        ["line 3: price.audio: '0.1 / 1M tokens': this is priced per hour, not per \"tokens\""],
    ),
    "bad percentages": (
        '[estimate]\nbatch = 0.5\nflex = "half"\n\n[[discount]]\npercent = "-5%"\n[[discount]]\n',
        [
            f"line 2: estimate.batch: '0.5': {NO_PERCENTAGE}",
            f"line 3: estimate.flex: 'half': {NO_PERCENTAGE}",
            f"line 6: discount.percent: '-5%': {NO_PERCENTAGE}",
            f"line 7: discount.percent: None: {NO_PERCENTAGE}",
        ],
    ),
    "more than all taken off": (
        '[[discount]]\npercent = "100.01%"\n',
        ["line 2: discount.percent: more than 100% cannot be taken off"],
    ),
    "a kind that is none": (
        ONE_PRICE + 'kind = "chat"\n' + INPUT,
        [f"line 3: price.kind: 'chat' is none of {', '.join(KINDS)}"],
    ),
    "the standard tier": (
        ONE_PRICE + 'service_tier = "default"\n' + INPUT,
        ["line 3: price.service_tier: leave it out: that is the standard price"],
    ),
    "batch as a tier": (
        ONE_PRICE + 'service_tier = "batch"\n' + INPUT,
        ["line 3: price.service_tier: write batch = true"],
    ),
    "batch as text": (
        ONE_PRICE + 'batch = "true"\n' + INPUT,
        ["line 3: price.batch: it must be true or false, without quotes"],
    ),
    "empty text": (
        '[[price]]\nmodel = ""\nprovider = "  "\nnote = 5\n' + INPUT,
        [
            "line 2: price.model: '': it must be text, in quotes",
            "line 3: price.provider: '  ': it must be text, in quotes",
            "line 4: price.note: 5: it must be text, in quotes",
        ],
    ),
    "sizes that are none": (
        "".join(
            f"{ONE_PRICE}{INPUT}input_tokens_above = {above}\n" for above in ("-1", "1.5", "true")
        ),
        [f"line {line}: price.input_tokens_above: {NO_COUNT}" for line in (4, 8, 12)],
    ),
    "one table instead of many": (
        '[price]\nmodel = "m"\n[discount]\n',
        ["line 1: price: write each as [[price]]", "line 3: discount: write each as [[discount]]"],
    ),
    "numbers of too many digits": (
        f"[estimate]\nbatch = 0x{'9' * 5_000}\n",
        [f"line 2: estimate.batch: a number of too many digits: {NO_PERCENTAGE}"],
    ),
    "no table of shares": ('estimate = "50%"\n', ["line 1: estimate: write it as [estimate]"]),
    "several things at once": (
        (
            'currency = "gold"\n\n[estimate]\nbatch = "x"\n\n'
            '[[price]]\nmodel = "a"\ninput = "0 / token"\nkind = "chat"\n\n'
            '[[price]]\nmodel = "b"\n\n'
            '[[discount]]\npercent = "500%"\nuntil = 5\n'
        ),
        [
            f"line 1: currency: 'gold' {NO_CURRENCY}",
            f"line 4: estimate.batch: 'x': {NO_PERCENTAGE}",
            "line 8: price.input: '0 / token': a price of zero is written \"free\"",
            f"line 9: price.kind: 'chat' is none of {', '.join(KINDS)}",
            f"line 11: price: it states none of {KEYS}",
            "line 15: discount.percent: more than 100% cannot be taken off",
            "line 16: discount.until: 5: it must be a date like 2026-05-01",
        ],
    ),
}


@pytest.mark.parametrize("name", FAULTY)
def test_every_fault_is_told_with_its_line_its_key_and_the_reason(name: str) -> None:
    text, expected = FAULTY[name]
    with pytest.raises(InvalidPrices) as refusal:
        own(text)
    assert [str(fault) for fault in refusal.value.faults] == expected
    assert str(refusal.value) == "\n  ".join(["prices.toml is refused:", *expected])


def test_ten_years_ahead_is_the_last_moment() -> None:
    (price,) = own(f"{ONE_PRICE}{INPUT}from = {LATEST}\n").prices
    assert price.span == Span(NOW_US + AHEAD_US_MAX)


def test_a_long_value_is_cut_in_the_message() -> None:
    with pytest.raises(InvalidPrices) as refusal:
        own(ONE_PRICE + f'input = "{"x" * 100}"\n')
    shown = refusal.value.faults[0].reason.partition(": it must be")[0]
    assert shown == "'" + "x" * 79 + "…"


# Values that a parser takes, at the end of what it takes: refused, and never a failure of another
# kind, which a server would not survive.
EXTREME = {
    "the last moment, in the west": f"{ONE_PRICE}{INPUT}from = 9999-12-31T23:59:59-10:00\n",
    "the first moment, in the east": (
        f"{ONE_PRICE}{INPUT}from = 0001-01-01T00:00:00+10:00\nuntil = 0001-01-01T00:00:00+10:00\n"
    ),
    "a count of 5,000 digits": f'{ONE_PRICE}input = "1 / {"9" * 5_000} tokens"\n',
    "a number of 5,000 digits": f"{ONE_PRICE}{INPUT}input_tokens_above = {'9' * 5_000}\n",
    "an exponent without end": f"{ONE_PRICE}{INPUT}note = 1e{'9' * 25}\n",
    "lists in lists": f"note = {'[' * 5_000}\n",
}


@pytest.mark.parametrize("name", EXTREME)
def test_a_file_beyond_all_bounds_is_refused_like_any_other(name: str) -> None:
    with pytest.raises(InvalidPrices):
        own(EXTREME[name])
