"""Money and prices as people read them: ``$0.0042`` is not ``$0.00``."""

from decimal import Decimal

from tallybook.domain.money import DEFAULT_CURRENCY, EXACT, plain, rounded

# Digits that have to be told of an amount below one, and decimals of any other.
_DIGITS, _DECIMALS = 2, 2
# What prices are told for: so many of a unit.
_PER = {
    "token": (1_000_000, "1M tokens"),
    "character": (1_000_000, "1M characters"),
    "call": (1_000, "1,000 calls"),
    "request": (1_000, "1,000 requests"),
}


def amount_text(amount: Decimal, currency: str) -> str:
    """An amount with its currency: two decimals, and more where two would hide it."""
    decimals = _DECIMALS
    if amount and abs(amount) < 1:
        decimals = max(_DECIMALS, _DIGITS - 1 - amount.adjusted())
    return with_currency(f"{rounded(amount, decimals):,f}" if amount else "0", currency)


def per_text(unit: str) -> str:
    """What prices of a unit are told for: ``1M tokens``."""
    return _PER.get(unit, (1, unit))[1]


def price_text(unit_price: Decimal, unit: str, currency: str) -> str:
    """A unit price as price lists have it, for what ``per_text`` says: ``$1.25``."""
    count, _ = _PER.get(unit, (1, unit))
    price = plain(EXACT.multiply(unit_price, Decimal(count)))
    whole, _, decimals = price.partition(".")
    return with_currency(f"{whole}.{decimals:0<{_DECIMALS}}" if decimals else whole, currency)


def with_currency(number: str, currency: str) -> str:
    """A number with its currency: a sign for US dollars, the code behind it for others."""
    if currency == DEFAULT_CURRENCY:
        return f"-${number[1:]}" if number.startswith("-") else f"${number}"
    return f"{number} {currency}"


_LEVELS = "▁▂▃▄▅▆▇█"


def sparkline(amounts: list[Decimal], columns: int) -> str:
    """Amounts as a line of small bars, at most so many: neighbours are added up when need be.

    The largest is full; nothing, and less than nothing, is the lowest.
    """
    step = -(-len(amounts) // columns)
    sums = [sum(amounts[at : at + step], Decimal(0)) for at in range(0, len(amounts), step)]
    most = max(sums, default=Decimal(0))
    if most <= 0:
        return _LEVELS[0] * len(sums)
    top = len(_LEVELS) - 1
    return "".join(_LEVELS[max(0, int(each * top / most + Decimal("0.5")))] for each in sums)
