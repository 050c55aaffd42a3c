"""``/v1/prices`` over HTTP: what it answers, what it refuses, and a price file that changes."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import jsonschema
import pytest

from support.command import arguments, environment, run
from support.events import DAY, event
from support.server import ADMIN_KEY, INGEST_KEY, Server, running
from support.wire import fault, refusal
from tallybook.domain.kinds import KINDS
from tallybook.web.openapi import openapi_document
from tallybook.web.routes import DOORS

DOCUMENT = json.loads(json.dumps(openapi_document(DOORS)))
# What costs as much as a million tokens of input.
COST: dict[str, Any] = {"model": "acme-1", "input_tokens": 1_000_000, "output_tokens": 0}

PRICES = """\
[[price]]
model = "acme-*"
input = "1 / 1M tokens"
output = "2 / 1M tokens"
"""
DEARER = PRICES.replace('"1 /', '"3 /')
BROKEN = PRICES.replace('"1 / 1M tokens"', '"1 / image"')
REFUSED = (
    "prices.toml is refused:\n"
    "  line 3: price.input: '1 / image': this is priced per token, not per \"image\""
)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server of one test, whose prices may change."""
    (tmp_path / "prices.toml").write_text(PRICES)
    with running(tmp_path) as server:
        yield server


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with an event of each kind, for questions that change nothing."""
    data = tmp_path_factory.mktemp("shared")
    (data / "prices.toml").write_text(PRICES)
    with running(data) as server:
        events = [event(kind, id=kind, model="acme-1", user_id="user-1") for kind in KINDS]
        # An id may be anything.
        events += [event(id=name, model="acme-2") for name in NAMES]
        assert server.post(events).json()["accepted"] == len(events)
        yield server


NAMES = [
    "a/b/../c",
    "quoted \"twice\" and 'once'",
    "naïve 日本 🧾",
    "per%20cent + plus & ampersand = equals # hash ? what",
    " spaces around ",
    "; DROP TABLE events; --",
    "line\nbreak",
    "n" * 200,
]


def described(answer: httpx2.Response, name: str) -> Any:
    """The body of a good answer, once it is what the server's own description says."""
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    body = answer.json()
    reference = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    jsonschema.validate(body, reference)
    return body


def explained(server: Server, name: str) -> list[dict[str, Any]]:
    answer = server.http.get("/v1/prices/explanation", params={"event_id": name})
    data: list[dict[str, Any]] = described(answer, "Explanation")["data"]
    return data


def amounts(server: Server, name: str) -> list[str]:
    """What the events of an id cost."""
    return [total["amount"] for found in explained(server, name) for total in found["totals"]]


def wished(server: Server, **wish: Any) -> httpx2.Response:
    return server.http.post("/v1/prices/repricings", json=wish)


def test_the_description_has_every_route() -> None:
    paths = {path: set(methods) for path, methods in DOCUMENT["paths"].items()}
    assert {path: methods for path, methods in paths.items() if "/prices/" in path} == {
        "/v1/prices/cards": {"get"},
        "/v1/prices/list": {"get"},
        "/v1/prices/explanation": {"get"},
        "/v1/prices/repricings": {"get", "post"},
    }


def test_answers_are_as_described(shared: Server) -> None:
    cards = described(shared.http.get("/v1/prices/cards"), "Cards")
    assert {card["kind"] for card in cards["data"]} == set(KINDS)
    assert cards["fault"] is None
    repricings = described(shared.http.get("/v1/prices/repricings"), "Repricings")
    assert repricings == {"object": "list", "data": []}
    change = described(wished(shared, since=DAY), "RepricingAnswer")
    assert (change["applied"], change["events"], change["differences"]) == (False, 0, [])


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_and_a_price_list_of_every_kind_are_as_described(
    shared: Server, kind: str
) -> None:
    (found,) = explained(shared, kind)
    assert (found["id"], found["kind"], found["charged"]) == (kind, kind, True)
    assert found["lines"]
    asked: dict[str, str | int] = {"model": "acme-1", "kind": kind, "at": DAY}
    prices = described(shared.http.get("/v1/prices/list", params=asked), "Cards")
    assert {card["kind"] for card in prices["data"]} == {kind}


