"""Answers in zstd and gzip: which is chosen, what is packed, and that real clients read it."""

import asyncio
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable
from typing import Any

import httpx2
import openai
import pytest
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from contract.contract import USAGE
from support.events import DAY, event
from support.needs import require
from support.server import ADMIN_KEY, Server
from tallybook.web.compression import (
    COMPRESSED_BYTES_MIN,
    COMPRESSED_INLINE_BYTES_MAX,
    Compression,
    coding_for,
)

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

COMPLETIONS = USAGE["completions"]["path"]
DAY_RANGE = f"?start_time={DAY}&end_time={DAY + 86_400}"
# Buckets of minutes: 130 KB.
LARGE = f"{COMPLETIONS}{DAY_RANGE}&bucket_width=1m&limit=1440"

UNPACK: dict[str | None, Callable[[bytes], Any]] = {
    None: bytes,
    "gzip": lambda body: zlib.decompress(body, wbits=31),
    "zstd": zstd.decompress,
}


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        ("", "identity"),
        ("identity", "identity"),
        ("br", "identity"),
        ("deflate", "identity"),
        ("gzip", "gzip"),
        ("GZip", "gzip"),
        ("x-gzip", "gzip"),
        ("zstd", "zstd"),
        # What the official client sends, what browsers send, what curl sends.
        ("gzip, deflate", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("deflate, gzip, br, zstd", "zstd"),
        # The highest quality counts.
        ("zstd;q=0.5, gzip;q=0.8", "gzip"),
        ("zstd;q=0.8, gzip;q=0.8", "zstd"),
        ("gzip;q=0.001", "gzip"),
        ("gzip;q=1.000, zstd;q=0.999", "gzip"),
        ("br;q=1, gzip;q=0.1", "gzip"),
        # Nought means no.
        ("gzip;q=0", "identity"),
        ("gzip; q=0.0", "identity"),
        ("gzip;q=0.000, zstd", "zstd"),
        ("zstd;q=0, gzip", "gzip"),
        # ``identity`` may be liked more; of equals it comes last.
        ("identity, gzip;q=0.5", "identity"),
        ("identity;q=0.5, gzip;q=0.5", "gzip"),
        ("identity;q=0.4, gzip;q=0.5", "gzip"),
        ("identity;q=0", "identity"),
        ("identity;q=0, gzip;q=0.1", "gzip"),
        # ``*`` stands for what is not named.
        ("*", "zstd"),
        ("*;q=0", "identity"),
        ("*;q=0, gzip", "gzip"),
        ("*;q=0.5, gzip", "gzip"),
        ("zstd;q=0, *", "gzip"),
        ("zstd;q=0.2, *;q=0.1", "zstd"),
        ("identity;q=1, *;q=0.5", "identity"),
        ("identity;q=1, *;q=0", "identity"),
        # What cannot be read is not taken for a wish.
        ("gzip;q=2", "identity"),
        ("gzip;q=-1", "identity"),
        ("gzip;q=0.1234", "identity"),
        ("gzip;q=", "identity"),
        ("gzip;level=9", "identity"),
        ("gzip;q=nonsense, zstd;q=0.3", "zstd"),
        (",, ,gzip,", "gzip"),
        (" gzip ; Q = 0.7 ", "gzip"),
        ("gzip zstd", "identity"),
    ],
)
def test_the_coding_is_what_the_client_likes_best(accept: str, coding: str) -> None:
    assert coding_for(accept) == coding


def _raw(server: Server, path: str, accept: str, **headers: str) -> tuple[httpx2.Response, bytes]:
    """An answer and its body as it came over the wire."""
    asked = {"Accept-Encoding": accept, **headers}
    with server.http.stream("GET", path, headers=asked) as answer:
        return answer, b"".join(answer.iter_raw())


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_a_large_answer_is_packed(server: Server, coding: str) -> None:
    plain, body = _raw(server, LARGE, "identity")
    assert "content-encoding" not in plain.headers
    answer, packed = _raw(server, LARGE, coding)
    assert answer.headers["content-encoding"] == coding
    assert answer.headers["content-type"] == "application/json"
    assert int(answer.headers["content-length"]) == len(packed) < len(body) / 4
    assert UNPACK[coding](packed) == body


@pytest.mark.parametrize("path", [LARGE, COMPLETIONS + DAY_RANGE, COMPLETIONS, "/docs", "/healthz"])
@pytest.mark.parametrize("accept", ["", "identity", "gzip", "zstd"])
def test_every_answer_says_that_it_depends_on_what_is_accepted(
    server: Server, path: str, accept: str
) -> None:
    plain = _raw(server, path, "identity")[1]
    answer, body = _raw(server, path, accept)
    assert answer.headers["vary"] == "Accept-Encoding"
    coding = answer.headers.get("content-encoding")
    packed = accept in {"gzip", "zstd"} and len(plain) >= COMPRESSED_BYTES_MIN
    assert coding == (accept if packed else None)
    assert UNPACK[coding](body) == plain


def test_two_lines_of_what_is_accepted_are_one(server: Server) -> None:
    lines: Any = [("Accept-Encoding", "br"), ("Accept-Encoding", "gzip;q=0.5")]
    assert server.http.get(LARGE, headers=lines).headers["content-encoding"] == "gzip"


