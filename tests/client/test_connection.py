"""A connection asks until it has an answer or may not ask again, waiting and awaiting alike."""

import gzip
import traceback
from collections.abc import Callable, Iterator
from email.utils import formatdate
from typing import Any

import httpx2
import pytest

from client.asking import KEY, Ask, awaiting, waiting
from support.scripted import Reply, Scripted, closed_port, scripted
from tallybook.client import errors
from tallybook.client.connection import AsyncConnection, Connection
from tallybook.client.exchanges import base_of
from tallybook.client.retrying import RetryPolicy
from tallybook.version import __version__

NOW = 1_790_845_261.0
PATH = "/organization/costs"
ENVELOPE = (
    b'{"error":{"message":"Slow down.","type":"requests","param":null,'
    b'"code":"rate_limit_exceeded"}}'
)

Asking = Callable[..., Ask]


@pytest.fixture(scope="module")
def server() -> Iterator[Scripted]:
    with scripted() as script:
        yield script


@pytest.fixture(params=[waiting, awaiting])
def asking(request: pytest.FixtureRequest) -> Asking:
    made: Asking = request.param
    return made


def test_a_request_is_what_the_wire_asks_for(server: Scripted, asking: Asking) -> None:
    server.will(Reply(headers={"X-Request-Id": "req_1"}, body=b"[]"))
    answer = asking(server.address, [])(
        "get", PATH, [("group_by[]", "line_item"), ("line_items[]", "a, b")], {"If-None-Match": "x"}
    )
    assert (answer.status, answer.body, answer.headers["x-request-id"]) == (200, b"[]", "req_1")
    (seen,) = server.seen
    assert (seen.method, seen.target) == (
        "GET",
        "/v1/organization/costs?group_by%5B%5D=line_item&line_items%5B%5D=a%2C+b",
    )
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert seen.headers["user-agent"] == f"tallybook/{__version__}"
    assert seen.headers["if-none-match"] == "x"


def test_a_body_is_posted_again_as_it_was(server: Scripted, asking: Asking) -> None:
    server.will(Reply(503), Reply(207, b"{}"))
    answer = asking(server.address, [])(
        "post", "/events", b"[1]", {"Content-Type": "application/json"}
    )
    assert answer.status == 207
    assert [(seen.method, seen.target, seen.body) for seen in server.seen] == [
        ("POST", "/v1/events", b"[1]")
    ] * 2
    assert server.seen[1].headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("replies", "pauses"),
    [
        ([Reply(429, headers={"Retry-After": "3"})], [3.0]),
        ([Reply(429, headers={"Retry-After": formatdate(NOW + 7, usegmt=True)})], [7.0]),
        ([Reply(503)], [0.5]),
        ([Reply(500), Reply(502)], [0.5, 1.0]),
        ([Reply(body=b'{"object":"pa', announced=400)], [0.5]),
        ([Reply(409, headers={"x-should-retry": "true"})], [0.5]),
    ],
    ids=["429", "429-by-date", "503", "500-502", "cut", "409-if-it-says-so"],
)
def test_what_may_be_better_is_asked_again(
    server: Scripted, asking: Asking, replies: list[Reply], pauses: list[float]
) -> None:
    server.will(*replies, Reply(body=b"good"))
    waited: list[float] = []
    assert asking(server.address, waited, clock=lambda: NOW)("get", PATH).body == b"good"
    assert waited == pauses


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply(504, headers={"x-should-retry": "false"}), errors.ServerError),
        (Reply(501), errors.ServerError),
        (Reply(429, headers={"Retry-After": "300"}), errors.RateLimited),
        (Reply(400), errors.BadRequest),
        (Reply(401), errors.Unauthorized),
        (Reply(403), errors.Forbidden),
        (Reply(404), errors.NotFound),
        (Reply(409), errors.Conflict),
        (Reply(413), errors.TooLarge),
        (Reply(418), errors.AnswerError),
        (Reply(422), errors.Unprocessable),
    ],
    ids=lambda value: str(getattr(value, "status", value.__name__ if callable(value) else "")),
)
def test_what_would_be_no_better_is_asked_once(
    server: Scripted, asking: Asking, reply: Reply, expected: type[errors.AnswerError]
) -> None:
    server.will(reply)
    waited: list[float] = []
    with pytest.raises(errors.AnswerError) as raised:
        asking(server.address, waited)("get", PATH)
    assert type(raised.value) is expected
    assert raised.value.status == reply.status
    assert (len(server.seen), waited) == (1, [])


