"""Content codings undone piece by piece, so that a copy of an answer can be read on the side."""

import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import Protocol

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# The most that one step unpacks, whatever a packed chunk holds.
STEP_BYTES = 1 << 20


class UnknownCoding(Exception):
    """The answer is in a coding that cannot be undone here."""


class Coding(Protocol):
    """An incremental decoder of one coding."""

    def unpack(self, chunk: bytes) -> Iterator[bytes]:
        """What ``chunk``, the bytes after those given before, unpacks to, in steps."""
        ...


class _Zlib:
    """gzip, and zlib's own format."""

    def __init__(self, wbits: int) -> None:
        self._inner = zlib.decompressobj(wbits)

    def unpack(self, chunk: bytes) -> Iterator[bytes]:
        while piece := self._inner.decompress(chunk, STEP_BYTES):
            yield piece
            chunk = self._inner.unconsumed_tail


class _Deflate:
    """What is called deflate: zlib's format, or, from some servers, its content alone."""

    def __init__(self) -> None:
        self._inner: _Zlib | None = None

    def unpack(self, chunk: bytes) -> Iterator[bytes]:
        if self._inner is None and chunk:
            # A zlib header says 8 in its low half: the only compression method there is.
            wraps = chunk[0] & 0x0F == zlib.DEFLATED
            self._inner = _Zlib(zlib.MAX_WBITS if wraps else -zlib.MAX_WBITS)
        if self._inner is not None:
            yield from self._inner.unpack(chunk)


class _Zstd:
    """zstd, of one frame or several."""

    def __init__(self) -> None:
        self._inner = zstd.ZstdDecompressor()

    def unpack(self, chunk: bytes) -> Iterator[bytes]:
        while chunk or not self._inner.needs_input:
            if self._inner.eof:
                self._inner = zstd.ZstdDecompressor()
            yield self._inner.decompress(chunk, STEP_BYTES)
            chunk = self._inner.unused_data if self._inner.eof else b""
            if self._inner.eof and not chunk:
                return


class _Brotli:
    """br, where the library that HTTP clients take for it is installed."""

    def __init__(self) -> None:
        try:
            self._inner = import_module("brotli").Decompressor()
        except ImportError as error:
            raise UnknownCoding("br") from error

    def unpack(self, chunk: bytes) -> Iterator[bytes]:
        yield self._inner.process(chunk)


_CODINGS: dict[str, Callable[[], Coding]] = {
    "gzip": lambda: _Zlib(16 + zlib.MAX_WBITS),
    "deflate": _Deflate,
    "zstd": _Zstd,
    "br": _Brotli,
}


def codings_of(header: str) -> list[Coding]:
    """The decoders for a ``Content-Encoding`` header, in the order to apply them in.

    Raises UnknownCoding.
    """
    names = [name for part in header.split(",") if (name := part.strip().lower())]
    try:
        return [_CODINGS[name]() for name in reversed(names) if name != "identity"]
    except KeyError as error:
        raise UnknownCoding(str(error)) from None


def unpacked(codings: list[Coding], chunk: bytes) -> Iterable[bytes]:
    """What ``chunk`` is, once all codings are undone."""
    return _steps(codings, chunk) if codings else (chunk,)


def _steps(codings: list[Coding], chunk: bytes) -> Iterator[bytes]:
    first, *others = codings
    for piece in first.unpack(chunk):
        yield from unpacked(others, piece)
