"""Rate limits as clients meet them: 429 by the contract, after key and scope, before parameters."""

import time
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from contract.contract import error
from support.events import DAY, event
from support.made_keys import made_key
from support.server import ADMIN_KEY, INGEST_KEY, Server, running
from support.wire import fault

REQUESTS_MAX = 5
USAGE = f"/v1/organization/usage/completions?start_time={DAY}"
LIMITED = {key: error("rate_limited")[key] for key in ("status", "type", "param", "code")}


@pytest.fixture
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that lets each key make five requests per minute, at once or not."""
    environment = {"TALLYBOOK_REQUESTS_PER_MINUTE_MAX": str(REQUESTS_MAX)}
    with running(tmp_path_factory.mktemp("limited"), environment) as server:
        yield server


def use_up(server: Server) -> None:
    assert [server.http.get(USAGE).status_code for _ in range(REQUESTS_MAX)] == [200] * REQUESTS_MAX


def test_a_minutes_number_is_let_in_at_once_and_the_next_is_told_when(limited: Server) -> None:
    use_up(limited)
    answer = limited.http.get(USAGE)
    assert fault(answer) == LIMITED
    assert answer.headers["retry-after"] == "12"
    assert "5 requests per minute. Try again in 12 s." in answer.text


def test_the_official_client_raises_its_own_error_and_can_read_when(limited: Server) -> None:
    use_up(limited)
    client = openai.OpenAI(admin_api_key=ADMIN_KEY, base_url=f"{limited.address}/v1", max_retries=0)
    with client, pytest.raises(openai.RateLimitError) as refused:
        client.admin.organization.usage.completions(start_time=DAY)
    assert (refused.value.status_code, refused.value.code) == (429, "rate_limit_exceeded")
    assert 1 <= int(refused.value.response.headers["retry-after"]) <= 12


def test_the_official_client_waits_and_is_let_in(tmp_path_factory: pytest.TempPathFactory) -> None:
    # Two a second: the wait that is told is one second.
    environment = {"TALLYBOOK_REQUESTS_PER_MINUTE_MAX": "120"}
    with (
        running(tmp_path_factory.mktemp("busy"), environment) as server,
        openai.OpenAI(admin_api_key=ADMIN_KEY, base_url=f"{server.address}/v1") as client,
    ):
        begin = time.monotonic()
        while server.http.get(USAGE).status_code == 200:
            pass
        assert client.admin.organization.usage.completions(start_time=DAY).object == "page"
        assert time.monotonic() - begin >= 1


def test_a_key_is_not_slowed_by_another(limited: Server) -> None:
    use_up(limited)
    headers = {"Authorization": f"Bearer {INGEST_KEY}"}
    assert limited.http.post("/v1/events", json=event(), headers=headers).status_code == 200


def test_the_rate_is_looked_at_after_route_key_and_scope_and_before_parameters(
    limited: Server,
) -> None:
    use_up(limited)
    assert fault(limited.http.get("/v1/nowhere"))["status"] == 404
    unknown = {"Authorization": "Bearer sk-admin-unknown"}
    assert fault(limited.http.get(USAGE, headers=unknown))["code"] == "invalid_api_key"
    assert fault(limited.http.get(f"{USAGE}&limit=0"))["status"] == 429
    ingest = {"Authorization": f"Bearer {INGEST_KEY}"}
    for _ in range(REQUESTS_MAX):
        limited.http.post("/v1/events", json=event(), headers=ingest)
    assert "Missing scopes" in limited.http.get(USAGE, headers=ingest).text
    assert limited.http.post("/v1/events", json=[], headers=ingest).status_code == 429


def test_what_was_refused_was_not_done(limited: Server) -> None:
    ingest = {"Authorization": f"Bearer {INGEST_KEY}"}
    sent = [
        limited.http.post("/v1/events", json=event(id=f"req_{number}"), headers=ingest)
        for number in range(REQUESTS_MAX + 3)
    ]
    assert [answer.status_code for answer in sent] == [200] * REQUESTS_MAX + [429] * 3
    stored = limited.http.get("/v1/events").json()["data"]
    assert len(stored) == REQUESTS_MAX


def test_who_looks_whether_the_server_lives_is_never_refused(limited: Server) -> None:
    for path in ("/healthz", "/readyz", "/openapi.json", "/docs") * 5:
        assert limited.http.get(path).status_code == 200


def test_without_the_setting_nobody_is_refused(server: Server) -> None:
    assert {server.http.get("/v1/prices/repricings").status_code for _ in range(300)} == {200}


def test_a_keys_own_limit_wins_over_that_of_the_server(tmp_path: Path) -> None:
    _, less = made_key(tmp_path, name="less", requests_per_minute_max=2)
    _, more = made_key(tmp_path, name="more", requests_per_minute_max=9)
    with running(tmp_path, {"TALLYBOOK_REQUESTS_PER_MINUTE_MAX": str(REQUESTS_MAX)}) as server:
        for secret, allowed in ((less, 2), (more, 9)):
            headers = {"Authorization": f"Bearer {secret}"}
            found = [server.http.get(USAGE, headers=headers).status_code for _ in range(10)]
            assert found == [200] * allowed + [429] * (10 - allowed)


def test_a_key_may_have_a_limit_where_the_server_has_none(tmp_path: Path) -> None:
    _, secret = made_key(tmp_path, requests_per_minute_max=1)
    with running(tmp_path) as server:
        headers = {"Authorization": f"Bearer {secret}"}
        assert server.http.get(USAGE, headers=headers).status_code == 200
        assert server.http.get(USAGE, headers=headers).headers["retry-after"] == "60"
