"""Which rate card each of many events has, by columns.

This is in the way of every event, so what is found out once is kept: requests
of one sort and one time share their terms, and nearly all requests of a batch
are of a few sorts.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from typing import Any, cast

from tallybook.domain.entries import COLUMN_NAMES, TIME_US
from tallybook.domain.kinds import KINDS
from tallybook.domain.sheets import Sheet, Values
from tallybook.pricing.book import PriceBook
from tallybook.pricing.cards import TRAITS, RateCard, Traits
from tallybook.pricing.source import PriceSource
from tallybook.pricing.tariffs import Tariff, Terms

# Gives the numbers of rate cards, of which it keeps those that are new, all together.
NumbersOf = Callable[[Sequence[RateCard]], Sequence[int]]

_TRAIT_PLACES = tuple(COLUMN_NAMES.index(name) for name in TRAITS)
# The parts of a request's input: what decides its context band.
_INPUT_PLACES = tuple(
    COLUMN_NAMES.index(column)
    for quantity in KINDS["completions"].quantities
    if quantity.name == "input_tokens"
    for column in quantity.columns
)
_REQUESTS_PLACE = COLUMN_NAMES.index("num_model_requests")

# The columns of a sheet that decide the rate card, in the order of an entry.
PRICED_BY = tuple(
    COLUMN_NAMES[place]
    for place in sorted({*_TRAIT_PLACES, TIME_US, *_INPUT_PLACES, _REQUESTS_PLACE})
)
_NO_THRESHOLD = 1 << 63


class Pricer:
    """Prices sheets by the book in force. Used by one thread at a time."""

    def __init__(self, source: PriceSource, numbers_of: NumbersOf) -> None:
        self._source = source
        self._numbers_of = numbers_of
        self._book: PriceBook = source.book()
        self._lines = _Lines(self._line)

    def numbers(self, sheet: Sheet) -> list[int]:
        """The number of each entry's rate card, in order."""
        self._renew()
        count = sheet.count
        traits = zip(
            *(_filled(sheet.columns[place], count) for place in _TRAIT_PLACES), strict=True
        )
        lines = list(map(self._lines.__getitem__, traits))
        times = list(_filled(sheet.columns[TIME_US], count))
        sizes = list(_sizes(sheet))
        numbers = list(map(_Line.number_at, lines, times, sizes))
        if None in numbers:
            asked = zip(lines, times, sizes, numbers, strict=True)
            self._number(
                (line, time_us, size) for line, time_us, size, number in asked if number is None
            )
            numbers = list(map(_Line.number_at, lines, times, sizes))
        return cast(list[int], numbers)

    def _number(self, asked: Iterable[tuple["_Line", int, int]]) -> None:
        """Have the cards of some requests numbered, which have no number so far, all together."""
        found = ((line, line.card_at(time_us, size)) for line, time_us, size in asked)
        new = {id(card): (line, card) for line, card in found}
        numbers = self._numbers_of([card for _, card in new.values()])
        for (line, card), number in zip(new.values(), numbers, strict=True):
            line.learn(card, number)

    def _renew(self) -> None:
        """Forget what was found out when the book has changed."""
        book = self._source.book()
        if book is not self._book:
            self._book = book
            self._lines = _Lines(self._line)

    def _line(self, key: tuple[Any, ...]) -> "_Line":
        traits = Traits(**dict(zip(TRAITS, key, strict=True)) | {"batch": bool(key[_BATCH])})
        return _Line(self._book.tariff(traits))


_BATCH = TRAITS.index("batch")


# Sorts of requests that are kept at hand: more than any organization has, unless somebody makes
# names up. Beyond that they are found out anew.
LINES_MAX = 20_000


class _Lines(dict[tuple[Any, ...], "_Line"]):
    """Lines by traits, each made when it is first asked for."""

    def __init__(self, make: Callable[[tuple[Any, ...]], "_Line"]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: tuple[Any, ...]) -> "_Line":
        if len(self) >= LINES_MAX:
            self.clear()
        line = self[key] = self._make(key)
        return line


class _Line:
    """A tariff with the terms that were asked for last at hand."""

    __slots__ = (
        "_cards",
        "_end",
        "_first",
        "_numbers",
        "_start",
        "_tariff",
        "_terms",
    )

    def __init__(self, tariff: Tariff) -> None:
        self._tariff = tariff
        # The numbers of its cards, by their place in memory: the tariff keeps them alive.
        self._numbers: dict[int, int] = {}
        self._start = self._end = self._first = 0
        self._terms = Terms(())
        # The numbers of the cards of the terms at hand, null where one has none so far.
        self._cards: list[int | None] = []

    def number_at(self, time_us: int, size: int) -> int | None:
        """The number of the card of a request of ``size`` input tokens at a moment, if known."""
        if not self._start <= time_us < self._end:
            self._turn(time_us)
        band = 0 if size <= self._first else bisect_left(self._terms.thresholds, size)
        return self._cards[band]

    def card_at(self, time_us: int, size: int) -> RateCard:
        """The card of a request of ``size`` input tokens at a moment."""
        terms = self._tariff.window(time_us).terms
        return terms.cards[bisect_left(terms.thresholds, size)]

    def learn(self, card: RateCard, number: int) -> None:
        """Remember the number of one of its cards."""
        self._numbers[id(card)] = number
        # What is at hand may have this card.
        self._start = self._end = 0

    def _turn(self, time_us: int) -> None:
        """Take the terms of a moment to hand."""
        window = self._tariff.window(time_us)
        self._start, self._end, self._terms = window.start_us, window.end_us, window.terms
        self._first = next(iter(self._terms.thresholds), _NO_THRESHOLD)
        self._cards = [self._numbers.get(id(card)) for card in self._terms.cards]


def _filled(values: Values, count: int) -> Iterable[Any]:
    return repeat(None, count) if values is None else values


def _sizes(sheet: Sheet) -> Iterable[int]:
    """The input tokens of each entry's request.

    An entry that stands for several requests has the size of their average,
    rounded up: that is above a threshold just when the average is.
    """
    columns = [values for place in _INPUT_PLACES if (values := sheet.columns[place]) is not None]
    if not columns:
        return repeat(0, sheet.count)
    try:
        totals = list(map(sum, zip(*columns, strict=True)))
    except TypeError:
        # Entries of other kinds are among them, without such counts.
        totals = [sum(filter(None, parts)) for parts in zip(*columns, strict=True)]
    requests = sheet.columns[_REQUESTS_PLACE]
    if requests is None or requests.count(1) == sheet.count:
        return totals
    return [
        total if not count or count == 1 else -(-total // count)
        for total, count in zip(totals, requests, strict=True)
    ]
