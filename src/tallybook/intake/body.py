"""Request bodies: unpacked, and never larger than the limit, packed or not."""

import sys
import zlib
from collections.abc import AsyncIterable, Callable
from typing import Any

from tallybook.domain.errors import BodyTooLarge, MalformedBody, UnsupportedMedia

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# Unpacked at a time; the most that a bomb gets before it is cut off.
CHUNK_BYTES = 1 << 20

# More than any number of bytes has.
_LENGTH_DIGITS_MAX = 20

ENCODINGS = ("identity", "gzip", "zstd")


async def receive(chunks: AsyncIterable[bytes], declared: str | None, bytes_max: int) -> bytes:
    """Read a body of at most ``bytes_max`` bytes (inclusive), as sent.

    ``declared`` is the ``Content-Length`` header, so that a body that says it
    is too large is refused before it is read. Raises BodyTooLarge.
    """
    if declared is not None and _is_more(declared, bytes_max):
        raise _too_large(f"the body is {declared} bytes", bytes_max)
    parts: list[bytes] = []
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > bytes_max:
            raise _too_large(f"the body is more than {bytes_max} bytes", bytes_max)
        parts.append(chunk)
    return b"".join(parts)


def _is_more(declared: str, bytes_max: int) -> bool:
    """Whether a header says more than so many bytes; one of too many digits to be read does."""
    digits = declared.lstrip("0") or "0"
    return declared.isdecimal() and (len(digits) > _LENGTH_DIGITS_MAX or int(digits) > bytes_max)


def unpack(body: bytes, encoding: str | None, bytes_max: int) -> bytes:
    """Undo the ``Content-Encoding`` of a body, up to ``bytes_max`` bytes (inclusive).

    Raises UnsupportedMedia for an encoding that is not of ``ENCODINGS``,
    MalformedBody for a stream that is damaged or cut off, and BodyTooLarge as
    soon as the limit is passed, however much more there is.
    """
    name = (encoding or "identity").strip().lower()
    if name == "identity":
        return body
    if name == "gzip":
        return _inflate(body, bytes_max, name, _Gunzip, zlib.error)
    if name == "zstd":
        return _inflate(body, bytes_max, name, zstd.ZstdDecompressor, zstd.ZstdError)
    raise UnsupportedMedia(
        f"Content-Encoding is {encoding!r}; send one of {', '.join(ENCODINGS)}.",
        param="Content-Encoding",
    )


class _Gunzip:
    """``zlib``'s decompressor with the interface that ``zstd``'s has."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail


def _inflate(
    body: bytes, bytes_max: int, name: str, new: Callable[[], Any], error: type[Exception]
) -> bytes:
    """Unpack all members or frames of a stream, a chunk at a time."""
    parts: list[bytes] = []
    size, rest = 0, body
    try:
        while rest:
            stream = new()
            data = rest
            while not stream.eof:
                part = stream.decompress(data, CHUNK_BYTES)
                data = b""
                size += len(part)
                if size > bytes_max:
                    raise _too_large(
                        f"the {name} body unpacks to more than {bytes_max} bytes", bytes_max
                    )
                parts.append(part)
                if not part and not stream.eof and stream.needs_input:
                    raise MalformedBody(f"The {name} body is cut off; send it again, whole.")
            rest = stream.unused_data
    except error as fault:
        raise MalformedBody(f"The body is not valid {name}: {fault}.") from fault
    return b"".join(parts)


def _too_large(what: str, bytes_max: int) -> BodyTooLarge:
    return BodyTooLarge(
        f"{what[0].upper()}{what[1:]}, but at most {bytes_max} (setting body_bytes_max) are read;"
        " nothing was stored. Send fewer events at a time."
    )
