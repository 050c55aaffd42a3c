"""Events that come too late: before the horizon nobody knows any more whether they are repeats.

Pure. They are refused one by one, as a decoder would have done, had it known.
"""

from collections.abc import Sequence

import msgspec

from tallybook.domain.entries import ID, TIME_US
from tallybook.domain.sheets import EMPTY
from tallybook.ledger.ledger import Appended, Expired, Lot


def timely(lots: Sequence[Lot], horizon_us: int) -> tuple[Sequence[Lot], list[tuple[Expired, ...]]]:
    """The lots without what is before the horizon, and what that is of each.

    A whole lot with such an event has nothing left.
    """
    expired = [_expired(lot, horizon_us) for lot in lots]
    if not any(expired):
        return lots, expired
    return [
        _without(lot, horizon_us) if late else lot for lot, late in zip(lots, expired, strict=True)
    ], expired


def with_expired(
    answers: Sequence[Appended], expired: Sequence[tuple[Expired, ...]]
) -> list[Appended]:
    """The answers to lots, with what was refused of them."""
    return [
        msgspec.structs.replace(answer, expired=late) if late else answer
        for answer, late in zip(answers, expired, strict=True)
    ]


def _expired(lot: Lot, horizon_us: int) -> tuple[Expired, ...]:
    times = lot.sheet.columns[TIME_US] or ()
    if not times or min(times) >= horizon_us:
        return ()
    ids = lot.sheet.columns[ID] or ()
    return tuple(
        Expired(lot.positions[row], ids[row], horizon_us)
        for row, time_us in enumerate(times)
        if time_us < horizon_us
    )


def _without(lot: Lot, horizon_us: int) -> Lot:
    if lot.whole:
        return Lot(EMPTY, (), whole=True)
    times = lot.sheet.columns[TIME_US] or ()
    late = {row for row, time_us in enumerate(times) if time_us < horizon_us}
    kept = [position for row, position in enumerate(lot.positions) if row not in late]
    return Lot(lot.sheet.without(late), kept)
