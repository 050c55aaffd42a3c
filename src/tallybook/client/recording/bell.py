"""A bell that wakes a thread, and may be rung from anywhere."""

import threading
from contextlib import suppress


class Bell:
    """However often it was rung since it was last heard, it is heard once.

    Ringing never waits: not for another thread, and not in a signal handler
    or a finalizer that interrupts another ringing, where the lock inside
    ``threading.Event`` would wait for itself.
    """

    def __init__(self) -> None:
        # Taken by whoever hears; free from a ringing until then.
        self._silence = threading.Lock()
        self._silence.acquire()

    def ring(self) -> None:
        """Wake the thread that waits, or the next that will."""
        if self._silence.locked():
            # Another thread may have been quicker.
            with suppress(RuntimeError):
                self._silence.release()

    def wait(self, timeout_seconds: float | None = None) -> bool:
        """Wait until it is rung, or time is up; whether it was."""
        return self._silence.acquire(timeout=-1 if timeout_seconds is None else timeout_seconds)
