"""The model beside a server that is being broken: what was tried, what was acknowledged.

Sums are made by a loop over events. Quantities are large random numbers, so
that one event lost and another counted twice can never make the same sum.
"""

import random
from collections import defaultdict
from typing import Any

import httpx2
import msgspec

from support.events import DAY
from support.server import ADMIN_KEY, Server

EventData = dict[str, Any]
# input_tokens, output_tokens, input_cached_tokens, num_model_requests.
Counts = tuple[int, int, int, int]

SPAN_SECONDS = 2 * 86_400
WIDTH_SECONDS = {"1m": 60, "1h": 3_600, "1d": 86_400}
PAGE_LIMITS = {"1m": 1_440, "1h": 168, "1d": 31}

encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder().decode


def seeded(seed: str) -> random.Random:
    """A source of randomness that a printed seed replays."""
    return random.Random(seed)  # noqa: S311 - to be replayed, not to be hard to guess


def make_events(random_: random.Random, name: str, count: int, **fields: Any) -> list[EventData]:
    """New completions events, with ids that start with ``name``, all over the two days."""
    return [
        {
            "id": f"req_{name}_{number}",
            "time": (DAY * 1_000_000 + random_.randrange(SPAN_SECONDS * 1_000_000)) / 1_000_000,
            "kind": "completions",
            "input_tokens": cached + random_.randrange(1, 1 << 38),
            "input_cached_tokens": cached,
            "output_tokens": random_.randrange(1, 1 << 38),
            "num_model_requests": random_.randrange(1, 1 << 20),
            **fields,
        }
        for number in range(count)
        for cached in [random_.randrange(1 << 38)]
    ]


def counts_of(event: EventData) -> Counts:
    return (
        event["input_tokens"],
        event["output_tokens"],
        event["input_cached_tokens"],
        event["num_model_requests"],
    )


def total(events: list[EventData]) -> Counts:
    """The sums over distinct events."""
    distinct = {(event["id"], event["time"]): event for event in events}.values()
    columns = list(zip(*map(counts_of, distinct), strict=True)) or [(0,)] * 4
    return (sum(columns[0]), sum(columns[1]), sum(columns[2]), sum(columns[3]))


def sums_by_bucket(events: list[EventData], width: str) -> dict[int, Counts]:
    """The sums over distinct events by the start of their bucket."""
    gathered: defaultdict[int, list[EventData]] = defaultdict(list)
    for event in events:
        second = int(event["time"])
        gathered[second - second % WIDTH_SECONDS[width]].append(event)
    return {start: total(inside) for start, inside in gathered.items()}


def client_of(server: Server) -> httpx2.Client:
    """A client of its own, for a thread."""
    return httpx2.Client(
        base_url=server.address,
        headers={"Authorization": f"Bearer {ADMIN_KEY}", "Content-Type": "application/json"},
        timeout=60,
        trust_env=False,
    )


def post(client: httpx2.Client, events: list[EventData], *, whole: bool = False) -> httpx2.Response:
    return client.post("/v1/events", content=encode(events), params={"atomic": str(whole).lower()})


def post_all(client: httpx2.Client, events: list[EventData]) -> tuple[int, int]:
    """Post events that must all be stored or known; how many were new, and how many known."""
    accepted = duplicates = 0
    for start in range(0, len(events), 5_000):
        part = events[start : start + 5_000]
        answer = post(client, part)
        assert answer.status_code == 200, answer.text
        receipt = answer.json()
        assert receipt["accepted"] + receipt["duplicates"] == len(part)
        accepted += receipt["accepted"]
        duplicates += receipt["duplicates"]
    return accepted, duplicates


def stored_by_bucket(client: httpx2.Client, width: str) -> dict[int, Counts]:
    """What the server says of each bucket that is not empty."""
    return {
        bucket["start_time"]: _counts(result)
        for bucket in _buckets(client, bucket_width=width, limit=PAGE_LIMITS[width])
        for result in bucket["results"]
    }


def stored_by_key(client: httpx2.Client, project_id: str) -> dict[str, Counts]:
    """What the server says of each key of a project, over both days."""
    found: defaultdict[str, Counts] = defaultdict(lambda: (0, 0, 0, 0))
    for bucket in _buckets(
        client, bucket_width="1d", project_ids=project_id, group_by="api_key_id"
    ):
        for result in bucket["results"]:
            before, more = found[result["api_key_id"]], _counts(result)
            found[result["api_key_id"]] = (
                before[0] + more[0],
                before[1] + more[1],
                before[2] + more[2],
                before[3] + more[3],
            )
    return dict(found)


def assert_holds_exactly(client: httpx2.Client, events: list[EventData]) -> None:
    """The server's answers of every width equal a loop over the events."""
    for width in WIDTH_SECONDS:
        assert stored_by_bucket(client, width) == sums_by_bucket(events, width)


def _buckets(client: httpx2.Client, **parameters: Any) -> list[dict[str, Any]]:
    """The buckets of all pages."""
    asked = {"start_time": DAY, "end_time": DAY + SPAN_SECONDS} | parameters
    buckets: list[dict[str, Any]] = []
    page: dict[str, Any] = {"next_page": None, "has_more": True}
    while page["has_more"]:
        more = {"page": page["next_page"]} if page["next_page"] else {}
        answer = client.get("/v1/organization/usage/completions", params=asked | more)
        assert answer.status_code == 200, answer.text
        page = decode(answer.content)
        buckets += page["data"]
    return buckets


def _counts(result: dict[str, Any]) -> Counts:
    return (
        result["input_tokens"],
        result["output_tokens"],
        result["input_cached_tokens"],
        result["num_model_requests"],
    )