@pytest.mark.parametrize("name", NAMES)
def test_an_event_is_found_by_whatever_its_id_is(shared: Server, name: str) -> None:
    assert [found["id"] for found in explained(shared, name)] == [name]
    printed = run("prices", "explain", name, "--json", "--url", shared.address, "--key", ADMIN_KEY)
    assert [found["id"] for found in json.loads(printed.stdout)["data"]] == [name]


_LIST, _EXPLANATION = "/v1/prices/list", "/v1/prices/explanation"


@pytest.mark.parametrize(
    ("path", "query", "param", "code"),
    [
        (_LIST, "", "model", "missing_required_parameter"),
        (_LIST, "model=", "model", "missing_required_parameter"),
        (_LIST, "model=a&kind=chat", "kind", "invalid_value"),
        (_LIST, "model=a&kind=Completions", "kind", "invalid_value"),
        (_LIST, f"model=a&kind={'x' * 5_000}", "kind", "invalid_value"),
        (_LIST, "model=a&at=tomorrow", "at", "invalid_type"),
        (_LIST, "model=a&at=2026-10-01", "at", "invalid_type"),
        (_LIST, "model=a&at=-1", "at", "invalid_type"),
        (_LIST, "model=a&at=1.5", "at", "invalid_type"),
        (_LIST, "model=a&at=1e9", "at", "invalid_type"),
        (_LIST, "model=a&at=%D9%A1", "at", "invalid_type"),
        (_LIST, f"model=a&at={'9' * 5_000}", "at", "invalid_type"),
        (_EXPLANATION, "", "event_id", "missing_required_parameter"),
        (_EXPLANATION, "event_id=", "event_id", "missing_required_parameter"),
        (_EXPLANATION, "id=acme", "event_id", "missing_required_parameter"),
    ],
)
def test_a_parameter_that_is_missing_or_malformed_is_named(
    shared: Server, path: str, query: str, param: str, code: str
) -> None:
    answer = shared.http.get(f"{path}?{query}")
    assert fault(answer) == refusal(param, code)
    assert len(answer.content) < 1_000


@pytest.mark.parametrize(
    "query", ["at=0", "at=99999999999", "provider=", f"provider={'p' * 5_000}", "at=", "kind="]
)
def test_a_parameter_may_be_as_large_as_it_can_or_empty(shared: Server, query: str) -> None:
    answer = shared.http.get(f"{_LIST}?model=acme-1&{query}")
    assert described(answer, "Cards")["data"][0]["rates"][0]["unit_price"] == "0.000001"


@pytest.mark.parametrize(
    "query", ["event_id=acme", "event_id=Completions", "event_id=%FF%ED%A0%80", "event_id=a%00b",
              f"event_id={'x' * 5_000}"],
)  # fmt: skip
def test_an_event_that_is_not_there_is_404(shared: Server, query: str) -> None:
    answer = shared.http.get(f"{_EXPLANATION}?{query}")
    assert fault(answer) == refusal("event_id", "unknown_event", 404)
    assert len(answer.content) < 1_000


_BODIES: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"since=5",
    "no object": b"[5]",
    "null": b"null",
    "no since": b"{}",
    "since as text": b'{"since": "2026-10-01"}',
    "since as a fraction": b'{"since": 1.5}',
    "since as true": b'{"since": true}',
    "since beyond a double": b'{"since": 1e999}',
    "an unknown field": b'{"since": 5, "aply": true}',
    "apply as text": b'{"since": 5, "apply": "yes"}',
    "apply as a number": b'{"since": 5, "apply": 1}',
    "why as null": b'{"since": 5, "why": null}',
    "who is not for the caller": b'{"since": 5, "who": "root"}',
    "invalid UTF-8": b'{"since": 5, "why": "\xff"}',
    "cut off": b'{"since": 5',
    "two objects": b'{"since": 5} {"since": 6}',
    "deep lists": b"[" * 60_000,
}


