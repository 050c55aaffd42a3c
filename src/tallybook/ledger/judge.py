"""What is new, what is a repeat, and what contradicts the ledger.

Pure: the stored entries that could matter are handed in.
"""

from collections.abc import Mapping, Sequence

from tallybook.domain.entries import COLUMN_NAMES, ID, TIME_US, Entry
from tallybook.ledger.ledger import Appended, Conflict, Lot

Identity = tuple[str, int]


def identity(entry: Entry) -> Identity:
    """What makes an event one event: its id, and its time in microseconds."""
    return entry[ID], entry[TIME_US]


def differing(entry: Entry, known: Entry) -> tuple[str, ...]:
    """The columns in which two entries differ."""
    return tuple(
        name
        for name, ours, theirs in zip(COLUMN_NAMES, entry, known, strict=True)
        if ours != theirs
    )


def judge(
    lots: Sequence[Lot], stored: Mapping[Identity, Entry]
) -> tuple[dict[Identity, Entry], list[Appended]]:
    """The entries to store, by identity, and the answer for each lot.

    Lots are judged in turn, as if each had been stored before the next, so
    a repeat within a lot or between lots is found like one of last year's. A
    whole lot with a conflict adds nothing.
    """
    fresh: dict[Identity, Entry] = {}
    answers: list[Appended] = []
    for lot in lots:
        added, answer = _judge_lot(lot, stored, fresh)
        if lot.whole and answer.conflicts:
            for key in added:
                del fresh[key]
            answer = Appended(0, 0, answer.conflicts)
        answers.append(answer)
    return fresh, answers


def _judge_lot(
    lot: Lot, stored: Mapping[Identity, Entry], fresh: dict[Identity, Entry]
) -> tuple[list[Identity], Appended]:
    """Add the lot's new entries to ``fresh``; return their identities and the answer."""
    added: list[Identity] = []
    duplicates = 0
    conflicts: list[Conflict] = []
    for position, entry in enumerate(lot.entries):
        key = (entry[ID], entry[TIME_US])
        known = fresh.get(key) or stored.get(key)
        if known is None:
            fresh[key] = entry
            added.append(key)
        elif known == entry:
            duplicates += 1
        else:
            conflicts.append(Conflict(position, differing(entry, known)))
    return added, Appended(len(added), duplicates, tuple(conflicts))
