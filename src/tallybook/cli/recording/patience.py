"""How long a server that is away is waited for."""

import threading
from collections.abc import Callable

from tallybook.client.errors import NoAnswer

# Once no more lines come.
GRACE_SECONDS = 15.0
# A server that stays away is told of again.
_TOLD_EVERY_SECONDS = 60.0


class Patience:
    """Waits between attempts: for as long as it takes while lines come, and a while after that.

    Safe to use from any thread. ``clock`` never goes back; ``tell`` is called
    with a sentence when the waiting begins, and now and then while it goes on.
    """

    def __init__(self, clock: Callable[[], float], tell: Callable[[str], None]) -> None:
        self._clock = clock
        self._tell = tell
        self._ending = threading.Event()
        self._deadline: float | None = None
        self._told_at: float | None = None

    def end(self) -> None:
        """No more lines come: from now on, wait ``GRACE_SECONDS`` and no longer."""
        if self._deadline is None:
            self._deadline = self._clock() + GRACE_SECONDS
        self._ending.set()

    def sleep(self, seconds: float) -> None:
        """Wait until the next attempt. Raises NoAnswer once there is to be none."""
        if not self._ending.is_set():
            self._tell_of_waiting()
            self._ending.wait(seconds)
            return
        left = (self._deadline or 0.0) - self._clock()
        if left <= 0:
            raise NoAnswer(f"The server took no events for {GRACE_SECONDS:g} seconds at the end.")
        threading.Event().wait(min(seconds, left))

    def _tell_of_waiting(self) -> None:
        now = self._clock()
        if self._told_at is None or now - self._told_at >= _TOLD_EVERY_SECONDS:
            self._told_at = now
            self._tell("The server takes no events now. What comes waits, and is sent again.")