def _answered(app: Any, accept: str) -> tuple[dict[str, str], list[bytes]]:
    """The headers and the pieces of an app's answer behind the middleware."""
    headers: dict[str, str] = {}
    pieces: list[bytes] = []

    async def receive() -> Any:
        raise AssertionError("nothing is received")

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            headers.update({name.decode(): value.decode() for name, value in message["headers"]})
        else:
            assert headers, "the body came before the start"
            pieces.append(message.get("body", b""))

    scope = {
        "type": "http",
        "method": "GET",
        "headers": [(b"accept-encoding", accept.encode())],
        "asgi": {"spec_version": "2.4"},
    }
    asyncio.run(Compression(app)(scope, receive, send))
    return headers, pieces


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
@pytest.mark.parametrize(
    "size",
    [
        COMPRESSED_BYTES_MIN,
        COMPRESSED_INLINE_BYTES_MAX,
        COMPRESSED_INLINE_BYTES_MAX + 1,
        5_000_000,
    ],
)
def test_a_body_of_any_size_is_packed_whole(coding: str, size: int) -> None:
    body = (b'{"input_tokens":123456,"model":null},' * (size // 37 + 1))[:size]
    headers, (packed,) = _answered(Response(body), coding)
    assert headers["content-encoding"] == coding
    assert headers["content-length"] == str(len(packed))
    assert UNPACK[coding](packed) == body
    # The same answer is packed alike: nothing of the time is in it.
    assert _answered(Response(body), coding)[1] == [packed]


@pytest.mark.parametrize("size", [0, 1, COMPRESSED_BYTES_MIN - 1])
def test_a_small_body_is_sent_as_it_is(size: int) -> None:
    headers, pieces = _answered(Response(b"x" * size), "zstd")
    assert "content-encoding" not in headers
    assert headers["vary"] == "Accept-Encoding"
    assert pieces == [b"x" * size]


def test_what_is_packed_already_is_left_alone() -> None:
    answer = Response(b"y" * 5_000, headers={"Content-Encoding": "br", "Vary": "Origin"})
    headers, pieces = _answered(answer, "gzip")
    assert headers["content-encoding"] == "br"
    assert headers["vary"] == "Origin, Accept-Encoding"
    assert pieces == [b"y" * 5_000]


def test_an_answer_in_pieces_is_left_alone() -> None:
    async def pieces_of(scope: Scope, receive: Receive, send: Send) -> None:
        async def pieces() -> Any:
            for _ in range(3):
                yield b"z" * 5_000

        await StreamingResponse(pieces())(scope, receive, send)

    headers, pieces = _answered(pieces_of, "gzip")
    assert "content-encoding" not in headers
    assert b"".join(pieces) == b"z" * 15_000


def test_a_validator_is_the_same_in_every_coding() -> None:
    tags = {
        _answered(Response(b"t" * 5_000, headers={"ETag": 'W/"tag"'}), accept)[0]["etag"]
        for accept in ("identity", "gzip", "zstd")
    }
    assert tags == {'W/"tag"'}


def test_nothing_of_a_304_is_packed() -> None:
    headers, pieces = _answered(Response(status_code=304, headers={"ETag": 'W/"tag"'}), "gzip")
    assert headers == {"etag": 'W/"tag"', "vary": "Accept-Encoding"}
    assert pieces == [b""]


@pytest.mark.parametrize("accept", ["zstd", "gzip", "gzip, deflate, br, zstd"])
def test_a_python_client_reads_it(server: Server, accept: str) -> None:
    answer = server.http.get(LARGE, headers={"Accept-Encoding": accept})
    coding = answer.headers["content-encoding"]
    if coding == "zstd" and "zstd" not in server.http.headers["Accept-Encoding"]:
        pytest.skip("this httpx2 does not read zstd")
    assert len(answer.json()["data"]) == 1440


@pytest.mark.parametrize("accept", [None, "zstd", "gzip"])
def test_curl_reads_it(server: Server, accept: str | None) -> None:
    curl = shutil.which("curl") or ""
    require("curl", present=bool(curl))
    features = subprocess.run([curl, "--version"], capture_output=True, text=True, check=True)
    if accept == "zstd" and "zstd" not in features.stdout:
        pytest.skip("this curl does not read zstd")
    named = ["-H", f"Accept-Encoding: {accept}"] if accept else []
    command = [curl, "-s", "--compressed", *named, "-H", f"Authorization: Bearer {ADMIN_KEY}"]
    done = subprocess.run([*command, server.address + LARGE], capture_output=True, check=True)
    assert done.stdout == server.http.get(LARGE).content


def test_the_official_client_reads_it(server: Server) -> None:
    assert server.post(event(id="seen", time=DAY + 61)).is_success
    with openai.OpenAI(
        base_url=f"{server.address}/v1",
        admin_api_key=ADMIN_KEY,
        http_client=openai.DefaultHttpxClient(trust_env=False),
    ) as client:
        answer = client.admin.organization.usage.with_raw_response.completions(
            start_time=DAY, end_time=DAY + 86_400, bucket_width="1m", limit=1440
        )
        assert answer.headers["content-encoding"] in {"gzip", "zstd"}
        page = answer.parse()
    assert len(page.data) == 1440
    assert page.data[1].results
