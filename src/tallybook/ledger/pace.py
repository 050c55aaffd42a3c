"""How fast events are stored, measured, and so how much may wait without waiting for long."""

# Groups below this say nothing of how long bytes take: a commit costs milliseconds, however little
# it holds.
_TELLING_BYTES_MIN = 256 << 10
# How much of what was measured before counts beside the newest group.
_KEPT_PART = 0.9
# What may always wait, as far as the queue's own bound allows: on a disk that takes a second for a
# commit, it shares one with others.
_BYTES_MIN = 2 << 20
# How long what is let in may wait for those before it. With the commit under way and its own, and
# a pause now and then for the log, it is answered within a second (benchmarks/overload.py).
WAIT_SECONDS_MAX = 0.2


class Pace:
    """Bytes a second, over the last groups."""

    def __init__(self) -> None:
        self._bytes = 0.0
        self._seconds = 0.0

    def note(self, size: int, seconds: float) -> None:
        """Learn that a group of so many bytes took so long."""
        if size >= _TELLING_BYTES_MIN:
            self._bytes = self._bytes * _KEPT_PART + size
            self._seconds = self._seconds * _KEPT_PART + seconds

    def bytes_max(self, most: int) -> int:
        """How many bytes may wait, and never more than ``most``."""
        if not self._seconds:
            return most
        worth = int(WAIT_SECONDS_MAX * self._bytes / self._seconds)
        return min(most, max(_BYTES_MIN, worth))

    def seconds_of(self, size: int) -> float:
        """How long so many bytes take; 0 as long as that is not known."""
        return size * self._seconds / self._bytes if self._bytes else 0.0
