"""How long it takes to read a large page: 180 days of costs by line item, 20,700 results.

The same bytes, over a transport in this process, are read by Tallybook's client
into typed results with exact amounts, by the official SDK into its own, and by
``json.loads`` into dictionaries with floats. Rounds are side by side; ratios to
``json.loads`` are the numbers to quote.

    python benchmarks/reading.py [--rounds 15]
"""

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable
from typing import Any

import httpx2
from openai import OpenAI

from tallybook.client.client import Client

START, DAY = 1_790_812_800, 86_400
DAYS, LINES = 180, 115
ADDRESS, KEY = "http://ledger.example/v1", "sk-admin-of-the-benchmark"


def page() -> bytes:
    """A page as the server writes it."""
    chance = random.Random(8)
    buckets = []
    for day in range(DAYS):
        results = [
            {
                "object": "organization.costs.result",
                "amount": {"value": chance.randrange(10**14) / 10**9, "currency": "usd"},
                "project_id": None,
                "line_item": f"gpt-5.5-mini-2026-04-{line:02d}, cached input",
                "api_key_id": None,
                "quantity": chance.randrange(10**9),
                "quantity_unit": "tokens",
                "user_id": None,
                "api_source": None,
            }
            for line in range(LINES)
        ]
        times = {"start_time": START + day * DAY, "end_time": START + (day + 1) * DAY}
        buckets.append({"object": "bucket", **times, "results": results})
    whole = {"object": "page", "data": buckets, "has_more": False, "next_page": None}
    return json.dumps(whole, separators=(",", ":")).encode()


def readers(body: bytes) -> dict[str, Callable[[], Any]]:
    """What reads the page, each over its own transport."""
    client = Client(
        ADDRESS, KEY, transport=httpx2.MockTransport(lambda _: httpx2.Response(200, content=body))
    )
    headers = {"content-type": "application/json"}
    answering = httpx2.MockTransport(lambda _: httpx2.Response(200, content=body, headers=headers))
    openai = OpenAI(
        base_url=ADDRESS, admin_api_key=KEY, http_client=httpx2.Client(transport=answering)
    )
    return {
        "json.loads": lambda: json.loads(body),
        "Tallybook's client": lambda: list(client.costs(START, group_by="line_item")),
        "the same, to_arrow": lambda: client.costs(START, group_by="line_item").to_arrow(),
        "official SDK": lambda: openai.admin.organization.usage.costs(start_time=START),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    body = page()
    found = readers(body)
    seconds: dict[str, list[float]] = {name: [] for name in found}
    for _ in range(rounds):
        for name, read in found.items():
            began = time.perf_counter()
            read()
            seconds[name].append(time.perf_counter() - began)
    print(f"{DAYS * LINES:,} results, {len(body):,} bytes, medians of {rounds} rounds")
    plain = seconds["json.loads"]
    for name, taken in seconds.items():
        ratio = statistics.median(a / b for a, b in zip(taken, plain, strict=True))
        print(f"{name:<20}{statistics.median(taken) * 1e3:>8.0f} ms{ratio:>7.1f}x")


if __name__ == "__main__":
    main()
