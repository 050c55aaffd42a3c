"""What a server does to prices and settings, in the audit log, as ``tallybook audit`` tells it."""

import platform
import time
from collections.abc import Callable

import pytest

from support.command import run, told
from support.house import House
from support.server import ADMIN_KEY, Server, running

PRICES = '[[price]]\nmodel = "acme"\ninput = "{} / 1M tokens"\n'
SECONDS_MAX = 30


def wait_for(happened: Callable[[], bool]) -> None:
    """Return once something has happened, which ends the test when it never does."""
    deadline = time.monotonic() + SECONDS_MAX
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_repricing_is_recorded_by_whom_it_is_applied(folder: House) -> None:
    since = ("--since", "2026-10-01", "--model", "gpt*", "--why", "contract 4711")
    folder.good("reprice", *since)
    assert folder.listed("audit") == []
    # Nothing had to change: there is an entry all the same, since it is written before.
    folder.good("reprice", *since, "--apply")
    (entry,) = folder.listed("audit", "--type", "prices.repriced")
    assert (entry["subject_id"], entry["actor"]["means"], entry["actor"]["id"]) == (
        "prices",
        "command_line",
        "ada",
    )
    assert entry["after"]["model"] == "gpt*"
    assert entry["after"]["why"] == "contract 4711"
    assert entry["after"]["since_at"] == 1_790_812_800
    by = f"ada on the command line {platform.node()}"
    assert folder.table("audit", "--type", "prices.repriced")[2:] == [
        f"TIME prices.repriced prices {by} since_at: TIME UTC",
        "until_at: TIME UTC",
        "model: gpt*",
        "why: contract 4711",
    ]


def test_a_repricing_through_a_server_is_that_of_its_key(folder: House, server: Server) -> None:
    wish = {"since": 1_790_812_800, "apply": True, "why": "contract 4711"}
    headers = {"x-request-id": "req_mine"}
    answer = server.http.post("/v1/prices/repricings", json=wish, headers=headers)
    assert answer.status_code == 200
    dry = server.http.post("/v1/prices/repricings", json={"since": 1_790_812_800})
    assert dry.status_code == 200
    # On the folder, while the server has the ledger.
    (entry,) = folder.listed("audit", "--type", "prices.repriced")
    actor = entry["actor"]
    assert (actor["means"], actor["id"]) == ("api_key", "key_admin_setting")
    assert (actor["address"], actor["request_id"]) == ("127.0.0.1", answer.headers["x-request-id"])


def test_a_folder_that_a_server_owns_is_not_repriced_and_nothing_is_recorded(
    folder: House, server: Server
) -> None:
    assert server.http.get("/readyz").status_code == 200
    status, said = folder.refused("reprice", "--since", "2026-10-01", "--apply")
    assert (status, "If it is a server:" in said) == (1, True)
    assert folder.listed("audit", "--type", "prices.repriced") == []


def test_another_price_file_is_recorded_while_the_server_runs(folder: House) -> None:
    def changes() -> list[tuple[object, object]]:
        found = folder.listed("audit", "--type", "prices.changed")
        return [
            (each["before"] and each["before"]["price_file"], each["after"]["price_file"])
            for each in reversed(found)
        ]

    with running(folder.data) as server:
        assert changes() == []
        (folder.data / "prices.toml").write_text(PRICES.format(1))
        wait_for(lambda: len(changes()) == 1)
        ((before, after),) = changes()
        assert (before, str(after)[:7], len(str(after))) == (None, "sha256:", 71)
        assert server.stop() == 0
    (folder.data / "prices.toml").write_text(PRICES.format(22))
    with running(folder.data):
        assert [each[0] for each in changes()] == [None, after]


def test_a_start_with_other_settings_is_recorded_without_a_secret(folder: House) -> None:
    other = "sk-admin-another-one-0123456789abcdef"
    for variables in ({}, {}, {"TALLYBOOK_ADMIN_KEY": other, "TALLYBOOK_EVENTS_MAX": "50"}):
        with running(folder.data, variables) as server:
            assert server.stop() == 0
    second, first = folder.listed("audit", "--type", "organization.updated")
    assert first["before"] is None
    assert first["after"]["events_max"] == 100_000
    assert first["actor"]["means"] == "server"
    assert second["actor"]["id"] == first["actor"]["id"]
    assert set(second["after"]) == {"admin_key", "events_max"}
    assert (second["before"]["events_max"], second["after"]["events_max"]) == (100_000, 50)
    everything = folder.out("audit", "--json")
    for secret in (ADMIN_KEY, other):
        assert secret not in everything


@pytest.mark.parametrize("url", ["postgresql+psycopg://ada:hunter2@127.0.0.1:1/x"])
def test_events_are_not_priced_again_when_it_cannot_be_recorded(url: str, folder: House) -> None:
    variables = {"TALLYBOOK_ORGANIZATION_URL": url}
    options = ("--since", "2026-10-01", "--apply", *folder.options)
    result = run("reprice", *options, variables=variables)
    assert (result.returncode, result.stdout) == (1, "")
    assert "does not answer: connection failed" in told(result)
    assert "hunter2" not in result.stderr
