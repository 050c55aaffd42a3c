"""Tariffs: the terms of one sort of requests over all time, in windows that leave nothing out."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import msgspec
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import TieredPrices
from hypothesis import example, given
from hypothesis import strategies as st

from support.prices import at, book
from tallybook.domain.instants import DAY_US, iso, to_datetime
from tallybook.pricing.cards import Rate, RateCard, Standing, Traits
from tallybook.pricing.own_prices import InvalidPrices
from tallybook.pricing.tariffs import Period, Tariff, Terms

O3 = Traits("completions", "openai", "o3")
DEEPSEEK = Traits("completions", "deepseek", "deepseek-chat")


def terms(price: int) -> Terms:
    """Terms that are told from others by one price."""
    rate = Rate("input", "m, input", Standing.PRICED, Decimal(price), "usd")
    return Terms((RateCard(traits=O3, rates=(rate,)),))


def price_of(found: Terms, charge: str = "input") -> Decimal | None:
    """The price of a charge, of requests of the least size."""
    return next(rate.unit_price for rate in found.cards[0].rates if rate.charge == charge)


# Times of day at which something may change, and the day that periods begin on.
CUTS = (1, 30 * 60_000_000, DAY_US // 2, DAY_US - 1)
FIRST_DAY = at("2026-05-01T00:00")


@st.composite
def periods(draw: st.DrawFn) -> list[Period]:
    """Periods as the price book makes them: the first has no start, each is cut at midnight."""
    starts = draw(st.sets(st.integers(0, 5 * DAY_US), max_size=4))
    days = draw(st.sets(st.integers(0, 5), max_size=3))
    moments = sorted(starts | {day * DAY_US for day in days})
    return [
        Period(
            start,
            tuple(
                (cut, terms(draw(st.integers(1, 2))))
                for cut in sorted({0, *draw(st.sets(st.sampled_from(CUTS), max_size=2))})
            ),
        )
        for start in (None, *(FIRST_DAY + moment for moment in moments))
    ]


def directly(found: Sequence[Period], time_us: int) -> Decimal | None:
    """The price at a moment, by going through the periods and the day."""
    period = [each for each in found if each.start_us is None or each.start_us <= time_us][-1]
    in_force = [each for cut, each in period.terms if cut <= time_us % DAY_US][-1]
    return price_of(in_force)


@given(periods(), st.lists(st.integers(-DAY_US, 7 * DAY_US), min_size=1, max_size=20))
def test_every_moment_is_in_its_window_and_has_the_terms_of_its_time(
    found: list[Period], offsets: list[int]
) -> None:
    tariff = Tariff(found)
    edges = [each.start_us for each in found if each.start_us is not None]
    for time_us in [*(FIRST_DAY + offset for offset in offsets), *edges, *(e - 1 for e in edges)]:
        window = tariff.window(time_us)
        assert window.start_us <= time_us < window.end_us
        assert price_of(window.terms) == directly(found, time_us)
        # What holds at one moment of a window holds at all of it, and ends with it.
        for inside in (window.start_us, window.end_us - 1):
            assert tariff.window(inside) == window


@given(periods())
def test_windows_lie_side_by_side(found: list[Period]) -> None:
    tariff = Tariff(found)
    time_us, last_us = FIRST_DAY - DAY_US, FIRST_DAY + 7 * DAY_US
    while (end_us := tariff.window(time_us).end_us) < last_us:
        assert tariff.window(end_us).start_us == end_us
        time_us = end_us


@given(periods())
def test_periods_that_are_alike_are_joined(found: list[Period]) -> None:
    joined = Tariff(found).periods
    # The cards of a joined period have its dates, so those are left out of the comparison.
    prices = [[(cut, price_of(each)) for cut, each in period.terms] for period in joined]
    assert all(one != other for one, other in pairwise(prices))
    for period, end in zip(joined, [each.start_us for each in joined[1:]] + [None], strict=True):
        for _, each in period.terms:
            assert [(card.valid_from_us, card.valid_until_us) for card in each.cards] == [
                (period.start_us, end)
            ]


def test_a_price_that_changes_nothing_begins_no_period() -> None:
    prices = book(
        """
        [[price]]
        model = "acme"
        input = "1 / 1M tokens"

        [[price]]
        model = "acme"
        from = 2026-05-01
        input = "1 / 1M tokens"
        """
    )
    tariff = prices.tariff(Traits("embeddings", "acme", "acme"))
    # The line that states it is another one, which a card is kept with.
    assert [iso(each.start_us) for each in tariff.periods if each.start_us] == [
        "2026-05-01T00:00:00Z"
    ]
    assert len({price_of(each.terms[0][1]) for each in tariff.periods}) == 1


def test_a_request_at_the_boundary_second_gets_the_new_price() -> None:
    tariff = book().tariff(O3)
    change = at("2025-06-10T00:00")
    assert [price_of(tariff.window(moment).terms) for moment in (change - 1, change)] == [
        Decimal("0.00001"),
        Decimal("0.000002"),
    ]
    assert (tariff.window(change - 1).end_us, tariff.window(change).start_us) == (change, change)


def test_a_price_of_one_s_own_begins_and_ends_at_its_second() -> None:
    tariff = book(
        """
        [[price]]
        model = "o3"
        from = 2026-05-01T12:00:00Z
        until = 2026-05-02
        input = "3 / 1M tokens"
        """
    ).tariff(O3)
    listed, own = Decimal("0.000002"), Decimal("0.000003")
    start, end = at("2026-05-01T12:00"), at("2026-05-02T00:00")
    assert [
        price_of(tariff.window(moment).terms) for moment in (start - 1, start, end - 1, end)
    ] == [listed, own, own, listed]


def test_a_price_from_the_first_day_of_all_has_a_tariff_or_is_refused() -> None:
    text = '[[price]]\nmodel = "o3"\nfrom = 0001-01-01T00:00:00+10:00\ninput = "3 / 1M tokens"\n'
    with suppress(InvalidPrices):
        tariff = book(text).tariff(O3)
        assert price_of(tariff.window(at("2026-05-01T00:00")).terms) == Decimal("0.000003")


def listed_by_the_catalogue(traits: Traits, time_us: int, key: str) -> Decimal:
    """What the catalogue itself says, of one unit."""
    _, info = get_snapshot().find_provider_model(traits.model or "", None, traits.provider, None)
    found = getattr(info.get_prices(to_datetime(time_us)), key)
    price = found.base if isinstance(found, TieredPrices) else found
    assert isinstance(price, Decimal)
    return price / 1_000_000


MODELS = (O3, DEEPSEEK, Traits("completions", "deepseek", "deepseek-v4-flash"))
moments = st.datetimes(datetime(2025, 6, 1), datetime(2026, 12, 31)).map(  # noqa: DTZ001 - for pytest
    lambda moment: moment.replace(tzinfo=UTC, microsecond=0)
)
# How long a price of one's own holds, in hours.
spans = st.one_of(st.none(), st.integers(1, 24 * 40))


@given(st.sampled_from(MODELS), moments, spans, st.lists(st.integers(-90, 90), min_size=1))
@example(DEEPSEEK, datetime(2026, 10, 5, 20, tzinfo=UTC), None, [1, 6, 14, 22])
@example(DEEPSEEK, datetime(2026, 10, 5, 10, tzinfo=UTC), 2, [0, 1, 2, 7])
def test_a_price_of_one_s_own_leaves_the_catalogue_s_times_of_day_alone(
    traits: Traits, start: datetime, hours: int | None, beside: list[int]
) -> None:
    """Own prices for output begin and end at any hour; input is the catalogue's throughout."""
    end = None if hours is None else start + timedelta(hours=hours)
    until = "" if end is None else f"until = {end.isoformat()}"
    tariff = book(
        f"""
        [[price]]
        model = "{traits.model}"
        from = {start.isoformat()}
        {until}
        output = "7 / 1M tokens"
        """
    ).tariff(traits)
    for offset in beside:
        moment = start + timedelta(hours=offset)
        time_us = at(moment.replace(tzinfo=None).isoformat())
        is_own = start <= moment and (end is None or moment < end)
        window = tariff.window(time_us)
        assert {
            "output": price_of(window.terms, "output"),
            "input": price_of(window.terms, "input"),
        } == {
            "output": Decimal("0.000007")
            if is_own
            else listed_by_the_catalogue(traits, time_us, "output_mtok"),
            "input": listed_by_the_catalogue(traits, time_us, "input_mtok"),
        }, moment


