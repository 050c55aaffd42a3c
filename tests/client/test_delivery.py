"""Events reach the server whatever it takes at once, and each has its place in the receipt."""

import json
from collections.abc import Callable, Mapping

import pytest

from tallybook.client.delivery import deliver
from tallybook.client.errors import AnswerError, ServerError, UnreadableAnswer, error_of
from tallybook.client.exchanges import Answer

EVENTS = [{"id": f"e{number}"} for number in range(9)]
TEXT = b"".join(json.dumps(event).encode() + b"\n" for event in EVENTS)

Server = Callable[[str, bytes, Mapping[str, str]], Answer]


def receipt(**fields: object) -> bytes:
    whole = {"accepted": 0, "duplicates": 0, "conflicts": [], "rejected": []}
    return json.dumps(whole | fields).encode()


def server(lines_max: int, refuses: frozenset[str] = frozenset()) -> Server:
    """A server that takes so many events at once, and has something against some."""

    def post(_path: str, body: bytes, _headers: Mapping[str, str]) -> Answer:
        ids = [json.loads(line)["id"] for line in body.splitlines()]
        if len(ids) > lines_max:
            raise error_of(413, b"")
        faults = [
            {"index": place, "id": each, "field": "model", "reason": "no"}
            for place, each in enumerate(ids)
            if each in refuses
        ]
        said = receipt(accepted=len(ids) - len(faults), rejected=faults)
        if len(faults) == len(ids):
            raise error_of(400, said)
        return Answer(200, {}, said)

    return post


@pytest.mark.parametrize("lines_max", [1, 2, 3, 8, 9])
def test_a_body_that_is_too_large_goes_in_halves_and_no_fault_loses_its_place(
    lines_max: int,
) -> None:
    found = deliver(server(lines_max, frozenset({"e0", "e4", "e8"})), TEXT)
    assert found.accepted == 6
    assert [(fault.index, fault.id) for fault in found.rejected] == [
        (0, "e0"), (4, "e4"), (8, "e8"),
    ]  # fmt: skip


def test_one_event_that_no_server_takes_is_refused_with_what_the_server_says() -> None:
    found = deliver(server(0), b'{"id":"e0"}\n')
    assert found.accepted == 0
    (fault,) = found.rejected
    assert (fault.index, fault.reason) == (0, "The server answered 413 Request Entity Too Large.")


@pytest.mark.parametrize(
    "status", [400, 401, 403, 404, 405, 408, 409, 415, 422, 429, 500, 503, 507]
)
def test_an_answer_without_a_receipt_says_nothing_about_the_events(status: int) -> None:
    # A proxy or another server may have given it: nothing is refused for that, nor taken apart.
    calls = 0

    def post(_path: str, _body: bytes, _headers: Mapping[str, str]) -> Answer:
        nonlocal calls
        calls += 1
        raise error_of(status, b"<html>no</html>")

    with pytest.raises(AnswerError) as caught:
        deliver(post, TEXT)
    assert caught.value.status == status
    assert calls == 1


def test_a_half_that_breaks_off_makes_the_whole_be_sent_again() -> None:
    healthy = server(8)
    calls = 0

    def post(_path: str, body: bytes, _headers: Mapping[str, str]) -> Answer:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise error_of(500, b"")
        return healthy(_path, body, _headers)

    with pytest.raises(ServerError):
        deliver(post, TEXT)
    assert deliver(post, TEXT).accepted == 9


@pytest.mark.parametrize(
    "said",
    [
        {"accepted": 8},
        {"accepted": 10},
        {"accepted": 8, "rejected": [{"index": 9, "id": None, "field": None, "reason": "no"}]},
    ],
)
def test_a_receipt_for_another_number_of_events_is_none(said: dict[str, object]) -> None:
    with pytest.raises(UnreadableAnswer, match="9 were sent"):
        deliver(lambda *_: Answer(200, {}, receipt(**said)), TEXT)
