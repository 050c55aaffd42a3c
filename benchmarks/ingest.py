"""How many events a second go in over HTTP, durable and deduplicated.

Beside it, in the same run, the same bytes through a bare ``INSERT … FROM
read_json`` of DuckDB, which parses and stores and does nothing else: no
network, no checks, no identity, one commit. The ratio to it is the number to
quote; absolute numbers are this machine's.

    python benchmarks/ingest.py [--rounds 3] [--scale 1.0] [--json FILE]
"""

import argparse
import json
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import msgspec

KEY = "sk-ingest-for-the-benchmark-0123456789"
# What the interpreter is told to run.
PROGRAM = ("-m", "tallybook")
START_SECONDS = 1_790_812_800
# (events of a batch, connections, events in all at scale 1)
CASES = (
    (1, 1, 1_000),
    (1, 8, 8_000),
    (100, 1, 100_000),
    (100, 8, 200_000),
    (1_000, 1, 300_000),
    (1_000, 8, 600_000),
)
BARE_EVENTS = 600_000
COLUMNS = {
    "id": "VARCHAR", "time": "DOUBLE", "kind": "VARCHAR", "provider": "VARCHAR",
    "model": "VARCHAR", "project_id": "VARCHAR", "user_id": "VARCHAR", "api_key_id": "VARCHAR",
    "batch": "BOOLEAN", "service_tier": "VARCHAR", "input_tokens": "BIGINT",
    "input_cached_tokens": "BIGINT", "output_tokens": "BIGINT", "tags": "JSON",
}  # fmt: skip


def make_lines(count: int, seed: int) -> list[bytes]:
    """Events of a busy organization as JSON, about 330 bytes each, in order of time."""
    rng = random.Random(seed)
    encode = msgspec.json.encode
    models = ["gpt-5.5-2026-04-23", "gpt-5.5-mini-2026-04-23", "gpt-4o-2024-08-06"]
    lines = []
    for index in range(count):
        user = min(int(rng.paretovariate(0.7)), 5_000)
        inputs = int(rng.lognormvariate(6.5, 1.2)) + 1
        lines.append(
            encode(
                {
                    "id": f"req_{rng.getrandbits(64):016x}",
                    "time": START_SECONDS + index // 1_000 + index % 1_000 / 1_000,
                    "kind": "completions",
                    "provider": "openai",
                    "model": models[user % 3],
                    "project_id": f"proj_{user % 200:04d}",
                    "user_id": f"user-{user:05d}",
                    "api_key_id": f"key_{user * 2 + index % 2:06d}",
                    "batch": False,
                    "service_tier": "default",
                    "input_tokens": inputs,
                    "input_cached_tokens": inputs // 3,
                    "output_tokens": int(rng.lognormvariate(5, 1)) + 1,
                    "tags": {"team": f"team-{user % 20}", "env": "prod"},
                }
            )
        )
    return lines


@contextmanager
def server(
    folder: Path, program: Sequence[str] = PROGRAM
) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """A server process on a free port: its port, and the process."""
    process = subprocess.Popen(
        [sys.executable, *program, "serve", "--data", str(folder), "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"TALLYBOOK_INGEST_KEY": KEY},
    )
    assert process.stdout is not None
    try:
        found = next(m for line in process.stdout if (m := re.search(r"ready at .*:(\d+)", line)))
        yield int(found[1]), process
    finally:
        process.terminate()
        process.wait()


def request(lines: list[bytes]) -> bytes:
    """A whole HTTP request for some events."""
    body = b"\n".join(lines)
    head = (
        f"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {KEY}\r\n"
        f"Content-Type: application/x-ndjson\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def post_all(port: int, requests: list[bytes], answers: list[int]) -> None:
    """Post requests over one connection, each after the answer to the one before."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for data in requests:
            connection.sendall(data)
            answer = b""
            while b"rejected" not in answer:
                part = connection.recv(65_536)
                assert part, "the server closed the connection"
                answer += part
            assert answer.startswith(b"HTTP/1.1 200"), answer
            answers.append(int(re.search(rb'"accepted":(\d+)', answer)[1]))  # type: ignore[index]


def over_http(
    lines: list[bytes], batch: int, connections: int, program: Sequence[str] = PROGRAM
) -> float:
    """Events a second through a new server, all of them acknowledged."""
    requests = [request(lines[at : at + batch]) for at in range(0, len(lines), batch)]
    answers: list[int] = []
    with tempfile.TemporaryDirectory() as folder, server(Path(folder), program) as (port, _):
        threads = [
            threading.Thread(target=post_all, args=(port, requests[n::connections], answers))
            for n in range(connections)
        ]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - began
    assert sum(answers) == len(lines), "not everything was accepted"
    return len(lines) / seconds


def bare(lines: list[bytes]) -> float:
    """Events a second through DuckDB alone, from a file of the same bytes to a file."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "events.ndjson"
        source.write_bytes(b"\n".join(lines))
        connection = duckdb.connect(str(Path(folder) / "bare.duckdb"))
        columns = ", ".join(f"{name} {type_}" for name, type_ in COLUMNS.items())
        connection.execute(f"CREATE TABLE events ({columns})")
        spec = ", ".join(f"{name}: '{type_}'" for name, type_ in COLUMNS.items())
        began = time.perf_counter()
        connection.execute(
            "INSERT INTO events SELECT * FROM read_json(?, format = 'newline_delimited',"
            f" columns = {{{spec}}})",
            [str(source)],
        )
        seconds = time.perf_counter() - began
        connection.close()
    return len(lines) / seconds


def main() -> None:
    """Measure every case in each round, next to the bare load of the round; print medians."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", type=float, default=1.0, help="of the number of events")
    parser.add_argument("--json", type=Path, help="also write the table here")
    options = parser.parse_args()

    rates: dict[tuple[int, int], list[float]] = {case[:2]: [] for case in CASES}
    ratios: dict[tuple[int, int], list[float]] = {case[:2]: [] for case in CASES}
    bare_rates = []
    for round_ in range(options.rounds):
        lines = make_lines(int(BARE_EVENTS * options.scale), seed=round_)
        bare_rates.append(bare(lines))
        for batch, connections, count in CASES:
            rate = over_http(lines[: max(int(count * options.scale), batch)], batch, connections)
            rates[batch, connections].append(rate)
            ratios[batch, connections].append(rate / bare_rates[-1])

    rows = [
        {
            "events per request": batch,
            "connections": connections,
            "events/s": round(statistics.median(rates[batch, connections])),
            "of the bare load": round(statistics.median(ratios[batch, connections]), 4),
        }
        for batch, connections, _ in CASES
    ]
    rate = round(statistics.median(bare_rates))
    print(f"{os.cpu_count()} cores, medians of {options.rounds} rounds")
    print(f"{'events per request':>18}  {'connections':>11}  {'events/s':>9}  of the bare load")
    for row in rows:
        print("{:>18,}  {:>11}  {:>9,}  {:.3f}".format(*row.values()))
    print(f"{'bare INSERT FROM read_json':>31}  {rate:>9,}  1")
    if options.json:
        options.json.write_text(json.dumps({"bare events/s": rate, "rows": rows}, indent=2))


if __name__ == "__main__":
    main()
