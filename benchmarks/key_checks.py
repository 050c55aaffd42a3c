"""What the check of a key costs a request, and what being bound costs a batch of events.

The check is all of ``web/access.py``: header, digest, look-up, expiry, scope
and reach, by rings of 1, 100 and 10,000 keys, and for keys that nobody has.
Beside it, over HTTP, single events through a server that checks and one that
does not, in turn; and batches as they are decoded for keys that are bound and
not. Medians throughout, and ratios within a round.

    python benchmarks/key_checks.py [--rounds 200] [--http-rounds 5] [--json FILE]
"""

import argparse
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from starlette.requests import Request

from ingest import START_SECONDS, make_lines, over_http
from tallybook.domain.entries import latest_us
from tallybook.domain.errors import MissingKey
from tallybook.intake.binding import bound
from tallybook.intake.native import Format, read_events
from tallybook.organization.keys import KeyWish, create_key
from tallybook.organization.live_keys import LiveKeys
from tallybook.organization.organization import open_organization
from tallybook.organization.records import Actor, Means
from tallybook.organization.scopes import ALL_SCOPES, Scope
from tallybook.organization.secret import ADMIN_PREFIX, new_secret
from tallybook.settings import load_settings
from tallybook.web.access import Reach, authorize
from tallybook.web.services import Services

RINGS = (1, 100, 10_000)
# Checks of a round; each has a request of its own, whose header is read for the first time.
CHECKS = 1_000
BATCH = 1_000
HTTP_EVENTS, HTTP_CONNECTIONS = 8_000, 8

# The server as it is, but for the check: whoever comes is the same caller.
_UNCHECKED = """
from tallybook.cli.main import main
from tallybook.organization.ring import Caller
from tallybook.organization.scopes import ALL_SCOPES
from tallybook.web import app

caller = Caller(key_id="key_any", name="any", redacted="", scopes=ALL_SCOPES)

def pass_by(request, scope, reach, services):
    request.state.caller = caller

app.authorize = pass_by
main()
"""
UNCHECKED = ("-c", _UNCHECKED)


def kept_keys(folder: Path, count: int) -> tuple[LiveKeys, list[str]]:
    """The keys in force of an organization with so many, half of them bound, and their secrets."""
    organization = open_organization(folder, "")
    secrets = []
    with organization.changing(Actor(means=Means.COMMAND_LINE), START_SECONDS) as change:
        for number in range(count):
            wish = KeyWish(
                name=f"key {number}",
                scopes=ALL_SCOPES,
                prefix=ADMIN_PREFIX,
                projects=(f"proj_{number}",) if number % 2 else None,
            )
            secrets.append(create_key(change, wish)[1])
    keys = LiveKeys(organization, {})
    organization.close()
    return keys, secrets


def requests(secrets: Sequence[str], chance: random.Random) -> list[Request]:
    """A round of requests, each by one of some keys, with the headers that clients send."""
    return [
        Request(
            {
                "type": "http",
                "headers": [
                    (b"host", b"localhost:8321"),
                    (b"accept", b"application/json"),
                    (b"content-type", b"application/json"),
                    (b"user-agent", b"OpenAI/Python 3.54.0"),
                    (b"authorization", f"Bearer {chance.choice(secrets)}".encode()),
                ],
            }
        )
        for _ in range(CHECKS)
    ]


def check_all(asked: list[Request], services: Services) -> float:
    """Microseconds of one check."""
    began = time.perf_counter()
    for request in asked:
        with suppress(MissingKey):
            authorize(request, Scope.USAGE_READ, Reach.PROJECTS, services)
    return (time.perf_counter() - began) / len(asked) * 1e6


