"""The log as lines of JSON: what is written when, under which request's id, and never a key."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from support.events import DAY, event
from support.server import ADMIN_KEY, INGEST_KEY, Server, running
from tallybook.domain.errors import Overloaded, QueryStopped, QueryTimedOut
from tallybook.web.logs import JSONFormatter
from tallybook.web.request_log import RequestLog

SECRET = "sk-admin-typed-into-the-wrong-place-9f8e7d6c5b4a"
# What every line has.
COMMON = {"time", "level", "event", "logger", "message"}


def lines(server: Server) -> list[dict[str, Any]]:
    """The lines of the log of a server that has ended."""
    return [json.loads(line) for line in server.output if line.startswith("{")]


def test_a_servers_life_is_in_its_log(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        made = server.http.post("/v1/organization/admin_api_keys", json={"name": "x"})
        server.post(event(time=DAY))
        server.stop()
    found = lines(server)
    assert all(line.keys() >= COMMON for line in found)
    events = [line["event"] for line in found]
    assert events[0] == "changed"
    assert events[-1] == "stopped"
    assert events.count("started") == 1
    made_here = [line for line in found if line.get("type") == "api_key.created"]
    (key,) = [line for line in made_here if line["request_id"]]
    assert key["subject_id"] == made.json()["id"]
    assert key["request_id"] == made.headers["x-request-id"]
    assert made.json()["value"] not in "".join(server.output).partition("ready")[2]


def test_a_slow_request_is_told_with_its_id_and_without_what_was_sent(
    tmp_path: Path,
) -> None:
    with running(tmp_path, {"TALLYBOOK_SLOW_REQUEST_SECONDS": "1"}) as server:
        whole = [event(id=f"{SECRET}-{n}", tags={SECRET: SECRET}) for n in range(40_000)]
        answer = server.post(whole)
        assert answer.status_code == 200
        server.stop()
    found = [line for line in lines(server) if line["event"] == "slow_request"]
    for line in found:
        assert line["request_id"].startswith("req_")
        assert line["route"] == "/v1/events"
    assert not [key for key in (SECRET, ADMIN_KEY, INGEST_KEY) if key in "".join(server.output)]


def told(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [json.loads(JSONFormatter().format(record)) for record in caplog.records]


SCOPE = {"method": "GET", "path": f"/{SECRET}", "request_id": "req_1"}


def test_a_flood_of_refusals_is_a_line_a_second_and_their_number(
    caplog: pytest.LogCaptureFixture,
) -> None:
    now = [10.0]
    log = RequestLog(5, lambda: now[0])
    with caplog.at_level(logging.INFO):
        for _ in range(1_000):
            log.note(SCOPE, None, 503, 0.1, Overloaded(f"Too much of {SECRET}"))
        now[0] += 1
        log.note(SCOPE, None, 503, 0.1, Overloaded("Too much"))
    first, second = told(caplog)
    assert (first["event"], first["untold"], first["code"]) == ("request_shed", 0, "overloaded")
    assert second["untold"] == 999
    assert SECRET not in json.dumps(first)


@pytest.mark.parametrize("error", [QueryStopped, QueryTimedOut])
def test_a_query_that_was_stopped_is_no_warning(
    caplog: pytest.LogCaptureFixture, error: type[QueryStopped]
) -> None:
    with caplog.at_level(logging.INFO):
        RequestLog(5, lambda: 0.0).note(SCOPE, None, int(error.status), 0.1, error("stopped"))
    (line,) = told(caplog)
    assert (line["level"], line["event"], line["code"]) == ("info", "request_failed", error.code)


@pytest.mark.parametrize(
    ("slow_seconds", "seconds", "status", "event"),
    [
        (5, 4.9, 200, None),
        (5, 5.0, 200, "slow_request"),
        (0, 500, 200, None),
        (5, 0.1, 404, None),
        (5, 0.1, 500, "request_failed"),
    ],
)
def test_only_what_failed_or_took_long_is_told(
    caplog: pytest.LogCaptureFixture,
    slow_seconds: int,
    seconds: float,
    status: int,
    event: str | None,
) -> None:
    with caplog.at_level(logging.INFO):
        RequestLog(slow_seconds, lambda: 0.0).note(SCOPE, None, status, seconds, None)
    assert [line["event"] for line in told(caplog)] == ([event] if event else [])


@pytest.mark.parametrize("before", ["", "\n", "\\", '"', "\x00"])
def test_a_key_is_masked_whatever_stands_before_it(before: str) -> None:
    record = logging.LogRecord("x", logging.ERROR, "", 0, "%s", (f"{before}{SECRET}",), None)
    record.told = {"event": "x", "more": f"{before}{SECRET}"}
    line = JSONFormatter().format(record)
    assert SECRET not in line
    assert "\n" not in line
    assert json.loads(line)["message"].endswith("sk-admin-****5b4a")
