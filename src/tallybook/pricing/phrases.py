"""Prices as people write them: ``"1.25 / 1M tokens"``, ``"0.10 / GiB day"``, ``"free"``."""

import re
from decimal import Decimal

from tallybook.domain.charges import (
    CALL,
    CHARACTER,
    GIB_DAY,
    HOUR,
    IMAGE,
    REQUEST,
    SESSION,
    TOKEN,
    UNIT_PRICE_DECIMALS,
    UNIT_PRICE_INTEGER_DIGITS,
    Unit,
)
from tallybook.domain.money import EXACT, ZERO, plain, rounded

FREE = "free"

_PHRASE = re.compile(
    r"(?P<amount>\S+) */ *(?:(?P<count>[0-9][0-9_,]{0,18}) *(?P<scale>[kKmM]?)\b *)?(?P<unit>.*)"
)
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,30})?")
_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?) ?%")
_SCALES = {"": 1, "k": 1_000, "m": 1_000_000}

# Words for units: what they are, and how many of them make one.
_WORDS: dict[str, tuple[Unit, int]] = {
    **{word: (unit, 1) for unit in (TOKEN, CHARACTER, IMAGE, CALL, SESSION, REQUEST, HOUR)
       for word in (unit.name, f"{unit.name}s")},
    "minute": (HOUR, 60),
    "minutes": (HOUR, 60),
    "second": (HOUR, 3_600),
    "seconds": (HOUR, 3_600),
    "gib day": (GIB_DAY, 1),
    "gib days": (GIB_DAY, 1),
    "gib hour": (GIB_DAY, 24),
    "gib hours": (GIB_DAY, 24),
}  # fmt: skip


class InvalidPhrase(ValueError):
    """Text that states no price, or one that cannot be kept."""


def unit_price(text: object, unit: Unit) -> Decimal:
    """The price of one ``unit`` that a phrase states, exactly.

    ``AMOUNT / UNIT`` or ``AMOUNT / COUNT UNITS``; ``COUNT`` may end in ``k``
    or ``M``. Zero is written ``free``. Raises InvalidPhrase, with the rule.
    """
    if not isinstance(text, str):
        raise InvalidPhrase(f'it must be text like "1.25 / 1M {unit.name}s", in quotes')
    if text.strip() == FREE:
        return ZERO
    found = _PHRASE.fullmatch(text.strip())
    if found is None:
        raise InvalidPhrase(f'it must be an amount, "/" and a unit, like "1.25 / 1M {unit.name}s"')
    amount = _amount(found["amount"])
    count = int(re.sub("[_,]", "", found["count"] or "1")) * _SCALES[(found["scale"] or "").lower()]
    if count == 0:
        raise InvalidPhrase("it is the price of 0 units")
    return _of_one(amount, count, found["unit"], unit)


def share(text: object) -> Decimal:
    """A percentage like ``"12.5%"`` as a fraction of one, from 0 to 9.99. Raises InvalidPhrase."""
    found = _PERCENT.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise InvalidPhrase('it must be a percentage like "12.5%", in quotes')
    return EXACT.divide(Decimal(found[1]), Decimal(100))


def fits(price: Decimal) -> bool:
    """Whether a unit price can be kept without rounding."""
    return price == rounded(price, UNIT_PRICE_DECIMALS)


def _amount(text: str) -> Decimal:
    if text.startswith("-"):
        raise InvalidPhrase("a price is never negative")
    if not _AMOUNT.fullmatch(text):
        raise InvalidPhrase(
            f'"{text}" is not a plain amount: digits, and a point if need be; no exponent, no'
            " currency sign (set currency for that)"
        )
    amount = Decimal(text)
    if amount == 0:
        raise InvalidPhrase(f'a price of zero is written "{FREE}"')
    return amount


def _of_one(amount: Decimal, count: int, word: str, unit: Unit) -> Decimal:
    """The price of one unit, from that of ``count`` of what the word means."""
    meant = _WORDS.get(" ".join(word.lower().split()))
    if meant is None:
        raise InvalidPhrase(f'"{word}" is not a unit; write it per {unit.name}')
    if meant[0] is not unit:
        raise InvalidPhrase(f'this is priced per {unit.name}, not per "{word}"')
    one = EXACT.divide(EXACT.multiply(amount, Decimal(meant[1])), Decimal(count))
    if one >= 10**UNIT_PRICE_INTEGER_DIGITS:
        raise InvalidPhrase(
            f"it is {plain(rounded(one, 2))} per {unit.name}; less than"
            f" {10**UNIT_PRICE_INTEGER_DIGITS} can be kept"
        )
    if not fits(one):
        raise InvalidPhrase(
            f"it has more than {UNIT_PRICE_DECIMALS} decimals per {unit.name}; write it so that"
            " fewer are needed"
        )
    return one
