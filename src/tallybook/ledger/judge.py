"""What is new, what is a repeat, and what contradicts the ledger.

Pure: what is known of the stored events is handed in. Nearly all entries are
certainly new and stay in their columns; only suspects are looked at one by one.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain

import msgspec

from tallybook.domain.entries import COLUMN_NAMES, ID, KIND, TIME_US, Entry
from tallybook.domain.sheets import Identity, Sheet
from tallybook.ledger.ledger import Appended, Conflict, Lot
from tallybook.ledger.recent import RecentIdentities


class Suspects(msgspec.Struct, frozen=True):
    """The identities of each lot's entries, in order, and those that may be repeats.

    ``latest_us`` is the latest time among them. ``late`` may be stored
    already; ``repeated`` are there more than once among the lots.
    """

    keys: list[list[Identity]]
    distinct: set[Identity]
    latest_us: int
    late: set[Identity]
    repeated: set[Identity]


def suspects_of(lots: Sequence[Lot], recent: RecentIdentities) -> Suspects:
    """What has to be looked at before the lots, not all empty, can be stored."""
    keys = [lot.sheet.identities() for lot in lots]
    distinct = set(chain.from_iterable(keys))
    repeated: set[Identity] = set()
    if len(distinct) < sum(map(len, keys)):
        counts = Counter(chain.from_iterable(keys))
        repeated = {key for key, count in counts.items() if count > 1}
    times = [times for lot in lots if (times := lot.sheet.columns[TIME_US])]
    late = recent.uncertain(distinct, min(map(min, times)))
    return Suspects(keys, distinct, max(map(max, times)), late, repeated)


def judge(
    lots: Sequence[Lot], suspects: Suspects, stored: Mapping[Identity, Entry]
) -> tuple[list[Sheet], list[Appended]]:
    """The sheets to store, none of them empty, and the answer for each lot.

    ``stored`` has the stored entries of those late identities that have one. Lots are judged
    in turn, as if each had been stored before the next, so a repeat within a
    lot or between lots is found like one of last year's. A whole lot with a
    conflict adds nothing.
    """
    doubtful = stored.keys() | suspects.repeated
    known = dict(stored)
    sheets: list[Sheet] = []
    answers: list[Appended] = []
    for lot, keys in zip(lots, suspects.keys, strict=True):
        rows = [row for row, key in enumerate(keys) if key in doubtful] if doubtful else []
        refused, answer = _judge_lot(lot, keys, rows, known)
        answers.append(answer)
        if answer.accepted:
            sheets.append(lot.sheet.without(refused) if refused else lot.sheet)
    return sheets, answers


def _judge_lot(
    lot: Lot, keys: Sequence[Identity], rows: list[int], known: dict[Identity, Entry]
) -> tuple[set[int], Appended]:
    """Judge a lot's doubtful rows; add what is new of them to ``known``.

    Returns the rows that are not to be stored, and the answer.
    """
    refused: set[int] = set()
    added: list[Identity] = []
    conflicts: list[Conflict] = []
    for row in sorted(rows, key=lot.positions.__getitem__):
        key, entry = keys[row], lot.sheet.entry(row)
        before = known.setdefault(key, entry)
        if before is entry:
            added.append(key)
            continue
        refused.add(row)
        if before != entry:
            columns = differing(entry, before)
            conflicts.append(Conflict(lot.positions[row], entry[ID], entry[KIND], columns))
    if lot.whole and conflicts:
        for key in added:
            del known[key]
        return refused, Appended(0, 0, tuple(conflicts))
    accepted = lot.sheet.count - len(refused)
    return refused, Appended(accepted, len(refused) - len(conflicts), tuple(conflicts))


def differing(entry: Entry, known: Entry) -> tuple[str, ...]:
    """The columns in which two entries differ."""
    return tuple(
        name
        for name, ours, theirs in zip(COLUMN_NAMES, entry, known, strict=True)
        if ours != theirs
    )