def test_an_error_says_all_that_the_server_said(server: Scripted, asking: Asking) -> None:
    headers = {"Retry-After": "2", "X-Request-Id": "req_9"}
    server.will(*[Reply(429, ENVELOPE, headers)] * 3)
    waited: list[float] = []
    with pytest.raises(errors.RateLimited) as raised:
        asking(server.address, waited)("get", PATH)
    assert waited == [2.0, 2.0]
    fault = raised.value
    assert (str(fault), fault.type, fault.param) == ("Slow down.", "requests", None)
    assert (fault.code, fault.request_id) == ("rate_limit_exceeded", "req_9")
    assert (fault.retry_after_seconds, fault.body) == (2.0, ENVELOPE)
    assert fault.headers["x-request-id"] == "req_9"


def test_a_server_that_is_not_there_is_tried_and_then_named(asking: Asking) -> None:
    address = f"http://127.0.0.1:{closed_port()}"
    waited: list[float] = []
    with pytest.raises(errors.NoAnswer, match="was not reached") as raised:
        asking(address, waited)("get", PATH)
    assert f"{address}/v1" in str(raised.value)
    assert "Is the server running" in str(raised.value)
    assert waited == [0.5, 1.0]


def test_a_connection_that_breaks_every_time_is_no_answer(server: Scripted, asking: Asking) -> None:
    server.will(*[Reply(body=b"{", announced=99)] * 2)
    with pytest.raises(errors.NoAnswer, match="no whole answer") as raised:
        asking(server.address, [], retry=RetryPolicy(retries_max=1))("get", PATH)
    assert type(raised.value) is errors.NoAnswer


def test_a_server_that_keeps_silent_is_timed_out(server: Scripted, asking: Asking) -> None:
    server.will(*[Reply(hangs=True)] * 2)
    waited: list[float] = []
    with pytest.raises(errors.TimedOut, match=r"within 0\.05 seconds"):
        asking(server.address, waited, timeout_seconds=0.05, retry=RetryPolicy(retries_max=1))(
            "get", PATH
        )
    assert (len(server.seen), waited) == (2, [0.5])


