"""What waits to be sent: segments in order, on disk where there is a spool with room for them.

Not for several threads at once: the pipeline holds its lock around every call.
"""

from collections import deque
from collections.abc import Iterator, Sequence

from tallybook.client.recording.homes import Home, SegmentFile
from tallybook.client.recording.limits import Limits

# What is on disk is also kept in memory up to here, so that it is not read again to be sent.
MEMORY_BYTES_MAX = 8 << 20

_END = b"\n"


class Segment:
    """Some events that are sent as one request. ``count`` is how many there are."""

    def __init__(self, file: SegmentFile | None, opened_at: float) -> None:
        """``file`` is None for what is in memory alone; ``opened_at`` is on the caller's clock."""
        self.file = file
        self.opened_at = opened_at
        # With the ends of lines; None once the file alone has them.
        self.lines: list[bytes] | None = []
        self.count = 0
        self.size_bytes = 0
        # Whether another process left it behind.
        self.adopted = False

    def text(self) -> bytes:
        """The events, one a line. Raises OSError."""
        if self.lines is not None:
            return b"".join(self.lines)
        return self.file.read() if self.file else b""


class Backlog:
    """Segments, the oldest first; in memory alone until it moves into a home."""

    def __init__(self, limits: Limits) -> None:
        self._home: Home | None = None
        self._limits = limits
        self._segments: deque[Segment] = deque()
        self._taken: Segment | None = None
        self._adopted: list[Home] = []
        self._memory_bytes = 0
        self._disk_bytes = 0
        # Events in memory alone, and events on disk; those under way included.
        self.queued = 0
        self.spooled = 0

    @property
    def has_home(self) -> bool:
        """Whether there is a folder on disk for what comes."""
        return self._home is not None

    def move_in(self, home: Home) -> None:
        """Keep what comes from now on in a folder."""
        self._home = home

    def put(self, lines: Sequence[bytes], now: float) -> OSError | None:
        """Take lines in, in order; the last fault that kept some of them off the disk, if any."""
        fault = None
        for batch in _batches(lines, self._limits):
            try:
                kept = self._put_on_disk(batch, now)
            except OSError as found:
                kept, fault = False, found
            if not kept:
                self._put_in_memory(batch, now)
        return fault

    def ripe_in_seconds(self, now: float) -> float | None:
        """How long the oldest segment waits for more events; None when there is no segment."""
        if not self._segments:
            return None
        oldest = self._segments[0]
        if len(self._segments) > 1 or oldest.count >= self._limits.batch_events_max:
            return 0.0
        return max(oldest.opened_at + self._limits.batch_seconds - now, 0.0)

    def take(self) -> Segment:
        """The oldest segment, to be sent and settled before the next: nothing is added to it."""
        self._taken = self._segments.popleft()
        return self._taken

    def settle(self) -> OSError | None:
        """Forget what was taken: it has been answered for. The fault of the disk, if there is one.

        What cannot be deleted is sent again by whoever adopts it, and known then.
        """
        segment, self._taken = self._taken, None
        if segment is None:
            return None
        self._forget_lines(segment)
        if segment.file is None:
            self.queued -= segment.count
            return None
        self.spooled -= segment.count
        self._disk_bytes -= segment.size_bytes
        try:
            segment.file.delete()
            self._leave_what_is_empty()
        except OSError as fault:
            return fault
        return None

    def adopt(self, home: Home, now: float) -> int:
        """Take over what another process left behind, to be sent next; how many events.

        Raises OSError, with the folder let go of again.
        """
        found = []
        try:
            for file in home.segments():
                segment = Segment(file, now)
                segment.count, segment.size_bytes = file.scan()
                segment.lines, segment.adopted = None, True
                if segment.count:
                    found.append(segment)
                else:
                    file.delete()
        except OSError:
            home.give_up()
            raise
        self._segments.extendleft(reversed(found))
        self._adopted.append(home)
        self.spooled += sum(segment.count for segment in found)
        self._disk_bytes += sum(segment.size_bytes for segment in found)
        self._leave_what_is_empty()
        return sum(segment.count for segment in found)

    def leave(self) -> int:
        """Give up the folders to the next process, and what is in memory alone; how many events."""
        for home in self._homes():
            home.remove_when_empty()
            home.give_up()
        lost, self.queued = self.queued, 0
        return lost

    def let_go(self) -> None:
        """Give up this process's hold of the folders; those of the parent of a fork stay held."""
        for home in self._homes():
            home.give_up()

    def _homes(self) -> list[Home]:
        return [*self._adopted, *([self._home] if self._home else [])]

    def _put_on_disk(self, lines: list[bytes], now: float) -> bool:
        """Whether the lines are on disk now. Raises OSError."""
        size_bytes = sum(map(len, lines))
        if self._home is None:
            return False
        if self._disk_bytes + size_bytes > self._limits.spool_bytes_max:
            raise OSError(
                f"the spool holds {self._disk_bytes} of at most {self._limits.spool_bytes_max}"
                " bytes (spool_bytes_max)"
            )
        segment = self._open_segment(len(lines), size_bytes, on_disk=True)
        if segment is None:
            segment = Segment(self._home.new_segment(), now)
        if segment.file is not None:
            segment.file.append(b"".join(lines))
        self._add(segment, lines, size_bytes)
        self.spooled += len(lines)
        self._disk_bytes += size_bytes
        if self._memory_bytes > MEMORY_BYTES_MAX:
            self._forget_lines(segment)
        return True

    def _put_in_memory(self, lines: list[bytes], now: float) -> None:
        size_bytes = sum(map(len, lines))
        segment = self._open_segment(len(lines), size_bytes, on_disk=False) or Segment(None, now)
        self._add(segment, lines, size_bytes)
        self.queued += len(lines)

    def _open_segment(self, count: int, size_bytes: int, *, on_disk: bool) -> Segment | None:
        """The newest segment, when so much more fits into it."""
        if not self._segments:
            return None
        last, limits = self._segments[-1], self._limits
        fits = (
            not last.adopted
            and last.count + count <= limits.batch_events_max
            and last.size_bytes + size_bytes <= limits.batch_bytes_max
        )
        return last if fits and (last.file is not None) is on_disk else None

    def _add(self, segment: Segment, lines: list[bytes], size_bytes: int) -> None:
        if not segment.count:
            self._segments.append(segment)
        segment.count += len(lines)
        segment.size_bytes += size_bytes
        if segment.lines is not None:
            segment.lines += lines
            self._memory_bytes += size_bytes

    def _forget_lines(self, segment: Segment) -> None:
        if segment.lines is not None:
            self._memory_bytes -= segment.size_bytes
            segment.lines = None

    def _leave_what_is_empty(self) -> None:
        self._adopted = [home for home in self._adopted if not home.remove_when_empty()]


def _batches(lines: Sequence[bytes], limits: Limits) -> Iterator[list[bytes]]:
    """Yield the lines, with their ends, as batches within the limits of one request."""
    batch: list[bytes] = []
    size_bytes = 0
    for line in lines:
        length = len(line) + len(_END)
        full = len(batch) >= limits.batch_events_max
        if batch and (full or size_bytes + length > limits.batch_bytes_max):
            yield batch
            batch, size_bytes = [], 0
        batch.append(line + _END)
        size_bytes += length
    if batch:
        yield batch
