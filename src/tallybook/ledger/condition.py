"""The condition of a ledger, for whoever watches over it."""

import msgspec

from tallybook.domain.buckets import BucketWidth


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """What an engine says of itself at a moment. Reading it takes no longer for more events.

    ``version`` is that of the file, ``engine`` the name and release of what
    keeps it. Moments are Unix seconds: ``newest_hour`` is the start of the newest
    hour with events, ``oldest_due`` that of the oldest hour that is to be
    sealed and is not. ``newest_seal_us`` is when something was sealed last, in
    microseconds by the clock of that time, or later. Each is null when there is none.
    """

    version: int
    engine: str
    memory_bytes: int
    memory_max_bytes: int
    newest_hour: int | None
    oldest_due: int | None
    newest_seal_us: int | None
    hours_sealed: int
    days_sealed: int
    # Before it all events were let go.
    horizon: int | None = None

    def seal_lag_seconds(self, now: float, grace_seconds: int) -> float:
        """How long the oldest hour that is due is due at a moment; 0 when none is."""
        if self.oldest_due is None:
            return 0.0
        return max(now - BucketWidth.HOUR.next(self.oldest_due) - grace_seconds, 0.0)
