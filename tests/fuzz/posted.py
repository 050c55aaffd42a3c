"""Bodies of events: the native format in each of its layouts, and bodies that come packed."""

import gzip
import json
import sys
import zlib
from random import Random
from typing import Any

import msgspec

from fuzz.mutating import Mutate, after_a_choice, bytes_mutated, json_of
from fuzz.target import Target, pure
from support.bad_events import bad_events
from support.events import DAY, event
from support.ledgers import NOW
from tallybook.domain.entries import latest_us
from tallybook.domain.errors import BodyTooLarge, MalformedBody, UnsupportedMedia
from tallybook.domain.events import EVENT_TYPES
from tallybook.domain.kinds import KINDS
from tallybook.domain.retelling import event_of
from tallybook.intake.body import ENCODINGS, unpack
from tallybook.intake.native import Batch, Format, read_events

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LATEST_US = latest_us(NOW)
EVENTS_MAX = 50
# Small, so that bombs are easily made.
UNPACKED_BYTES_MAX = 64 << 10

_SPACE = b" \t\r\n"
_RICH = event(
    id="req_rich", time="2026-10-01T02:00:00.25+01:00", model="gpt-5.5", project_id="proj_a",
    user_id="user-1", api_key_id="key_1", batch=True, service_tier="flex", provider="azure",
    input_cached_tokens=1_024, input_cache_write_tokens=100, input_audio_tokens=6,
    output_reasoning_tokens=12, num_model_requests=2, tags={"team": "search", "env": "prod"},
    reported_cost={"value": "0.0123", "currency": "usd"},
)  # fmt: skip

# Every field of every kind, and every kind.
EVENT_WORDS = tuple(
    dict.fromkeys(
        name.encode()
        for type_ in EVENT_TYPES.values()
        for name in ("id", "time", "kind", *(each.name for each in msgspec.structs.fields(type_)))
    )
) + tuple(kind.encode() for kind in KINDS)


def good_events() -> list[dict[str, Any]]:
    """An event of each kind, and one with nearly all that there can be."""
    return [
        _RICH,
        *(event(kind, id=f"req_{kind}", time=DAY + at) for at, kind in enumerate(KINDS)),
    ]


def _accounted(body: bytes, layout: Format) -> Batch:
    """Hold a batch to its promises: each event is stored or refused, and what is stored is whole.

    Raises what cannot be told apart.
    """
    batch = read_events(body, layout, LATEST_US, EVENTS_MAX)
    refused = [fault.index for fault in batch.rejected]
    assert sorted([*batch.positions, *refused]) == list(range(len(refused) + batch.sheet.count))
    assert refused == sorted(refused)
    assert len(batch.positions) == batch.sheet.count
    for fault in batch.rejected:
        assert fault.reason
        msgspec.json.encode(fault)
    if batch.sheet.count:
        told = b"\n".join(msgspec.json.encode(event_of(each)) for each in batch.sheet.entries())
        again = read_events(told, Format.NDJSON, LATEST_US, EVENTS_MAX)
        assert again.rejected == []
        assert sorted(map(repr, again.sheet.entries())) == sorted(map(repr, batch.sheet.entries()))
    return batch


def _ndjson(body: bytes) -> None:
    batch = _accounted(body, Format.NDJSON)
    lines = [line for line in body.split(b"\n") if line.strip(_SPACE)]
    assert batch.sheet.count + len(batch.rejected) == len(lines)
    # A line that is read is JSON to others as well, and they find the same in it.
    for place, identity in zip(batch.positions, batch.sheet.identities(), strict=True):
        found = json.loads(lines[place])
        assert found["id"] == identity[0]


def _json(body: bytes) -> None:
    batch = _accounted(body, Format.JSON)
    is_array = body.lstrip(_SPACE)[:1] == b"["
    # As it stands in the body: what is no UTF-8, or no event, is known to be one part all the same.
    parts = list(map(bytes, _parts(body))) if is_array else [body]
    assert batch.sheet.count + len(batch.rejected) == len(parts)
    for place, identity in zip(batch.positions, batch.sheet.identities(), strict=True):
        assert json.loads(parts[place])["id"] == identity[0]
    if is_array and parts:
        _same_line_by_line(parts, batch)


_parts = msgspec.json.Decoder(list[msgspec.Raw]).decode


