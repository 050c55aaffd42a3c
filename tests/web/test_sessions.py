"""Tokens of sessions: what one secret made for one key, to the last character, until their time."""

import base64
import json
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallybook.settings import InvalidSetting
from tallybook.web.sessions import SESSION_SECONDS, Session, SessionSigner, new_session, signer_with

NOW = 1_790_812_800.75
SIGNER = SessionSigner(b"a secret of thirty-two characters")
KEYS = {"key_a": "digest of a", "key_b": "digest of b"}
SESSION = new_session("key_a", NOW)
TOKEN = SIGNER.token(SESSION, KEYS["key_a"])


def read(token: str, now: float = NOW, signer: SessionSigner = SIGNER) -> Session | None:
    return signer.read(token, KEYS.get, now)


def stated(**changes: Any) -> str:
    """What a session's token states, with some fields changed."""
    fields = {name: getattr(SESSION, name) for name in Session.__struct_fields__}
    raw = json.dumps(fields | changes, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_a_token_gives_its_session_again() -> None:
    assert read(TOKEN) == SESSION
    assert (SESSION.key_id, SESSION.issued_at) == ("key_a", 1_790_812_800)


def test_a_session_ends_after_its_time() -> None:
    assert SESSION.expires_at == SESSION.issued_at + SESSION_SECONDS
    assert read(TOKEN, SESSION.expires_at - 0.001) == SESSION
    assert read(TOKEN, SESSION.expires_at) is None


def test_the_same_statement_is_written_the_same() -> None:
    # What the other tests change is what a token really states.
    assert TOKEN.partition(".")[0] == stated()


@pytest.mark.parametrize(
    "changes",
    [{"key_id": "key_b"}, {"expires_at": 2**40}, {"issued_at": 0}, {"id": "x"}, {"scopes": ["*"]}],
)
def test_another_statement_under_a_signature_is_no_session(changes: dict[str, Any]) -> None:
    assert read(f"{stated(**changes)}.{TOKEN.partition('.')[2]}") is None


def test_a_token_of_another_server_is_no_session() -> None:
    for other in (SessionSigner(b"another secret"), signer_with("")):
        assert read(other.token(SESSION, KEYS["key_a"])) is None
    assert signer_with("").read(TOKEN, KEYS.get, NOW) is None


def test_servers_that_share_a_secret_share_sessions() -> None:
    one, other = signer_with("s" * 32), signer_with("s" * 32)
    assert other.read(one.token(SESSION, KEYS["key_a"]), KEYS.get, NOW) == SESSION


def test_a_session_ends_with_its_key_and_is_not_the_next_keys() -> None:
    assert SIGNER.read(TOKEN, dict[str, str]().get, NOW) is None
    assert SIGNER.read(TOKEN, {"key_a": "digest of the next"}.get, NOW) is None
    assert read(SIGNER.token(SESSION, KEYS["key_b"])) is None


@given(st.integers(0, len(TOKEN) - 1), st.characters())
def test_one_character_changed_makes_it_no_session(at: int, character: str) -> None:
    changed = TOKEN[:at] + character + TOKEN[at + 1 :]
    assert read(changed) == (SESSION if changed == TOKEN else None)


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_whatever_is_sent_is_no_session(token: str) -> None:
    assert read(token) is None
    assert read(f"{token}.{TOKEN.partition('.')[2]}") is None
    assert read(f"{TOKEN.partition('.')[0]}.{token}") is None
    assert read(TOKEN + token) == (SESSION if not token else None)


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        TOKEN.partition(".")[0],
        f".{TOKEN.partition('.')[2]}",
        f"{TOKEN}=",
        f"{TOKEN}.{TOKEN}",
        TOKEN.swapcase(),
        "e30." + "A" * 43,
        "bnVsbA." + "A" * 43,
        base64.urlsafe_b64encode(b"[" * 600).decode().rstrip("=") + "." + "A" * 43,
        "A" * 1_000_000,
        "\udcff\udcfe." + "\udcff",
    ],
    # By number: the token is another in every process.
    ids=count(),
)
def test_what_is_cut_added_or_made_up_is_no_session(token: str) -> None:
    assert read(token) is None


def test_two_sessions_of_a_key_are_two() -> None:
    other = new_session("key_a", NOW)
    assert other.id != SESSION.id
    assert SIGNER.token(other, KEYS["key_a"]) != TOKEN


def test_the_second_token_is_that_of_its_session_alone() -> None:
    second = SIGNER.csrf_token(SESSION)
    assert SIGNER.is_csrf_token(SESSION, second)
    for other in (new_session("key_a", NOW), new_session("key_b", NOW)):
        assert not SIGNER.is_csrf_token(other, second)
    assert not signer_with("").is_csrf_token(SESSION, second)
    for wrong in ("", second[:-1], second + "=", second.lower(), TOKEN, "\udcff", "é"):
        assert not SIGNER.is_csrf_token(SESSION, wrong)


def test_neither_token_stands_for_the_other() -> None:
    statement, _, signature = TOKEN.partition(".")
    second = SIGNER.csrf_token(SESSION)
    assert not SIGNER.is_csrf_token(SESSION, signature)
    assert read(f"{statement}.{second}") is None


def test_a_short_secret_is_refused_and_not_shown() -> None:
    with pytest.raises(InvalidSetting, match="has 31 characters; it needs at least 32") as fault:
        signer_with("x7" * 15 + "x")
    assert "x7" not in str(fault.value)


def test_a_signer_never_shows_its_secret() -> None:
    assert "thirty-two" not in repr(SIGNER) + str(SIGNER)
