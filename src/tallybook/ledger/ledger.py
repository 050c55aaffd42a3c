"""The seam between Tallybook and the engines that keep its events.

Both engines pass one conformance suite (``tests/ledger``). What an engine
promises:

1. ``append`` has either stored every event that it reports as accepted, on
   disk and visible to the next query, or raised and stored none.
2. An identity ``(id, time)`` is stored at most once, for as long as it is kept.
3. ``usage`` equals the fold of the stored events, exactly.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from tallybook.domain.queries import UsageQuery
from tallybook.domain.sheets import Sheet


class Lot(msgspec.Struct, frozen=True):
    """Entries that came together. A ``whole`` lot is stored completely or not at all.

    ``positions`` are the places that the sheet's entries had where they came
    from; of entries with one identity, the one that stood first counts.
    """

    sheet: Sheet
    positions: Sequence[int]
    whole: bool = False


class Conflict(msgspec.Struct, frozen=True):
    """An entry whose identity is stored with another content.

    ``position`` is its place where it came from; ``columns`` are those that differ.
    """

    position: int
    id: str
    kind: str
    columns: tuple[str, ...]


class Appended(msgspec.Struct, frozen=True):
    """What became of one lot. Entries that are not counted here were not stored."""

    accepted: int
    duplicates: int
    conflicts: tuple[Conflict, ...] = ()


class UsageRow(msgspec.Struct, frozen=True):
    """The sums of one bucket and group.

    ``bucket`` is the bucket's start in Unix seconds. ``keys`` are the values
    of the query's ``group_by``, ``counts`` the sums of the kind's columns, in
    stored units; both in the query's order.
    """

    bucket: int
    keys: tuple[Any, ...]
    counts: tuple[int, ...]


class Ledger(Protocol):
    """Events, durable and exactly once, and the sums over them."""

    def append(self, lots: Sequence[Lot]) -> list[Appended]:
        """Store what is new, in one transaction; answer for each lot in turn.

        Called by one thread at a time. Raises StorageFull or LedgerUnavailable,
        and then nothing of any lot is stored.
        """
        ...

    def usage(self, query: UsageQuery, start: int, end: int) -> list[UsageRow]:
        """The sums of ``[start, end)`` by bucket and group, in the wire's order of rows.

        Safe to call from any thread. Raises LedgerUnavailable.
        """
        ...

    def check(self) -> None:
        """Return when the ledger answers; raise LedgerUnavailable when it does not."""
        ...

    def close(self) -> None:
        """Put everything into the main file and let go of it."""
        ...
