"""Sealing on the engine: what is sealed when, and that no state of it shows in an answer."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.events import DAY, event
from support.prices import source
from support.sealed_day import (
    AFTER,
    ANSWERS,
    DEARER,
    EVENTS,
    HOURS,
    PRICES,
    D,
    H,
    answers,
    cost,
    day_query,
    filled,
    kept,
    sealed,
    stored,
    tokens,
    used,
)
from support.sealing import opened, posted, seal_all, wrong
from tallybook.domain.buckets import BucketWidth
from tallybook.domain.kinds import KINDS
from tallybook.domain.queries import UsageQuery
from tallybook.ledger.duckdb import writer
from tallybook.ledger.duckdb.store import DuckDBLedger
from tallybook.ledger.ledger import RepriceWish
from tallybook.ledger.sealable import Discrepancy, Verified
from tallybook.ledger.seals.book import Due
from tallybook.ledger.seals.rollups import HOUR_SAMPLES, ROLLUPS
from tallybook.ledger.sql.row_text import Sum


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose events are stored and not sealed."""
    return filled(tmp_path)


def test_an_hour_is_sealed_when_it_is_over_and_the_grace_too(tmp_path: Path) -> None:
    with opened(tmp_path, source(tmp_path, PRICES), grace=600) as ledger:
        posted(ledger, EVENTS)
        ledger.due(0)
        assert ledger.due(DAY + H + 599.9) == []
        assert ledger.due(DAY + H + 600) == [Due(DAY, HOURS[:1])]
        assert ledger.due(DAY + 5 * H) == [Due(DAY, HOURS[:4])]
        assert seal_all(ledger, DAY + 5 * H) == 4
        assert sealed(ledger) == {0: (4, False)}
        assert answers(ledger) == ANSWERS
        # The last hour of the day, and with it the day.
        assert seal_all(ledger, AFTER + 599) == 19
        assert sealed(ledger) == {0: (23, False)}
        assert seal_all(ledger, AFTER + 600) == 1
        assert sealed(ledger) == {0: (24, True)}
        assert answers(ledger) == ANSWERS
        assert ledger.due(AFTER + 600) == []


def test_days_without_events_are_sealed_between_those_with_some_and_not_after(
    folder: Path,
) -> None:
    with opened(folder, source(folder)) as ledger:
        posted(ledger, [tokens(1, -80)])
        assert seal_all(ledger, AFTER + D) == 5 * 24
        assert sealed(ledger) == dict.fromkeys(range(-4, 1), (24, True))
        assert answers(ledger) == ANSWERS
        # Before the first event nothing is, until there is one.
        posted(ledger, [tokens(1, -130)])
        assert seal_all(ledger, AFTER + D) == 2 * 24
        assert sealed(ledger) == dict.fromkeys(range(-6, 1), (24, True))


def test_nothing_is_due_in_an_empty_ledger(tmp_path: Path) -> None:
    with opened(tmp_path, source(tmp_path)) as ledger:
        assert seal_all(ledger, AFTER) == 0
        assert sealed(ledger) == {}


def test_a_late_event_unseals_its_hour_and_shows_at_once(folder: Path) -> None:
    with opened(folder, source(folder)) as ledger:
        seal_all(ledger, AFTER)
        assert posted(ledger, [tokens(100, 9, id="late")]).accepted == 1
        late = (
            {0: "122"},
            {3: "15", 9: "100", 22: "7"},
            ANSWERS[2],
            {0: "126"},
            {3: "19", 9: "100", 22: "7"},
        )
        assert answers(ledger) == late
        assert sealed(ledger) == {0: (23, False)}
    # In the same transaction: the file says the same.
    with opened(folder, source(folder)) as ledger:
        assert sealed(ledger) == {0: (23, False)}
        assert answers(ledger) == late
        assert seal_all(ledger, AFTER) == 1
        assert sealed(ledger) == {0: (24, True)}
        assert answers(ledger) == late


def test_a_late_sample_that_is_the_largest_takes_the_place_of_another(folder: Path) -> None:
    with opened(folder, source(folder)) as ledger:
        seal_all(ledger, AFTER)
        posted(ledger, [stored(9, 9, id="late")])
        assert (kept(ledger), cost(ledger)) == ({3: "4", 9: "9"}, {0: "31"})
        assert seal_all(ledger, AFTER) == 1
        assert (kept(ledger), cost(ledger)) == ({3: "4", 9: "9"}, {0: "31"})
        assert sealed(ledger) == {0: (24, True)}


def test_an_hour_that_has_just_changed_settles_before_it_is_sealed(folder: Path) -> None:
    with opened(folder, source(folder)) as ledger:
        seal_all(ledger, AFTER)
        posted(ledger, [tokens(1, 9, id="late")])
        assert ledger.due(AFTER) == []
        posted(ledger, [tokens(2, 9, id="later")])
        assert ledger.due(AFTER) == []
        assert ledger.due(AFTER) == [Due(DAY, (HOURS[9],))]


