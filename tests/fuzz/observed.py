"""What providers say, and applications ask them: answers, streams and forms, cut anywhere."""

import gzip
import sys
import zlib
from random import Random

import msgspec

from fuzz.mutating import bytes_mutated, json_of
from fuzz.posted import LATEST_US
from fuzz.target import Target, pure
from support.events import DAY
from support.providers.vectors import VECTORS
from tallybook.client.transports.asked import FORM_HEAD_BYTES, boundary_of, form_traits
from tallybook.client.transports.asking import UsageHider, is_usage_chunk, with_usage
from tallybook.client.transports.codings import codings_of
from tallybook.client.transports.endpoints import ENDPOINTS, Endpoint, recognise
from tallybook.client.transports.event_writer import EventWriter, Occasion
from tallybook.client.transports.metered import Metered
from tallybook.client.transports.reading import BodyReading, StreamReading
from tallybook.client.transports.sse import RunSplitter, blocks_of, data_of
from tallybook.intake.native import Format, read_events

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_CODINGS = ("identity", "gzip", "deflate", "zstd", "gzip, zstd")
_HEAD_BYTES = 3
_TOKENS = (
    b"usage", b"prompt_tokens", b"completion_tokens", b"input_tokens", b"output_tokens",
    b"cached_tokens", b"prompt_tokens_details", b"completion_tokens_details", b"audio_tokens",
    b"cache_creation", b"cache_read_input_tokens", b"usageMetadata", b"promptTokenCount",
    b"candidatesTokenCount", b"modality", b"tokenCount", b"model", b"service_tier", b"id", b"type",
    b"response.completed", b"message_delta", b"message_start", b"web_search_call", b"seconds",
    b"duration", b"data", b"choices", b"b64_json", b"size", b"quality", b"server_tool_use",
)  # fmt: skip


