"""Who may seal what: changes and foldings, interleaved in every order that matters."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tallybook.ledger.seals.book import Due, SealBook
from tallybook.ledger.seals.seals import NOTHING_SEALED, Seals, hours_of_day

H, D = 3_600, 86_400
HOURS = tuple(hours_of_day(D))


class Disk:
    """What the file would hold."""

    def __init__(self) -> None:
        self.numbers: dict[int, int] = {}

    def write(self, starts: set[int], number: int) -> None:
        """Keep the seals of a sealing."""
        self.numbers |= dict.fromkeys(starts, number)


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def book() -> SealBook:
    return SealBook(NOTHING_SEALED, (D, 9 * D))


def seal(book: SealBook, disk: Disk, *hours: int) -> set[int]:
    """Fold some hours and seal them, while nothing changes."""
    with book.folding(hours) as free:
        return book.seal_hours(free, disk.write)


@contextmanager
def failing() -> Iterator[None]:
    with pytest.raises(OSError, match="no room"):
        yield


def fail(*_: object) -> None:
    raise OSError("no room")


def test_what_nobody_changes_is_sealed(book: SealBook, disk: Disk) -> None:
    assert seal(book, disk, D, D + H) == {D, D + H}
    assert dict(book.seals.hours) == disk.numbers
    assert disk.numbers.keys() == {D, D + H}
    assert len(set(disk.numbers.values())) == 1, "one sealing, one number"


def test_an_hour_that_is_being_changed_when_a_folding_begins_is_left_out(
    book: SealBook, disk: Disk
) -> None:
    change = book.changing([D])
    assert change.__enter__() == set()
    with book.folding([D, D + H]) as free:
        assert free == {D + H}
        # Even when the change is over before the folding is.
        change.__exit__(None, None, None)
        assert book.seal_hours([D, D + H], disk.write) == {D + H}


def test_an_hour_that_changes_while_it_is_folded_is_not_sealed(book: SealBook, disk: Disk) -> None:
    with book.folding([D, D + H]) as free:
        assert free == {D, D + H}
        with book.changing([D]) as sealed:
            assert sealed == set()
        assert book.seal_hours(free, disk.write) == {D + H}
    # The next folding starts afresh.
    assert seal(book, disk, D) == {D}


def test_a_change_that_begins_as_a_folding_ends_keeps_its_hour_from_the_next(
    book: SealBook, disk: Disk
) -> None:
    with book.folding([D]) as free:
        change = book.changing([D])
        change.__enter__()
        assert book.seal_hours(free, disk.write) == set()
    assert seal(book, disk, D) == set()
    change.__exit__(None, None, None)
    assert seal(book, disk, D) == {D}


def test_two_changes_of_an_hour_both_have_to_end(book: SealBook, disk: Disk) -> None:
    first, second = book.changing([D]), book.changing([D])
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert seal(book, disk, D) == set()
    second.__exit__(None, None, None)
    assert seal(book, disk, D) == {D}


def test_a_change_after_the_sealing_is_told_that_the_hour_is_sealed(
    book: SealBook, disk: Disk
) -> None:
    with book.folding([D, D + H]) as free:
        book.seal_hours(free, disk.write)
        with book.changing([D, D + 5 * H]) as sealed:
            assert sealed == {D}
            # Whoever asks in the meantime gets what is acknowledged.
            assert book.seals.hours.keys() == {D, D + H}
    assert book.seals.hours.keys() == {D + H}


def sealed_day(book: SealBook, disk: Disk) -> None:
    """Seal all hours of the day, and the day."""
    seal(book, disk, *HOURS)
    with book.folding(HOURS):
        assert book.seal_day(D, disk.write)


def test_a_day_is_sealed_after_its_hours_with_a_larger_number(book: SealBook, disk: Disk) -> None:
    assert seal(book, disk, *HOURS) == set(HOURS)
    hours_number = book.seals.hours[D]
    with book.folding(HOURS):
        assert book.seal_day(D, disk.write)
    assert book.seals.days == {D: disk.numbers[D]}
    assert book.seals.days[D] > hours_number


def test_a_day_with_one_spoiled_hour_is_not_sealed(book: SealBook, disk: Disk) -> None:
    seal(book, disk, *HOURS)
    with book.folding(HOURS):
        with book.changing([HOURS[7]]) as sealed:
            assert sealed == {HOURS[7]}
        # It is sealed again by another sealing: the folding of the day is as old as before.
        book._seals = book.seals.with_sealed([HOURS[7]], [], 1)
        assert not book.seal_day(D, disk.write)
    assert book.seals.days == {}


def test_a_day_with_an_hour_that_is_not_sealed_is_not_sealed(book: SealBook, disk: Disk) -> None:
    seal(book, disk, *HOURS[:-1])
    with book.folding(HOURS):
        assert not book.seal_day(D, disk.write)
    seal(book, disk, HOURS[-1])
    with book.folding(HOURS[1:]):
        assert not book.seal_day(D, disk.write), "it was not folded whole"


def test_a_change_unseals_the_day_of_its_hour(book: SealBook, disk: Disk) -> None:
    sealed_day(book, disk)
    with book.changing([HOURS[3], 9 * D]) as sealed:
        assert sealed == {HOURS[3]}
    assert book.seals.days == {}
    assert book.seals.hours.keys() == set(HOURS) - {HOURS[3]}


def test_due_is_what_is_over_since_the_first_event_the_newest_first(
    book: SealBook, disk: Disk
) -> None:
    assert book.due(D) == []
    assert book.due(D + H - 1) == []
    assert book.due(D + H) == [Due(D, (D,))]
    assert book.due(2 * D + 2 * H + 5) == [Due(2 * D, (2 * D, 2 * D + H)), Due(D, HOURS)]
    seal(book, disk, *HOURS, 2 * D)
    # Of the first day all hours are sealed: the day itself is due.
    assert book.due(2 * D + 2 * H) == [Due(2 * D, (2 * D + H,)), Due(D, ())]
    with book.folding(HOURS):
        assert book.seal_day(D, disk.write)
    assert book.due(2 * D) == []


def test_nothing_is_due_without_an_event_and_from_the_first_on_its_whole_day() -> None:
    book = SealBook(NOTHING_SEALED, ())
    assert book.due(9 * D) == []
    with book.changing([3 * D + 5 * H]):
        pass
    book.due(0)
    assert book.due(3 * D + 2 * H) == [Due(3 * D, (3 * D, 3 * D + H))]
    # An earlier event makes more due.
    with book.changing([2 * D + 23 * H]):
        pass
    book.due(0)
    assert [due.day for due in book.due(3 * D + H)] == [3 * D, 2 * D]


def test_a_restless_hour_is_left_for_the_next_look(book: SealBook) -> None:
    with book.changing([D]):
        pass
    assert book.due(D + 2 * H) == [Due(D, (D + H,))]
    assert book.due(D + 2 * H) == [Due(D, (D, D + H))]
    with book.changing([D + H]):
        # Announced is as good as made.
        assert book.due(D + 2 * H) == [Due(D, (D,))]


def test_numbers_ascend_when_all_seals_are_taken_away_and_over_a_restart(disk: Disk) -> None:
    far = 2**62
    book = SealBook(Seals({D: far}, {}), (D,))
    seal(book, disk, D)
    assert disk.numbers == {D: far + 1}
    book.unseal_all(lambda: None)
    assert book.seals == NOTHING_SEALED
    seal(book, disk, D)
    assert disk.numbers == {D: far + 2}
    fresh = SealBook(NOTHING_SEALED, (D, 9 * D))
    seal(fresh, disk, D)
    before = disk.numbers[D]
    seal(SealBook(NOTHING_SEALED, (D, 9 * D)), disk, D)
    assert disk.numbers[D] > before, "the clock goes on while nobody knows a number"


def test_what_is_folded_when_all_seals_are_taken_away_is_not_sealed(
    book: SealBook, disk: Disk
) -> None:
    with book.folding([D]) as free:
        book.unseal_all(lambda: None)
        assert book.seal_hours(free, disk.write) == set()


def test_a_seal_that_cannot_be_written_is_none(book: SealBook, disk: Disk) -> None:
    with book.folding([D]) as free, failing():
        book.seal_hours(free, fail)
    assert book.seals == NOTHING_SEALED
    seal(book, disk, *HOURS)
    with book.folding(HOURS), failing():
        book.seal_day(D, fail)
    assert book.seals.days == {}
    with failing():
        book.unseal_all(fail)
    assert book.seals.hours.keys() == set(HOURS)


def test_a_seal_that_may_be_on_disk_is_taken_away_by_the_next_change(book: SealBook) -> None:
    # The write raised when all was on disk already.
    with book.folding([D]) as free, failing():
        book.seal_hours(free, fail)
    with book.changing([D, D + H]) as sealed:
        assert sealed == {D}
    with book.changing([D]) as sealed:
        assert sealed == set()


def test_a_change_that_fails_leaves_its_seals_to_the_next_one(book: SealBook, disk: Disk) -> None:
    sealed_day(book, disk)
    with failing(), book.changing([D]) as sealed:
        assert sealed == {D}
        fail()
    assert D not in book.seals.hours
    assert book.seals.days == {}
    # The transaction was rolled back: on disk the hour is sealed as before.
    with failing(), book.changing([D]) as sealed:
        assert sealed == {D}
        fail()
    with book.changing([D]) as sealed:
        assert sealed == {D}
    with book.changing([D]) as sealed:
        assert sealed == set()
    with book.folding([D]) as free:
        assert book.seal_hours(free, disk.write) == {D}


def test_a_failed_folding_spoils_nothing_after_it(book: SealBook, disk: Disk) -> None:
    with failing(), book.folding([D]):
        fail()
    with book.changing([D]):
        pass
    assert seal(book, disk, D) == {D}
