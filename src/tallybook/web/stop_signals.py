"""SIGTERM and SIGINT, from the first moment of a server to its last: they stop it, in time.

Whenever one comes, while the ledger is being opened, while requests are
served, or again while the server stops, it means the same. With the first one
a deadline begins: a server that has not ended by then, because of a query
that hears no interrupt or of a disk that hangs, is ended as it is. What it
acknowledged is on disk by then, and the log holds what the file does not.
"""

import logging
import os
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Self

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)

_log = logging.getLogger("tallybook")


class StopSignals:
    """Handlers of the signals for the length of a block, in the main thread."""

    def __init__(self, seconds_max: float, end: Callable[[int], Any] = os._exit) -> None:
        """``end`` is called, with the status 0, so many seconds after the first signal."""
        self._seconds_max = seconds_max
        self._end = end
        self._before: dict[int, Any] = {}
        self._on_stop: Callable[[], None] = _nothing
        # A pipe, for it can be written to whatever the main thread was interrupted in.
        self._wake_read, self._wake_write = os.pipe()
        self.stopping = False

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._stop) for number in STOP_SIGNALS}
        threading.Thread(target=self._watch, name="tallybook-deadline", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Set the handlers of before; after a signal the deadline holds to the very end."""
        for number, handler in self._before.items():
            # The interpreter, at its end, would take any other handler away, and let a further
            # signal end the process with a status that says that it had failed.
            signal.signal(number, signal.SIG_IGN if self.stopping else handler)
        # The deadline's thread is there to the end, and would keep what it refers to: the engine,
        # whose library would tell whoever stops a server of all that was not freed.
        self._on_stop = _nothing
        if not self.stopping:
            os.write(self._wake_write, b".")

    def when_stopping(self, call: Callable[[], None]) -> None:
        """Have ``call`` called, in the handler, with each signal; now, when there was one."""
        self._on_stop = call
        if self.stopping:
            call()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        if not self.stopping:
            self.stopping = True
            os.write(self._wake_write, b"x")
        self._on_stop()

    def _watch(self) -> None:
        if os.read(self._wake_read, 1) != b"x":
            return
        threading.Event().wait(self._seconds_max)
        _log.warning(
            "The server did not stop within %g s (setting shutdown_seconds) and is ended as it is."
            " What was acknowledged is on disk.",
            self._seconds_max,
        )
        self._end(0)


def _nothing() -> None:
    """What is to be called while there is nothing to stop."""
