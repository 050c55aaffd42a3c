"""Which events are certainly new, without asking the engine.

Live traffic arrives within seconds of its time. For the newest stretch of
time the identities of all stored events are held in memory, so an event of
that stretch whose identity is not among them is new for certain; only the
others, late or repeated, cost a look into the table. This takes the larger
half of the time out of a small commit.
"""

from collections.abc import Iterable

from tallybook.ledger.judge import Identity

# Some 200 bytes each. At 100,000 events a second this spans a second, far more
# than requests overtake each other by.
IDENTITIES_KEPT = 100_000


class RecentIdentities:
    """The identities of every stored event whose time is not before ``floor_us``."""

    def __init__(self, floor_us: int, kept: int = IDENTITIES_KEPT) -> None:
        """Start with no stored event at or after ``floor_us``; hold at most twice ``kept``."""
        self.floor_us = floor_us
        self._kept = kept
        # A dict for its order: nearly that of time, which sorts fast.
        self._known: dict[Identity, None] = {}

    def certainly_new(self, key: Identity) -> bool:
        """Whether no stored event can have this identity."""
        return key[1] >= self.floor_us and key not in self._known

    def add(self, keys: Iterable[Identity]) -> None:
        """Take in what has just been stored; forget the oldest when there are too many."""
        floor_us = self.floor_us
        self._known.update({key: None for key in keys if key[1] >= floor_us})
        if len(self._known) > 2 * self._kept:
            self._forget()

    def _forget(self) -> None:
        """Raise the floor so that at most ``kept`` identities stay: all that are above it."""
        newest = sorted((time for _, time in self._known), reverse=True)
        self.floor_us = newest[self._kept] + 1
        self._known = {key: None for key in self._known if key[1] >= self.floor_us}
