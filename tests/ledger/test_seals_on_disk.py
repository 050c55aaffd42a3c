"""A seal on disk never outlives what it was made of, whatever fails between the two."""

from decimal import Decimal
from pathlib import Path

import pytest

from support.events import DAY, event
from support.ledgers import amounts, opened, store
from tallybook.domain.errors import LedgerUnavailable, StorageFull
from tallybook.ledger.duckdb import repricing
from tallybook.ledger.duckdb.store import DuckDBLedger
from tallybook.ledger.duckdb.writer import Writer
from tallybook.ledger.ledger import RepriceWish
from tallybook.ledger.seals.book import SealBook
from tallybook.ledger.seals.seals import NOTHING_SEALED, Seals

DAY_SECONDS = 86_400
HOUR = 3_600
PRICE = '[[price]]\nmodel = "acme-1"\nkind = "images"\nimages = "{} / image"\n'


def image(name: str) -> dict[str, object]:
    return event("images", id=name, time=DAY + 60, model="acme-1")


def seal_all(ledger: DuckDBLedger) -> None:
    now = DAY + DAY_SECONDS + HOUR
    ledger.due(now)
    for due in ledger.due(now):
        ledger.seal(due)


def wrong(ledger: DuckDBLedger) -> list[object]:
    return [each for day in ledger.verify() for each in day.discrepancies]


def test_an_event_that_fails_and_is_sent_again_unseals_its_hour_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StorageFull("The disk is full.")

    with opened(tmp_path) as ledger:
        store(ledger, image("one"))
        seal_all(ledger)
        with monkeypatch.context() as patch:
            patch.setattr(Writer, "insert", full)
            with pytest.raises(StorageFull):
                store(ledger, image("late"))
        store(ledger, image("late"))
    # Before it was sealed again the process ended, as it may at any moment.
    with opened(tmp_path) as ledger:
        assert wrong(ledger) == []


def test_an_event_that_comes_while_its_hour_is_priced_again_stops_neither(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path, PRICE.format("1")) as ledger:
        store(ledger, image("one"))
    with opened(tmp_path, PRICE.format("2")) as ledger:
        seal_all(ledger)
        texts = repricing._text

        def late(value: object) -> str:
            # In the middle of the transaction that changes the cards.
            if isinstance(value, RepriceWish):
                store(ledger, image("late"))
            return texts(value)

        monkeypatch.setattr(repricing, "_text", late)
        wish = RepriceWish(since=DAY, until=DAY + DAY_SECONDS, apply=True)
        assert ledger.reprice(wish).events == 1
        assert amounts(ledger) == {(DAY,): Decimal(2 + 2) * 2}
    with opened(tmp_path) as ledger:
        assert wrong(ledger) == []
        assert amounts(ledger) == {(DAY,): Decimal(2 + 2) * 2}


def failing(*_: object) -> None:
    raise LedgerUnavailable("The log could not be synced.")


def test_a_change_that_failed_leaves_the_seals_on_disk_to_the_next_change() -> None:
    book = SealBook(Seals({DAY: 1, DAY + HOUR: 1}, {}), (DAY,))
    with pytest.raises(LedgerUnavailable), book.changing({DAY}):
        failing()
    # Read from the events from now on, whether or not the change is on disk.
    assert book.seals == Seals({DAY + HOUR: 1}, {})
    with book.changing({DAY, DAY + HOUR}) as sealed:
        assert sealed == {DAY, DAY + HOUR}
    with book.changing({DAY, DAY + HOUR}) as sealed:
        assert sealed == set()


def test_a_seal_whose_commit_failed_may_be_on_disk_all_the_same() -> None:
    book = SealBook(NOTHING_SEALED, (DAY,))
    with book.folding({DAY}), pytest.raises(LedgerUnavailable):
        book.seal_hours({DAY}, failing)
    assert book.seals == NOTHING_SEALED
    with book.changing({DAY}) as sealed:
        assert sealed == {DAY}


def test_seals_that_are_all_taken_away_need_not_be_taken_away_again() -> None:
    book = SealBook(Seals({DAY: 1}, {}), (DAY,))
    with pytest.raises(LedgerUnavailable):
        book.unseal_all(failing)
    assert book.seals == Seals({DAY: 1}, {})
    book.unseal_all(lambda: None)
    with book.changing({DAY}) as sealed:
        assert sealed == set()
