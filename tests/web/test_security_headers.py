"""Every answer tells a browser how little it may do with it, and the page of docs needs no more."""

import base64
import hashlib
import re

import httpx2
import pytest

from support.events import DAY, event
from support.server import Server

EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
USAGE = f"/v1/organization/usage/completions?start_time={DAY}&end_time={DAY + 86_400}"


@pytest.fixture(scope="module", autouse=True)
def _stored(server: Server) -> None:
    assert server.post(event()).is_success


def ask(server: Server, asked: str) -> httpx2.Response:
    method, _, path = asked.partition(" ")
    return server.http.request(method, path)


@pytest.mark.parametrize(
    "asked",
    [
        "GET /healthz",
        "HEAD /healthz",
        "GET /docs",
        "GET /openapi.json",
        f"GET {USAGE}",
        f"GET {USAGE}&limit=0",
        "GET /v1/nowhere",
        "PUT /v1/events",
        "POST /v1/events",
    ],
)
def test_every_answer_has_them(server: Server, asked: str) -> None:
    answer = ask(server, asked)
    assert {name: answer.headers[name] for name in EVERYWHERE} == EVERYWHERE
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; ")
    assert "unsafe" not in answer.headers["content-security-policy"]
    # Told over http it would mean nothing, and be wrong for whoever has no https.
    assert "strict-transport-security" not in answer.headers
    assert "server" not in answer.headers


def test_each_is_there_once(server: Server) -> None:
    names = [name.lower() for name, _ in ask(server, f"GET {USAGE}").headers.multi_items()]
    assert len(names) == len(set(names))


def test_data_may_do_nothing_in_a_browser(server: Server) -> None:
    for asked in (f"GET {USAGE}", "GET /openapi.json", "GET /v1/nowhere"):
        assert ask(server, asked).headers["content-security-policy"] == NOTHING


def test_the_page_of_docs_may_have_its_own_style_and_no_other(server: Server) -> None:
    answer = ask(server, "GET /docs")
    (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert answer.headers["content-security-policy"] == f"{NOTHING}; style-src 'sha256-{digest}'"
    # What the policy would keep from it.
    assert not re.search(r"<script|<img|<link|\sstyle=|\son[a-z]+=|url\(|@import", answer.text)


def test_what_does_not_say_how_long_it_holds_is_kept_nowhere(server: Server) -> None:
    for asked in ("GET /v1/events", "GET /v1/nowhere", f"GET {USAGE}&limit=0", "POST /v1/events"):
        assert ask(server, asked).headers["cache-control"] == "no-store"


def test_a_page_of_usage_may_still_be_kept_and_asked_about(server: Server) -> None:
    assert ask(server, f"GET {USAGE}").headers["cache-control"] == "private, no-cache"
