"""Segments: some events that are sent as one request, in memory, on disk or in both."""

from collections.abc import Iterator, Sequence

from tallybook.client.recording.homes import Home, SegmentFile
from tallybook.client.recording.limits import Limits

_END = b"\n"


class Segment:
    """Some events, one a line, the oldest first.

    ``number`` is its place among the segments of its process. ``opened_at`` is
    on the caller's clock.
    """

    def __init__(self, number: int, opened_at: float) -> None:
        self.number = number
        self.opened_at = opened_at
        # None for what is in memory alone.
        self.file: SegmentFile | None = None
        # With the ends of lines; None once the file alone has them.
        self.lines: list[bytes] | None = []
        self.count = 0
        self.size_bytes = 0
        # Whether nothing may be added: it was left behind by another process, or its file failed.
        self.is_closed = False
        # Whether another process recorded it.
        self.is_adopted = False

    def text(self) -> bytes:
        """The events, one a line. Raises OSError."""
        if self.lines is not None:
            return b"".join(self.lines)
        return self.file.read() if self.file else b""

    def has_room(self, lines: Sequence[bytes], limits: Limits) -> bool:
        """Whether these lines, with their ends, may be sent with it."""
        return (
            not self.is_closed
            and self.count + len(lines) <= limits.batch_events_max
            and self.size_bytes + sum(map(len, lines)) <= limits.batch_bytes_max
        )


def left_in(home: Home, opened_at: float) -> list[Segment]:
    """The segments that another process left in its folder, the oldest first. Raises OSError."""
    return [_adopted(file, opened_at) for file in home.segments()]


def _adopted(file: SegmentFile, opened_at: float) -> Segment:
    segment = Segment(0, opened_at)
    segment.count = file.scan()
    segment.size_bytes = file.size_bytes
    segment.file, segment.lines = file, None
    segment.is_closed = segment.is_adopted = True
    return segment


def batches(lines: Sequence[bytes], limits: Limits) -> Iterator[list[bytes]]:
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