@pytest.mark.parametrize("name", _BODIES)
def test_a_wish_that_cannot_be_read_is_refused(shared: Server, name: str) -> None:
    answer = shared.http.post("/v1/prices/repricings", content=_BODIES[name])
    assert fault(answer) == refusal(None, "malformed_body")
    assert "Send JSON with since" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "wish",
    [
        {"since": -1},
        {"since": 5, "until": 5},
        {"since": 5, "until": 4},
        {"since": 5, "until": -(10**30)},
        {"since": 2**63},
        {"since": 10**30},
        # Milliseconds: everything that is stored lies before them.
        {"since": DAY * 1_000},
    ],
)
def test_a_wish_must_begin_before_it_ends(shared: Server, wish: dict[str, int]) -> None:
    answer = shared.http.post("/v1/prices/repricings", content=json.dumps(wish).encode())
    assert fault(answer) == refusal("since", "invalid_value")


def test_a_wish_without_an_end_and_one_far_beyond_it_mean_all_there_is(shared: Server) -> None:
    for until in (None, 10**30):
        body = json.dumps({"since": 0, "until": until}).encode()
        answer = shared.http.post("/v1/prices/repricings", content=body)
        assert described(answer, "RepricingAnswer")["until"] < "2200"


def test_a_body_that_is_too_large_is_refused_in_words_about_it(shared: Server) -> None:
    answer = wished(shared, since=DAY, why="w" * 70_000)
    assert fault(answer) == refusal(None, "body_too_large", 413)
    # No setting is at fault, and no events were sent.
    assert "body_bytes_max" not in answer.json()["error"]["message"]


# A model that no such pattern fits, though it nearly does at every one of its letters.
_SLOW = "*a" * 12 + "*b"


def test_a_pattern_with_many_stars_is_answered_soon(server: Server) -> None:
    # Soon is before any client gives up; it takes ages when every way to fit is tried.
    assert server.post(event(model="a" * 200)).json()["accepted"] == 1
    try:
        answer = server.http.post(
            "/v1/prices/repricings", json={"since": DAY, "model": _SLOW}, timeout=20
        )
        assert described(answer, "RepricingAnswer")["events"] == 0
    except httpx2.TimeoutException:
        # It is not even able to stop.
        server.kill()
        pytest.fail(f"no answer to the pattern {_SLOW}")


def test_a_key_that_may_only_post_may_neither_read_nor_price(shared: Server) -> None:
    asked = {"model": "acme-1", "event_id": "completions"}
    headers = {"Authorization": f"Bearer {INGEST_KEY}"}
    for path in ("cards", "list", "explanation", "repricings"):
        answer = shared.http.get(f"/v1/prices/{path}", params=asked, headers=headers)
        assert fault(answer) == refusal(None, None, 401)
        assert "Missing scopes: api.usage.read." in answer.text
    wish = {"since": DAY, "apply": True}
    answer = shared.http.post("/v1/prices/repricings", json=wish, headers=headers)
    assert fault(answer) == refusal(None, None, 401)
    assert "Missing scopes: api.prices.write." in answer.text


def test_no_key_is_in_any_answer_or_in_the_log(server: Server, tmp_path: Path) -> None:
    assert server.post(event(model="acme-1")).json()["accepted"] == 1
    (tmp_path / "prices.toml").write_text(DEARER)
    texts = [wished(server, since=DAY, apply=True, why="dearer").text]
    for path in ("cards", "list?model=acme-1", "explanation?event_id=req_1", "repricings"):
        answer = server.http.get(f"/v1/prices/{path}")
        assert answer.status_code == 200
        texts.append(answer.text)
    (record,) = server.http.get("/v1/prices/repricings").json()["data"]
    assert (record["who"], record["why"]) == ("admin key sk-admin-****cdef", "dearer")
    for key in (ADMIN_KEY, INGEST_KEY):
        assert key not in "".join([*texts, *server.output])


