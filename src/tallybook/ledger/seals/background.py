"""Sealing in the background: what is due is folded a day at a time, out of everybody's way.

After it, what is too old is let go, a day at a time.
"""

import logging
import threading
from collections.abc import Callable
from typing import Self

from tallybook.domain.errors import StorageFull, TallybookError
from tallybook.domain.instants import iso_date
from tallybook.ledger.sealable import Sealable
from tallybook.ledger.seals.book import Due

# Between two looks for what is due. An hour is left alone for one of them after it has changed.
LOOK_SECONDS = 2.0

_log = logging.getLogger("tallybook")


class Sealing:
    """A thread that seals what is due, for as long as the block runs."""

    def __init__(
        self,
        ledger: Sealable,
        clock: Callable[[], float],
        look_seconds: float = LOOK_SECONDS,
        on_sealed: Callable[[int], None] = lambda _hours: None,
    ) -> None:
        """Seal what is due in ``ledger`` by ``clock``, which gives Unix seconds.

        ``on_sealed`` is told how many hours were sealed, each time some were.
        """
        self._ledger = ledger
        self._clock = clock
        self._look_seconds = look_seconds
        self._on_sealed = on_sealed
        self._stopping = threading.Event()
        self._told = ""
        self._thread = threading.Thread(target=self._run, name="tallybook-sealing", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Finish the day that is being folded, then stop."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(self._look_seconds):
            for due in self._ledger.due(self._clock()):
                if self._stopping.is_set() or not self._seal(due):
                    break
            while not self._stopping.is_set() and self._let_go():
                pass

    def _seal(self, due: Due) -> bool:
        """Seal a day's part; whether others may be tried too.

        What is not sealed is read from the events, and the next look tries again.
        """
        try:
            hours = self._ledger.seal(due)
        except Exception as fault:
            self._warn("Hours could not be sealed: %s", "sealing_failed", fault)
            return not isinstance(fault, StorageFull)
        if hours:
            day = iso_date(due.day)
            _log.info(
                "Sealed %d hours of %s",
                hours,
                day,
                extra={"told": {"event": "sealed", "day": day, "hours": hours}},
            )
            self._on_sealed(hours)
        return True

    def _let_go(self) -> bool:
        """Let the oldest day go; whether there may be another one. The next look tries again."""
        try:
            found = self._ledger.let_go(self._clock())
        except Exception as fault:
            self._warn("A day could not be let go: %s", "letting_go_failed", fault)
            return False
        if found is None:
            return False
        day = iso_date(found.day)
        _log.info(
            "Let %d events of %s go",
            found.events,
            day,
            extra={"told": {"event": "let_go", "day": day, "events": found.events}},
        )
        return True

    def _warn(self, text: str, event: str, fault: Exception) -> None:
        """Tell of a fault once, not at each look."""
        if str(fault) != self._told:
            _log.warning(text, fault, exc_info=_defect(fault), extra={"told": {"event": event}})
            self._told = str(fault)


def _defect(fault: Exception) -> Exception | None:
    """A fault that nobody foresaw, whose origin belongs in the log."""
    return None if isinstance(fault, TallybookError) else fault
