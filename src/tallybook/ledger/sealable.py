"""What an engine makes of what is over: sums that are sealed and proven, and old events let go."""

from collections.abc import Iterator
from typing import Protocol

import msgspec

from tallybook.domain.buckets import BucketWidth
from tallybook.ledger.ledger import Ledger
from tallybook.ledger.seals.book import Due


class Discrepancy(msgspec.Struct, frozen=True):
    """A sealed span, by its start in Unix seconds, whose rows in a rollup are not its events'.

    ``rows`` is how many of them differ, on both sides.
    """

    start: int
    width: BucketWidth
    table: str
    rows: int


class Verified(msgspec.Struct, frozen=True):
    """What was found of a day: how many of its hours are sealed, if it is, and what is wrong."""

    day: int
    hours: int
    whole: bool
    discrepancies: tuple[Discrepancy, ...]
    # Its events are gone: its sums were held against finer sums, and its archive, where there is
    # one, against its digest.
    let_go: bool = False


class LetGo(msgspec.Struct, frozen=True):
    """A day whose events were let go, by its start in Unix seconds.

    ``digest`` is that of the events, in the file of the archive; null where they were not kept.
    """

    day: int
    events: int
    digest: str | None = None


class Sealable(Protocol):
    """Rollups of what is over, and the proof that they equal its events."""

    def due(self, now: float) -> list[Due]:
        """What is to be sealed at a moment, in Unix seconds, the newest first.

        An hour that was changed since the last call is left for the next one.
        """
        ...

    def seal(self, due: Due) -> int:
        """Seal hours of a day, and the day when they are its last; how many hours were sealed.

        Hours that change meanwhile are not. Safe to call from any thread, one
        call at a time is under way. Raises StorageFull or LedgerUnavailable.
        """
        ...

    def let_go(self, now: float) -> LetGo | None:
        """Let the events of one day go, the oldest, when it is old enough at a moment.

        None when no day is, or when it has to wait. The moment is in Unix seconds; the sums of
        the day stay. Raises StorageFull or LedgerUnavailable, and then all is as it was.
        """
        ...

    def unseal(self) -> None:
        """Take the seals away: what has events is read from them until it is sealed again."""
        ...

    def verify(self) -> Iterator[Verified]:
        """Hold what is sealed against the fold of its events, a day at a time, the newest first."""
        ...


class SealedLedger(Ledger, Sealable, Protocol):
    """What an engine is: a ledger, and what makes it fast."""
