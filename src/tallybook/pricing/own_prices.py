"""Prices of one's own: ``prices.toml``, read and checked.

The file says what the catalogue does not know, and what was agreed otherwise::

    currency = "usd"

    [estimate]                        # of the standard price, where nobody states the tier's
    batch = "50%"

    [[price]]
    model = "acme-large-*"            # a name or a pattern
    from = 2026-05-01                 # UTC; left out: always
    input = "1.25 / 1M tokens"
    output = "10.00 / 1M tokens"
    note = "agreed with Acme, contract 4711"

    [[discount]]                      # off the catalogue's prices
    provider = "anthropic"
    percent = "12.5%"

Every fault is told by line, key and reason, and a file with a fault is not
used at all.
"""

import tomllib
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import msgspec

from tallybook.domain.charges import PRICE_KEYS
from tallybook.domain.definitions import QUANTITY_MAX
from tallybook.domain.instants import DAY_US, from_datetime, iso
from tallybook.domain.kinds import KINDS
from tallybook.domain.money import CURRENCIES, DEFAULT_CURRENCY
from tallybook.domain.shown import shown
from tallybook.pricing.cards import BATCH_TIER, STANDARD_TIERS
from tallybook.pricing.phrases import InvalidPhrase, share, unit_price
from tallybook.pricing.places import Places
from tallybook.pricing.selectors import CONDITIONS, Selector

# The share of the standard price that a request of a tier is estimated at, where its price is
# unknown. Nothing for priority: it costs more, and how much more differs.
DEFAULT_SHARES = {"batch": Decimal("0.5"), "flex": Decimal("0.5")}

# How far ahead of now a price may begin: ten years, of 365 days.
AHEAD_US_MAX = 10 * 365 * DAY_US

_BATCH = "batch"
_TEXT_CONDITIONS = ("model", "provider", "kind", "service_tier", "size", "quality", "context_level")
_SELECTING = ("model", "provider", *CONDITIONS)
_DATED = ("from", "until", "note")
_PRICE_ONLY = ("currency", "input_tokens_above")


class Fault(msgspec.Struct, frozen=True):
    """One thing that is wrong: the line, from 1, the key and the reason."""

    line: int
    key: str
    reason: str

    def __str__(self) -> str:
        """For people."""
        return f"line {self.line}: {self.key}: {self.reason}"


class InvalidPrices(ValueError):
    """A price file that cannot be used; ``faults`` has every reason."""

    def __init__(self, name: str, faults: list[Fault]) -> None:
        lines = "".join(f"\n  {fault}" for fault in faults)
        super().__init__(f"{name} is refused:{lines}")
        self.name = name
        self.faults = faults


class Span(msgspec.Struct, frozen=True):
    """When something holds, in microseconds: from (inclusive) until (exclusive); null is open."""

    from_us: int | None = None
    until_us: int | None = None

    def holds(self, at_us: int) -> bool:
        """Whether a moment is inside."""
        return (self.from_us is None or self.from_us <= at_us) and (
            self.until_us is None or at_us < self.until_us
        )

    @property
    def breaks(self) -> set[int]:
        """Where it begins and ends."""
        return {each for each in (self.from_us, self.until_us) if each is not None}


