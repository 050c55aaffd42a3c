"""Half an hour of events at a steady rate, a dashboard beside it: the end held against the start.

A real server (``tallybook serve``) with a data folder of its own. Events have the times at
which they are sent, so that hours are sealed as they pass. Every ten seconds memory,
processor and latencies are noted; at the end the first five minutes are held
against the last five, and what is stored against what was acknowledged, by
number and by sum.

    python benchmarks/soak.py [--minutes 30] [--rate 50000] [--json FILE] [--data FOLDER]
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from contenders.contender import folder_bytes
from contenders.tallybook import Tallybook
from load import (
    MIB,
    Asked,
    Asker,
    Senders,
    Sent,
    cpu_seconds,
    make_keys,
    ms,
    rss_bytes,
    stored,
    templates,
)

SENDERS = 8
KEYS = 4
SAMPLE_SECONDS = 10
BATCH = 1_000
PART_SECONDS = 300


def soak(data: Path, minutes: float, rate: int, asks: float) -> dict[str, Any]:
    """Run it, and tell what came of it."""
    server = Tallybook(data)
    try:
        return _soak(server, data, minutes, rate, asks)
    finally:
        if server.process.poll() is None:
            server.close()


def _soak(server: Tallybook, data: Path, minutes: float, rate: int, asks: float) -> dict[str, Any]:
    pid = server.process.pid
    senders = Senders(server.port, make_keys(data, KEYS), templates(16, BATCH, seed=1))
    asker = Asker(server.port, asks)
    samples: list[dict[str, Any]] = []
    stop = threading.Event()

    def sample() -> None:
        cpu, at, sent, asked = cpu_seconds(pid), time.monotonic(), 0, 0
        while not stop.wait(SAMPLE_SECONDS):
            now, used = time.monotonic(), cpu_seconds(pid)
            new, questions = senders.sent[sent:], asker.asked[asked:]
            sent, asked = sent + len(new), asked + len(questions)
            samples.append(
                {
                    "at": now,
                    "seconds": round(now - began),
                    "rss MiB": rss_bytes(pid) // MIB,
                    "cores": round((used - cpu) / (now - at), 2),
                    "events/s": round(sum(s.events for s in new if s.status == 200) / (now - at)),
                    "ingest ms": ms([s.seconds for s in new]),
                    "query ms": ms([s.seconds for s in questions]),
                }
            )
            print(json.dumps(samples[-1]), file=sys.stderr, flush=True)
            cpu, at = used, now

    began, since = time.monotonic(), int(time.time())
    sampler = threading.Thread(target=sample)
    asker.start()
    sampler.start()
    sent = senders.run(SENDERS, minutes * 60, rate)
    stop.set()
    asker.stopped.set()
    sampler.join()
    asker.join()
    kept = stored(server, since)
    acknowledged = [each for each in sent if each.status == 200]
    wanted = (sum(s.events for s in acknowledged), sum(s.input_tokens for s in acknowledged))
    ended = time.monotonic()
    server.close()
    part = min(PART_SECONDS, minutes * 30)
    return {
        "minutes": minutes,
        "rate": rate,
        "events acknowledged": wanted[0],
        "sent late": senders.late,
        "errors": len(sent) - len(acknowledged) + sum(a.status != 200 for a in asker.asked),
        "stored once": kept == wanted,
        "stored": kept,
        "acknowledged": wanted,
        "exit status": server.process.returncode,
        "stop seconds": round(time.monotonic() - ended, 1),
        "folder MiB": folder_bytes(data) // MIB,
        "first": _part(sent, asker.asked, samples, began, began + part),
        "last": _part(sent, asker.asked, samples, began + minutes * 60 - part, float("inf")),
        "samples": samples,
    }


def _part(
    sent: list[Sent], asked: list[Asked], samples: list[dict[str, Any]], since: float, until: float
) -> dict[str, Any]:
    """What a part of the run was like."""
    memory = [sample["rss MiB"] for sample in samples if since <= sample["at"] <= until]
    return {
        "ingest ms": ms([each.seconds for each in sent if since <= each.at <= until]),
        "query ms": ms([each.seconds for each in asked if since <= each.at <= until]),
        "rss MiB": max(memory, default=0),
    }


def show(result: dict[str, Any]) -> None:
    """Print the result as tables."""
    for name, value in result.items():
        if name not in ("first", "last", "samples"):
            print(f"{name:20} {value}")
    print(f"{'':20} {'first':>12} {'last':>12}")
    for what in ("ingest ms", "query ms"):
        for part in ("p50", "p99", "max"):
            first, last = result["first"][what][part], result["last"][what][part]
            print(f"{what + ' ' + part:20} {first:>12} {last:>12}")
    print(f"{'rss MiB':20} {result['first']['rss MiB']:>12} {result['last']['rss MiB']:>12}")


def main() -> None:
    """Parse, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=int, default=50_000, help="events a second")
    parser.add_argument("--asks", type=float, default=4, help="questions a second")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--data", type=Path, help="a folder that is kept; by default none is")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = chosen.data or Path(folder)
        result = soak(data, chosen.minutes, chosen.rate, chosen.asks)
    show(result)
    if chosen.json:
        chosen.json.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
