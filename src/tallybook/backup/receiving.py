"""Pieces that come over a connection, read as a file is."""

from collections.abc import Iterator


class Pieces:
    """Pieces of any length, of which as many bytes are read as are asked for."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = b""

    def read(self, size: int, /) -> bytes:
        """The next bytes: fewer than ``size`` at the end alone."""
        parts, wanted = [], size
        while wanted > 0:
            if not self._left:
                self._left = next(self._pieces, b"")
                if not self._left:
                    break
            part, self._left = self._left[:wanted], self._left[wanted:]
            parts.append(part)
            wanted -= len(part)
        return b"".join(parts)
