"""What counting costs: a request's and a receipt's share, in microseconds.

python benchmarks/metering.py
"""

import time
from collections.abc import Callable

from tallybook.domain.receipts import Receipt
from tallybook.web.metering.meters import Meters

ROUNDS = 200_000


def microseconds(work: Callable[[], None]) -> float:
    """How much processor time one call takes: the best of five rounds of many."""
    best = float("inf")
    for _ in range(5):
        began = time.thread_time()
        for _ in range(ROUNDS // 5):
            work()
        best = min(best, time.thread_time() - began)
    return best / (ROUNDS // 5) * 1e6


def main() -> None:
    """Print a line for each thing that is counted."""
    meters, receipt = Meters(), Receipt(accepted=100, duplicates=3)
    for name, work in (
        ("a request", lambda: meters.answered("/v1/events", "POST", 200, 0.01)),
        ("a body", lambda: meters.received(30_000)),
        ("a receipt", lambda: meters.told(receipt)),
        ("a commit", lambda: meters.committed(20_000, 0.02)),
    ):
        print(f"{name:10} {microseconds(work):6.2f} µs")


if __name__ == "__main__":
    main()
