"""Asking for usage in streams that report it only when asked, and hiding that it was asked for.

OpenAI's chat and legacy completion streams report usage in one more chunk,
without choices, when the request has ``stream_options.include_usage``. The
transport adds that where the application said nothing about it, and takes the
chunk out again: the application sees what it would have seen. See
``docs/decisions/0024-asking-for-usage-in-streams.md``.
"""

import httpx2
import msgspec

from tallybook.client.transports.providers import provider_of
from tallybook.client.transports.reading import USAGE_REPORTED
from tallybook.client.transports.sse import RunSplitter, blocks_of, data_of

# The chunk that is hidden is some hundred bytes; nothing that is longer is held back.
HELD_BYTES_MAX = 1 << 16
# Azure refuses the option before this version of its API; later ones sort after it.
_AZURE_SINCE = "2024-09-01"


class _Request(msgspec.Struct):
    stream: bool | None = None
    stream_options: dict[str, msgspec.Raw] | None = None


class _Anything(msgspec.Struct):
    """An object, of which nothing is decoded."""


class _Chunk(msgspec.Struct):
    choices: tuple[_Anything, ...] | None = None
    usage: _Anything | None = None


_decode_request = msgspec.json.Decoder(_Request).decode
_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_chunk = msgspec.json.Decoder(_Chunk).decode
_OPTION = "include_usage"
_TRUE = msgspec.Raw(b"true")


def takes_the_option(url: httpx2.URL) -> bool:
    """Whether the host is known to take ``include_usage``: OpenAI's, and Azure's since 2024-09."""
    provider = provider_of(url.host)
    if provider == "azure":
        return "/openai/v1/" in url.path or url.params.get("api-version", "") >= _AZURE_SINCE
    return provider == "openai"


def with_usage(body: bytes) -> bytes | None:
    """A request's body that asks for usage; None when it is no stream or says what it wants.

    Everything else of the body stays as it is. Raises msgspec.DecodeError.
    """
    request = _decode_request(body)
    options = request.stream_options or {}
    if not request.stream or _OPTION in options:
        return None
    fields = _decode_fields(body)
    fields["stream_options"] = msgspec.Raw(msgspec.json.encode(options | {_OPTION: _TRUE}))
    return msgspec.json.encode(fields)


def asking(request: httpx2.Request, body: bytes) -> httpx2.Request:
    """The request with another body, to be answered uncompressed, so that a chunk can be hidden."""
    headers = httpx2.Headers(request.headers)
    headers["Content-Length"] = str(len(body))
    headers["Accept-Encoding"] = "identity"
    return httpx2.Request(
        request.method,
        request.url,
        headers=headers,
        stream=httpx2.ByteStream(body),
        extensions=request.extensions,
    )


class UsageHider:
    """Takes the usage chunk out of a stream.

    Whole events pass at once; an event that is not whole yet is held back
    until it is, up to ``HELD_BYTES_MAX`` bytes.
    """

    def __init__(self) -> None:
        self._runs = RunSplitter(HELD_BYTES_MAX)

    def feed(self, chunk: bytes) -> bytes:
        """What the application may see after these bytes."""
        return b"".join(
            _without_usage(run.raw) if run.is_whole else run.raw for run in self._runs.feed(chunk)
        )

    def rest(self) -> bytes:
        """What was held back, at the end."""
        rest = self._runs.rest()
        return b"" if is_usage_chunk(rest) else rest


def _without_usage(run: bytes) -> bytes:
    if not USAGE_REPORTED.search(run):
        return run
    return b"".join(block for block in blocks_of(run) if not is_usage_chunk(block))


def is_usage_chunk(block: bytes) -> bool:
    """Whether an event is the chunk that has usage and no choice."""
    data = data_of(block)
    if not data:
        return False
    try:
        chunk = _decode_chunk(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return chunk.choices == () and chunk.usage is not None
