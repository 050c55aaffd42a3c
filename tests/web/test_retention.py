"""A server that keeps events for some weeks: what it lets go, answers and refuses by itself."""

import time
from pathlib import Path
from typing import Any

from support.command import run
from support.events import event
from support.server import Server, running

DAY_SECONDS = 86_400
DAYS_KEPT = 35
SETTING = {"TALLYBOOK_RETENTION_DAYS": f"{DAYS_KEPT}", "TALLYBOOK_SEAL_GRACE_SECONDS": "0"}
# A server seals and lets go every few seconds; this is long for a busy machine.
PATIENCE_SECONDS = 120


def events_until(now: int) -> list[dict[str, Any]]:
    """One event each day from 38 days ago on, at midnight, and one of just now."""
    midnight = now - now % DAY_SECONDS
    days = [midnight - day * DAY_SECONDS for day in (*range(DAYS_KEPT + 3, 0, -12), 0)]
    return [event(id=f"at {each}", time=each, model="m") for each in days]


def wait_for_horizon(server: Server, asked: dict[str, int]) -> dict[str, Any]:
    """The first refusal of a question that needs events which are too old."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (answer := server.usage("completions", **asked)).status_code == 200:
        assert time.monotonic() < deadline, server.output
    assert answer.status_code == 400
    found: dict[str, Any] = answer.json()["error"]
    return found


def test_a_server_lets_old_events_go_and_says_so(tmp_path: Path) -> None:
    now = int(time.time())
    events = events_until(now)
    first = events[0]["time"]
    days = {"start_time": first, "end_time": now, "limit": 31}
    with running(tmp_path, SETTING) as server:
        assert server.post(events).json()["accepted"] == len(events)
        before = server.usage("completions", **days).json()
        error = wait_for_horizon(server, {"start_time": first + 60, "end_time": first + 7_200})
        assert (error["code"], error["param"]) == ("before_horizon", "start_time")
        assert server.usage("completions", **days).json() == before
        # A repeat of an old event can no longer be told from a new one.
        refused = server.post(events[:1])
        assert refused.status_code == 400
        assert [each["field"] for each in refused.json()["rejected"]] == ["time"]
        mixed = server.post(events)
        assert mixed.status_code == 207
        assert mixed.json()["duplicates"] == len(events) - 1
        assert server.http.get("/v1/events").json()["data"][0]["id"] == events[1]["id"]
        for answer in (
            server.http.get(f"/v1/events/{events[0]['id']}"),
            server.http.post("/v1/events/void", json={"id": events[0]["id"], "reason": "late"}),
        ):
            assert answer.status_code == 404
            assert "retention_days" in answer.json()["error"]["message"]
        listed = server.http.get("/v1/events", params={"start_time": first})
        assert listed.json()["error"]["code"] == "before_horizon"
        assert "tallybook_horizon_seconds" in server.http.get("/metrics").text
        assert server.stop() == 0
    assert len(list((tmp_path / "archive").glob("*.parquet"))) == 1
    verified = run("verify", "--data", str(tmp_path))
    assert verified.returncode == 0, verified.stdout
    assert "days let go" in verified.stdout
    rebuilt = run("rebuild", "--data", str(tmp_path))
    assert rebuilt.returncode == 0, rebuilt.stdout
    with running(tmp_path) as server:
        assert server.usage("completions", **days).json() == before