def _same_line_by_line(parts: list[bytes], batch: Batch) -> None:
    """Hold an array to be what its events are, one to a line."""
    # Within a string of JSON there is no line end.
    body = b"\n".join(part.replace(b"\n", b" ") for part in parts)
    lines = read_events(body, Format.NDJSON, LATEST_US, EVENTS_MAX)
    assert lines.sheet == batch.sheet
    assert list(lines.positions) == list(batch.positions)
    assert [(each.index, each.id, each.field) for each in lines.rejected] == [
        (each.index, each.id, each.field) for each in batch.rejected
    ]


def _arrays() -> list[bytes]:
    events = good_events()
    return [
        msgspec.json.encode(events),
        msgspec.json.encode(_RICH),
        msgspec.json.encode(events[:2]),
        b'[{"id":"a","time":1790812800,"kind":"moderations","input_tokens":1},{}, 5, null]',
        *(
            json.dumps([event(bad.kind) | bad.changes, events[1]]).encode()
            for bad in bad_events(NOW)[::9]
        ),
    ]


def _lines() -> list[bytes]:
    return [b"\n".join(map(msgspec.json.encode, good_events())), b"\n\n{}\r\n[]\n" + _arrays()[1]]


def _packed(data: bytes) -> None:
    encoding, body = ENCODINGS[data[0] % len(ENCODINGS)] if data else "gzip", data[1:]
    plain = unpack(body, encoding, UNPACKED_BYTES_MAX)
    assert encoding == "identity" or len(plain) <= UNPACKED_BYTES_MAX
    if encoding == "gzip":
        assert plain == gzip.decompress(body)
    if plain.strip(_SPACE):
        read_events(plain, Format.NDJSON, LATEST_US, EVENTS_MAX)


def _packed_seeds() -> list[bytes]:
    body = _lines()[0]
    bomb = b"\0" * (1 << 20)
    return [
        b"\0" + body[:300],
        *(b"\1" + gzip.compress(each, mtime=0) for each in (body, bomb, b"")),
        b"\1" + gzip.compress(body[:400], mtime=0) + gzip.compress(b"\n" + body[400:800], mtime=0),
        *(b"\2" + zstd.compress(each) for each in (body, bomb, b"")),
        b"\2" + zstd.compress(body[:300]) + zstd.compress(b"\n" + body[300:600]),
    ]


def _packing(inner: Mutate) -> Mutate:
    """Changes what is packed, or the packed bytes."""

    def mutate(data: bytes, chance: Random) -> bytes:
        encoding = ENCODINGS[data[0] % len(ENCODINGS)] if data else "identity"
        if encoding != "identity" and chance.randrange(3):
            try:
                plain = unpack(data[1:], encoding, UNPACKED_BYTES_MAX)
            except (MalformedBody, BodyTooLarge):
                return after_a_choice(3, bytes_mutated)(data, chance)
            made = inner(plain, chance)
            packed = zstd.compress(made) if encoding == "zstd" else zlib_packed(made, chance)
            return data[:1] + packed
        return after_a_choice(3, bytes_mutated)(data, chance)

    return mutate


def zlib_packed(data: bytes, chance: Random) -> bytes:
    """Bytes as gzip, in one member or two."""
    at = chance.choice((0, chance.randint(0, len(data))))
    parts = [data[:at], data[at:]] if at else [data]
    packed = [zlib.compressobj(wbits=16 + zlib.MAX_WBITS) for _ in parts]
    return b"".join(
        each.compress(part) + each.flush() for each, part in zip(packed, parts, strict=True)
    )


_events = json_of(*EVENT_WORDS)
_REFUSALS = (MalformedBody, BodyTooLarge)

TARGETS = (
    Target(
        "events-json",
        "bodies of POST /v1/events: an object or an array of JSON",
        pure(_json),
        _arrays,
        _events,
        EVENT_WORDS,
        _REFUSALS,
    ),
    Target(
        "events-ndjson",
        "bodies of POST /v1/events: one object per line",
        pure(_ndjson),
        _lines,
        _events,
        EVENT_WORDS,
        _REFUSALS,
    ),
    Target(
        "events-packed",
        "bodies in gzip and zstd: damaged, cut off, of several members, bombs",
        pure(_packed),
        _packed_seeds,
        _packing(_events),
        (b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"),
        (*_REFUSALS, UnsupportedMedia),
    ),
)
