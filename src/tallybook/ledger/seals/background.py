"""Sealing in the background: what is due is folded a day at a time, out of everybody's way."""

import logging
import threading
from collections.abc import Callable
from typing import Self

from tallybook.domain.errors import StorageFull, TallybookError
from tallybook.domain.instants import MICROSECONDS, iso
from tallybook.ledger.ledger import Sealable
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

    def _seal(self, due: Due) -> bool:
        """Seal a day's part; whether others may be tried too.

        What is not sealed is read from the events, and the next look tries again.
        """
        try:
            hours = self._ledger.seal(due)
        except Exception as fault:
            # Told once, not at each look.
            if str(fault) != self._told:
                _log.warning(
                    "Hours could not be sealed: %s",
                    fault,
                    exc_info=_defect(fault),
                    extra={"told": {"event": "sealing_failed"}},
                )
                self._told = str(fault)
            return not isinstance(fault, StorageFull)
        if hours:
            day = iso(due.day * MICROSECONDS).partition("T")[0]
            _log.info(
                "Sealed %d hours of %s",
                hours,
                day,
                extra={"told": {"event": "sealed", "day": day, "hours": hours}},
            )
            self._on_sealed(hours)
        return True


def _defect(fault: Exception) -> Exception | None:
    """A fault that nobody foresaw, whose origin belongs in the log."""
    return None if isinstance(fault, TallybookError) else fault
