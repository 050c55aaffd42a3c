"""Page tokens of others, forged ones, and every bit of one's own turned: none leads to others."""

import base64
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support import streams
from support.attacked import OTHERS_EVENTS, OWN_EVENTS, Attacked, tells_of_others
from support.cursors import PREFIX, read_token, write_token
from support.events import DAY
from support.wire import fault, refusal

# What is asked for, page after page: few enough events or buckets for several pages.
ASKED: dict[str, dict[str, Any]] = {
    "/v1/organization/usage/completions": {"group_by": "model", "bucket_width": "1h", "limit": 2},
    "/v1/organization/usage/vector_stores": {"bucket_width": "1h", "limit": 1},
    "/v1/organization/costs": {"group_by": "project_id,line_item", "limit": 1},
    "/compat/2.3.0/v1/organization/costs": {"group_by": "line_item", "limit": 1},
    "/v1/events": {"limit": 3},
}
RANGE = {"start_time": DAY, "end_time": DAY + 2 * 86_400}
every_list = pytest.mark.parametrize("path", ASKED)


def get(client: httpx2.Client, path: str, page: str | None = None) -> httpx2.Response:
    more = {} if page is None else {"page": page}
    return client.get(path, params=RANGE | ASKED[path] | more)


def walk(client: httpx2.Client, path: str) -> Iterator[httpx2.Response]:
    """All pages."""
    page = None
    while True:
        answer = get(client, path, page)
        assert answer.status_code == 200
        yield answer
        page = answer.json()["next_page"]
        if not page:
            return


def packed(token: str) -> bytes:
    text = token.removeprefix(PREFIX)
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def written(data: bytes) -> str:
    return PREFIX + base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def harmless(answer: httpx2.Response) -> None:
    """Hold an answer to be one's own page, or the refusal of the token."""
    if answer.status_code == 200:
        assert tells_of_others(answer) is None
    else:
        assert fault(answer) == refusal("page", "invalid_value")


@every_list
def test_its_own_pages_are_its_own_to_the_end(target: Attacked, path: str) -> None:
    pages = list(walk(target.bound, path))
    assert len(pages) > 1
    assert [tells_of_others(page) for page in pages] == [None] * len(pages)
    if path == "/v1/events":
        ids = [each["id"] for page in pages for each in page.json()["data"]]
        assert sorted(ids) == sorted(each["id"] for each in OWN_EVENTS)


@every_list
def test_the_tokens_of_other_keys_are_refused(target: Attacked, path: str) -> None:
    for client in (target.admin, target.elsewhere, target.two):
        for page in walk(client, path):
            if token := page.json()["next_page"]:
                answer = get(target.bound, path, token)
                assert fault(answer) == refusal("page", "invalid_value")
                assert "belongs to" in answer.json()["error"]["message"]


@every_list
def test_every_bit_of_a_token_turned_leads_nowhere_else(target: Attacked, path: str) -> None:
    data = packed(get(target.bound, path).json()["next_page"])
    for bit in range(8 * len(data)):
        turned = bytearray(data)
        turned[bit // 8] ^= 1 << bit % 8
        harmless(get(target.bound, path, written(bytes(turned))))


@every_list
def test_every_byte_cut_off_or_put_on_leads_nowhere_else(target: Attacked, path: str) -> None:
    data = packed(get(target.bound, path).json()["next_page"])
    others = packed(get(target.admin, path).json()["next_page"])
    for place in range(len(data) + 1):
        for spliced in (data[:place], data[place:], data[:place] + others[place:]):
            if spliced:
                harmless(get(target.bound, path, written(spliced)))
        harmless(get(target.bound, path, written(others[:place] + data[place:])))
    harmless(get(target.bound, path, written(data + b"\0")))


@every_list
def test_a_token_of_one_list_is_none_of_another(target: Attacked, path: str) -> None:
    token = get(target.bound, path).json()["next_page"]
    for other in ASKED:
        if other.removeprefix("/compat/2.3.0") != path.removeprefix("/compat/2.3.0"):
            assert fault(get(target.bound, other, token)) == refusal("page", "invalid_value")


@every_list
def test_a_token_is_none_of_the_same_list_with_another_project(target: Attacked, path: str) -> None:
    token = get(target.bound, path).json()["next_page"]
    more = {"page": token, "project_ids": "proj_foreign"}
    answer = target.bound.get(path, params=RANGE | ASKED[path] | more)
    assert fault(answer) == refusal("page", "invalid_value")


def test_a_token_that_names_an_event_of_others_goes_on_with_its_own(target: Attacked) -> None:
    # The fingerprint is no secret: whoever has a token may put it before any time and id.
    head = packed(get(target.bound, "/v1/events").json()["next_page"])[:12]
    wanted = sorted(OWN_EVENTS, key=lambda each: (each["time"], each["id"]))
    for other in OTHERS_EVENTS[::5]:
        moment = round(other["time"] * 1_000_000).to_bytes(8, signed=True)
        forged = written(head + moment + other["id"].encode())
        answer = get(target.bound, "/v1/events", forged)
        harmless(answer)
        after = [
            each["id"]
            for each in wanted
            if (each["time"], each["id"]) > (other["time"], other["id"])
        ]
        # Whether there is such an event cannot be told: what follows is what would follow.
        assert [each["id"] for each in answer.json()["data"]] == after[:3]


@settings(streams.UNHURRIED, max_examples=100)
@given(
    path=st.sampled_from(tuple(ASKED)[:4]),
    end=st.integers(DAY, DAY + 3 * 86_400),
    resume=st.integers(DAY // 60 - 60, DAY // 60 + 3 * 1440).map(lambda minute: minute * 60),
)
def test_any_range_by_a_true_fingerprint_is_its_own(
    target: Attacked, path: str, end: int, resume: int
) -> None:
    token = read_token(get(target.bound, path).json()["next_page"])
    harmless(get(target.bound, path, write_token(token._replace(end=end, resume=resume))))


@settings(streams.UNHURRIED, max_examples=150)
@given(path=st.sampled_from(tuple(ASKED)), text=st.text(max_size=60), data=st.binary(max_size=60))
def test_any_text_and_any_bytes_are_refused(
    target: Attacked, path: str, text: str, data: bytes
) -> None:
    for token in (f"x{text}", written(data)):
        if token != PREFIX:
            harmless(get(target.bound, path, token))
