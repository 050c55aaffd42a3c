"""Requests that are too large, too slow, or to be read in two ways: told so, and survived."""

import json
import threading
import time
from collections.abc import Iterator

import pytest

from support.events import DAY, event
from support.raw import (
    AUTHORIZATION,
    answers,
    ask,
    connect,
    exchange,
    post,
    read_all,
    read_answer,
    request,
)
from support.server import Server, running
from support.wire import fault, refusal

HEADER_BYTES_MAX = 8_000
RECEIVE_SECONDS_MAX = 1
MIB = 1 << 20
EVENT = json.dumps(event(id="raw")).encode()
JSON = b"Content-Type: application/json"
CHUNKED = b"Transfer-Encoding: chunked"
USAGE = f"/v1/organization/usage/completions?start_time={DAY}".encode()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that takes small heads, and soon."""
    environment = {
        "TALLYBOOK_HEADER_BYTES_MAX": str(HEADER_BYTES_MAX),
        "TALLYBOOK_RECEIVE_SECONDS_MAX": str(RECEIVE_SECONDS_MAX),
    }
    with running(tmp_path_factory.mktemp("small"), environment) as server:
        yield server


@pytest.fixture(autouse=True)
def _still_answers(small: Server) -> Iterator[None]:
    """After each test the server answers, has stored nothing by mistake, and reports no defect."""
    yield
    assert small.http.get("/readyz").status_code == 200
    assert small.http.get("/v1/events").json()["data"] == []
    assert "Traceback" not in "".join(small.output)


def chunk(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(body), body)


def padding(size: int, count: int = 1) -> list[bytes]:
    """Headers of ``size`` bytes together, with the ends of their lines."""
    each = size // count - len(b"x-000: \r\n")
    return [b"x-%03d: %s" % (number, b"a" * each) for number in range(count)]


# A head without its padding.
_BARE = len(request(b"/healthz")) - len(b"GET  HTTP/1.1\r\n\r\n")


@pytest.mark.parametrize("count", [1, 7])
def test_a_head_of_the_limit_is_taken_and_one_byte_more_is_not(small: Server, count: int) -> None:
    room = HEADER_BYTES_MAX - _BARE
    fits, over = (padding(size, count) for size in (room - room % count, room + count))
    assert ask(small.address, request(b"/healthz", *fits)).status_code == 200
    answer = ask(small.address, request(b"/healthz", *over))
    assert fault(answer) == refusal(None, "headers_too_large", 431)
    assert "8000 bytes (setting header_bytes_max)" in answer.text
    assert answer.headers["connection"] == "close"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "sent",
    [
        request(b"/healthz", b"x: " + b"a" * MIB),
        request(b"/healthz", b"a" * MIB + b": x"),
        # Never ends.
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nx: " + b"a" * (4 * MIB),
        request(b"/healthz", *padding(MIB, 1_000)),
        request(b"/healthz", *[b"x: 1"] * 10_000),
        request(b"/healthz", *[b"x: 1"] * 201),
    ],
    ids=["long value", "long name", "endless value", "long", "10,000 headers", "201 headers"],
)
def test_large_headers_are_refused(small: Server, sent: bytes) -> None:
    assert fault(ask(small.address, sent)) == refusal(None, "headers_too_large", 431)


def test_a_long_header_is_refused_before_it_has_ended_however_it_is_cut(small: Server) -> None:
    pieces = [b"GET /healthz HTTP/1.1\r\nHost: x\r\nx: ", *[b"a" * 500] * 100]
    assert fault(ask(small.address, *pieces)) == refusal(None, "headers_too_large", 431)


@pytest.mark.parametrize("size", [HEADER_BYTES_MAX + 1, 65_536, MIB])
def test_a_long_address_is_refused(small: Server, size: int) -> None:
    for target in (b"/healthz?" + b"a" * size, b"/" * size):
        answer = ask(small.address, request(target))
        assert fault(answer) == refusal(None, "address_too_long", 414)


def test_an_address_of_many_filters_is_answered(server: Server) -> None:
    filters = b"".join(b"&project_ids=proj_%020d" % number for number in range(1_500))
    answer = ask(server.address, request(USAGE + filters, AUTHORIZATION.strip()))
    assert answer.status_code == 200


def test_an_address_that_nothing_can_take_apart_is_refused_whatever_the_limit(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    environment = {"TALLYBOOK_HEADER_BYTES_MAX": str(MIB)}
    with running(tmp_path_factory.mktemp("large"), environment) as large:
        answer = ask(large.address, request(b"/healthz?" + b"a" * 65_536))
        assert fault(answer) == refusal(None, "address_too_long", 414)
        longest = b"/healthz?" + b"a" * (65_535 - len(b"/healthz?"))
        assert ask(large.address, request(longest, *padding(100_000))).status_code == 200


# Each may be read in another way by a proxy, and so hide a request in the body of another.
_TWO_WAYS: dict[str, bytes] = {
    "length and chunks": post(b"Content-Length: 5", CHUNKED, body=b"0\r\n\r\n"),
    "chunks and length": post(CHUNKED, b"Content-Length: 5", body=b"0\r\n\r\n"),
    "two lengths": post(b"Content-Length: 5", b"Content-Length: 6", body=b"123456"),
    "one length twice": post(b"Content-Length: 5", b"Content-Length: 5", body=b"12345"),
    "lengths in a list": post(b"Content-Length: 5, 5", body=b"12345"),
    "length with a sign": post(b"Content-Length: +5", body=b"12345"),
    "negative length": post(b"Content-Length: -5", body=b"12345"),
    "length in hex": post(b"Content-Length: 0x5", body=b"12345"),
    "space before the colon": post(b"Content-Length : 5", body=b"12345"),
    "folded header": post(JSON, b"x: a\r\n b"),
    "chunked in disguise": post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n"),
    "chunked behind a tab": post(b"Transfer-Encoding:\x0bchunked", body=b"0\r\n\r\n"),
    "chunked and not last": post(b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n"),
    "chunked twice": post(CHUNKED, CHUNKED, body=b"0\r\n\r\n"),
    "packed as a transfer": post(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"),
    "chunk size that is none": post(CHUNKED, body=b"zz\r\n0\r\n\r\n"),
    "chunk size with a sign": post(CHUNKED, body=b"+5\r\n12345\r\n0\r\n\r\n"),
    "chunk longer than its size": post(CHUNKED, body=b"3\r\n12345\r\n0\r\n\r\n"),
    "lines without CR": b"GET /healthz HTTP/1.1\nHost: x\n\n",
    "header after a lone CR": request(b"/healthz", b"x: a\rHost: y"),
    "no host": b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n",
    "two hosts": request(b"/healthz", b"Host: y"),
}  # fmt: skip


@pytest.mark.parametrize("name", _TWO_WAYS)
def test_what_can_be_read_in_two_ways_is_refused_and_ends_the_connection(
    small: Server, name: str
) -> None:
    # What would be answered as well by one who read it the other way.
    answer = ask(small.address, _TWO_WAYS[name] + request(b"/healthz"))
    assert fault(answer) == refusal(None, "malformed_request")
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    "sent",
    [
        request(b"/healthz", b"x: a\x00b"),
        request(b"/healthz", b"x: a\x1bb"),
        request(b"/healthz", b"x\xff: a"),
        request(b"/healthz", b"x y: a"),
        request(b"/healthz", b": a"),
        request(b"/healthz", b"no colon"),
        request(b"/healthz\x00"),
        request(b"/health\xff"),
        request(b"http://elsewhere"),
        request(b"elsewhere:80", method=b"CONNECT"),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"good morning\r\n\r\n",
    ],
)
def test_what_is_not_http_is_told_so(small: Server, sent: bytes) -> None:
    answer = ask(small.address, sent)
    assert fault(answer) == refusal(None, "malformed_request")
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_bytes_beyond_ascii_in_a_value_are_no_fault(small: Server) -> None:
    assert ask(small.address, request(b"/healthz", b"x: \xff\xfe")).status_code == 200
    answer = ask(small.address, request(USAGE, b"Authorization: Bearer \xff\xfe"))
    assert fault(answer)["code"] == "invalid_api_key"


@pytest.mark.parametrize(
    "target",
    [
        b"/v1/../healthz",
        b"/v1/%2e%2e/healthz",
        b"/../../../../etc/passwd",
        b"/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        b"/..%5c..%5cetc",
        b"//healthz",
        b"/%2fhealthz",
        b"/healthz/",
        b"/healthz%00",
        b"/healthz%00.json",
        b"/healthz;x=1",
        b"/HEALTHZ",
        b"/healthz%0d%0aset-cookie:%20a=b",
        b"/%ff%fe",
        b"/%zz",
        b"/" + b"a" * 7_000,
        b"/v1//organization/usage/completions",
        b"/v1/organization/usage/completions/..",
        b"/v1/organization/usage/completions%2f",
    ],
)
def test_a_trick_with_a_path_leads_nowhere(small: Server, target: bytes) -> None:
    answer = ask(small.address, request(target, AUTHORIZATION.strip()))
    assert fault(answer) == refusal(None, None, 404)
    assert "set-cookie" not in answer.headers


def test_what_is_sent_in_a_value_comes_back_in_no_header(small: Server) -> None:
    crlf = b"%0d%0aset-cookie:%20a=b"
    for sent in (
        request(USAGE + b"&limit=1" + crlf, AUTHORIZATION.strip()),
        request(b"/v1/events?kinds=" + crlf, AUTHORIZATION.strip()),
        request(USAGE + b"&models=" + crlf, AUTHORIZATION.strip(), b"x-request-id: req_chosen"),
        post(b"Content-Type: text/x\xe9", b"Content-Length: 0"),
    ):
        answer = ask(small.address, sent)
        assert "set-cookie" not in answer.headers
        assert answer.headers["x-request-id"] != "req_chosen"


def test_a_trailer_is_no_header(small: Server) -> None:
    body = b"0\r\n" + AUTHORIZATION + b"\r\n"
    answer = ask(small.address, request(USAGE, CHUNKED, body=body))
    assert answer.status_code == 401
    assert "You didn't provide an API key." in answer.text


def test_an_endless_trailer_ends_the_connection(small: Server) -> None:
    said = exchange(small.address, post(CHUNKED), b"0\r\nx: ", *[b"a" * 500] * 1_000)
    assert fault(answers(said)[0])["status"] in (415, 431)


def test_an_upgrade_is_not_offered_and_the_connection_goes_on(small: Server) -> None:
    upgrade = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: %s\r\n\r\n"
    with connect(small.address) as line:
        for protocol in (b"websocket", b"h2c"):
            line.sendall(upgrade % protocol)
            assert read_answer(line).json()["status"] == "ok"
        line.sendall(request(b"/readyz"))
        assert read_answer(line).json()["status"] == "ready"
    assert "upgrade" not in "".join(small.output).lower()


def test_an_answer_is_finished_before_what_follows_is_refused(small: Server) -> None:
    good = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    (answer,) = answers(exchange(small.address, good + b"GARBAGE\r\n\r\n"))
    assert answer.json()["status"] == "ok"
    assert answer.headers["connection"] == "close"


def test_requests_that_come_at_once_are_answered_in_their_order(small: Server) -> None:
    good = b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n"
    sent = good % b"/healthz" + good % b"/nowhere" + request(b"/readyz")
    found = answers(exchange(small.address, sent))
    assert [answer.status_code for answer in found] == [200, 404, 200]


def test_a_head_that_does_not_come_in_time_is_told_so(small: Server) -> None:
    begin = time.monotonic()
    answer = ask(small.address, b"GET /healthz HTTP/1.1\r\nHost: ")
    assert fault(answer) == refusal(None, "request_too_slow", 408)
    assert time.monotonic() - begin >= RECEIVE_SECONDS_MAX


def dribble(server: Server, head: bytes, piece: bytes) -> bytes:
    """What the server says to one who sends a piece ever so often."""
    with connect(server.address) as line:
        line.sendall(head)
        stop = threading.Event()

        def send() -> None:
            while not stop.wait(RECEIVE_SECONDS_MAX / 10):
                try:
                    line.sendall(piece)
                except OSError:
                    return

        sending = threading.Thread(target=send)
        sending.start()
        try:
            return read_all(line)
        finally:
            stop.set()
            sending.join()


def test_a_head_that_never_stops_coming_is_ended(small: Server) -> None:
    (answer,) = answers(dribble(small, b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"x: 1\r\n"))
    assert fault(answer) == refusal(None, "request_too_slow", 408)


def test_the_second_head_of_a_connection_has_no_more_time(small: Server) -> None:
    good = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    first, second = answers(dribble(small, good + b"GET /", b"a"))
    assert first.status_code == 200
    assert fault(second) == refusal(None, "request_too_slow", 408)


def test_a_body_that_drips_is_ended(small: Server) -> None:
    head = post(JSON, b"Content-Length: 1000000")
    (answer,) = answers(dribble(small, head, b" " * 5))
    assert fault(answer) == refusal(None, "request_too_slow", 408)
    assert "bytes of its body within 1 s (setting receive_seconds_max)" in answer.text


def test_a_body_that_stops_coming_after_its_answer_ends_the_connection(small: Server) -> None:
    head = b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
    (answer,) = answers(dribble(small, head, b" "))
    assert answer.status_code == 200


def test_a_body_that_comes_slowly_and_steadily_is_taken(server: Server) -> None:
    body = json.dumps(event(id="slow")).encode()
    pieces = [body[at : at + 20] for at in range(0, len(body), 20)]
    answer = ask(server.address, post(JSON, b"Content-Length: %d" % len(body)), *pieces)
    assert answer.json()["accepted"] == 1


def test_a_connection_on_which_nothing_comes_is_closed_without_a_word(small: Server) -> None:
    with connect(small.address) as line:
        assert read_all(line) == b""


def test_a_client_that_leaves_within_a_body_is_no_defect(small: Server) -> None:
    with connect(small.address) as line:
        line.sendall(post(JSON, b"Content-Length: 1000000", body=b"["))
    # ``_still_answers`` looks at the log.
    assert small.http.get("/healthz").status_code == 200


def test_a_server_stops_in_time_while_heads_are_awaited(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with (
        running(tmp_path_factory.mktemp("stopping")) as server,
        connect(server.address) as line,
        connect(server.address) as silent,
    ):
        line.sendall(b"GET /healthz HTTP/1.1\r\n")
        assert server.stop() == 0
        assert (read_all(line), read_all(silent)) == (b"", b"")