def test_repeats_unseal_nothing(folder: Path) -> None:
    with opened(folder, source(folder)) as ledger:
        seal_all(ledger, AFTER)
        assert posted(ledger, EVENTS).duplicates == len(EVENTS)
        assert sealed(ledger) == {0: (24, True)}


def test_many_late_events_unseal_their_hours_whichever_way_they_go_in(folder: Path) -> None:
    with opened(folder, source(folder)) as ledger:
        seal_all(ledger, AFTER)
        late = [tokens(1, 5, id=f"n{n}") for n in range(writer.APPENDED_MAX + 1)]
        assert posted(ledger, late).accepted == len(late)
        assert used(ledger, BucketWidth.HOUR)[5] == str(len(late))
        assert sealed(ledger) == {0: (23, False)}


def test_repricing_unseals_what_it_changes_and_shows_at_once(folder: Path) -> None:
    wish = RepriceWish(since=DAY, until=DAY + 10 * H, apply=True, who="the tests")
    with opened(folder, source(folder, DEARER)) as ledger:
        seal_all(ledger, AFTER)
        assert ledger.reprice(wish).events == 2
        # The hour of two events, three times as dear, and not the later one.
        dearer = (*ANSWERS[:3], {0: "56"}, {3: "49", 22: "7"})
        assert answers(ledger) == dearer
        assert sealed(ledger) == {0: (23, False)}
        assert seal_all(ledger, AFTER) == 1
        assert answers(ledger) == dearer
        assert sealed(ledger) == {0: (24, True)}


def test_a_dry_run_unseals_nothing(folder: Path) -> None:
    with opened(folder, source(folder, DEARER)) as ledger:
        seal_all(ledger, AFTER)
        assert ledger.reprice(RepriceWish(since=DAY, until=AFTER)).events == 3
        assert sealed(ledger) == {0: (24, True)}


def test_all_seals_can_be_taken_away(folder: Path) -> None:
    with opened(folder, source(folder)) as ledger:
        seal_all(ledger, AFTER)
        ledger.unseal()
        assert sealed(ledger) == {}
        assert answers(ledger) == ANSWERS
        assert seal_all(ledger, AFTER) == 24
        assert answers(ledger) == ANSWERS


@pytest.mark.parametrize("tags", [("team",), ("a/b~c", "team"), ()])
def test_other_kept_tags_empty_the_rollups(folder: Path, tags: tuple[str, ...]) -> None:
    kept_before = ("env",)
    with opened(folder, source(folder), kept_before) as ledger:
        assert ledger.kept_tags == kept_before
        posted(ledger, [tokens(1, 1, tags={"team": "x", "env": "y", "a/b~c": "z"})])
        seal_all(ledger, AFTER)
    # The same ones, or those that it keeps already: everything stays.
    for same in (kept_before, ("env", "env"), None):
        with opened(folder, source(folder), same) as ledger:
            assert sealed(ledger) == {0: (24, True)}
    with opened(folder, source(folder), tags) as ledger:
        assert ledger.kept_tags == tags
        assert sealed(ledger) == {}
        assert rows(ledger) == dict.fromkeys(TABLES, 0)
        assert used(ledger) == {0: "23"}
        assert seal_all(ledger, AFTER) == 24
        assert used(ledger) == {0: "23"}
        assert sealed(ledger) == {0: (24, True)}


TABLES = (*(rollup.table for rollup in ROLLUPS), HOUR_SAMPLES)


def rows(ledger: DuckDBLedger) -> dict[str, int]:
    """How many rows each rollup has."""
    with ledger._engine.guard("count") as cursor:
        return {
            table: cursor.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]  # noqa: S608
            for table in TABLES
        }


FAULTS = (
    ("DELETE FROM {table} WHERE time_us = (SELECT max(time_us) FROM {table})", 1),
    ("INSERT INTO {table} (FROM {table} ORDER BY time_us DESC LIMIT 1)", 1),
    ("UPDATE {table} SET {sum} = {sum} + 1 WHERE time_us = (SELECT max(time_us) FROM {table})", 2),
    ("UPDATE {table} SET tags = '{{}}' WHERE time_us = (SELECT max(time_us) FROM {table})", 2),
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBLedger]:
    """A ledger whose day is sealed, each rollup with one row of its last hour or day."""
    folder = tmp_path_factory.mktemp("whole")
    with opened(folder, source(folder, PRICES)) as ledger:
        posted(ledger, EVENTS)
        seal_all(ledger, AFTER)
        assert sealed(ledger) == {0: (24, True)}
        yield ledger


