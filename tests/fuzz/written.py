"""What people write: price files, prices, settings, moments."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from genai_prices.data_snapshot import get_snapshot

from fuzz.mutating import TEXTS, after_a_choice, bytes_mutated, lines_of
from fuzz.target import Check, Target, pure
from support.events import DAY
from support.prices import NOW_US
from tallybook.domain.buckets import BucketWidth, Grid
from tallybook.domain.charges import PRICE_KEYS, UNIT_PRICE_DECIMALS, UNIT_PRICE_INTEGER_DIGITS
from tallybook.domain.moments import InvalidMoment, moment
from tallybook.pricing.book import PriceBook
from tallybook.pricing.cards import Traits
from tallybook.pricing.catalogue import Catalogue
from tallybook.pricing.own_prices import InvalidPrices
from tallybook.pricing.phrases import InvalidPhrase, share, unit_price
from tallybook.pricing.source import FILE_NAME, load_prices
from tallybook.settings import SETTINGS, InvalidSetting, load_settings

_PRICE_WORDS = (
    b"[[price]]", b"[[discount]]", b"[estimate]", b'currency = "eur"', b'batch = "50%"',
    b'batch = true', b"from = 2026-05-01", b"until = 2027-01-01T00:00:00+05:30", b"from = 07:30:00",
    b"from = 0001-01-01T00:00:00+23:59", b"until = 9999-12-31", b"input_tokens_above = 200000",
    b'percent = "12.5%"', b'service_tier = "flex"', b'model = "*"', b'model = "gpt-*-mini"',
    b'note = """', b"'''", b"[price]", b"[[price.input]]", b"price = 5", b"input.a = 1", b"inf",
    b"1e999999999", b"0x" + b"f" * 40, b"0x" + b"f" * 4_400, b"9" * 4_400, b"{a = 1}",
    *(f'{key} = "1.25 / {unit.unit.name}"'.encode() for key, unit in PRICE_KEYS.items()),
)  # fmt: skip

_PRICES = """
currency = "usd"

[estimate]
batch = "50%"

[[price]]
model = "acme-large-*"
from = 2026-05-01
input = "1.25 / 1M tokens"
output = "10.00 / 1M tokens"
note = "agreed with Acme"

[[price]]
provider = "openai"
model = "gpt-5.5"
batch = true
input_tokens_above = 200_000
until = 2027-01-01T12:00:00Z
input = "0.5 / 1k tokens"

[[price]]
storage = "0.10 / GiB day"

[[discount]]
provider = "anthropic"
percent = "12.5%"
"""

_SORTS = (
    Traits(kind="completions", provider="openai", model="gpt-5.5"),
    Traits(kind="completions", provider="anthropic", model="acme-large-1", batch=True),
    Traits(kind="vector_stores", provider="openai", model=None),
)


@contextmanager
def _price_files(folder: Path) -> Iterator[Check]:
    path = folder / FILE_NAME
    catalogue = Catalogue(get_snapshot())

    def check(data: bytes) -> None:
        path.write_bytes(data)
        book = PriceBook(catalogue, load_prices(path, NOW_US))
        for traits in _SORTS:
            tariff = book.tariff(traits)
            for period in tariff.periods:
                at_us = DAY * 1_000_000 if period.start_us is None else period.start_us
                window = tariff.window(at_us)
                assert window.start_us <= at_us < window.end_us
                rates = [rate for card in window.terms.cards for rate in card.rates]
                assert all(rate.unit_price is None or rate.unit_price >= 0 for rate in rates)

    yield check


_UNITS = tuple({each.unit.name: each.unit for each in PRICE_KEYS.values()}.values())


def _phrase(data: bytes) -> None:
    if not data:
        return
    way, text = data[0], data[1:].decode("utf-8", "replace")
    if way % 8 == 7:
        part = share(text)
        assert 0 <= part < 10
        return
    price = unit_price(text, _UNITS[way % len(_UNITS)])
    assert 0 <= price < 10**UNIT_PRICE_INTEGER_DIGITS
    assert price == round(price, UNIT_PRICE_DECIMALS)
    amount, slash, rest = text.partition("/")
    if slash and rest.split() and rest.split()[0].isalpha() and len(rest.split()) == 1:
        # Of one unit; of minutes, seconds and GiB hours there are some to the unit.
        assert Fraction(price) % Fraction(Decimal(amount.strip())) == 0