def test_a_running_server_takes_a_changed_file_at_the_next_event(
    server: Server, tmp_path: Path
) -> None:
    file = tmp_path / "prices.toml"
    server.post(event(id="before", **COST))
    file.write_text(DEARER)
    server.post(event(id="dearer", **COST))
    # As editors do it: another file takes the name.
    (tmp_path / "draft").write_text(PRICES.replace('"1 /', '"4 /'))
    (tmp_path / "draft").replace(file)
    server.post(event(id="replaced", **COST))
    file.unlink()
    server.post(event(id="gone", **COST))
    # History keeps the price of its day.
    found = {name: amounts(server, name) for name in ("before", "dearer", "replaced", "gone")}
    assert found == {"before": ["1"], "dearer": ["3"], "replaced": ["4"], "gone": []}


def test_a_broken_file_leaves_the_prices_in_force_until_it_is_mended(
    server: Server, tmp_path: Path
) -> None:
    file = tmp_path / "prices.toml"
    server.post(event(id="before", **COST))
    file.write_text(BROKEN)
    assert server.post(event(id="during", **COST)).json()["accepted"] == 1
    assert amounts(server, "during") == amounts(server, "before") == ["1"]

    for path in ("cards", "list?model=acme-1"):
        answer = described(server.http.get(f"/v1/prices/{path}"), "Cards")
        assert answer["fault"] == REFUSED
        assert answer["data"][0]["rates"][0]["unit_price"] == "0.000001"
    refused = wished(server, since=DAY, apply=True)
    assert fault(refused) == refusal(None, "prices_refused", 409)
    assert refused.json()["error"]["message"] == f"Nothing was priced again: {REFUSED}"
    through = ("--url", server.address, "--key", ADMIN_KEY)
    for command in (("list",), ("show", "acme-1")):
        printed = run("prices", *command, *through)
        assert (printed.returncode, printed.stderr) == (0, f"{REFUSED}\n")
        assert "input $1" in " ".join(printed.stdout.split())
    assert server.http.get("/readyz").status_code == 200

    file.write_text(DEARER)
    assert server.http.get("/v1/prices/cards").json()["fault"] is None
    server.post(event(id="after", **COST))
    assert amounts(server, "after") == ["3"]
    assert described(server.http.get("/v1/prices/repricings"), "Repricings")["data"] == []


def test_costs_are_those_of_the_prices_in_force_when_events_came(
    server: Server, tmp_path: Path
) -> None:
    server.post(event(id="before", **COST))
    (tmp_path / "prices.toml").write_text(DEARER)
    server.post(event(id="after", **COST))
    page = server.http.get("/v1/organization/costs", params={"start_time": DAY}).json()
    assert page["data"][0]["results"][0]["amount"] == {"value": 4, "currency": "usd"}
    change = described(wished(server, since=DAY), "RepricingAnswer")
    assert change["totals"] == [{"currency": "usd", "old": "4", "new": "6"}]


def test_a_server_does_not_start_with_a_broken_file(tmp_path: Path) -> None:
    (tmp_path / "prices.toml").write_text(BROKEN)
    with pytest.raises(AssertionError, match="did not start") as failed, running(tmp_path):
        pass
    assert REFUSED in str(failed.value)
    assert "Traceback" not in str(failed.value)
    # Nor with a file that is named and not there.
    started = subprocess.run(
        arguments("serve", "--data", tmp_path / "other", "--port", 0),
        env=environment({"TALLYBOOK_PRICES": os.fspath(tmp_path / "none.toml")}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert started.returncode == 1
    assert "there is none (setting prices)" in started.stdout + started.stderr
