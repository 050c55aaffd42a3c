"""Three times what a server can store: who is let in is answered soon, the others are told when.

First the sustainable rate, by connections that each wait for their answers. Then three times
that rate for minutes from many connections, which do not: batches are sent
at their times whatever becomes of them. At the end, how long it takes until
requests are answered as before, and whether everything that was acknowledged
is stored, once.

    python benchmarks/overload.py [--minutes 5] [--times 3] [--json FILE]
"""

import argparse
import json
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from contenders.tallybook import Tallybook
from load import MIB, Asker, Senders, make_keys, ms, quantile, rss_bytes, stored, templates

CONNECTIONS = 96
CLOSED_CONNECTIONS = 8
CLOSED_SECONDS = 20
KEYS = 4
BATCH = 500
RECOVERY_SECONDS_MAX = 30
# Of the sustainable rate: what is sent to see whether the server has recovered.
CALM_PART = 0.4


def overload(data: Path, minutes: float, times: float) -> dict[str, Any]:
    """Run it, and tell what came of it."""
    server = Tallybook(data)
    try:
        return _overload(server, data, minutes, times)
    finally:
        if server.process.poll() is None:
            server.close()


def _overload(server: Tallybook, data: Path, minutes: float, times: float) -> dict[str, Any]:
    pid = server.process.pid
    senders = Senders(server.port, make_keys(data, KEYS), templates(16, BATCH, seed=1))
    since = int(time.time())
    closed = senders.run(CLOSED_CONNECTIONS, CLOSED_SECONDS, None)
    rate = sum(each.events for each in closed if each.status == 200) / CLOSED_SECONDS
    assert all(each.status == 200 for each in closed), "refused before there was any load"
    calm = senders.run(CLOSED_CONNECTIONS, CLOSED_SECONDS / 2, rate * CALM_PART)
    normal = quantile([each.seconds for each in calm], 0.99)
    asker = Asker(server.port, 2)
    memory: list[int] = []
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(1):
            memory.append(rss_bytes(pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    asker.start()
    before = senders.late
    flood = senders.run(CONNECTIONS, minutes * 60, rate * times)
    late = senders.late - before
    asker.stopped.set()
    asker.join()
    recovery = _recovery(senders, rate, normal)
    stop.set()
    watcher.join()
    kept = stored(server, since)
    accepted = [each for each in flood if each.status == 200]
    every = [each for each in senders.sent if each.status == 200]
    wanted = (sum(each.events for each in every), sum(each.input_tokens for each in every))
    server.close()
    statuses = Counter(each.status for each in flood)
    return {
        "sustainable events/s": round(rate),
        "offered events/s": round(sum(each.events for each in flood) / (minutes * 60)),
        "accepted events/s": round(sum(each.events for each in accepted) / (minutes * 60)),
        "accepted ms": ms([each.seconds for each in accepted]),
        "refused ms": ms([each.seconds for each in flood if each.status == 503]),
        "statuses": dict(statuses),
        "503 %": round(100 * statuses[503] / len(flood), 1),
        "503 without Retry-After": sum(not each.told_when for each in flood),
        "sent late %": round(100 * late / len(flood), 1),
        "query ms": ms([each.seconds for each in asker.asked]),
        "query statuses": dict(Counter(each.status for each in asker.asked)),
        "rss MiB at most": max(memory) // MIB,
        "rss MiB at the end": memory[-1] // MIB,
        "normal p99 ms": round(1_000 * normal, 1),
        "recovery seconds": recovery,
        "stored once": kept == wanted,
        "stored": kept,
        "acknowledged": wanted,
        "exit status": server.process.returncode,
    }


def _recovery(senders: Senders, rate: float, normal: float) -> float:
    """After how many seconds a second's p99 is normal again, or at most half as much more."""
    began = time.monotonic()
    while time.monotonic() - began < RECOVERY_SECONDS_MAX:
        before = time.monotonic() - began
        second = senders.run(CLOSED_CONNECTIONS, 1, rate * CALM_PART)
        calm = all(each.status == 200 for each in second)
        if calm and quantile([each.seconds for each in second], 0.99) <= 1.5 * normal:
            return round(before, 1)
    return float("inf")


def main() -> None:
    """Parse, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--times", type=float, default=3, help="of the sustainable rate")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = overload(Path(folder), chosen.minutes, chosen.times)
    for name, value in result.items():
        print(f"{name:26} {value}")
    if chosen.json:
        chosen.json.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
