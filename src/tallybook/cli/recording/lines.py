"""Lines of a stream as they come, and the loads that they are sent in."""

import os
import select
from collections.abc import Callable, Iterator
from pathlib import Path

from tallybook.cli.importing.rows import Load
from tallybook.client.closing import Closing

# What a load of lines is said to be from.
STANDARD_INPUT = Path("standard input")

_CHUNK_BYTES = 1 << 16
# More than any pipe holds: what was written before a stop is read after it.
_LEFT_BYTES_MAX = 1 << 20

# A line without its end, and its number, from 1.
Line = tuple[int, bytes]


class LineStream(Closing):
    """The lines of a file descriptor, which may be a pipe, a terminal or a file.

    ``stop`` ends it from another thread or from a signal's handler: what had
    come by then is still given. ``ended`` tells when nothing more comes.
    """

    def __init__(self, descriptor: int) -> None:
        self.ended = False
        self._descriptor = descriptor
        self._woken, self._wake = os.pipe()
        self._number = 0
        self._rest = b""

    def stop(self) -> None:
        """Give what has come, and then no more."""
        os.write(self._wake, b".")

    def read(self, timeout_seconds: float) -> list[Line]:
        """The lines that have come; none when none does in this time."""
        ready, _, _ = select.select([self._descriptor, self._woken], [], [], timeout_seconds)
        if self._woken in ready:
            chunk, self.ended = self._left(), True
        elif ready:
            chunk = os.read(self._descriptor, _CHUNK_BYTES)
            self.ended = not chunk
        else:
            return []
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        if self.ended:
            # The last line may lack its end.
            whole, self._rest = [*whole, self._rest], b""
        return self._numbered(whole)

    def close(self) -> None:
        """Let go of what was opened here."""
        os.close(self._woken)
        os.close(self._wake)

    def _left(self) -> bytes:
        """What can be read without waiting."""
        left = bytearray()
        while len(left) < _LEFT_BYTES_MAX and select.select([self._descriptor], [], [], 0)[0]:
            chunk = os.read(self._descriptor, _CHUNK_BYTES)
            if not chunk:
                break
            left += chunk
        return bytes(left)

    def _numbered(self, lines: list[bytes]) -> list[Line]:
        first, self._number = self._number + 1, self._number + len(lines)
        return [(first + at, line) for at, line in enumerate(lines) if line.strip()]


def live_loads(
    stream: LineStream,
    fill: Callable[[bytes], bytes],
    *,
    rows_max: int,
    bytes_max: int,
    age_seconds: float,
    clock: Callable[[], float],
) -> Iterator[Load | None]:
    """The lines of a stream in loads, each as soon as it is full or its first line is so old.

    Yields None where there is nothing to send yet, at least once in
    ``age_seconds``: to look after what was sent. ``clock`` never goes back.
    """
    pending: list[Line] = []
    size, first = 0, 0.0
    while not stream.ended:
        age = clock() - first if pending else 0.0
        for number, line in stream.read(max(age_seconds - age, 0)):
            if pending and (len(pending) >= rows_max or size + len(line) > bytes_max):
                yield _load(pending)
                pending, size = [], 0
            if not pending:
                first = clock()
            pending.append((number, fill(line.rstrip(b"\r"))))
            size += len(line) + 1
        if pending and (stream.ended or clock() - first >= age_seconds):
            yield _load(pending)
            pending, size = [], 0
        else:
            yield None


def _load(lines: list[Line]) -> Load:
    numbers, texts = zip(*lines, strict=True)
    return Load(STANDARD_INPUT, numbers, b"\n".join(texts))