def _phrase_seeds() -> list[bytes]:
    texts = (
        "1.25 / 1M tokens", "0.10 / GiB day", "free", "0.006/minute", "1 / 1_000 images",
        "3/2,500 k characters", "12.5%", "100 %", "0.0001 / GiB hour",
    )  # fmt: skip
    return [bytes([way]) + text.encode() for text in texts for way in range(8)]


@contextmanager
def _settings_files(folder: Path) -> Iterator[Check]:
    path = folder / "tallybook.toml"
    names = {setting.name: setting for setting in SETTINGS}

    def check(data: bytes) -> None:
        path.write_bytes(data)
        found = load_settings({}, environment={}, config=path)
        for name, setting in names.items():
            if setting.type is int:
                assert getattr(found, name) >= setting.minimum
        assert "***" in repr(found)

    yield check


_SETTING_WORDS = (
    *(
        f"{each.name} = {each.default if each.type is int else repr(each.default)}".encode()
        for each in SETTINGS
    ),
    b"port = 1.0", b"port = true", b"port = 1979-05-27", b"data = []", b"[data]", b"[[port]]",
    b"threads = -1", b"threads = 0b1", b"threads = " + b"9" * 4_400, b"a = [" + b"[" * 1_200,
    b"port = 0x" + b"f" * 4_400,
)  # fmt: skip

_ZONES = ("UTC", "Europe/Paris", "America/St_Johns", "Pacific/Apia", "Africa/Monrovia")


def _moment(data: bytes) -> None:
    if not data:
        return
    way, text = data[0], data[1:].decode("utf-8", "replace")
    widths = tuple(BucketWidth)
    grid = Grid(widths[way % len(widths)], _ZONES[way // len(widths) % len(_ZONES)])
    found = moment(text, DAY, grid)
    if grid.zone == "UTC" and not text.startswith("-") and not text.isdigit() and text != "now":
        plain = datetime.fromisoformat(text)
        assert found == int((plain if plain.tzinfo else plain.replace(tzinfo=UTC)).timestamp())


def _moment_seeds() -> list[bytes]:
    texts = (
        "-7d", "-90m", "now", "2026-10-01", "2026-10-01T14:30", "1790812800", "2026-W40-4",
        "2026-10-25T02:30:00.5", "20261001T000000Z", "2026-10-01T00:00:00+05:30:15", "9999-12-31",
        "0001-01-01", "1900-01-01T00:00", "-999999w",
    )  # fmt: skip
    return [bytes([way]) + text.encode() for text in texts for way in range(0, 35, 8)]


TARGETS = (
    Target(
        "price-files",
        "prices.toml, and the rate cards that follow from it",
        _price_files,
        lambda: [_PRICES.encode(), b"", *(part.encode() for part in _PRICES.split("\n\n"))],
        lines_of(*_PRICE_WORDS),
        _PRICE_WORDS,
        (InvalidPrices,),
        bytes_max=8_192,
    ),
    Target(
        "price-phrases",
        "prices and percentages as people write them",
        pure(_phrase),
        _phrase_seeds,
        after_a_choice(8, bytes_mutated),
        (b" / ", b"1M ", b"tokens", b"minute", b"GiB hours", b"%", "\u0663".encode(), b"1_000"),
        (InvalidPhrase,),
        bytes_max=200,
    ),
    Target(
        "settings-files",
        "tallybook.toml",
        _settings_files,
        lambda: [b"\n".join(_SETTING_WORDS[: len(SETTINGS)]), b"", b'port = 8321\nkept_tags = "a"'],
        lines_of(*_SETTING_WORDS),
        _SETTING_WORDS,
        (InvalidSetting,),
        bytes_max=8_192,
    ),
    Target(
        "moments",
        "moments as people name them, in time zones",
        pure(_moment),
        _moment_seeds,
        after_a_choice(35, bytes_mutated),
        tuple(text.encode() for text in TEXTS[-12:]),
        (InvalidMoment,),
        bytes_max=200,
    ),
)
