"""Server-sent events taken from bytes that arrive cut anywhere.

A stream is a row of blocks, each ended by a blank line (WHATWG HTML, section
9.2). Lines end with LF, CRLF or CR. Most events tell nothing that is asked
for here, so whole blocks come in runs, as many as have arrived, and a run is
taken apart only when there is something in it.
"""

import re
from itertools import pairwise

import msgspec

# The end of a line and a blank line. A CR at the end of what has arrived may
# be half of a CRLF, so it ends nothing until the next byte is there.
_BLOCK_END = re.compile(rb"(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r(?=[^\n]))")
# One byte less than the longest block end.
_BLOCK_END_OVERLAP = 3
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_DATA = b"data:"


class Run(msgspec.Struct, frozen=True):
    """Blocks as they were sent, their blank lines included.

    Of a block that is longer than the splitter's limit come the pieces, and
    none of them ``is_whole``.
    """

    raw: bytes
    is_whole: bool = True


class RunSplitter:
    """Cuts a stream into runs and keeps what has no end yet: at most ``bytes_max`` bytes."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._pending = bytearray()
        self._is_too_long = False

    def feed(self, chunk: bytes) -> list[Run]:
        """What ends in ``chunk``, the bytes that follow those fed before."""
        if not self._pending and _is_plain_run(chunk):
            return [Run(chunk)]
        searched = max(len(self._pending) - _BLOCK_END_OVERLAP, 0)
        self._pending += chunk
        runs = []
        if self._is_too_long and (end := _BLOCK_END.search(self._pending, searched)):
            runs.append(Run(self._cut(end.end()), is_whole=False))
            self._is_too_long = False
            searched = 0
        if not self._is_too_long and (last := self._last_end(searched)):
            runs.append(Run(self._cut(last)))
        if len(self._pending) > self._bytes_max:
            # The last few bytes may begin a block's end.
            runs.append(Run(self._cut(len(self._pending) - _BLOCK_END_OVERLAP), is_whole=False))
            self._is_too_long = True
        return runs

    def rest(self) -> bytes:
        """What has come after the last block; the splitter is empty then."""
        return self._cut(len(self._pending))

    def _last_end(self, start: int) -> int:
        """Where the last block that has arrived ends; 0 when none has."""
        if self._pending.find(b"\r", start) < 0:
            # The usual case, at the speed of memory.
            found = self._pending.rfind(b"\n\n", start)
            if found < 0:
                return 0
            end = found + 2
            # Of an odd number of line ends the last one begins the next block.
            return end - (end - len(self._pending[:end].rstrip(b"\n"))) % 2
        return max((end.end() for end in _BLOCK_END.finditer(self._pending, start)), default=0)

    def _cut(self, end: int) -> bytes:
        taken = bytes(self._pending[:end])
        del self._pending[:end]
        return taken


def _is_plain_run(chunk: bytes) -> bool:
    """Whether a chunk is a run by itself, which most are: servers send whole events."""
    return chunk[-2:] == b"\n\n" and chunk[-3:] != b"\n\n\n" and b"\r" not in chunk


def blocks_of(run: bytes) -> list[bytes]:
    """The blocks of a run, each one event; put together again they are the run."""
    if b"\r" not in run:
        # What follows the last end is nothing, in a run.
        return [block + b"\n\n" for block in run.split(b"\n\n")[:-1]]
    ends = [0, *(end.end() for end in _BLOCK_END.finditer(run))]
    if ends[-1] != len(run):
        # A CR ends the last block: in a run nothing is left to wait for.
        ends.append(len(run))
    return [run[start:end] for start, end in pairwise(ends)]


def data_of(block: bytes) -> bytes | None:
    """The data of an event, lines joined by LF; None for a comment or an event without data."""
    lines = block.removeprefix(_BYTE_ORDER_MARK).splitlines()
    data = [
        line[len(_DATA) :].removeprefix(b" ") if line.startswith(_DATA) else b""
        for line in lines
        if line.startswith(_DATA) or line == b"data"
    ]
    return b"\n".join(data) if data else None
