"""Cursors: tokens in every spelling, and only with the query that they were made for."""

import base64
from typing import Any

import httpx2
import pytest

from contract.contract import NAMES, USAGE, error
from support.cursors import PREFIX, Token, read_token, write_token
from support.events import DAY
from support.server import Server
from support.wire import fault

RANGE: dict[str, Any] = {"start_time": DAY - 5 * 86_400, "end_time": DAY + 86_400 + 3_661}


def _ask(server: Server, name: str = "completions", **parameters: Any) -> httpx2.Response:
    return server.http.get(USAGE[name]["path"], params=parameters)


def _row(case: str) -> dict[str, Any]:
    return {key: error(case)[key] for key in ("status", "type", "param", "code")}


@pytest.fixture
def token(server: Server) -> Token:
    """What the first page's cursor of a query of one bucket at a time says."""
    return read_token(_ask(server, **RANGE, limit=1).json()["next_page"])


def test_a_token_has_the_published_form_and_layout(server: Server) -> None:
    text = _ask(server, **RANGE, limit=2).json()["next_page"]
    assert len(text) == len(PREFIX) + 27
    body = text.removeprefix(PREFIX)
    assert body.replace("-", "a").replace("_", "a").isalnum()
    assert body.isascii()
    found = read_token(text)
    assert (found.end, found.resume) == (RANGE["end_time"], DAY - 3 * 86_400)
    assert write_token(found) == text


def _spellings(text: str) -> dict[str, str]:
    bare = text.removeprefix(PREFIX)
    standard = bare.replace("-", "+").replace("_", "/")
    return {
        "no prefix": bare,
        "padding": f"{text}=",
        "no prefix, padding": f"{bare}=",
        "standard alphabet": PREFIX + standard,
        "bare standard base64": f"{standard}=",
    }


@pytest.mark.parametrize("spelling", _spellings("page_"))
def test_a_token_is_read_in_every_spelling_of_base64(server: Server, spelling: str) -> None:
    # Of these queries some have a token with both letters that the alphabets differ in.
    seen = set()
    for minute in range(40):
        asked = {**RANGE, "start_time": RANGE["start_time"] - minute * 60, "limit": 1}
        text = _ask(server, **asked).json()["next_page"]
        seen |= {letter for letter in "-_" if letter in text.removeprefix(PREFIX)}
        plain = _ask(server, **asked, page=text)
        assert _ask(server, **asked, page=_spellings(text)[spelling]).json() == plain.json()
    assert seen == {"-", "_"}


def test_a_token_is_read_with_its_plus_signs_sent_as_they_are(server: Server) -> None:
    for minute in range(40):
        asked = {**RANGE, "start_time": RANGE["start_time"] - minute * 60, "limit": 1}
        text = _ask(server, **asked).json()["next_page"]
        url = httpx2.URL(USAGE["completions"]["path"], params={**asked, "limit": "1"})
        plain = server.http.get(f"{url}&page={text}")
        raw = _spellings(text)["bare standard base64"]
        assert server.http.get(f"{url}&page={raw}").json() == plain.json()


@pytest.mark.parametrize(
    "changed",
    [
        {"bucket_width": "1h"},
        {"start_time": RANGE["start_time"] - 86_400},
        {"group_by": "model"},
        {"models": "gpt-5.5-2026-04-23"},
        {"project_ids[]": ["proj_a", "proj_b"]},
        {"batch": "true"},
        {"batch": "false"},
    ],
    ids=str,
)
def test_a_token_of_another_query_is_refused(server: Server, changed: dict[str, Any]) -> None:
    text = _ask(server, **RANGE, limit=1).json()["next_page"]
    answer = _ask(server, **(RANGE | changed), limit=1, page=text)
    assert fault(answer) == _row("page_of_other_query")


@pytest.mark.parametrize("name", NAMES[1:])
def test_a_token_of_another_endpoint_is_refused(server: Server, name: str) -> None:
    text = _ask(server, **RANGE, limit=1).json()["next_page"]
    answer = _ask(server, name, **RANGE, limit=1, page=text)
    assert fault(answer) == _row("page_of_other_query")


def test_a_token_is_for_what_a_query_asks_and_not_for_how_it_is_written(server: Server) -> None:
    one: dict[str, Any] = {"group_by": "project_id,model", "models": "a,b", "batch": "false"}
    two: dict[str, Any] = {
        "group_by[]": ["model", "project_id"],
        "models[]": ["b", "a", "b"],
        "batch": "False",
    }
    text = _ask(server, **RANGE, **one, limit=1).json()["next_page"]
    other = _ask(server, **RANGE, **two, limit=1, page=text)
    assert other.json() == _ask(server, **RANGE, **one, limit=1, page=text).json()


@pytest.mark.parametrize(
    "text",
    [
        "x", "page_", "page_x", "null", "None", "1", "page_AAAA", "page_" + "A" * 26,
        "page_" + "A" * 28, "page_" + "A" * 5_000, "page_====", "=", "page_AAAAAGq-S0D7ow-EAAAAAGq",
        "page_AAAAAGq!S0D7ow-EAAAAAGq-PTA", "page_AAAAAGq-S0D7ow-EAAAAAGq-PTA\x00", "Страница",
        "page_page_AAAAAGq-S0D7ow-EAAAAAGq-PTA", "../../etc/passwd", "page_" + "A" * 27,
        "page_AAAAAGq-S0D7ow-EAAAAAGq-PTA",
    ],
)  # fmt: skip
def test_what_is_not_a_token_of_this_query_is_refused(server: Server, text: str) -> None:
    assert fault(_ask(server, **RANGE, limit=1, page=text)) == _row("page_invalid")


_FORGERIES: dict[str, dict[str, Any]] = {
    "resume before the start": {"resume": RANGE["start_time"] - 86_400},
    "resume at the start": {"resume": RANGE["start_time"]},
    "resume at the end": {"resume": RANGE["end_time"], "end": RANGE["end_time"]},
    "resume after the end": {"resume": DAY + 10 * 86_400},
    "resume off a boundary": {"resume": DAY + 1},
    "negative resume": {"resume": -86_400},
    "least resume": {"resume": -(2**63)},
    "largest resume": {"resume": 2**63 - 1},
    "end in the future": {"end": 4_102_444_800},
    "largest end": {"end": 2**63 - 1},
    "end before the start": {"end": 0},
    "negative end": {"end": -1},
}


@pytest.mark.parametrize("forgery", _FORGERIES)
def test_a_forged_token_is_refused(server: Server, token: Token, forgery: str) -> None:
    forged = write_token(token._replace(**_FORGERIES[forgery]))
    assert fault(_ask(server, **RANGE, limit=1, page=forged)) == _row("page_invalid")


def test_a_token_with_any_other_fingerprint_is_refused(server: Server, token: Token) -> None:
    for place in range(4):
        wrong = bytearray(token.fingerprint)
        wrong[place] ^= 1
        forged = write_token(token._replace(fingerprint=bytes(wrong)))
        assert fault(_ask(server, **RANGE, limit=1, page=forged)) == _row("page_of_other_query")


def test_a_token_cannot_be_cut_short_or_drawn_out(server: Server, token: Token) -> None:
    packed = base64.urlsafe_b64decode(write_token(token).removeprefix(PREFIX) + "=")
    for wrong in (packed[:-1], packed[1:], packed + b"\0", packed * 2, b""):
        text = PREFIX + base64.urlsafe_b64encode(wrong).decode().rstrip("=")
        assert fault(_ask(server, **RANGE, limit=1, page=text)) == _row("page_invalid")