@pytest.mark.parametrize("table", TABLES)
def test_a_wrong_row_is_found_by_its_table_and_its_hour_or_day(
    whole: DuckDBLedger, table: str
) -> None:
    width = BucketWidth.DAY if "day" in table else BucketWidth.HOUR
    sums = {each.table: each.sums[-1] for each in ROLLUPS} | {HOUR_SAMPLES: "usage_bytes"}
    start = DAY if width is BucketWidth.DAY else HOURS[9 if table == HOUR_SAMPLES else 22]
    for fault, count in FAULTS:
        with whole._engine.guard("spoil") as cursor:
            cursor.execute(f"CREATE TABLE spare AS FROM {table}")
            cursor.execute(fault.format(table=table, sum=sums[table]))
        (found,) = wrong(whole)
        # What is folded from it is compared with what it says, and differs too.
        first = next(each for each in found.discrepancies if each.table == table)
        assert first == Discrepancy(start, width, table, count)
        assert {each.start for each in found.discrepancies} == {start}
        assert (found.day, found.hours, found.whole) == (DAY, 24, True)
        with whole._engine.guard("put right") as cursor:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608
            cursor.execute(f"INSERT INTO {table} FROM spare")
            cursor.execute("DROP TABLE spare")
    assert wrong(whole) == []


def test_an_event_that_rollups_lack_is_found(folder: Path) -> None:
    with opened(folder, source(folder)) as ledger:
        seal_all(ledger, AFTER)
        with ledger._engine.guard("spoil") as cursor:
            cursor.execute("DELETE FROM events WHERE id = 'b'")
        (found,) = wrong(ledger)
        tables = [each.table for each in found.discrepancies]
        assert "rollup_days" in tables
        assert "rollup_hours_by_model_and_project" in tables
        assert found == Verified(DAY, 24, True, found.discrepancies)


# More than a column holds, of what is counted beside it; the day is too large as well.
LARGE = 2**53 - 1


def test_sums_too_large_for_a_column_leave_their_hour_raw_and_right(folder: Path) -> None:
    large = [
        event("images", id=f"n{n}", time=DAY + 9 * H + n, model="m", images=LARGE)
        for n in range(1_100)
    ]
    query = UsageQuery(kind=KINDS["images"], **day_query(BucketWidth.DAY))
    with opened(folder, source(folder)) as ledger:
        assert posted(ledger, large).accepted == len(large)
        assert seal_all(ledger, AFTER) == 23
        assert sealed(ledger) == {0: (23, False)}
        # Nobody states a price of them.
        assert answers(ledger) == (*ANSWERS[:4], ANSWERS[4] | {9: "0"})
        found = ledger.usage(query, query.page_spans, (Sum(("images",)),))
        assert found == {DAY: str(LARGE * len(large))}
        # It is not tried again and again, and does not keep others from being sealed.
        assert seal_all(ledger, AFTER) == 0
        posted(ledger, [tokens(1, 4, id="late"), tokens(1, 9, id="late too")])
        assert used(ledger) == {0: "24"}
        assert seal_all(ledger, AFTER) == 1
        assert sealed(ledger) == {0: (23, False)}
        assert used(ledger) == {0: "24"}


def test_hours_that_fit_may_make_a_day_that_does_not(folder: Path) -> None:
    large = [
        event("images", id=f"n{n}", time=DAY + (9 + n % 2) * H + n, model="m", images=LARGE)
        for n in range(1_100)
    ]
    with opened(folder, source(folder)) as ledger:
        posted(ledger, large)
        assert seal_all(ledger, AFTER) == 24
        assert sealed(ledger) == {0: (24, False)}
        assert answers(ledger) == (*ANSWERS[:4], ANSWERS[4] | {9: "0", 10: "0"})


class Busy:
    """Work that threads do over and over while a block runs; a fault of theirs fails the test."""

    def __init__(self, *work: Callable[[], None]) -> None:
        self._over = threading.Event()
        self._faults: list[BaseException] = []
        self._threads = [threading.Thread(target=self._run, args=(each,)) for each in work]

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        assert self._faults == []

    def _run(self, work: Callable[[], None]) -> None:
        try:
            while not self._over.is_set():
                work()
        except BaseException as fault:
            self._faults.append(fault)


def test_foldings_while_events_arrive_end_with_sound_seals_and_right_sums(tmp_path: Path) -> None:
    with opened(tmp_path, source(tmp_path, PRICES)) as ledger:

        def seal() -> None:
            for due in ledger.due(AFTER):
                ledger.seal(due)

        def verify() -> None:
            assert wrong(ledger) == []

        total = 0
        with Busy(seal, seal, verify):
            for n in range(40):
                # A card of its own now and then: what is unpriced must not be missed either.
                model = "m" if n % 3 else f"unknown-{n}"
                hours = (n % 5, (n + 1) % 5, 23 - n % 2)
                batch = [tokens(n, hour, id=f"{n}-{hour}", model=model) for hour in hours]
                assert posted(ledger, batch).accepted == 3
                total += 3 * n
                assert used(ledger) == {0: str(total)}
        by_hour = used(ledger, BucketWidth.HOUR)
        seal_all(ledger, AFTER)
        assert sealed(ledger) == {0: (24, True)}
        assert used(ledger) == {0: str(total)}
        assert used(ledger, BucketWidth.HOUR) == by_hour
