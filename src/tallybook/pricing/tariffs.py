"""Tariffs: what one sort of requests costs over all time, as rate cards."""

from bisect import bisect_right
from collections.abc import Iterable

import msgspec

from tallybook.domain.instants import DAY_US
from tallybook.pricing.cards import RateCard


class Terms(msgspec.Struct, frozen=True):
    """What holds at one moment: the card of each size of request, by the least size (exclusive)."""

    cards: tuple[RateCard, ...]

    @property
    def thresholds(self) -> tuple[int, ...]:
        """Sizes in input tokens above which another card holds, ascending, without 0."""
        return tuple(card.above for card in self.cards[1:])


class Period(msgspec.Struct, frozen=True):
    """A stretch of time, from ``start_us`` on (null: always), of days that are all alike.

    ``terms`` hold from a time of day on, in microseconds since midnight, UTC;
    the first from 0.
    """

    start_us: int | None
    terms: tuple[tuple[int, Terms], ...]


class Window(msgspec.Struct, frozen=True):
    """A stretch of time ``[start_us, end_us)`` in which the same terms hold."""

    start_us: int
    end_us: int
    terms: Terms


_ALWAYS_START, _ALWAYS_END = -(1 << 62), 1 << 62


class Tariff:
    """The periods of one sort of requests, in order; the first has no start."""

    def __init__(self, periods: Iterable[Period]) -> None:
        """Join neighbouring periods that are alike, and date their cards."""
        joined: list[Period] = []
        for period in periods:
            if not joined or joined[-1].terms != period.terms:
                joined.append(period)
        ends = [period.start_us for period in joined[1:]] + [None]
        self.periods = tuple(_dated(period, end) for period, end in zip(joined, ends, strict=True))
        self._starts = [
            _ALWAYS_START if period.start_us is None else period.start_us for period in self.periods
        ]

    def window(self, time_us: int) -> Window:
        """The terms at a moment, and how long before and after it they hold."""
        place = bisect_right(self._starts, time_us) - 1
        start = self._starts[place]
        end = self._starts[place + 1] if place + 1 < len(self._starts) else _ALWAYS_END
        period = self.periods[place]
        if len(period.terms) == 1:
            return Window(start, end, period.terms[0][1])
        midnight = time_us - time_us % DAY_US
        cuts = [midnight + cut for cut, _ in period.terms] + [midnight + DAY_US]
        at = bisect_right(cuts, time_us) - 1
        return Window(max(start, cuts[at]), min(end, cuts[at + 1]), period.terms[at][1])


def _dated(period: Period, end_us: int | None) -> Period:
    """The period with its dates on its cards."""
    dates = {"valid_from_us": period.start_us, "valid_until_us": end_us}
    return Period(
        period.start_us,
        tuple(
            (cut, Terms(tuple(msgspec.structs.replace(card, **dates) for card in terms.cards)))
            for cut, terms in period.terms
        ),
    )
