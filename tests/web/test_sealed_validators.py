"""Validators on a real server that seals in the background: none, one, another one."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from support.command import run, told
from support.events import DAY, event
from support.server import Server, running

# Longer than a few looks for what is due, on a machine that is busy.
WAIT_SECONDS_MAX = 60

RANGE = f"start_time={DAY}&end_time={DAY + 86_400}"
# Not the whole day: the day's own seal comes after its hours', and is another.
USAGE = f"/v1/organization/usage/completions?start_time={DAY}&end_time={DAY + 23 * 3_600}"
COSTS = f"/v1/organization/costs?{RANGE}"

PRICES = """
[[price]]
model = "m"
input = "1 / token"
output = "1 / token"
"""
ENVIRONMENT = {"TALLYBOOK_SEAL_GRACE_SECONDS": "0"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server that seals at once."""
    (tmp_path / "prices.toml").write_text(PRICES)
    with running(tmp_path, ENVIRONMENT) as server:
        yield server


def used(count: int, **more: Any) -> dict[str, Any]:
    return event(id=f"n{count}", model="m", input_tokens=count, output_tokens=0, **more)


def until(answer: Callable[[], httpx2.Response], wanted: Callable[[str | None], bool]) -> str:
    """Ask until the validator is as it should be; the validator."""
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while True:
        tag = answer().headers.get("etag")
        if tag is not None and wanted(tag):
            return str(tag)
        assert time.monotonic() < deadline, f"the validator is {tag}"


def test_a_sealed_page_has_a_validator_until_something_comes_late(server: Server) -> None:
    def usage() -> httpx2.Response:
        return server.http.get(USAGE)

    server.post([used(5), used(7, time=DAY + 20 * 3_600)])
    # Nothing vouches for what was just stored: it is not sealed yet.
    assert "etag" not in usage().headers
    first = until(usage, lambda _: True)
    held = server.http.get(USAGE, headers={"If-None-Match": first})
    assert (held.status_code, held.content, held.headers["etag"]) == (304, b"", first)
    # An hour alone is known by its own seal.
    alone = f"/v1/organization/usage/completions?start_time={DAY}&end_time={DAY + 3_600}"
    of_hour = server.http.get(alone).headers["etag"]

    assert server.post(used(100, time=DAY + 9 * 3_600)).json()["accepted"] == 1
    late = server.http.get(USAGE, headers={"If-None-Match": first})
    assert late.status_code == 200
    (row,) = late.json()["data"][0]["results"]
    assert row["input_tokens"] == 112
    assert late.headers.get("etag") != first
    assert server.http.get(alone, headers={"If-None-Match": of_hour}).status_code == 304

    second = until(usage, lambda tag: tag != first)
    assert server.http.get(USAGE, headers={"If-None-Match": first}).status_code == 200
    assert server.http.get(USAGE, headers={"If-None-Match": second}).status_code == 304
    # A repeat changes nothing.
    assert server.post(used(100, time=DAY + 9 * 3_600)).json()["duplicates"] == 1
    assert server.http.get(USAGE, headers={"If-None-Match": second}).status_code == 304


def cost(answer: httpx2.Response) -> float:
    """The amount of the only row of the first day."""
    found: float = answer.json()["data"][0]["results"][0]["amount"]["value"]
    return found


def test_a_validator_outlives_a_restart_and_not_a_repricing(tmp_path: Path) -> None:
    prices = tmp_path / "prices.toml"
    prices.write_text(PRICES)
    with running(tmp_path, ENVIRONMENT) as server:
        server.post([used(5), used(7, time=DAY + 20 * 3_600)])
        first = until(lambda: server.http.get(COSTS), lambda _: True)
        # The day's own seal may come after its hours': what it is known by then stays.
        settled = until(lambda: server.http.get(COSTS), lambda tag: tag == _again(server, tag))
        assert cost(server.http.get(COSTS)) == 12
    with running(tmp_path, ENVIRONMENT) as server:
        held = server.http.get(COSTS, headers={"If-None-Match": settled})
        assert held.status_code == 304
    prices.write_text(PRICES.replace('input = "1 ', 'input = "3 '))
    since = ("--since", "2026-10-01", "--until", "2026-10-02")
    applied = run("reprice", "--data", tmp_path, *since, "--apply", "--why", "a correction")
    assert applied.returncode == 0, told(applied)
    with running(tmp_path, ENVIRONMENT) as server:
        for tag in (first, settled):
            changed = server.http.get(COSTS, headers={"If-None-Match": tag})
            assert (changed.status_code, cost(changed)) == (200, 36)
        third = until(
            lambda: server.http.get(COSTS),
            lambda tag: tag not in (first, settled) and tag == _again(server, tag),
        )
        assert cost(server.http.get(COSTS)) == 36
        assert server.http.get(COSTS, headers={"If-None-Match": third}).status_code == 304


def _again(server: Server, tag: str | None) -> str | None:
    """The validator after one more late event of another day was sealed: time has passed."""
    next_day = f"/v1/organization/usage/completions?start_time={DAY - 86_400}&end_time={DAY}"
    server.post(used(1, time=DAY - 86_400 + 60) | {"id": f"later {tag}"})
    until(lambda: server.http.get(next_day), lambda _: True)
    found: str | None = server.http.get(COSTS).headers.get("etag")
    return found
