"""Where the application's threads leave events: nothing here waits, and nothing takes a lock."""

from collections import deque

from tallybook.client.recording.bell import Bell


class Inbox:
    """Lines to be journaled, and notes of what is none: appended by any thread, taken by one.

    ``append`` and ``popleft`` of a deque are whole whatever interrupts them,
    so this is as good in a signal handler. Counting, which is not, is left to
    whoever takes the notes.
    """

    def __init__(self) -> None:
        self.lines: deque[bytes] = deque()
        # Why something is no event; None for an event that was turned away.
        self.notes: deque[str | None] = deque()
        self.bell = Bell()

    def put(self, line: bytes) -> None:
        """Leave an event."""
        self.lines.append(line)
        self.bell.ring()

    def turn_away(self) -> None:
        """Leave a note that there was no room for an event."""
        self.notes.append(None)
        self.bell.ring()

    def refuse(self, fault: Exception) -> None:
        """Leave a note that what was recorded is no event."""
        self.notes.append(_said(fault))
        self.bell.ring()


def _said(fault: Exception) -> str:
    """What an exception says; it may be one of the application's own, which may fail to say it."""
    name = type(fault).__name__
    try:
        return f"{name}: {fault}"
    except Exception:
        return name