def test_what_makes_another_card() -> None:
    rate = Rate("input", "m, input", Standing.PRICED, Decimal("0.5"), "usd", "list 1", "a note")
    card = RateCard(traits=O3, rates=(rate,), valid_from_us=5, valid_until_us=9)

    def with_rate(**changes: object) -> RateCard:
        return msgspec.structs.replace(card, rates=(msgspec.structs.replace(rate, **changes),))

    def with_card(**changes: object) -> RateCard:
        return msgspec.structs.replace(card, **changes)

    same = {
        "its source": with_rate(source="list 2"),
        "its note": with_rate(note=""),
        "zeros of its price": with_rate(unit_price=Decimal("0.500000000000000")),
        "its end": with_card(valid_until_us=None),
    }
    other = {
        "price": with_rate(unit_price=Decimal("0.500000000000001")),
        "no price": with_rate(unit_price=None),
        "currency": with_rate(currency="eur"),
        "line item": with_rate(line_item="m, input, estimated"),
        "charge": with_rate(charge="output"),
        "date": with_card(valid_from_us=6),
        "no date": with_card(valid_from_us=None),
        "size": with_card(above=1),
        "traits": with_card(traits=DEEPSEEK),
        "rates": with_card(rates=(rate, rate)),
    }
    assert {name: each.digest == card.digest for name, each in same.items()} == dict.fromkeys(
        same, True
    )
    digests = [card.digest, *(each.digest for each in other.values())]
    assert len(set(digests)) == len(digests)


def test_a_card_is_as_certain_as_its_least_certain_rate() -> None:
    def card(*standings: Standing) -> RateCard:
        return RateCard(traits=O3, rates=tuple(Rate("input", "i", each) for each in standings))

    free, priced = Standing.FREE, Standing.PRICED
    estimated, unpriced = Standing.ESTIMATED, Standing.UNPRICED
    assert [
        card(free).standing,
        card(free, priced).standing,
        card(priced, estimated, free).standing,
        card(estimated, unpriced, priced).standing,
    ] == [free, priced, estimated, unpriced]
