"""A ledger of two projects and of events without one, and a key that may know of one project.

What others have is told from one's own at a glance: by a word that nobody
sends, and by numbers that one's own never add up to.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import msgspec

from support.events import DAY, event
from support.inprocess import NOW, serving
from support.keys import READ_WRITE, Kept, keep
from support.prices import source
from support.sealing import opened, posted, seal_all
from tallybook.domain.kinds import KINDS
from tallybook.ledger.duckdb.store import DuckDBLedger

OWN, FOREIGN, THIRD = "proj_own", "proj_foreign", "proj_third"
# In the ids, names and tags of others.
CANARY = "canary"
# Every number of one's own, and every sum of them, is below; each of others' is above.
LEAST_OF_OTHERS = 10**7

PRICES = """
[[price]]
model = "m-*"
input = "1 / token"
output = "1 / token"
images = "1 / image"
[[price]]
storage = "1 / GiB day"
"""

BOUND = Kept("bound", READ_WRITE, (OWN,))
BOUND_TO_TWO = Kept("bound to two", READ_WRITE, (OWN, THIRD))
BOUND_ELSEWHERE = Kept("bound elsewhere", READ_WRITE, (FOREIGN,))
READER = Kept("reader", READ_WRITE)

_QUANTITIES = (
    "input_tokens", "output_tokens", "images", "characters", "seconds", "usage_bytes",
    "num_sessions", "num_requests", "num_model_requests",
)  # fmt: skip
_HOUR = 3_600


def _of(owner: str, project: str | None, size: int, **names: Any) -> list[dict[str, Any]]:
    """An event of each kind at some hours, every count of which is about ``size``."""
    found = []
    for kind, hour in ((kind, hour) for kind in KINDS for hour in (1, 2, 20)):
        made = event(kind, id=f"req-{owner}-{kind}-{hour}", time=DAY + hour * _HOUR + 7)
        made |= {name: size + hour for name in made if name in _QUANTITIES}
        if "num_model_requests" in {each.name for each in KINDS[kind].quantities}:
            made["num_model_requests"] = size + hour
        made |= {name: names[name] for name in names if name in _NAMES or name == "tags"}
        if kind == "vector_stores":
            made["vector_store_id"] = names.get("model")
        found.append(made | ({"project_id": project} if project else {}))
    return found


_NAMES = ("model", "user_id", "api_key_id")
_SHARED = {"model": "m-shared", "user_id": "user-shared", "tags": {"team": "shared"}}
_HIDDEN = {
    "model": f"m-{CANARY}",
    "user_id": f"user-{CANARY}",
    "api_key_id": f"key-{CANARY}",
    "tags": {"team": CANARY, CANARY: "x"},
}

OWN_EVENTS = [
    *_of("own", OWN, 3, **_SHARED),
    *_of("own-too", OWN, 1, model="unpriced-own", user_id="user-own"),
]
OTHERS_EVENTS = [
    each
    for place, (project, names) in enumerate(
        (project, names) for project in (FOREIGN, None) for names in (_SHARED, _HIDDEN, {})
    )
    for each in _of(f"{CANARY}-{place}", project, LEAST_OF_OTHERS + place, **names)
]
EVENTS = [*OWN_EVENTS, *OTHERS_EVENTS]


class Attacked(NamedTuple):
    """The ledger, a client with the admin key, and one of each of the keys above."""

    ledger: DuckDBLedger
    folder: Path
    admin: httpx2.Client
    bound: httpx2.Client
    elsewhere: httpx2.Client
    two: httpx2.Client


@contextmanager
def attacked(folder: Path) -> Iterator[Attacked]:
    """A server over such a ledger, whose first day is sealed."""
    keep(folder, BOUND, BOUND_TO_TWO, BOUND_ELSEWHERE, READER)
    with ExitStack() as closing:
        ledger = closing.enter_context(opened(folder, source(folder, PRICES)))
        assert posted(ledger, EVENTS).accepted == len(EVENTS)
        seal_all(ledger, NOW)
        admin = closing.enter_context(serving(ledger, folder))
        clients = [
            closing.enter_context(key.client(admin.base_url))
            for key in (BOUND, BOUND_ELSEWHERE, BOUND_TO_TWO)
        ]
        yield Attacked(ledger, folder, admin, *clients)


def tells_of_others(answer: httpx2.Response) -> str | None:
    """What an answer to the bound key tells of others; null when it tells nothing.

    A refusal may repeat what was asked, so it is only searched for what nobody asks.
    """
    told = answer.text + "".join(f"\n{name}: {value}" for name, value in answer.headers.items())
    if CANARY in told:
        return told[max(0, told.index(CANARY) - 60) :][:200]
    if answer.status_code != 200:
        return None
    if FOREIGN in told:
        return told[max(0, told.index(FOREIGN) - 60) :][:200]
    if int(answer.headers.get("tallybook-unpriced-events", 0)) > len(OWN_EVENTS):
        return "events of others are counted as unpriced"
    large = [number for number in _numbers(answer) if number >= LEAST_OF_OTHERS]
    return f"numbers of others: {large[:5]}" if large else None


def _numbers(answer: httpx2.Response) -> Iterator[float]:
    """Every number of an answer that is no time."""
    if answer.headers["content-type"] == "application/x-ndjson":
        parts = [msgspec.json.decode(line) for line in answer.content.splitlines()]
    else:
        parts = [answer.json()]
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            parts += [value for name, value in part.items() if not name.endswith("time")]
        elif isinstance(part, list):
            parts += part
        elif isinstance(part, int | float):
            yield part
