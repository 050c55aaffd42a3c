"""No key in any log or error: wherever one was typed, whatever broke, whoever prints what."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.events import DAY, event
from support.raw import AUTHORIZATION, ask, request
from support.server import ADMIN_KEY, INGEST_KEY, Server, running
from tallybook.organization.secret import masked, without_secrets
from tallybook.settings import load_settings

SECRET = "sk-admin-typed-into-the-wrong-place-9f8e7d6c5b4a"
USAGE = f"/v1/organization/usage/completions?start_time={DAY}"


@pytest.fixture(autouse=True)
def _kept_quiet(server: Server) -> Iterator[None]:
    yield
    assert server.http.get("/readyz").status_code == 200
    log = "".join(server.output)
    assert not [key for key in (SECRET, ADMIN_KEY, INGEST_KEY) if key in log]


@pytest.mark.parametrize(
    "path",
    [
        f"/{SECRET}",
        f"/v1/organization/{SECRET}/x",
        f"/v1/events/{SECRET}",
        f"{USAGE}&key={SECRET}",
        f"{USAGE}&limit={SECRET}",
        f"{USAGE}&bucket_width={SECRET}",
        f"{USAGE}&group_by={SECRET}",
        f"{USAGE}&page={SECRET}",
        f"{USAGE}&timezone={SECRET}",
        f"{USAGE}&order_by={SECRET}",
        f"/v1/events?{SECRET}=1",
        f"/v1/events?kinds={SECRET}",
        f"/v1/prices/list?model=x&kind={SECRET}",
        f"/v1/prices/explanation?event_id={SECRET}",
    ],
)
def test_a_key_in_an_address_is_in_no_error(server: Server, path: str) -> None:
    for method in ("GET", "PUT"):
        answer = server.http.request(method, path)
        assert answer.is_success or SECRET not in answer.text


@pytest.mark.parametrize(
    "header",
    ["Cookie", "X-Api-Key", "OpenAI-Organization", "OpenAI-Project", "User-Agent", "Content-Type"],
)
def test_a_key_in_the_wrong_header_is_in_no_error(server: Server, header: str) -> None:
    for path in (USAGE, "/v1/nowhere"):
        answer = server.http.get(path, headers={header: SECRET, "Authorization": ""})
        assert not answer.is_success
        assert SECRET not in answer.text
    posted = server.http.post("/v1/events", content=b"{", headers={header: SECRET})
    assert SECRET not in posted.text


def test_a_key_in_a_body_is_in_no_error(server: Server) -> None:
    for sent in (
        SECRET,
        {SECRET: 1},
        {"key": SECRET},
        event() | {"kind": SECRET},
        event() | {SECRET: 1},
    ):
        answer = server.http.post("/v1/events", json=sent)
        assert answer.status_code == 400
        assert SECRET not in answer.json()["error"]["message"]
    wish = server.http.post("/v1/prices/repricings", json={"since": SECRET, SECRET: 1})
    assert SECRET not in wish.text


def test_a_key_in_what_is_not_http_is_in_no_error(server: Server) -> None:
    secret = SECRET.encode()
    for sent in (
        secret + b"\r\n\r\n",
        request(b"http://" + secret),
        request(b"/healthz", secret),
        request(b"/healthz", secret + b": x", b"x: \x00" + secret),
        request(b"/healthz", b"x: " + secret * 10_000),
        request(b"/healthz?" + secret * 10_000, AUTHORIZATION.strip()),
    ):
        assert secret not in ask(server.address, sent).content


def test_a_refused_key_is_shown_by_its_last_four_characters(server: Server) -> None:
    answer = server.http.get(USAGE, headers={"Authorization": f"Bearer {SECRET}"})
    assert f"Incorrect API key provided: {masked(SECRET)}." in answer.text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"a {SECRET} b", "a sk-admin-****5b4a b"),
        (f"GET /v1/{SECRET}?x", "GET /v1/sk-admin-****5b4a?x"),
        (f"'{SECRET}','{SECRET}'", "'sk-admin-****5b4a','sk-admin-****5b4a'"),
        ("key=sk-proj-0123456789abcdefghij", "key=****ghij"),
        ("sk-admin-abc", "sk-admin-****"),
        # What is masked already, a prefix, and words that end like one, stay as they are.
        ("sk-admin-****5b4a", "sk-admin-****5b4a"),
        ("starts with sk-admin- or sk-svcacct-", "starts with sk-admin- or sk-svcacct-"),
        ("task-0123456789abc disk-0123456789abc", "task-0123456789abc disk-0123456789abc"),
    ],
)
def test_a_text_is_told_without_its_keys(text: str, shown: str) -> None:
    assert without_secrets(text) == shown
    assert without_secrets(shown) == shown


BREAKS = f"""
import logging, logging.config
from tallybook.web.logs import LOG_CONFIG
logging.config.dictConfig(LOG_CONFIG)
for name in ("tallybook.web", "uvicorn.error", "asyncio"):
    try:
        raise ZeroDivisionError("{SECRET}")
    except ZeroDivisionError:
        logging.getLogger(name).exception("%s broke with %r", name, {{"authorization": "{SECRET}"}})
"""


def test_a_traceback_is_logged_without_the_keys_in_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BREAKS], capture_output=True, text=True, check=True
    )
    assert done.stderr.count("ERROR: ") == done.stderr.count("Traceback") == 3
    assert done.stderr.count("ZeroDivisionError: sk-admin-****5b4a\n") == 3
    assert SECRET not in done.stderr


def test_settings_and_what_is_made_of_them_are_printed_without_secrets(tmp_path: Path) -> None:
    settings = load_settings(
        {"data": str(tmp_path)},
        {
            "TALLYBOOK_ADMIN_KEY": ADMIN_KEY,
            "TALLYBOOK_INGEST_KEY": INGEST_KEY,
            "TALLYBOOK_ORGANIZATION_URL": f"postgresql+psycopg://tally:{SECRET}@db/x",
        },
    )
    for printed in (repr(settings), str(settings)):
        assert not [key for key in (ADMIN_KEY, INGEST_KEY, SECRET) if key in printed]


def test_the_keys_that_a_server_made_are_in_its_greeting_and_nowhere_else(tmp_path: Path) -> None:
    environment = {"TALLYBOOK_ADMIN_KEY": "", "TALLYBOOK_INGEST_KEY": ""}
    with running(tmp_path, environment) as server:
        (secret,) = [line.split()[-1] for line in server.output if "admin key" in line]
        answer = server.http.get(USAGE, headers={"Authorization": f"Bearer {secret}"})
        assert answer.status_code == 200
        server.stop()
        assert "".join(server.output).count(secret) == 1
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or secret.encode() not in path.read_bytes()