def measured_checks(rounds: int) -> list[dict[str, Any]]:
    """The check by rings of every size, and of keys that nobody has, side by side."""
    chance = random.Random(1)
    cases: dict[str, tuple[Services, list[str]]] = {}
    for count in RINGS:
        with tempfile.TemporaryDirectory() as folder:
            keys, secrets = kept_keys(Path(folder), count)
            services = Services(
                keys=keys,
                settings=load_settings({"data": folder}, environment={}),
                clock=time.time,
                **cast(Any, dict.fromkeys(("ledger", "committer", "prices", "organization"))),
            )
        cases[f"{count:,} keys"] = services, secrets
    unknown = [new_secret(ADMIN_PREFIX) for _ in range(100)]
    cases["nobody's key"] = cases["10,000 keys"][0], unknown
    found: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, (services, secrets) in cases.items():
            found[name].append(check_all(requests(secrets, chance), services))
    return [
        {
            "check": name,
            "median us": round(statistics.median(times), 2),
            "p95 us": round(statistics.quantiles(times, n=20)[-1], 2),
        }
        for name, times in found.items()
    ]


def measured_batches(rounds: int) -> list[dict[str, Any]]:
    """What being bound adds to decoding a batch, as a share of decoding it."""
    lines = make_lines(BATCH, seed=1)
    named = [json.loads(line) for line in lines]
    projects = frozenset(each["project_id"] for each in named)
    bare = [{name: each[name] for name in each if name != "project_id"} for each in named]
    bodies = {
        "projects named": (b"\n".join(lines), projects),
        "project filled in": (_body(bare), frozenset({"proj_0001"})),
        "half of them refused": (b"\n".join(lines), frozenset(sorted(projects)[::2])),
    }
    latest = latest_us(START_SECONDS + 86_400)
    found = []
    for name, (body, own) in bodies.items():
        decoded, bound_too = [], []
        for _ in range(rounds):
            batch = read_events(body, Format.NDJSON, latest, BATCH)
            decoded.append(_seconds(lambda: read_events(body, Format.NDJSON, latest, BATCH)))  # noqa: B023
            bound_too.append(_seconds(lambda: bound(batch, own)))  # noqa: B023
        ratios = [own / all_ for own, all_ in zip(bound_too, decoded, strict=True)]
        found.append(
            {
                "batch of 1,000": name,
                "decoding us": round(statistics.median(decoded) * 1e6),
                "binding us": round(statistics.median(bound_too) * 1e6, 1),
                "share": round(statistics.median(ratios), 4),
            }
        )
    return found


def _body(events: list[dict[str, Any]]) -> bytes:
    return b"\n".join(json.dumps(each).encode() for each in events)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measured_http(rounds: int) -> dict[str, Any]:
    """Single events a second through a server that checks keys, and one that does not."""
    checked, unchecked = [], []
    for round_ in range(rounds):
        lines = make_lines(HTTP_EVENTS, seed=round_)
        checked.append(over_http(lines, 1, HTTP_CONNECTIONS))
        unchecked.append(over_http(lines, 1, HTTP_CONNECTIONS, UNCHECKED))
    ratios = [one / other for one, other in zip(checked, unchecked, strict=True)]
    return {
        "requests/s checked": round(statistics.median(checked)),
        "requests/s unchecked": round(statistics.median(unchecked)),
        "ratio": round(statistics.median(ratios), 3),
    }


def main() -> None:
    """Measure all three, and print medians."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--http-rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="also write the tables here")
    options = parser.parse_args()

    checks = measured_checks(options.rounds)
    batches = measured_batches(options.rounds)
    http = measured_http(options.http_rounds) if options.http_rounds else {}
    print(f"{os.cpu_count()} cores, medians of {options.rounds} rounds of {CHECKS:,} checks")
    for table in (checks, batches, [http] if http else []):
        for place, row in enumerate(table):
            if place == 0:
                print("  ".join(f"{name:>20}" for name in row))
            print("  ".join(f"{value:>20}" for value in row.values()))
    if options.json:
        found = {"checks": checks, "batches": batches, "http": http}
        options.json.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
