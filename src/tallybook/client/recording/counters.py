"""What became of everything that was recorded, in numbers."""

from collections import deque

import msgspec


class Counters(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of events since the recorder was made, in this process.

    Each event that was recorded or adopted is in exactly one of the others:
    ``recorded + adopted == queued + spooled + sent + duplicates + rejected + dropped``.
    """

    # Taken from the application.
    recorded: int = 0
    # Found in the spool, left behind by a process that has ended.
    adopted: int = 0
    # In memory alone: lost if the process is killed now.
    queued: int = 0
    # On disk, not yet answered for.
    spooled: int = 0
    # Stored by the server.
    sent: int = 0
    # Sent, and stored already: an answer had been lost on its way.
    duplicates: int = 0
    # Refused by the server for what they are; kept in ``refused.ndjson``.
    rejected: int = 0
    # Given up: there was no room for them.
    dropped: int = 0
    # Beside all these: calls of ``record`` with what is no event.
    invalid: int = 0

    @property
    def settled(self) -> int:
        """How many have been answered for."""
        return self.sent + self.duplicates + self.rejected


class Tally:
    """The counts that are kept; what waits is counted where it waits. Guarded by its users."""

    def __init__(self) -> None:
        # Taken from the inbox into the backlog.
        self.journaled = 0
        # Of those, answered for or lost: in the order in which they came.
        self.done = 0
        # Never journaled, for want of room or because the recorder is closed.
        self.turned_away = 0
        self.adopted = 0
        self.sent = 0
        self.duplicates = 0
        self.rejected = 0
        # Of those that were journaled or adopted.
        self.lost = 0
        self.invalid = 0
        # Why the latest was invalid, until it is said.
        self.why_invalid: str | None = None

    @property
    def dropped(self) -> int:
        """All that was given up."""
        return self.turned_away + self.lost

    def read(self, notes: deque[str | None]) -> None:
        """Count what the inbox says of what is no line."""
        while notes:
            why = notes.popleft()
            if why is None:
                self.turned_away += 1
            else:
                self.invalid += 1
                self.why_invalid = why

    def counters(self, *, waiting: int, queued: int, spooled: int) -> Counters:
        """The counters, with what waits: in the inbox, in memory, and on disk."""
        return Counters(
            recorded=self.journaled + waiting + self.turned_away,
            adopted=self.adopted,
            queued=waiting + queued,
            spooled=spooled,
            sent=self.sent,
            duplicates=self.duplicates,
            rejected=self.rejected,
            dropped=self.dropped,
            invalid=self.invalid,
        )
