"""Writes a data folder as the code of today does, and beside it what must be found in it.

    PYTHONPATH=src:tests python tests/upgrade/make_folder.py

Run it once for each version of the data that was released, with the code of
that release: the folders are kept, never made anew. The model is a plain loop
over what was sent.
"""

import json
import tarfile
import tempfile
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

from support.command import run, told
from support.events import DAY, event
from support.server import ADMIN_KEY, INGEST_KEY, Server, running
from tallybook.domain.kinds import KINDS
from tallybook.ledger.duckdb.schema import MIGRATIONS
from tallybook.organization.schema import HEAD

FOLDERS = Path(__file__).parent / "folders"
# The files of a folder that was left in order.
KEPT = ("ledger.duckdb", "organization.sqlite", "prices.toml", "server-id")
HOUR_SECONDS, DAY_SECONDS, DAYS = 3_600, 86_400, 3
TEAMS = ("search", "ads")
STORE_BYTES = 1 << 30

PRICES = """\
[[price]]
model = "house-1"
input = "{input} / 1M tokens"
output = "2.00 / 1M tokens"

[[price]]
storage = "0.10 / GiB day"
"""


def events() -> list[dict[str, Any]]:
    """Events of every kind, in each fourth hour of three days, by two teams."""
    found = []
    for day in range(DAYS):
        for hour in range(0, 24, 4):
            for place, team in enumerate(TEAMS):
                for kind in KINDS:
                    time = DAY + day * DAY_SECONDS + hour * HOUR_SECONDS + place
                    named: dict[str, Any] = {
                        "id": f"{kind}-{day}-{hour}-{team}",
                        "time": time,
                        "project_id": f"proj_{team}",
                        "tags": {"team": team},
                    }
                    if kind == "vector_stores":
                        named |= {"vector_store_id": f"vs_{team}", "usage_bytes": STORE_BYTES}
                    if kind == "completions":
                        named |= {"model": "house-1", "input_cached_tokens": 30}
                    found.append(event(kind, **named))
    return found


def model(sent: list[dict[str, Any]], input_price: str) -> dict[str, Any]:
    """What a folder with these events has to answer, by a plain loop."""
    usage: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    for each in sent:
        counts = usage[each["kind"]]
        for name, value in each.items():
            if isinstance(value, int) and name not in ("time", "usage_bytes"):
                counts[name] += value
    # A stock is summed by store, and once a day.
    usage["vector_stores"]["usage_bytes"] = STORE_BYTES * len(TEAMS) * DAYS
    tokens = usage["completions"]
    million = Decimal(1_000_000)
    house = (tokens["input_tokens"] * Decimal(input_price) + tokens["output_tokens"] * 2) / million
    return {
        "events": len(sent),
        "start": DAY,
        "days": DAYS,
        "usage": usage,
        "costs": {"house-1": str(house), "storage": str(Decimal("0.10") * len(TEAMS) * DAYS)},
        "tag": {"team": {team: tokens["input_tokens"] // len(TEAMS) for team in TEAMS}},
        "repricings": 1,
        "keys": {"admin": ADMIN_KEY, "ingest": INGEST_KEY},
    }


def fill(folder: Path) -> dict[str, Any]:
    """Fill a folder through a server and the commands; what it has to answer."""
    prices = folder / "prices.toml"
    prices.write_text(PRICES.format(input="1.00"))
    sent = events()
    with running(folder, {"TALLYBOOK_KEPT_TAGS": "team"}) as server:
        # In two parts, the older last, so that hours are unsealed and sealed again.
        half = len(sent) // 2
        assert server.post(sent[half:]).json()["accepted"] == len(sent) - half
        assert server.post(sent[:half]).json()["accepted"] == half
        found = model(sent, "3.00")
        found["keys"] |= _make_keys(server)
        server.stop()
    prices.write_text(PRICES.format(input="3.00"))
    for command in (
        ("reprice", "--since", "2026-09-01", "--apply", "--why", "dearer"),
        ("seal",),
        ("verify",),
    ):
        result = run(*command, "--data", folder)
        assert result.returncode == 0, told(result)
    return found


def _make_keys(server: Server) -> dict[str, str]:
    """Keys of each sort that there is, by what they are."""
    base = "/v1/organization"
    project = server.http.post(f"{base}/projects", json={"name": "Search"}).json()["id"]
    account = server.http.post(
        f"{base}/projects/{project}/service_accounts", json={"name": "batch"}
    ).json()
    made = server.http.post(f"{base}/admin_api_keys", json={"name": "second admin"}).json()
    gone = server.http.post(f"{base}/admin_api_keys", json={"name": "revoked"}).json()
    server.http.delete(f"{base}/admin_api_keys/{gone['id']}").raise_for_status()
    return {
        "second_admin": made["value"],
        "service_account": account["api_key"]["value"],
        "revoked": gone["value"],
    }


def main() -> None:
    """Write the folder of this version, and its model."""
    name = f"ledger-{len(MIGRATIONS)}-organization-{HEAD}"
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        found = fill(folder)
        with tarfile.open(FOLDERS / f"{name}.tar.xz", "w:xz") as archive:
            for each in KEPT:
                archive.add(folder / each, each)
    (FOLDERS / f"{name}.json").write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
