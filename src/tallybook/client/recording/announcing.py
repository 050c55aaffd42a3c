"""Faults said loudly, and not a thousand times a second."""

import logging
from collections.abc import Callable

EVERY_SECONDS = 60.0


class Announcer:
    """Logs the first fault of each sort, and then one in a minute with how many there were.

    ``clock`` gives seconds that only grow.
    """

    def __init__(self, log: logging.Logger, clock: Callable[[], float]) -> None:
        self._log = log
        self._clock = clock
        self._again_at: dict[str, float] = {}
        self._unsaid: dict[str, int] = {}

    def say(
        self,
        sort: str,
        text: str,
        level: int = logging.ERROR,
        *,
        defect: Exception | None = None,
    ) -> None:
        """Log a fault, or count it until its sort's minute is over; of a defect, where it arose."""
        now = self._clock()
        unsaid = self._unsaid.get(sort, 0)
        if now < self._again_at.get(sort, now):
            self._unsaid[sort] = unsaid + 1
            return
        self._again_at[sort] = now + EVERY_SECONDS
        self._unsaid[sort] = 0
        before = f" ({unsaid} more of this since it was last said)" if unsaid else ""
        self._log.log(level, "%s%s", text, before, exc_info=defect)

    def over(self, sort: str, text: str) -> None:
        """Log that a sort of fault is over, when one was said."""
        if self._again_at.pop(sort, None) is not None:
            self._unsaid.pop(sort, None)
            self._log.warning("%s", text)
