"""Commands on the folder of a server that runs: what they change is in force within a second."""

import json
import time

import httpx2
import pytest

from support.house import House
from support.server import Server, running
from tallybook.organization.live_keys import LOOK_SECONDS
from tallybook.organization.secret import digest

COSTS = "/v1/organization/costs?start_time=1790812800"
# What is promised, and what a busy machine may take beyond it.
WITHIN_SECONDS, PATIENCE_SECONDS = 1.0, 20.0


def status_of(server: Server, secret: str) -> int:
    headers = {"Authorization": f"Bearer {secret}"}
    answer = httpx2.get(f"{server.address}{COSTS}", headers=headers, trust_env=False)
    return answer.status_code


def wait_for(server: Server, secret: str, status: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while status_of(server, secret) != status:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_key_is_good_and_is_refused_without_a_restart(folder: House, server: Server) -> None:
    assert LOOK_SECONDS < WITHIN_SECONDS
    secret = folder.out("keys", "create", "ci", "-q")
    wait_for(server, secret, 200)
    (key,) = folder.listed("keys", "list")
    folder.good("keys", "revoke", key["id"])
    wait_for(server, secret, 401)
    headers = {"Authorization": f"Bearer {secret}"}
    refused = httpx2.get(f"{server.address}{COSTS}", headers=headers, trust_env=False)
    assert refused.json()["error"]["code"] == "invalid_api_key"
    assert secret not in refused.text


def test_a_lost_admin_key_is_made_anew_beside_the_server(folder: House) -> None:
    # No key is given, so the server makes its own, and nobody notes them down.
    with running(folder.data, {"TALLYBOOK_ADMIN_KEY": "", "TALLYBOOK_INGEST_KEY": ""}) as server:
        lost, _ = folder.listed("keys", "list")
        secret = folder.out("keys", "create", "admin again", "--role", "admin", "-q")
        wait_for(server, secret, 200)
        through = House(folder.data, ("--url", server.address, "--key", secret))
        through.good("keys", "revoke", lost["id"])
        assert [key["name"] for key in through.listed("keys", "list")] == [
            "ingest key",
            "admin again",
        ]


@pytest.mark.parametrize("first", ["command", "server"])
def test_keys_of_an_older_folder_stay_good(first: str, folder: House) -> None:
    admin = "sk-admin-from-an-older-version-0123456789"
    kept = folder.data / "keys.json"
    kept.write_text(json.dumps({"admin": digest(admin), "ingest": digest("sk-ingest-x")}))
    if first == "command":
        names = [key["name"] for key in folder.listed("keys", "list")]
        assert names == ["admin key", "ingest key"]
        assert not kept.exists()
    with running(folder.data, {"TALLYBOOK_ADMIN_KEY": "", "TALLYBOOK_INGEST_KEY": ""}) as server:
        assert "sk-" not in "".join(server.output)
        assert status_of(server, admin) == 200
    assert len(folder.listed("keys", "list")) == 2
