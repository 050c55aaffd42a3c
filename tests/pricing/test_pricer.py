"""Pricing by columns is pricing one by one, only faster."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support import bills, prices, streams
from support.bills import Kept, cards_of, sheet_of
from support.events import event
from support.prices import at
from tallybook import pricing
from tallybook.domain.entries import COLUMN_NAMES, Entry
from tallybook.domain.events import AnyEvent
from tallybook.domain.kinds import KINDS
from tallybook.domain.sheets import EMPTY, Sheet, enter, joined
from tallybook.pricing.book import PriceBook
from tallybook.pricing.cards import RateCard, Traits
from tallybook.pricing.pricer import PRICED_BY, Pricer
from tallybook.pricing.source import FILE_NAME, PriceSource

# By dates, by the size of the request, by the time of day, by tier; and on no list at all.
MODELS = (
    ("openai", "o3"),
    ("openai", "gpt-5.5"),
    ("openai", "gpt-6-luna"),
    ("azure", "gpt-5"),
    ("anthropic", "claude-opus-4-5"),
    ("deepseek", "deepseek-chat"),
    ("deepseek", "deepseek-v4-flash"),
    ("google", "gemini-2.5-pro"),
    ("perplexity", "sonar"),
    ("acme", "acme-large-1"),
    ("openai", None),
)
TIERS = (None, "default", "flex", "priority", "batch")
# Where the windows of three days begin in which the events lie: around changes of prices.
BEGINNINGS = tuple(at(f"{day}T00:00") for day in ("2025-06-09", "2026-08-16", "2026-10-12"))

OWN = """
[estimate]
priority = "200%"

[[price]]
model = "acme-*"
from = 2026-10-13
input = "1 / 1M tokens"
output = "2 / 1M tokens"

[[price]]
model = "acme-*"
from = 2026-10-13
input_tokens_above = 25
input = "3 / 1M tokens"

[[price]]
size = "1024x1024"
images = "0.04 / image"