class Stated(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wrote on a line: for which requests, for when, and a note."""

    line: int
    selector: Selector
    span: Span
    note: str


class OwnPrice(Stated, frozen=True, kw_only=True):
    """One ``[[price]]``: unit prices by key.

    They hold for requests of more than ``above`` input tokens (exclusive).
    """

    above: int
    currency: str
    prices: dict[str, Decimal]


class Discount(Stated, frozen=True, kw_only=True):
    """One ``[[discount]]``: the part, from 0 to 1, that is taken off the catalogue's prices."""

    part: Decimal


class OwnPrices(msgspec.Struct, frozen=True, kw_only=True):
    """A whole price file. ``shares`` are of the standard price, by tier."""

    name: str
    prices: tuple[OwnPrice, ...] = ()
    discounts: tuple[Discount, ...] = ()
    shares: dict[str, Decimal] = msgspec.field(default_factory=lambda: dict(DEFAULT_SHARES))


NONE = OwnPrices(name="no price file")


def read_prices(text: str, name: str, now_us: int) -> OwnPrices:
    """Read a price file. ``name`` is what to call it; ``now_us`` is now.

    Raises InvalidPrices with every fault, not only the first.
    """
    try:
        found = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as fault:
        # What is no TOML, and numbers and nesting beyond what the parser takes.
        raise InvalidPrices(name, [Fault(_line_of(fault), "TOML", str(fault))]) from fault
    reader = _Reader(found, Places(text), now_us)
    prices = reader.prices()
    if reader.faults:
        raise InvalidPrices(name, sorted(reader.faults, key=lambda fault: fault.line))
    return msgspec.structs.replace(prices, name=name)


def _line_of(fault: Exception) -> int:
    """The line that the parser names in its message, or the first."""
    _, _, tail = str(fault).partition("at line ")
    digits = tail.split(",")[0]
    return int(digits) if digits.isdecimal() else 1


class _Reader:
    """Reads a parsed file and gathers its faults."""

    def __init__(self, found: dict[str, Any], places: Places, now_us: int) -> None:
        self._found = found
        self._places = places
        self._now_us = now_us
        self.faults: list[Fault] = []

    def prices(self) -> OwnPrices:
        """The file's content; complete only when there are no faults."""
        known = ("currency", "estimate", "price", "discount")
        for key in self._found:
            if key not in known:
                self._fault(key, 0, None, f"it is not one of {', '.join(known)}")
        currency = self._currency(self._found, "currency", 0, DEFAULT_CURRENCY)
        return OwnPrices(
            name="",
            prices=tuple(
                self._price(index, table, currency) for index, table in self._tables("price")
            ),
            discounts=tuple(
                self._discount(index, table) for index, table in self._tables("discount")
            ),
            shares=DEFAULT_SHARES | self._shares(),
        )

    def _fault(self, table: str, index: int, key: str | None, reason: str) -> None:
        line = self._places.line(table, index, key)
        name = table if key is None else f"{table}.{key}" if table else key
        self.faults.append(Fault(line, name, reason))

    def _tables(self, name: str) -> list[tuple[int, dict[str, Any]]]:
        """The parts of an array of tables, with their places in it."""
        found = self._found.get(name, [])
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            self._fault(name, 0, None, f"write each as [[{name}]]")
            return []
        return list(enumerate(found))

    def _shares(self) -> dict[str, Decimal]:
        found = self._found.get("estimate", {})
        if not isinstance(found, dict):
            self._fault("estimate", 0, None, "write it as [estimate]")
            return {}
        shares = {}
        for tier, text in found.items():
            try:
                shares[tier] = share(text)
            except InvalidPhrase as fault:
                self._fault("estimate", 0, tier, f"{_shown(text)}: {fault}")
        return shares

    def _price(self, index: int, table: dict[str, Any], currency: str) -> OwnPrice:
        self._known("price", index, table, (*_SELECTING, *_DATED, *_PRICE_ONLY, *PRICE_KEYS))
        above = table.get("input_tokens_above", 0)
        if type(above) is not int or not 0 <= above <= QUANTITY_MAX:
            reason = f"it must be a whole number from 0 to {QUANTITY_MAX}"
            self._fault("price", index, "input_tokens_above", reason)
            above = 0
        prices = {}
        stated = [key for key in PRICE_KEYS if key in table]
        for key in stated:
            try:
                prices[key] = unit_price(table[key], PRICE_KEYS[key].unit)
            except InvalidPhrase as fault:
                self._fault("price", index, key, f"{_shown(table[key])}: {fault}")
        if not stated:
            self._fault("price", index, None, f"it states none of {', '.join(PRICE_KEYS)}")
        return OwnPrice(
            line=self._places.line("price", index),
            selector=self._selector("price", index, table),
            span=self._span("price", index, table),
            above=above,
            currency=self._currency(table, "price", index, currency),
            note=self._text("price", index, table, "note") or "",
            prices=prices,
        )

    def _discount(self, index: int, table: dict[str, Any]) -> Discount:
        self._known("discount", index, table, (*_SELECTING, *_DATED, "percent"))
        part = Decimal(0)
        try:
            part = share(table.get("percent"))
        except InvalidPhrase as fault:
            self._fault("discount", index, "percent", f"{_shown(table.get('percent'))}: {fault}")
        if part > 1:
            self._fault("discount", index, "percent", "more than 100% cannot be taken off")
        return Discount(
            line=self._places.line("discount", index),
            selector=self._selector("discount", index, table),
            span=self._span("discount", index, table),
            part=part,
            note=self._text("discount", index, table, "note") or "",
        )

    def _known(self, name: str, index: int, table: dict[str, Any], known: tuple[str, ...]) -> None:
        for key in [key for key in table if key not in known]:
            self._fault(name, index, key, f"it is not one of {', '.join(known)}")

    def _selector(self, name: str, index: int, table: dict[str, Any]) -> Selector:
        batch = table.get(_BATCH)
        if batch is not None and not isinstance(batch, bool):
            self._fault(name, index, _BATCH, "it must be true or false, without quotes")
            batch = None
        texts = {key: self._text(name, index, table, key) for key in _TEXT_CONDITIONS}
        if texts["kind"] is not None and texts["kind"] not in KINDS:
            self._fault(
                name, index, "kind", f"{_shown(texts['kind'])} is none of {', '.join(KINDS)}"
            )
        tier = texts["service_tier"]
        if tier in STANDARD_TIERS - {None}:
            self._fault(name, index, "service_tier", "leave it out: that is the standard price")
        elif tier == BATCH_TIER:
            self._fault(name, index, "service_tier", "write batch = true")
        return Selector(batch=batch, **texts)

    def _text(self, name: str, index: int, table: dict[str, Any], key: str) -> str | None:
        value = table.get(key)
        if value is not None and (not isinstance(value, str) or not value.strip()):
            self._fault(name, index, key, f"{_shown(value)}: it must be text, in quotes")
            return None
        return value

    def _currency(self, table: dict[str, Any], name: str, index: int, default: str) -> str:
        value = table.get("currency", default)
        if not isinstance(value, str) or value not in CURRENCIES:
            reason = f"{_shown(value)} is not a currency: three small letters, ISO 4217"
            if name == "currency":
                self._fault("currency", 0, None, reason)
            else:
                self._fault(name, index, "currency", reason)
            return DEFAULT_CURRENCY
        return value

    def _span(self, name: str, index: int, table: dict[str, Any]) -> Span:
        start, end = (self._moment(name, index, table, key) for key in ("from", "until"))
        if start is not None and end is not None and start >= end:
            self._fault(name, index, "until", f"{iso(end)} is not after from, {iso(start)}")
        return Span(start, end)

    def _moment(self, name: str, index: int, table: dict[str, Any], key: str) -> int | None:
        value = table.get(key)
        if value is None:
            return None
        if isinstance(value, datetime):
            moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        elif isinstance(value, date):
            moment = datetime.combine(value, time(), UTC)
        else:
            self._fault(name, index, key, f"{_shown(value)}: it must be a date like 2026-05-01")
            return None
        try:
            at_us = from_datetime(moment)
            told = iso(at_us)
        except OverflowError:
            self._fault(name, index, key, f"{moment.isoformat()} is beyond all calendars")
            return None
        if at_us > self._now_us + AHEAD_US_MAX:
            self._fault(name, index, key, f"{told} is more than ten years ahead")
        return at_us


def _shown(value: Any) -> str:
    """A value as it may be repeated in a message; a decimal as it was written."""
    return shown(str(value) if isinstance(value, Decimal) else value)
