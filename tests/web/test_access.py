"""The authorization table: every route has a row, and the server does what it says."""

import httpx2
import pytest

from support.events import DAY, event
from support.server import ADMIN_KEY, INGEST_KEY, Server
from tallybook.organization.scopes import Scope
from tallybook.web.routes import DOORS, Door

# Who may come in by which scope: the table, written out a second time on purpose.
PUBLIC = {"/healthz", "/readyz", "/openapi.json", "/docs"}
ALLOWED = {
    None: {"none", "unknown", "malformed", "ingest", "admin"},
    Scope.USAGE_WRITE: {"ingest", "admin"},
    Scope.USAGE_READ: {"admin"},
    Scope.PRICES_WRITE: {"admin"},
}
BODIES = {"/v1/events": event(), "/v1/prices/repricings": {"since": DAY}}
# What some door needs; the others pass it over.
PARAMETERS: dict[str, str | int] = {
    "start_time": DAY,
    "end_time": DAY + 60,
    "model": "gpt-5.5",
    "event_id": "req_1",
}
# A door that refuses what it does not know.
STRICT = {"/v1/events": ("start_time", "end_time")}
CALLERS = {
    "none": None,
    "malformed": "Basic c2stYWRtaW4=",
    "unknown": "Bearer sk-admin-of-somebody-else-0123456789",
    "ingest": f"Bearer {INGEST_KEY}",
    "admin": f"Bearer {ADMIN_KEY}",
}
REFUSALS = {
    "none": (None, "You didn't provide an API key."),
    "malformed": (None, "You didn't provide an API key."),
    "unknown": ("invalid_api_key", "Incorrect API key provided: sk-admin-****6789."),
    "ingest": (None, "You have insufficient permissions for this operation. Missing scopes: "),
}


def call(server: Server, door: Door, authorization: str | None) -> httpx2.Response:
    headers = {} if authorization is None else {"Authorization": authorization}
    with httpx2.Client(base_url=server.address, headers=headers, trust_env=False) as http:
        if door.method == "POST":
            return http.post(door.path, json=BODIES[door.path])
        names = STRICT.get(door.path, tuple(PARAMETERS))
        return http.get(door.path, params={name: PARAMETERS[name] for name in names})


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("door", DOORS, ids=lambda door: f"{door.method} {door.path}")
def test_a_door_opens_for_its_scope_and_for_nothing_else(
    server: Server, door: Door, caller: str
) -> None:
    server.post(event())
    answer = call(server, door, CALLERS[caller])
    if caller in ALLOWED[door.scope]:
        assert answer.status_code == 200, answer.text
        return
    code, words = REFUSALS[caller]
    fault = answer.json()["error"]
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert (fault["type"], fault["param"], fault["code"]) == ("invalid_request_error", None, code)
    assert fault["message"].startswith(words)


def test_only_what_says_nothing_about_usage_is_public() -> None:
    assert {door.path for door in DOORS if door.scope is None} == PUBLIC


def test_no_key_is_ever_in_an_answer_or_in_the_log(server: Server) -> None:
    secret = "sk-admin-typed-into-the-wrong-place-9f8e7d"
    for authorization in (f"Bearer {secret}", f"Basic {secret}", f"{secret}"):
        for door in DOORS:
            assert secret not in call(server, door, authorization).text
    assert secret not in "".join(server.output)
    assert ADMIN_KEY not in "".join(server.output)
