"""How soon a key is good, and a revoked one is not, on servers that share a PostgreSQL.

Three servers, each with a ledger of its own; keys are made and revoked by a
fourth process, this one, through the database alone. Each server is asked
again and again until it answers otherwise. Needs PostgreSQL's programs.

    python benchmarks/revocations.py [--rounds 40] [--json FILE]
"""

import argparse
import json
import statistics
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import httpx2

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.postgresql import running_postgresql
from support.server import Server, running
from tallybook.organization.keys import KeyWish, create_key, revoke_key
from tallybook.organization.organization import Organization, open_organization
from tallybook.organization.records import Actor, Means
from tallybook.organization.scopes import Scope
from tallybook.organization.secret import ADMIN_PREFIX

SERVERS = 3
# Between two questions to one server.
PAUSE_SECONDS = 0.01
ACTOR = Actor(means=Means.COMMAND_LINE, id="benchmark")
WISH = KeyWish(name="benchmark", scopes=frozenset({Scope.USAGE_READ}), prefix=ADMIN_PREFIX)


def seconds_until(servers: list[Server], secret: str, wanted: int, began: float) -> float:
    """When the last of the servers answers a key in this way, in seconds since ``began``."""
    took: list[float] = []
    pause = threading.Event()

    def ask(server: Server) -> None:
        headers = {"Authorization": f"Bearer {secret}"}
        with httpx2.Client(base_url=server.address, headers=headers, trust_env=False) as http:
            while http.get("/v1/events", params={"limit": 1}).status_code != wanted:
                pause.wait(PAUSE_SECONDS)
        took.append(time.monotonic() - began)

    askers = [threading.Thread(target=ask, args=(server,)) for server in servers]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    return max(took)


def one_round(organization: Organization, servers: list[Server]) -> tuple[float, float]:
    """How long a new key took to be good on all servers, and a revoked one to be so on none."""
    with organization.changing(ACTOR, time.time()) as change:
        key, secret = create_key(change, WISH)
    made = seconds_until(servers, secret, 200, time.monotonic())
    with organization.changing(ACTOR, time.time()) as change:
        revoke_key(change, key)
    return made, seconds_until(servers, secret, 401, time.monotonic())


def main() -> None:
    """Measure every round; print medians and the longest."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(running_postgresql()).new_database()
        environment = {"TALLYBOOK_ORGANIZATION_URL": url}
        servers = [
            stack.enter_context(running(folder / str(number), environment))
            for number in range(SERVERS)
        ]
        organization = open_organization(folder, url)
        stack.callback(organization.close)
        rounds = [one_round(organization, servers) for _ in range(options.rounds)]
    figures = {
        name: {"median": round(statistics.median(times), 3), "longest": round(max(times), 3)}
        for name, times in zip(("good", "revoked"), zip(*rounds, strict=True), strict=True)
    }
    print(f"{options.rounds} keys, {SERVERS} servers on one PostgreSQL; seconds until all know")
    print(f"{'':10}{'median':>8}{'longest':>9}")
    for name, each in figures.items():
        print(f"{name:10}{each['median']:>8.2f}{each['longest']:>9.2f}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
