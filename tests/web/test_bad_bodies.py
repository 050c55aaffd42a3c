"""Bad bodies over HTTP: unreadable, too large, packed wrongly, of the wrong sort."""

import gzip
import json
import sys
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from support.events import DAY, event
from support.server import Server, running
from support.wire import fault, refusal

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

BODY_BYTES_MAX = 100_000
EVENTS_MAX = 50
JSON = "application/json"
NDJSON = "application/x-ndjson"

_PACKERS: dict[str, Any] = {"gzip": gzip.compress, "zstd": zstd.compress}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with small limits."""
    environment = {
        "TALLYBOOK_BODY_BYTES_MAX": str(BODY_BYTES_MAX),
        "TALLYBOOK_EVENTS_MAX": str(EVENTS_MAX),
    }
    with running(tmp_path_factory.mktemp("small"), environment) as server:
        yield server


@pytest.fixture(autouse=True)
def _still_right(small: Server) -> Iterator[None]:
    """After each test the server answers and has stored nothing bad."""
    before = _stored(small)
    yield
    assert small.http.get("/readyz").status_code == 200
    # The tests that store something do so on another day.
    assert _stored(small) == before


def _stored(server: Server, day: int = DAY) -> int:
    page = server.usage("embeddings", start_time=day, end_time=day + 86_400).json()
    return sum(row["num_model_requests"] for row in page["data"][0]["results"])


def _send(
    server: Server, body: bytes | Iterator[bytes], content_type: str | None = JSON, **more: str
) -> httpx2.Response:
    headers = more if content_type is None else {"Content-Type": content_type, **more}
    return server.http.post("/v1/events", content=body, headers=headers)


def _body(count: int = 1, day: int = DAY) -> bytes:
    return json.dumps(
        [event("embeddings", id=f"body-{day}-{n}", time=day + n) for n in range(count)]
    ).encode()


def _padded(length: int, day: int = DAY) -> bytes:
    """A good body of so many bytes."""
    body = _body(1, day)
    return body[:-1] + b" " * (length - len(body)) + body[-1:]


_MALFORMED: dict[str, bytes] = {
    "nothing": b"",
    "spaces": b" \r\n\t ",
    "a word": b"nonsense",
    "an open object": b"{",
    "an open list": b"[" + _body()[1:-1] + b",",
    "a list without its end": _body()[:-1],
    "two lists": _body() + _body(),
    "a closing brace too many": _body() + b"}",
    "single quotes": b"[{'id': 'x'}]",
    "NaN": b'[{"id":"x","time":1790812800,"kind":"embeddings","input_tokens":NaN}]',
    "only invalid UTF-8": b"\xff\xfe\xfd",
    "UTF-16": _body().decode().encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + _body(),
    "NUL": b"\x00",
    "a list too deep": b"[" * 50_000,
    "an object too deep": b'{"a":' * 15_000,
    "a form": b"id=x&time=1790812800",
    "lines that say they are JSON": _body()[1:-1] + b"\n" + _body()[1:-1],
}


@pytest.mark.parametrize("what", _MALFORMED)
def test_a_body_that_is_not_json_is_refused_as_a_whole(small: Server, what: str) -> None:
    answer = _send(small, _MALFORMED[what])
    assert fault(answer) == refusal(None, "malformed_body")


def test_an_event_of_invalid_utf_8_in_a_list_costs_only_itself(small: Server) -> None:
    wrong = b'{"id":"\xff\xfe","time":1790812800,"kind":"embeddings","input_tokens":5}'
    answer = _send(small, b"[" + wrong + b"," + _body(2, DAY + 7 * 86_400)[1:])
    assert (answer.status_code, answer.json()["accepted"]) == (207, 2)
    assert [line["index"] for line in answer.json()["rejected"]] == [0]


@pytest.mark.parametrize("body", [b"", b"\n", b"\n \r\n\t\n"])
def test_ndjson_without_a_line_is_refused_as_an_empty_body(small: Server, body: bytes) -> None:
    assert fault(_send(small, body, NDJSON)) == refusal(None, "malformed_body")


@pytest.mark.parametrize("body", [b"5", b'"event"', b"null", b"true", b"-1.5e3"])
def test_a_json_value_that_is_no_event_is_refused(small: Server, body: bytes) -> None:
    answer = _send(small, body)
    assert fault(answer) == refusal(None, "events_rejected")
    assert [line["index"] for line in answer.json()["rejected"]] == [0]


def test_an_empty_list_holds_nothing_to_refuse(small: Server) -> None:
    answer = _send(small, b"[]")
    assert answer.status_code == 200
    assert answer.json() == {"accepted": 0, "duplicates": 0, "conflicts": [], "rejected": []}


@pytest.mark.parametrize(
    "content_type",
    [None, "", "text/plain", "application/xml", "application/x-www-form-urlencoded",
     "multipart/form-data; boundary=x", "application/jsonx", "json", "*/*", "; charset=utf-8"],
)  # fmt: skip
def test_another_content_type_is_refused(small: Server, content_type: str | None) -> None:
    answer = _send(small, _body(), content_type)
    assert fault(answer) == refusal("Content-Type", "unsupported_media_type", 415)


@pytest.mark.parametrize(
    "content_type",
    ["application/json; charset=utf-8", "APPLICATION/JSON", "application/json ;x=y"],
)
def test_a_content_type_may_have_parameters_and_any_letter_case(
    small: Server, content_type: str
) -> None:
    assert _send(small, _body(1, DAY + 86_400), content_type).status_code == 200


@pytest.mark.parametrize("encoding", ["br", "deflate", "compress", "nonsense", "gzip, zstd"])
def test_another_content_encoding_is_refused(small: Server, encoding: str) -> None:
    answer = _send(small, _body(), **{"Content-Encoding": encoding})
    assert fault(answer) == refusal("Content-Encoding", "unsupported_media_type", 415)


def _damaged(packed: bytes) -> dict[str, bytes]:
    return {
        "cut in half": packed[: len(packed) // 2],
        "without its last byte": packed[:-1],
        "its first byte": packed[:1],
        "garbage after it": packed + b"garbage",
        "another member cut off": packed + packed[:-3],
        "not packed": _body(20),
        "changed inside": packed[:20] + bytes([packed[20] ^ 0xFF]) + packed[21:],
        "zeros": bytes(100),
    }


@pytest.mark.parametrize("damage", _damaged(bytes(50)))
@pytest.mark.parametrize("encoding", _PACKERS)
def test_a_packed_body_that_is_damaged_is_refused(
    small: Server, encoding: str, damage: str
) -> None:
    body = _damaged(_PACKERS[encoding](_body(20)))[damage]
    answer = _send(small, body, **{"Content-Encoding": encoding})
    assert fault(answer) == refusal(None, "malformed_body")


@pytest.mark.parametrize("encoding", _PACKERS)
def test_a_packed_body_of_nothing_is_an_empty_body(small: Server, encoding: str) -> None:
    for body in (b"", _PACKERS[encoding](b"")):
        answer = _send(small, body, **{"Content-Encoding": encoding})
        assert fault(answer) == refusal(None, "malformed_body")


@pytest.mark.parametrize("encoding", _PACKERS)
def test_a_body_in_several_members_is_read_as_one(small: Server, encoding: str) -> None:
    body, pack = _body(10, DAY + 2 * 86_400), _PACKERS[encoding]
    packed = pack(body[:100]) + pack(body[100:])
    assert _send(small, packed, **{"Content-Encoding": encoding}).status_code == 200
    assert _stored(small, DAY + 2 * 86_400) == 10


@pytest.mark.parametrize("unpacked", [BODY_BYTES_MAX + 1, 2_000_000, 1_000_000_000])
@pytest.mark.parametrize("encoding", _PACKERS)
def test_a_small_body_that_unpacks_beyond_the_limit_is_cut_off(
    small: Server, encoding: str, unpacked: int
) -> None:
    pack = _PACKERS[encoding]
    million = b" " * 1_000_000
    whole, rest = divmod(unpacked, len(million))
    body = pack(million) * min(whole, 50) + pack(b" " * rest)
    if encoding == "zstd" and unpacked == 1_000_000_000:
        body = pack(bytes(unpacked))
    answer = _send(small, body, **{"Content-Encoding": encoding})
    assert len(body) < BODY_BYTES_MAX
    assert fault(answer) == refusal(None, "body_too_large", 413)


@pytest.mark.parametrize("encoding", [None, "gzip", "zstd"])
def test_a_body_of_exactly_the_limit_is_taken_and_one_byte_more_is_not(
    small: Server, encoding: str | None
) -> None:
    day = DAY + 3 * 86_400
    headers = {"Content-Encoding": encoding} if encoding else {}
    pack = _PACKERS[encoding] if encoding else bytes
    assert _send(small, pack(_padded(BODY_BYTES_MAX, day)), **headers).status_code == 200
    over = _send(small, pack(_padded(BODY_BYTES_MAX + 1)), **headers)
    assert fault(over) == refusal(None, "body_too_large", 413)
    assert str(BODY_BYTES_MAX) in over.json()["error"]["message"]


def test_a_body_without_a_declared_length_is_cut_off_at_the_limit(small: Server) -> None:
    chunks = (b" " * 10_000 for _ in range(20))
    assert fault(_send(small, chunks)) == refusal(None, "body_too_large", 413)


@pytest.mark.parametrize("content_type", [JSON, NDJSON])
def test_more_events_than_a_request_may_hold_are_refused_and_as_many_as_it_may_are_not(
    small: Server, content_type: str
) -> None:
    day = DAY + (4 if content_type == JSON else 5) * 86_400
    over, fitting = json.loads(_body(EVENTS_MAX + 1)), json.loads(_body(EVENTS_MAX, day))
    # The count is of events, whether or not they are good ones.
    for events in (over, [*over[:-1], {"id": "bad"}], [5] * (EVENTS_MAX + 1)):
        answer = _send(small, _laid_out(events, content_type), content_type)
        assert fault(answer) == refusal(None, "body_too_large", 413)
    assert _send(small, _laid_out(fitting, content_type), content_type).status_code == 200
    assert _stored(small, day) == EVENTS_MAX


def _laid_out(events: list[Any], content_type: str) -> bytes:
    if content_type == JSON:
        return json.dumps(events).encode()
    return "\n".join(json.dumps(sent) for sent in events).encode()


@pytest.mark.parametrize(
    "project", ["\x00", "日本語", "🙂", "\u202eevil", "a\nb", "'; DROP TABLE events; --", "x" * 200]
)
def test_any_text_of_a_name_is_stored_and_given_back_as_it_is(small: Server, project: str) -> None:
    day = DAY + 6 * 86_400
    sent = event("embeddings", id=f"name-{project[:150]}", time=day, project_id=project)
    assert small.post(sent).json()["accepted"] == 1
    answer = small.usage(
        "embeddings", start_time=day, end_time=day + 60, project_ids=project, group_by="project_id"
    )
    assert [row["project_id"] for row in answer.json()["data"][0]["results"]] == [project]


def test_after_all_of_this_no_defect_is_in_the_log(small: Server) -> None:
    assert "Traceback" not in "".join(small.output)