[[discount]]
provider = "anthropic"
percent = "12.5%"
"""

decode = msgspec.json.Decoder(AnyEvent).decode


@st.composite
def sheets(draw: st.DrawFn) -> list[Sheet]:
    """Sheets of a few kinds each, of models that have prices, with sizes on both sides of bands."""
    beginning = draw(st.sampled_from(BEGINNINGS)) // 1_000_000
    kinds = draw(st.lists(st.sampled_from(tuple(KINDS)), min_size=1, max_size=3))
    found = []
    for _ in range(draw(st.integers(1, 3))):
        events: list[dict[str, Any]] = draw(
            st.lists(st.sampled_from(kinds).flatmap(streams.events), max_size=12)
        )
        for each in events:
            each["time"] += beginning
            each["provider"], each["model"] = draw(st.sampled_from(MODELS))
            each["service_tier"] = draw(st.sampled_from(TIERS))
            if each["kind"] in ("completions", "decisions") and draw(st.booleans()):
                more = draw(st.sampled_from((199_990, 271_990, 2 * 272_000, 7 * 272_000)))
                for name in ("input_tokens", "input_uncached_tokens", "input_text_tokens"):
                    if name in each:
                        each[name] += more
        found.append(enter([decode(msgspec.json.encode(each)) for each in events], 1 << 62).sheet)
    return found


def alone(book: PriceBook, entry: Entry) -> RateCard:
    """The card of one entry: by its traits, its time, and the average size of its requests."""
    row = dict(zip(COLUMN_NAMES, entry, strict=True))
    traits = Traits(
        row["kind"],
        row["provider"],
        row["model"],
        bool(row["batch"]),
        row["service_tier"],
        row["size"],
        row["quality"],
        row["context_level"],
    )
    inputs = (
        count or 0
        for name, count in row.items()
        if name.startswith("input_") and name.endswith("_tokens")
    )
    average = Fraction(sum(inputs), row["num_model_requests"] or 1)
    terms = book.tariff(traits).window(row["time_us"]).terms
    return [card for card in terms.cards if card.above < average or not card.above][-1]


@pytest.fixture(scope="module")
def priced(tmp_path_factory: pytest.TempPathFactory) -> PriceSource:
    return prices.source(tmp_path_factory.mktemp("prices"), OWN)


# Fewer examples than usual, since each is priced in several orders.
@settings(max_examples=60)
@given(found=sheets())
def test_a_sheet_has_the_cards_of_its_entries_priced_alone(
    priced: PriceSource, found: Sequence[Sheet]
) -> None:
    kept = Kept()
    # One pricer for all of them, as what it keeps from one sheet must not spoil the next.
    pricer = Pricer(priced, kept.numbers_of)
    book = priced.book()
    for sheet in (*found, joined(found), *reversed(found)):
        numbers = pricer.numbers(sheet)
        assert [kept.cards[number] for number in numbers] == [
            alone(book, entry) for entry in sheet.entries()
        ]


def test_events_of_one_sort_on_both_sides_of_a_change_have_their_own_cards(
    priced: PriceSource,
) -> None:
    # In every order, as the terms of the last event are kept at hand for the next.
    moments = ("2025-06-09T23:59:59.999999", "2025-06-10T00:00", "2025-06-09T00:00")
    for order in permutations(moments):
        events = [bills.request("o3", moment) | {"id": moment} for moment in order]
        expected = [
            Decimal("0.000002" if moment == "2025-06-10T00:00" else "0.00001") for moment in order
        ]
        cards = cards_of(priced, sheet_of(*events))
        assert [card.rates[0].unit_price for card in cards] == expected


def test_of_several_sizes_each_has_its_card(tmp_path: Path) -> None:
    text = "".join(
        f'[[price]]\nmodel = "acme"\ninput_tokens_above = {above}\ninput = "{price} / 1M tokens"\n'
        for above, price in ((0, 1), (100, 2), (200, 3), (300, 4))
    )
    sizes = {0: 1, 100: 1, 101: 2, 200: 2, 201: 3, 300: 3, 301: 4, 9_999: 4}
    events = [bills.request("acme", input_tokens=size) | {"id": f"r{size}"} for size in sizes]
    cards = cards_of(prices.source(tmp_path, text), sheet_of(*events))
    assert [card.rates[0].unit_price for card in cards] == [
        Decimal(price) / 1_000_000 for price in sizes.values()
    ]


def test_a_sheet_of_nothing_has_no_cards(priced: PriceSource) -> None:
    assert cards_of(priced, EMPTY) == []


def test_a_card_is_asked_for_once_however_many_events_have_it(priced: PriceSource) -> None:
    kept = Kept(first=101)
    pricer = Pricer(priced, kept.numbers_of)
    events = [bills.request("gpt-5.5", input_tokens=size) for size in (1, 272_000, 272_001, 2)]
    sheet = sheet_of(*(each | {"id": f"r{place}"} for place, each in enumerate(events)))
    assert [pricer.numbers(sheet), pricer.numbers(sheet)] == [[101, 101, 102, 101]] * 2
    assert [card.above for card in kept.cards] == [0, 272_000]


def test_a_card_that_nothing_needs_is_not_kept(priced: PriceSource) -> None:
    kept = Kept()
    Pricer(priced, kept.numbers_of).numbers(
        sheet_of(bills.request("gpt-5.5", input_tokens=300_000))
    )
    assert [card.above for card in kept.cards] == [272_000]


def test_a_pricer_forgets_what_it_knew_when_the_book_changes(tmp_path: Path) -> None:
    own = '[[price]]\nmodel = "acme"\ninput = "{} / 1M tokens"\noutput = "free"\n'
    source = prices.source(tmp_path, own.format("1"))
    kept = Kept()
    pricer = Pricer(source, kept.numbers_of)
    sheet = sheet_of(event(model="acme"))
    before = pricer.numbers(sheet)
    (tmp_path / FILE_NAME).write_text(own.format("12.5"))
    after = pricer.numbers(sheet)
    assert [kept.cards[number].rates[0].unit_price for (number,) in (before, after)] == [
        Decimal("0.000001"),
        Decimal("0.0000125"),
    ]


def test_what_decides_a_card_is_known_by_name() -> None:
    decided_by = {
        "time_us", "kind", "provider", "model", "batch", "service_tier", "size", "quality",
        "context_level", "num_model_requests",
        "input_text_tokens", "input_audio_tokens", "input_image_tokens",
        "input_cached_text_tokens", "input_cached_audio_tokens", "input_cached_image_tokens",
        "input_cache_write_30m_tokens", "input_cache_write_12h_tokens",
    }  # fmt: skip
    assert set(PRICED_BY) == decided_by
    assert [name for name in COLUMN_NAMES if name in decided_by] == list(PRICED_BY)


def test_made_up_names_do_not_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pricing.pricer, "LINES_MAX", 10)
    kept = Kept()
    pricer = Pricer(prices.source(tmp_path), kept.numbers_of)
    events = [event(id=f"{number}", model=f"m-{number}") for number in range(25)]
    numbers = pricer.numbers(sheet_of(*events))
    assert [kept.cards[number].traits.model for number in numbers] == [
        each["model"] for each in events
    ]
    assert len(pricer._lines) <= 10


def test_the_new_cards_of_a_sheet_are_kept_together(priced: PriceSource) -> None:
    calls: list[int] = []

    def numbers_of(new: Sequence[RateCard]) -> list[int]:
        calls.append(len(new))
        return list(range(1, len(new) + 1))

    pricer = Pricer(priced, numbers_of)
    sheet = sheet_of(*(event(id=f"{number}", model=f"m-{number % 7}") for number in range(30)))
    assert pricer.numbers(sheet) == [number % 7 + 1 for number in range(30)]
    pricer.numbers(sheet)
    assert calls == [7]