def test_a_connection_that_is_not_taken_is_timed_out(asking: Asking) -> None:
    def refuse(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectTimeout("timed out", request=request)

    with pytest.raises(errors.TimedOut, match="took no connection in time"):
        asking("http://127.0.0.1", [], transport=httpx2.MockTransport(refuse))("get", PATH)


def test_a_body_that_cannot_be_unpacked_is_unreadable(server: Scripted, asking: Asking) -> None:
    server.will(Reply(headers={"Content-Encoding": "gzip"}, body=b"not gzip at all"))
    with pytest.raises(errors.UnreadableAnswer, match="cannot be unpacked"):
        asking(server.address, [])("get", PATH)
    server.will(Reply(headers={"Content-Encoding": "gzip"}, body=gzip.compress(b"well")))
    assert asking(server.address, [])("get", PATH).body == b"well"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_key_is_not_carried_to_another_address(
    server: Scripted, asking: Asking, status: int
) -> None:
    with scripted() as elsewhere:
        server.will(Reply(status, headers={"Location": f"{elsewhere.address}/v1/events"}))
        with pytest.raises(errors.UnreadableAnswer, match=elsewhere.address):
            asking(server.address, [])("post", "/events", b"{}", {})
        assert elsewhere.seen == []


def test_what_has_not_changed_is_an_answer(server: Scripted, asking: Asking) -> None:
    server.will(Reply(304, b""))
    assert asking(server.address, [])("get", PATH, (), {"If-None-Match": "x"}).status == 304


def test_requests_go_through_a_proxy_that_is_given(server: Scripted, asking: Asking) -> None:
    server.will(Reply(body=b"by proxy"))
    answer = asking("http://ledger.example/prefix", [], proxy=server.address)("get", PATH)
    assert answer.body == b"by proxy"
    assert server.seen[0].target == "http://ledger.example/prefix/v1/organization/costs"


def test_a_client_of_ones_own_is_used_and_left_open(server: Scripted) -> None:
    with httpx2.Client(
        auth=("user", "word"), headers={"X-Own": "1"}, follow_redirects=True
    ) as http:
        for _ in range(2):
            server.will(Reply())
            with Connection(server.address, KEY, http=http) as connection:
                connection.get(PATH)
            (seen,) = server.seen
            assert (seen.headers["x-own"], seen.headers["authorization"]) == ("1", f"Bearer {KEY}")
        with pytest.raises(ValueError, match="http excludes transport and proxy"):
            Connection(server.address, KEY, http=http, proxy=server.address)


def test_what_was_opened_here_is_closed_here(server: Scripted) -> None:
    connection = Connection(server.address, KEY)
    connection.close()
    with pytest.raises(RuntimeError, match="closed"):
        connection.get(PATH)


@pytest.mark.parametrize(
    "url",
    ["http://h:1", "http://h:1/", "http://h:1/v1", "http://h:1/v1/"],
)
def test_an_address_ends_in_the_base_path_once(url: str) -> None:
    assert base_of(url) == "http://h:1/v1"
    assert base_of("https://h/prefix/compat/2.3.0/v1") == "https://h/prefix/compat/2.3.0/v1"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("127.0.0.1:8321", "must begin with http:// or https://"),
        ("", "must begin with http:// or https://"),
        ("ftp://h", "must begin with http:// or https://"),
        ("http://", "must begin with http:// or https://"),
        ("http://h:port", "no address of HTTP"),
        ("http://h?key=sk-admin-1", "must end with its path"),
        ("http://user:sk-admin-1@h", "holds a user or a password"),
    ],
)
def test_an_address_that_is_none_is_refused(url: str, said: str) -> None:
    for connection in (Connection, AsyncConnection):
        with pytest.raises(ValueError, match=said):
            connection(url, KEY)


@pytest.mark.parametrize("key", ["", "sk-admin-\n", " sk", "sk-ädmin", "sk\radmin"])
def test_a_key_that_is_none_is_refused_unseen(key: str) -> None:
    with pytest.raises(ValueError, match="the key is empty or holds") as raised:
        Connection("http://h", key)
    assert not key or key not in str(raised.value)


def faults(server: Scripted) -> Iterator[Any]:
    yield [Reply(401)], server.address
    yield [Reply(500, ENVELOPE)] * 3, server.address
    yield [Reply(302, headers={"Location": "http://elsewhere"})], server.address
    yield [Reply(body=b"", announced=9)] * 3, server.address
    yield [Reply(headers={"Content-Encoding": "gzip"}, body=b"no")], server.address
    yield [], f"http://127.0.0.1:{closed_port()}"


def test_no_message_and_no_repr_has_the_key(server: Scripted, asking: Asking) -> None:
    for replies, address in faults(server):
        server.will(*replies)
        with pytest.raises(errors.ClientError) as raised:
            asking(address, [])("get", PATH)
        assert KEY not in "".join(traceback.format_exception(raised.value)) + repr(raised.value)
    shown = repr(Connection(server.address, KEY))
    assert shown == f"Connection('{server.address}/v1')"
    assert KEY not in repr(vars(Connection(server.address, KEY)))
