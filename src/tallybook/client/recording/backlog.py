"""What waits to be sent: segments in order, on disk where there is a spool with room for them.

Not for several threads at once: the pipeline holds its lock around every call.
"""

from collections import deque
from collections.abc import Sequence
from itertools import count

from tallybook.client.recording.homes import Home, SegmentFile
from tallybook.client.recording.limits import Limits
from tallybook.client.recording.segments import Segment, batches

# What is on disk is also kept in memory up to here, so that it is not read again to be sent.
MEMORY_BYTES_MAX = 8 << 20
# After a fault of the disk, what comes stays in memory for so long before it is tried again.
DISK_AGAIN_SECONDS = 1.0


class Backlog:
    """Segments, the oldest first; in memory alone until it moves into a home.

    Times are on a clock of the caller's that only grows, in seconds.
    """

    def __init__(self, limits: Limits) -> None:
        self._home: Home | None = None
        self._limits = limits
        self._segments: deque[Segment] = deque()
        self._taken: Segment | None = None
        # Folders of ended processes: those whose segments are here, and one that is looked through.
        self._adopted: list[Home] = []
        self._adopting: Home | None = None
        self._numbers = count(1)
        self._disk_at = float("-inf")
        self._memory_bytes = 0
        self._disk_bytes = 0
        # Events in memory alone, and events on disk; those under way included.
        self.queued = 0
        self.queued_bytes = 0
        self.spooled = 0
        # Whether the folders are given up: what is in them is the next process's.
        self.is_left = False

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
        for batch in batches(lines, self._limits):
            try:
                segment = self._put_on_disk(batch, now)
            except OSError as found:
                segment, fault = None, found
            self._add(segment or self._put_in_memory(batch, now), batch)
        return fault

    def write_out(self, now: float) -> OSError | None:
        """Put on disk what is in memory alone, as far as there is room again; the fault if not."""
        for segment in (*([self._taken] if self._taken else []), *self._segments):
            if not self.queued or not self._may_write(now):
                return None
            if segment.file is None:
                try:
                    self._write(segment, segment.lines or [], now)
                except OSError as fault:
                    return fault
                self.queued -= segment.count
                self.queued_bytes -= segment.size_bytes
        return None

    def ripe_in_seconds(self, now: float) -> float | None:
        """How long the oldest segment waits for more events; None when there is no segment."""
        if self._taken:
            return 0.0
        if not self._segments:
            return None
        oldest = self._segments[0]
        if len(self._segments) > 1 or oldest.count >= self._limits.batch_events_max:
            return 0.0
        return max(oldest.opened_at + self._limits.batch_seconds - now, 0.0)

    def take(self) -> Segment:
        """The oldest segment, the same until it is settled; nothing is added to it from now on."""
        if self._taken is None:
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
            self.queued_bytes -= segment.size_bytes
            return None
        self.spooled -= segment.count
        self._disk_bytes -= segment.size_bytes
        try:
            segment.file.delete()
            self._leave_what_is_empty()
        except OSError as fault:
            return fault
        return None

    def hold(self, home: Home) -> None:
        """Keep hold of another process's folder, whose segments are adopted next."""
        self._adopting = home

    def adopt(self, segments: Sequence[Segment]) -> int:
        """Take over the segments of that folder, to be sent next; how many events."""
        if self.is_left or self._adopting is None:
            self.give_up_unadopted()
            return 0
        self._adopted.append(self._adopting)
        self._adopting = None
        self._segments.extendleft(reversed(segments))
        events = sum(segment.count for segment in segments)
        self.spooled += events
        self._disk_bytes += sum(segment.size_bytes for segment in segments)
        self._leave_what_is_empty()
        return events

    def give_up_unadopted(self) -> None:
        """Let go of a folder whose segments could not be adopted."""
        if self._adopting is not None:
            self._adopting.give_up()
            self._adopting = None

    def leave(self) -> int:
        """Give up the folders to the next process, and what is in memory alone; how many events.

        What has still room on disk is put there first.
        """
        self.write_out(float("inf"))
        self.is_left = True
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
        return [*self._adopted, *(home for home in (self._home, self._adopting) if home)]

    def _may_write(self, now: float) -> bool:
        return self._home is not None and now >= self._disk_at

    def _put_on_disk(self, lines: list[bytes], now: float) -> Segment | None:
        """The segment whose file has the lines now; None while the disk is left alone.

        Raises OSError.
        """
        if not self._may_write(now):
            return None
        segment = self._open_segment(lines, now, on_disk=True)
        self._write(segment, lines, now)
        return segment

    def _put_in_memory(self, lines: list[bytes], now: float) -> Segment:
        self.queued += len(lines)
        self.queued_bytes += sum(map(len, lines))
        return self._open_segment(lines, now, on_disk=False)

    def _open_segment(self, lines: list[bytes], now: float, *, on_disk: bool) -> Segment:
        """The newest segment, when the lines fit into it, or a new one."""
        if self._segments:
            last = self._segments[-1]
            if (last.file is not None) is on_disk and last.has_room(lines, self._limits):
                return last
        return Segment(next(self._numbers), now)

    def _write(self, segment: Segment, lines: list[bytes], now: float) -> None:
        """Append lines to a segment's file, all or none; make it first when there is none.

        Raises OSError; the disk is left alone for a while then.
        """
        text = b"".join(lines)
        try:
            file = segment.file or self._new_file(segment.number)
            self._check_room(len(text))
            file.append(text)
        except OSError as fault:
            # A part of the text may be there: nothing must come after that.
            segment.is_closed = True
            self._disk_at = now + DISK_AGAIN_SECONDS
            if isinstance(fault, FileNotFoundError):
                self._move_out()
            raise
        segment.file = file
        self.spooled += len(lines)
        self._disk_bytes += len(text)

    def _check_room(self, size_bytes: int) -> None:
        held, most = self._disk_bytes, self._limits.spool_bytes_max
        if held + size_bytes > most:
            raise OSError(f"the spool holds {held} of at most {most} bytes (spool_bytes_max)")

    def _new_file(self, number: int) -> SegmentFile:
        if self._home is None:
            raise FileNotFoundError("this process has no folder in the spool")
        return self._home.segment(number)

    def _move_out(self) -> None:
        """Forget a folder that someone has removed, so that another one is made."""
        if self._home is not None:
            self._home.give_up()
            self._home = None

    def _add(self, segment: Segment, lines: list[bytes]) -> None:
        size_bytes = sum(map(len, lines))
        if not segment.count:
            self._segments.append(segment)
        segment.count += len(lines)
        segment.size_bytes += size_bytes
        if segment.lines is not None:
            segment.lines += lines
            self._memory_bytes += size_bytes
        if segment.file is not None and self._memory_bytes > MEMORY_BYTES_MAX:
            self._forget_lines(segment)

    def _forget_lines(self, segment: Segment) -> None:
        if segment.lines is not None:
            self._memory_bytes -= segment.size_bytes
            segment.lines = None

    def _leave_what_is_empty(self) -> None:
        self._adopted = [home for home in self._adopted if not home.remove_when_empty()]
