"""What a request says that its answer may not: read from JSON, or from a form on its way out."""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any, cast

import httpx2
import msgspec

# Files come after the fields of a form; a prompt among these is at most 32,000 characters.
FORM_HEAD_BYTES = 1 << 18

_PART_NAME = re.compile(rb'\bname="([^"\r\n]*)"')
_BOUNDARY = re.compile(r'boundary="?([^";,\s]+)"?')


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a request asks for. None where it does not say, or cannot be read."""

    # These two are the endpoint's.
    kind: str = "completions"
    source: str | None = None
    model: str | None = None
    size: str | None = None
    quality: str | None = None
    # Of the text to speak, in code points.
    characters: int | None = None


NOTHING = Asked()


class _Speech(msgspec.Struct):
    input: str
    model: str | None = None


class _Traits(msgspec.Struct):
    model: str | None = None
    size: str | None = None
    quality: str | None = None


_decode_traits = msgspec.json.Decoder(_Traits).decode
_decode_speech = msgspec.json.Decoder(_Speech).decode


def traits(body: bytes) -> Asked:
    """The traits of a JSON request. Raises msgspec.DecodeError."""
    asked = _decode_traits(body)
    return Asked(model=asked.model, size=asked.size, quality=asked.quality)


def speech(body: bytes) -> Asked:
    """Those of a request to speak a text, which is counted and forgotten.

    Raises msgspec.DecodeError.
    """
    asked = _decode_speech(body)
    return Asked(model=asked.model, characters=len(asked.input))


class OutgoingForm(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """A multipart form that is sent as it is, and the traits among its fields.

    Its first ``FORM_HEAD_BYTES`` bytes are kept until ``asked`` is called.
    """

    def __init__(self, stream: object, content_type: str) -> None:
        self._stream = cast(Any, stream)
        self._boundary = boundary_of(content_type)
        self._head = bytearray()

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            self._keep(chunk)
            yield chunk

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            self._keep(chunk)
            yield chunk

    def close(self) -> None:
        """Close the form that is sent."""
        self._stream.close()

    async def aclose(self) -> None:
        """Close the form that is sent."""
        await self._stream.aclose()

    def asked(self) -> Asked:
        """The traits among the fields that were sent; the fields are forgotten."""
        head = bytes(self._head)
        self._head.clear()
        return form_traits(head, self._boundary)

    def _keep(self, chunk: bytes) -> None:
        self._head += chunk[: FORM_HEAD_BYTES - len(self._head)]


def boundary_of(content_type: str) -> bytes:
    """The boundary that a ``Content-Type`` of a form names; empty when it names none."""
    found = _BOUNDARY.search(content_type)
    return found[1].encode() if found else b""


def form_traits(head: bytes, boundary: bytes) -> Asked:
    """The traits in the beginning of a multipart body (RFC 7578)."""
    if not boundary:
        return NOTHING
    fields: dict[str, str] = {}
    # What comes before the first boundary is no part, and the last part may go on.
    for part in head.split(b"--" + boundary)[1:-1]:
        header, _, value = part.partition(b"\r\n\r\n")
        name = _PART_NAME.search(header)
        if name is not None and name[1] in (b"model", b"size", b"quality"):
            fields[name[1].decode()] = value.removesuffix(b"\r\n").decode("utf-8", "replace")
    return Asked(model=fields.get("model"), size=fields.get("size"), quality=fields.get("quality"))
