"""Which rate card each of many events has, by columns.

This is in the way of every event, so what is found out once is kept: requests
of one sort and one time share their terms, and nearly all requests of a batch
are of a few sorts.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from itertools import repeat
from typing import Any

from tallybook.domain.entries import COLUMN_NAMES, TIME_US
from tallybook.domain.kinds import KINDS
from tallybook.domain.sheets import Sheet, Values
from tallybook.pricing.book import PriceBook
from tallybook.pricing.cards import TRAITS, RateCard, Traits
from tallybook.pricing.source import PriceSource
from tallybook.pricing.tariffs import Tariff, Terms

# Gives the number of a rate card, which it keeps when it is a new one.
NumberOf = Callable[[RateCard], int]

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

    def __init__(self, source: PriceSource, number_of: NumberOf) -> None:
        self._source = source
        self._number_of = number_of
        self._book: PriceBook = source.book()
        self._lines = _Lines(self._line)

    def numbers(self, sheet: Sheet) -> list[int]:
        """The number of each entry's rate card, in order."""
        self._renew()
        count = sheet.count
        traits = zip(
            *(_filled(sheet.columns[place], count) for place in _TRAIT_PLACES), strict=True
        )
        lines = map(self._lines.__getitem__, traits)
        times = _filled(sheet.columns[TIME_US], count)
        return [
            line.number_at(time_us, size)
            for line, time_us, size in zip(lines, times, _sizes(sheet), strict=False)
        ]

    def _renew(self) -> None:
        """Forget what was found out when the book has changed."""
        book = self._source.book()
        if book is not self._book:
            self._book = book
            self._lines = _Lines(self._line)

    def _line(self, key: tuple[Any, ...]) -> "_Line":
        traits = Traits(**dict(zip(TRAITS, key, strict=True)) | {"batch": bool(key[_BATCH])})
        return _Line(self._book.tariff(traits), self._number_of)


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
        "_end",
        "_first",
        "_known",
        "_number_of",
        "_numbers",
        "_start",
        "_tariff",
        "_terms",
    )

    def __init__(self, tariff: Tariff, number_of: NumberOf) -> None:
        self._tariff = tariff
        self._number_of = number_of
        # The numbers of the cards of some terms, null where a card was not needed so far.
        self._known: dict[int, list[int | None]] = {}
        self._start = self._end = self._first = 0
        self._terms = Terms(())
        self._numbers: list[int | None] = []

    def number_at(self, time_us: int, size: int) -> int:
        """The number of the card of a request of ``size`` input tokens at a moment."""
        if not self._start <= time_us < self._end:
            self._turn(time_us)
        band = 0 if size <= self._first else bisect_left(self._terms.thresholds, size)
        number = self._numbers[band]
        if number is None:
            number = self._numbers[band] = self._number_of(self._terms.cards[band])
        return number

    def _turn(self, time_us: int) -> None:
        """Take the terms of a moment to hand."""
        window = self._tariff.window(time_us)
        self._start, self._end, self._terms = window.start_us, window.end_us, window.terms
        self._first = next(iter(self._terms.thresholds), _NO_THRESHOLD)
        # The tariff keeps its terms alive, so their place in memory is theirs alone.
        self._numbers = self._known.setdefault(id(self._terms), [None] * len(self._terms.cards))


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
