"""Judging many lots at once against storing their events one by one."""

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tallybook.domain.entries import COLUMN_NAMES, COLUMNS, ID, KIND, TIME_US, ColumnType, Entry
from tallybook.domain.sheets import Identity, sheet_of_entries
from tallybook.ledger.judge import judge, suspects_of
from tallybook.ledger.ledger import Appended, Conflict, Lot
from tallybook.ledger.recent import RecentIdentities

Ledger = dict[Identity, Entry]

_SAMPLES: dict[ColumnType, Any] = {
    ColumnType.TEXT: "x",
    ColumnType.FLAG: True,
    ColumnType.INSTANT: 0,
    ColumnType.COUNT: 1,
    ColumnType.MONEY: None,
}
# Columns in which the events of one identity differ here.
_VARYING = ("project_id", "tags", "input_text_tokens", "output_text_tokens")


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """An entry of few identities and few contents."""
    values = {column.name: _SAMPLES[column.type] for column in COLUMNS}
    values["id"] = draw(st.sampled_from("abc"))
    values["time_us"] = draw(st.integers(0, 3))
    # Mostly the same, so that repeats are as frequent as conflicts.
    for name in draw(st.sets(st.sampled_from(_VARYING), max_size=2)) if draw(st.booleans()) else ():
        values[name] = None
    return tuple(values[name] for name in COLUMN_NAMES)


@st.composite
def lots(draw: st.DrawFn) -> Lot:
    """A lot whose entries stand in another order than they had where they came from."""
    listed = draw(st.lists(entries(), min_size=1, max_size=8))
    places = draw(st.permutations(range(0, 2 * len(listed), 2)))
    return Lot(sheet_of_entries(listed), places, whole=draw(st.booleans()))


ledgers = st.lists(entries(), max_size=6).map(
    lambda listed: {identity(entry): entry for entry in reversed(listed)}
)


def identity(entry: Entry) -> Identity:
    return entry[ID], entry[TIME_US]


def store_one_by_one(lot: Lot, ledger: Ledger) -> Appended:
    """Store a lot's entries in the order in which they came; take all back if it must be whole."""
    before = dict(ledger)
    accepted = duplicates = 0
    conflicts: list[Conflict] = []
    for position, entry in sorted(zip(lot.positions, lot.sheet.entries(), strict=True)):
        key = identity(entry)
        if key not in ledger:
            ledger[key] = entry
            accepted += 1
        elif ledger[key] == entry:
            duplicates += 1
        else:
            pairs = zip(COLUMN_NAMES, entry, ledger[key], strict=True)
            columns = tuple(name for name, ours, theirs in pairs if ours != theirs)
            conflicts.append(Conflict(position, entry[ID], entry[KIND], columns))
    if lot.whole and conflicts:
        ledger.clear()
        ledger.update(before)
        accepted = duplicates = 0
    return Appended(accepted, duplicates, tuple(conflicts))


def judged(
    several: list[Lot], ledger: Ledger, recent: RecentIdentities
) -> tuple[list[Entry], list[Appended]]:
    """What is to be stored of several lots, and the answers."""
    suspects = suspects_of(several, recent)
    stored = {key: entry for key, entry in ledger.items() if key in suspects.late}
    sheets, answers = judge(several, suspects, stored)
    assert all(sheet.count for sheet in sheets)
    return [entry for sheet in sheets for entry in sheet.entries()], answers


@given(st.lists(lots(), min_size=1, max_size=5), ledgers, st.integers(0, 5))
def test_judging_equals_storing_one_by_one(
    several: list[Lot], ledger: Ledger, floor_us: int
) -> None:
    recent = RecentIdentities(floor_us)
    if known := {key for key in ledger if key[1] >= floor_us}:
        recent.add(known, max(time for _, time in known))
    fresh, answers = judged(several, ledger, recent)
    model = dict(ledger)
    assert answers == [store_one_by_one(lot, model) for lot in several]
    assert Counter([*fresh, *ledger.values()]) == Counter(model.values())


@given(lots(), ledgers)
def test_a_whole_lot_is_stored_whole_or_not_at_all(lot: Lot, ledger: Ledger) -> None:
    lot = Lot(lot.sheet, lot.positions, whole=True)
    fresh, [answer] = judged([lot], ledger, RecentIdentities(4))
    if answer.conflicts:
        assert (fresh, answer.accepted, answer.duplicates) == ([], 0, 0)
    else:
        assert answer.accepted + answer.duplicates == lot.sheet.count
        assert len(fresh) == answer.accepted


@given(lots(), ledgers)
def test_every_entry_is_in_one_part_of_the_answer(lot: Lot, ledger: Ledger) -> None:
    lot = Lot(lot.sheet, lot.positions, whole=False)
    _, [answer] = judged([lot], ledger, RecentIdentities(4))
    assert answer.accepted + answer.duplicates + len(answer.conflicts) == lot.sheet.count


@given(st.lists(lots(), min_size=1, max_size=4), ledgers)
def test_nothing_is_new_when_it_is_sent_again(several: list[Lot], ledger: Ledger) -> None:
    several = [Lot(lot.sheet, lot.positions, whole=False) for lot in several]
    first = [store_one_by_one(lot, ledger) for lot in several]
    fresh, again = judged(several, ledger, RecentIdentities(4))
    assert fresh == []
    assert [answer.accepted for answer in again] == [0] * len(several)
    for before, after in zip(first, again, strict=True):
        assert after.duplicates == before.accepted + before.duplicates
        assert after.conflicts == before.conflicts
