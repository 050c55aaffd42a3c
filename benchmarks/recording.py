"""What ``Recorder.record`` costs the caller, beside a bare ``queue.put`` of the same lines.

    python benchmarks/recording.py [--events 100000]

A real server drains what is recorded meanwhile, on the same cores. With more
than one thread the tail is the interpreter's: a thread that is in the middle
of a call waits for its turn, 5 ms a turn.
"""

import argparse
import os
import queue
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.server import INGEST_KEY, running
from tallybook.client.recording.limits import Limits
from tallybook.client.recording.recorder import Recorder

EVENT = {
    "kind": "completions",
    "model": "gpt-5.5-2026-04-23",
    "project_id": "proj_atlas",
    "user_id": "user-Lm4",
    "input_tokens": 1830,
    "input_cached_tokens": 1024,
    "output_tokens": 212,
    "tags": {"team": "search"},
}
SHARES = (0.5, 0.99, 0.999)


def timed(call: Callable[[], None], events: int, threads: int) -> list[float]:
    """Microseconds of each call, sorted."""
    found: list[list[int]] = [[] for _ in range(threads)]

    def run(spans: list[int]) -> None:
        clock = time.perf_counter_ns
        for _ in range(events // threads):
            began = clock()
            call()
            spans.append(clock() - began)

    workers = [threading.Thread(target=run, args=(spans,)) for spans in found]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sorted(span / 1000 for spans in found for span in spans)


def show(name: str, threads: int, spans: list[float]) -> None:
    """One row of the table."""
    cells = (f"{spans[int(len(spans) * share)]:>9.1f}" for share in SHARES)
    print(f"{name:<24}{threads:>8}{''.join(cells)}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=100_000)
    events = parser.parse_args().events
    print(f"{events:,} calls, {os.cpu_count()} cores, a server draining them")
    print(f"{'microseconds a call':<24}{'threads':>8}{'p50':>9}{'p99':>9}{'p99.9':>9}")
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "data") as server:
        for threads in (1, 8):
            bare: queue.Queue[dict[str, object]] = queue.Queue()
            show("queue.put", threads, timed(partial(bare.put, EVENT), events, threads))
            limits = Limits(queue_events_max=events)
            with Recorder(server.address, INGEST_KEY, spool=folder, limits=limits) as recorder:
                began = time.perf_counter()
                show("record", threads, timed(partial(recorder.record, EVENT), events, threads))
                flushed = recorder.flush(300)
                took = time.perf_counter() - began
                count = recorder.counters
                assert flushed, count
                assert count.sent == events // threads * threads, count
            print(f"{'  all of them stored':<24}{events / took:>17,.0f} events/s")


if __name__ == "__main__":
    main()
