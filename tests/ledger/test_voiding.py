"""A voided event stays, marked, and nothing counts it any more, whatever is sealed or fails."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.events import DAY, event
from support.ledgers import SETTINGS, amounts, costs_query
from support.prices import source
from support.sealed_day import (
    AFTER,
    ANSWERS,
    DEARER,
    EVENTS,
    PRICES,
    answers,
    cost,
    filled,
    kept,
    sealed,
    stored,
    tokens,
    used,
)
from support.sealing import opened, posted, seal_all, wrong
from support.voiding import MARK, voided
from tallybook.domain.errors import Overloaded
from tallybook.domain.kinds import KINDS
from tallybook.domain.listings import Listing
from tallybook.domain.voids import EventName, Voided, Voids
from tallybook.ledger.duckdb import voiding
from tallybook.ledger.duckdb.store import DuckDBLedger
from tallybook.ledger.ledger import Appended, RepriceWish

TEN, FIVE, SEVEN, LARGEST, SMALLER, LATER = EVENTS
# Without the ten tokens of hour 3.
WITHOUT_TEN: tuple[dict[int, str], ...] = (
    {0: "12"},
    {3: "5", 22: "7"},
    {3: "4", 9: "3"},
    {0: "16"},
    {3: "9", 22: "7"},
)
SECONDS_MAX = 30


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return filled(tmp_path)


def ids(ledger: DuckDBLedger, voids: Voids) -> list[tuple[str, Voided | None]]:
    """The ids of a list, with their marks."""
    listing = Listing(start=0, end=AFTER, limit=100, voided=voids)
    return [(each.entry[0], each.voided) for each in ledger.events(listing)]


@pytest.mark.parametrize("hours", [0, 24])
def test_a_voided_event_leaves_every_sum_and_unseals_its_hour(folder: Path, hours: int) -> None:
    with opened(folder, source(folder)) as ledger:
        if hours:
            assert seal_all(ledger, AFTER) == hours
        assert voided(ledger, [TEN]) == 1
        assert answers(ledger) == WITHOUT_TEN
        assert sealed(ledger) == ({0: (23, False)} if hours else {})
        seal_all(ledger, AFTER)
        assert (answers(ledger), sealed(ledger)) == (WITHOUT_TEN, {0: (24, True)})
    with opened(folder, source(folder)) as ledger:
        assert answers(ledger) == WITHOUT_TEN
        # From the events alone.
        ledger.unseal()
        assert answers(ledger) == WITHOUT_TEN
        seal_all(ledger, AFTER)
        assert (answers(ledger), wrong(ledger)) == (WITHOUT_TEN, [])


def test_what_vouches_for_a_page_changes(folder: Path) -> None:
    query = costs_query()
    with opened(folder, source(folder)) as ledger:
        seal_all(ledger, AFTER)
        before = ledger.seal_of(query)
        voided(ledger, [TEN])
        assert ledger.seal_of(query) is None
        seal_all(ledger, AFTER)
        assert ledger.seal_of(query) not in (None, before)


def test_its_identity_stays_taken_also_after_a_restart(folder: Path) -> None:
    other = TEN | {"model": "another"}
    for round_ in range(2):
        with opened(folder, source(folder)) as ledger:
            assert voided(ledger, [TEN]) == (0 if round_ else 1)
            assert posted(ledger, [TEN]) == Appended(0, 1)
            (conflict,) = posted(ledger, [other]).conflicts
            assert (conflict.id, conflict.columns) == (TEN["id"], ("model",))
            new = TEN | {"id": f"new {round_}"}
            assert posted(ledger, [TEN, new]) == Appended(1, 1)
            assert used(ledger) == {0: "22"}
            assert voided(ledger, [new]) == 1
            assert answers(ledger) == WITHOUT_TEN


def test_voiding_again_changes_nothing_and_the_first_mark_stays(folder: Path) -> None:
    with opened(folder, source(folder)) as ledger:
        voided(ledger, [TEN])
        seal_all(ledger, AFTER)
        again = Voided(MARK.at_us + 1, "key_bob", "another reason")
        assert voided(ledger, [TEN], again) == 0
        # Not even its hour is folded again.
        assert sealed(ledger) == {0: (24, True)}
        assert voided(ledger, [TEN, FIVE], again) == 1
        assert ids(ledger, Voids.ONLY) == [(TEN["id"], MARK), (FIVE["id"], again)]


def test_what_is_not_stored_is_passed_over(folder: Path) -> None:
    with opened(folder, source(folder)) as ledger:
        assert voided(ledger, [TEN | {"id": "none"}, TEN | {"time": DAY}]) == 0
        assert answers(ledger) == ANSWERS


def test_of_events_with_one_id_the_time_says_which(folder: Path) -> None:
    twin = TEN | {"time": TEN["time"] + 1}
    with opened(folder, source(folder)) as ledger:
        posted(ledger, [twin])
        assert voided(ledger, [twin]) == 1
        assert answers(ledger) == ANSWERS
        found = ledger.named([EventName(TEN["id"])])
        assert [each.voided for each in found] == [None, MARK]
        (one,) = ledger.named([EventName(TEN["id"], twin["time"] * 1_000_000)])
        assert one == found[1]


def test_lists_have_voided_events_when_they_are_asked_for(folder: Path) -> None:
    with opened(folder, source(folder)) as ledger:
        every = [name for name, _ in ids(ledger, Voids.EXCLUDE)]
        voided(ledger, [FIVE, LATER])
        gone = {FIVE["id"], LATER["id"]}
        assert ids(ledger, Voids.EXCLUDE) == [(each, None) for each in every if each not in gone]
        assert ids(ledger, Voids.ONLY) == [(each, MARK) for each in every if each in gone]
        assert ids(ledger, Voids.INCLUDE) == [
            (each, MARK if each in gone else None) for each in every
        ]


def test_of_a_stores_samples_the_largest_that_is_left_counts_and_is_charged(folder: Path) -> None:
    with opened(folder, source(folder)) as ledger:
        seal_all(ledger, AFTER)
        voided(ledger, [LARGEST])
        assert (kept(ledger), cost(ledger)) == ({3: "2", 9: "3"}, {0: "25"})
        (gone,), (smaller,), (later,) = (
            ledger.find(each["id"]) for each in (LARGEST, SMALLER, LATER)
        )
        assert (gone.charged, smaller.charged, later.charged) == (False, False, True)
        assert (gone.voided, later.voided) == (MARK, None)


def test_rate_cards_in_use_are_those_of_events_that_count(folder: Path) -> None:
    with opened(folder, source(folder)) as ledger:
        before = {use.kept.card.traits.kind: use.events for use in ledger.cards()}
        voided(ledger, [LARGEST, SMALLER, LATER, TEN])
        after = {use.kept.card.traits.kind: use.events for use in ledger.cards()}
    assert before == {"completions": 3, "vector_stores": 3}
    assert after == {"completions": 2}


def test_events_without_a_price_are_not_counted_once_they_are_void(tmp_path: Path) -> None:
    nova = tokens(1, 3, id="nova", model="nova")
    query = costs_query()
    with opened(tmp_path, source(tmp_path, PRICES)) as ledger:
        posted(ledger, [TEN, nova])
        for _ in range(2):
            assert ledger.unpriced(query, query.page_spans) == 1
            seal_all(ledger, AFTER)
        voided(ledger, [nova])
        for _ in range(2):
            assert ledger.unpriced(query, query.page_spans) == 0
            seal_all(ledger, AFTER)


def test_pricing_again_passes_them_by_and_their_own_price_stays(folder: Path) -> None:
    with opened(folder, source(folder)) as ledger:
        voided(ledger, [TEN])
    with opened(folder, source(folder, DEARER)) as ledger:
        wish = RepriceWish(since=DAY, until=AFTER, who="the tests", apply=True)
        assert ledger.reprice(wish).events == 2
        assert cost(ledger) == {0: "40"}
        (gone,), (five,) = ledger.find(TEN["id"]), ledger.find(FIVE["id"])
        assert gone.kept.card != five.kept.card


def test_while_events_are_priced_again_none_is_voided_and_storing_goes_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(folder, source(folder, DEARER)) as ledger:
        begun, go_on = threading.Event(), threading.Event()
        repricer = ledger._repricer()

        def slow(*values: Any, **named: Any) -> Any:
            begun.set()
            assert go_on.wait(SECONDS_MAX)
            return type(repricer)._apply(repricer, *values, **named)

        monkeypatch.setattr(repricer, "_apply", slow)
        monkeypatch.setattr(ledger, "_repricer", lambda: repricer)
        wish = RepriceWish(since=DAY, until=AFTER, who="the tests", apply=True)
        thread = threading.Thread(target=ledger.reprice, args=(wish,))
        thread.start()
        assert begun.wait(SECONDS_MAX)
        with pytest.raises(Overloaded, match="priced again"):
            voided(ledger, [TEN])
        assert posted(ledger, [tokens(1, 5)]).accepted == 1
        assert used(ledger) == {0: "23"}
        go_on.set()
        thread.join(SECONDS_MAX)
        assert voided(ledger, [TEN]) == 1
        assert used(ledger) == {0: "13"}


def test_a_folding_under_way_does_not_seal_what_it_saw_before(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(folder, source(folder)) as ledger:
        real = ledger._book.seal_hours

        def late(*values: Any) -> Any:
            if voided(ledger, [TEN]):
                monkeypatch.undo()
            return real(*values)

        monkeypatch.setattr(ledger._book, "seal_hours", late)
        assert seal_all(ledger, AFTER) == 23
        assert answers(ledger) == WITHOUT_TEN
        assert wrong(ledger) == []


def test_a_quantity_that_only_voided_events_had_is_forgotten_by_a_rebuild(tmp_path: Path) -> None:
    audio = tokens(9, 3, id="audio", input_audio_tokens=4)
    with opened(tmp_path, source(tmp_path, PRICES)) as ledger:
        posted(ledger, [TEN, audio])
        voided(ledger, [audio])
        assert "input_audio_tokens" in ledger._used.used
        ledger.unseal()
        assert used(ledger) == {0: "10"}
    with opened(tmp_path, source(tmp_path)) as ledger:
        assert "input_audio_tokens" not in ledger._used.used
        # It comes again.
        posted(ledger, [audio | {"id": "again"}])
        assert amounts(ledger)[(DAY,)] == 19


@pytest.mark.parametrize("kind", KINDS)
def test_events_of_every_kind_come_back_whole_with_their_mark(tmp_path: Path, kind: str) -> None:
    one, other = event(kind, id="one", model="m"), event(kind, id="other", model="m")
    with opened(tmp_path, source(tmp_path, PRICES)) as ledger:
        posted(ledger, [one, other])
        before = ledger.named([EventName("one")])
        voided(ledger, [one])
        (after,) = ledger.named([EventName("one")])
    assert [(each.entry, each.voided) for each in before] == [(after.entry, None)]
    assert after.voided == MARK


class Crash(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_in_the_middle_voids_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    ledger = DuckDBLedger(folder, SETTINGS, source(folder))
    seal_all(ledger, AFTER + 600)
    real: Callable[..., None] = getattr(voiding, "unseal")  # noqa: B009 - not its own name

    def crashing(*values: Any) -> None:
        if after:
            real(*values)
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(voiding, "unseal", crashing)
        with pytest.raises(Crash):
            voided(ledger, [TEN, SEVEN])
    assert (answers(ledger), ids(ledger, Voids.ONLY)) == (ANSWERS, [])
    # It is asked for again, and the process ends before anything is sealed.
    assert voided(ledger, [TEN]) == 1
    assert answers(ledger) == WITHOUT_TEN
    ledger.close()
    with opened(folder, source(folder)) as again:
        assert answers(again) == WITHOUT_TEN
        assert sealed(again) == {0: (23, False)}
        seal_all(again, AFTER)
        assert (answers(again), wrong(again)) == (WITHOUT_TEN, [])


def test_all_of_a_stretch_can_be_voided_and_events_come_again(tmp_path: Path) -> None:
    with opened(tmp_path, source(tmp_path, PRICES)) as ledger:
        posted(ledger, [TEN, stored(1, 3)])
        seal_all(ledger, AFTER)
        assert voided(ledger, [TEN, stored(1, 3)]) == 2
        assert answers(ledger) == ({}, {}, {}, {}, {})
    with opened(tmp_path, source(tmp_path)) as ledger:
        assert answers(ledger) == ({}, {}, {}, {}, {})
        assert posted(ledger, [TEN]).duplicates == 1
        posted(ledger, [FIVE])
        for _ in range(2):
            assert used(ledger) == {0: "5"}
            seal_all(ledger, AFTER)
            assert wrong(ledger) == []