def _head(data: bytes) -> tuple[Endpoint, str, bool, Random, bytes]:
    """An endpoint, a coding, whether it is a stream, how it is cut, and the bytes themselves."""
    head, rest = data[:_HEAD_BYTES].ljust(_HEAD_BYTES, b"\0"), data[_HEAD_BYTES:]
    coding = _CODINGS[head[1] // 2 % len(_CODINGS)]
    return ENDPOINTS[head[0] % len(ENDPOINTS)], coding, bool(head[1] % 2), Random(head[2]), rest


def _cut(data: bytes, chance: Random) -> list[bytes]:
    places = sorted(chance.randint(0, len(data)) for _ in range(chance.choice((0, 1, 3, 12))))
    return [data[start:end] for start, end in zip([0, *places], [*places, len(data)], strict=True)]


def _answer(data: bytes) -> None:
    """Whatever an answer holds, the event of its request is one that a ledger takes."""
    endpoint, coding, streams, chance, body = _head(data)
    codings = codings_of(coding)
    form = endpoint.format
    reading = StreamReading(form, codings) if streams else BodyReading(form, codings)
    try:
        for chunk in _cut(body, chance):
            reading.feed(chunk)
        reading.finish()
    finally:
        # An answer that cannot be read to its end is told of as far as it was.
        asked = endpoint.read_request(b'{"input":"a","model":"m"}')
        asked = msgspec.structs.replace(asked, kind=endpoint.kind, source=endpoint.source)
        _acceptable(endpoint, reading.metered(asked))


def _acceptable(endpoint: Endpoint, metered: list[Metered]) -> None:
    assert metered
    events: list[object] = []
    EventWriter(events.append, {}).write(Occasion(time=DAY, provider="openai"), metered)
    for at, event in enumerate(events):
        assert isinstance(event, dict)
        body = msgspec.json.encode({"id": f"req_{at}"} | event)
        batch = read_events(body, Format.JSON, LATEST_US, 1)
        assert batch.rejected == [], (endpoint.name, event)


_UNREADABLE = (
    msgspec.DecodeError, UnicodeDecodeError, RecursionError, zlib.error, zstd.ZstdError,
)  # fmt: skip


def _stream(data: bytes) -> None:
    """Runs and blocks are the stream again, however it is cut; hiding leaves the rest as it is."""
    _, _, _, chance, body = _head(data)
    bytes_max = chance.choice((8, 64, 1 << 20))
    splitter, hider = RunSplitter(bytes_max), UsageHider()
    seen, shown = b"", b""
    for chunk in _cut(body, chance):
        for run in splitter.feed(chunk):
            seen += run.raw
            if run.is_whole:
                blocks = blocks_of(run.raw)
                assert b"".join(blocks) == run.raw
                for block in blocks:
                    data_of(block)
        shown += hider.feed(chunk)
    assert seen + splitter.rest() == body
    shown += hider.rest()
    if b'"usage"' not in body:
        assert shown == body
    assert len(shown) <= len(body)
    whole = RunSplitter(1 << 20)
    blocks = [block for run in whole.feed(body) for block in blocks_of(run.raw)] + [whole.rest()]
    assert shown == b"".join(block for block in blocks if not is_usage_chunk(block))


def _request(data: bytes) -> None:
    """Requests: their traits, with and without the option, as JSON and as forms."""
    endpoint, _, is_form, _, body = _head(data)
    if is_form:
        content_type, _, form = body.partition(b"\n")
        asked = form_traits(form[:FORM_HEAD_BYTES], boundary_of(content_type.decode("latin-1")))
    else:
        asked = endpoint.read_request(body)
        if (rewritten := with_usage(body)) is not None:
            assert with_usage(rewritten) is None
    asked = msgspec.structs.replace(asked, kind=endpoint.kind, source=endpoint.source)
    assert asked.model is None or isinstance(asked.model, str)
    nothing = endpoint.format.nothing.metered(asked)
    _acceptable(endpoint, nothing)


def _path(data: bytes) -> None:
    path = data.decode("utf-8", "replace")
    found = recognise("POST", path)
    if found is not None and found.model is not None:
        _acceptable(found.endpoint, found.endpoint.format.nothing.metered(
            msgspec.structs.replace(
                found.endpoint.read_request(b'{"input":"a"}'), kind=found.endpoint.kind,
                source=found.endpoint.source, model=found.model,
            )
        ))  # fmt: skip


def _places() -> list[tuple[int, bool, bytes]]:
    """The vectors, each with its endpoint's number."""
    found = []
    for vector in VECTORS:
        path = vector.url.partition("://")[2].partition("/")[2].partition("?")[0]
        recognised = recognise("POST", f"/{path}")
        if recognised is not None:
            at = ENDPOINTS.index(recognised.endpoint)
            found.append((at, vector.stream is not None, b"".join(vector.chunks)))
    return found


def _answer_seeds() -> list[bytes]:
    seeds = [bytes([at, streams, 7]) + body for at, streams, body in _places()]
    at, streams, body = _places()[0]
    packed = {2: gzip.compress(body, mtime=0), 4: zlib.compress(body), 6: zstd.compress(body)}
    return seeds + [bytes([at, way + streams, 3]) + each for way, each in packed.items()]


def _request_seeds() -> list[bytes]:
    seeds = [
        bytes([at % len(ENDPOINTS), 0, 0]) + msgspec.json.encode(vector.request)
        for at, vector in enumerate(VECTORS)
        if vector.request is not None
    ]
    form = (
        b"multipart/form-data; boundary=xx\n--xx\r\nContent-Disposition: form-data;"
        b' name="model"\r\n\r\nwhisper-1\r\n--xx\r\nContent-Disposition: form-data; name="file";'
        b' filename="a.wav"\r\n\r\nRIFF\r\n--xx--\r\n'
    )
    streaming = b'{"model":"m","stream":true,"stream_options":{"a":1},"input":"x"}'
    return [*seeds, b"\0\1\0" + form, b"\0\0\0" + streaming, b"\x0a\0\0" + streaming]


_json = json_of(*_TOKENS)


def _answer_mutated(data: bytes, chance: Random) -> bytes:
    """Changes the head, or the JSON of one event of a stream, or of the whole answer."""
    head, body = bytearray(data[:_HEAD_BYTES].ljust(_HEAD_BYTES, b"\0")), data[_HEAD_BYTES:]
    if chance.randrange(8) == 0:
        head[chance.randrange(_HEAD_BYTES)] = chance.randrange(256)
    if head[1] // 2 % len(_CODINGS) or chance.randrange(6) == 0:
        return bytes(head) + bytes_mutated(body, chance, (b"data: ", b"\n\n", b"\r", b"[DONE]"))
    blocks = body.split(b"\n\n")
    at = chance.randrange(len(blocks))
    before, mark, payload = blocks[at].rpartition(b"data: ")
    blocks[at] = before + mark + _json(payload, chance)
    if chance.randrange(5) == 0:
        blocks.insert(at, chance.choice(blocks))
    return bytes(head) + b"\n\n".join(blocks)


TARGETS = (
    Target(
        "provider-answers",
        "answers and streams of providers, packed and cut anywhere",
        pure(_answer),
        _answer_seeds,
        _answer_mutated,
        _TOKENS,
        _UNREADABLE,
    ),
    Target(
        "provider-streams",
        "server-sent events: runs, blocks, and the hidden chunk",
        pure(_stream),
        _answer_seeds,
        _answer_mutated,
        (*_TOKENS, b"data: ", b"\n\n", b"\r\n\r\n", b"\r\r", b"[DONE]"),
    ),
    Target(
        "provider-requests",
        "requests to providers: JSON and multipart forms",
        pure(_request),
        _request_seeds,
        _answer_mutated,
        (b"stream_options", b"include_usage", b"boundary=", b"name=", *_TOKENS),
        (msgspec.DecodeError, UnicodeDecodeError, RecursionError),
    ),
    Target(
        "provider-paths",
        "addresses of model requests",
        pure(_path),
        lambda: [vector.url.partition("://")[2].encode() for vector in VECTORS[:20]],
        bytes_mutated,
        (b"/deployments/", b"/models/", b":generateContent", b"/chat/completions", b"anthropic"),
        bytes_max=600,
    ),
)
