"""How many requests a key may make: a bucket of tokens per key, in the memory of this server.

A bucket holds the requests of one minute and is filled evenly: who was quiet
for a minute may make them all at once. Each server counts for itself.

Of a bucket one number is kept, the moment at which it will be full again: what
is missing in it is the time until then (the generic cell rate algorithm).
Times are whole nanoseconds, so that n requests are n, whatever n is.
"""

from collections.abc import Callable

from tallybook.domain.errors import RateLimited

SECOND_NS = 1_000_000_000
MINUTE_NS = 60 * SECOND_NS


class RateLimits:
    """The buckets of the keys that were used lately. For one thread.

    ``clock`` gives nanoseconds and never goes back. A bucket that is full is
    as good as none, and is forgotten within a minute: at most the keys that were
    let in within the last two minutes have one.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._full_at: dict[str, int] = {}
        self._forget_at = clock() + MINUTE_NS

    def __len__(self) -> int:
        """How many buckets are held."""
        return len(self._full_at)

    def take(self, key_id: str, requests_per_minute_max: int) -> None:
        """Take a request out of a key's bucket, which holds at least one (inclusive).

        Raises RateLimited when the bucket is empty, with the whole seconds,
        rounded up, after which it no longer is. Who is refused loses nothing by having asked.
        """
        now = self._clock()
        if now >= self._forget_at:
            self._forget_full(now)
        interval = MINUTE_NS // requests_per_minute_max
        full_at = max(self._full_at.get(key_id, now), now)
        wait = full_at - now - interval * (requests_per_minute_max - 1)
        if wait > 0:
            seconds = -(-wait // SECOND_NS)
            raise RateLimited(
                f"The rate limit of {key_id} is reached: {requests_per_minute_max} requests per"
                f" minute. Try again in {seconds} s.",
                retry_after_seconds=seconds,
            )
        self._full_at[key_id] = full_at + interval

    def _forget_full(self, now: int) -> None:
        self._full_at = {
            key_id: full_at for key_id, full_at in self._full_at.items() if full_at > now
        }
        self._forget_at = now + MINUTE_NS
