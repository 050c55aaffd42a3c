"""How many events a second go in, as the ledger grows, and what is answered meanwhile.

The stream of ``stream.py`` over HTTP, on eight connections, each batch after
the answer to the one before: durable, priced, each event once. By tenths of
the stream, so that growing slower would show. PostgreSQL takes the same
batches on as many connections: COPY into a staging table, then INSERT … ON
CONFLICT DO NOTHING, for a plain COPY fails at the first event that comes twice.

The clock of the server stands at the end of the stream, seconds after the
organization's history, and goes on from there: what comes is live, none of it
is ahead of the clock however fast it goes in, and what is late falls into
hours that are full.
"""

import itertools
import re
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from contenders.postgres import COPY, Postgres
from contenders.tallybook import KEY, Tallybook
from organization import END_SECONDS, MARKER
from questions import QUESTIONS
from stream import EVENTS_PER_SECOND, Stream

CONNECTIONS = 8
TENTHS = 10

# Stores batches, each before the next is taken; calls back with the place of each.
Sender = Callable[[Iterator[int], Callable[[int], None]], None]


class _Places:
    """The places of a stream's batches, each given out once, none before its time at a rate."""

    def __init__(self, stream: Stream, rate: int | None) -> None:
        self.began = time.perf_counter()
        self.fault: BaseException | None = None
        self._lock = threading.Lock()
        self._places = iter(range(len(stream.counts)))
        self._before = [0, *itertools.accumulate(stream.counts)]
        self._rate = rate

    def __iter__(self) -> Iterator[int]:
        while self.fault is None:
            with self._lock:
                place = next(self._places, None)
            if place is None:
                return
            if self._rate:
                due = self.began + self._before[place] / self._rate
                time.sleep(max(0.0, due - time.perf_counter()))
            yield place


def run(sender: Sender, stream: Stream, rate: int | None = None) -> dict[str, Any]:
    """Send a stream on all connections, at most at a rate, and tell the rates that came of it.

    Raises what a connection that failed raised.
    """
    places = _Places(stream, rate)
    done: list[tuple[float, int]] = []

    def work() -> None:
        try:
            sender(iter(places), lambda place: done.append((time.perf_counter(), place)))
        except BaseException as fault:
            places.fault = fault

    threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if places.fault:
        raise places.fault
    return _rates(places.began, done, stream.counts)


def _rates(
    began: float, done: Sequence[tuple[float, int]], counts: Sequence[int]
) -> dict[str, Any]:
    """Events a second of the whole and of each tenth of the batches, as they were stored."""
    ordered = sorted(done)
    parts = min(TENTHS, len(ordered))
    cuts = [len(ordered) * part // parts for part in range(parts + 1)]
    tenths, before = [], began
    for first, last in itertools.pairwise(cuts):
        after = ordered[last - 1][0]
        stored = sum(counts[place] for _, place in ordered[first:last])
        tenths.append(round(stored / (after - before)))
        before = after
    return {"events/s": round(sum(counts) / (before - began)), "events/s by tenths": tenths}


def over_http(port: int, bodies: Sequence[memoryview], stream: Stream) -> Sender:
    """What posts batches to a server, and holds it to its receipts."""

    def send(places: Iterator[int], stored: Callable[[int], None]) -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for place in places:
                head = (
                    f"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {KEY}"
                    "\r\nContent-Type: application/x-ndjson\r\n"
                    f"Content-Length: {len(bodies[place])}\r\n\r\n"
                )
                connection.sendall(head.encode())
                connection.sendall(bodies[place])
                answer = b""
                while b"rejected" not in answer:
                    part = connection.recv(65_536)
                    assert part, "the server closed the connection"
                    answer += part
                counts = re.findall(rb'"(?:accepted|duplicates)":(\d+)', answer)
                assert answer.startswith(b"HTTP/1.1 200"), answer
                assert sum(map(int, counts)) == stream.counts[place], answer
                stored(place)

    return send


def by_copy(server: Postgres, database: str, rows: Sequence[memoryview]) -> Sender:
    """What copies batches into PostgreSQL's table."""
    import psycopg  # noqa: PLC0415 - where there is a server, there is this

    def store(connection: Any, lines: memoryview) -> None:
        with connection.transaction(), connection.cursor() as cursor:
            with cursor.copy(COPY.format(table="staging")) as copy:
                copy.write(lines)
            cursor.execute("INSERT INTO events SELECT * FROM staging ON CONFLICT DO NOTHING")

    def send(places: Iterator[int], stored: Callable[[int], None]) -> None:
        with server.connect(database) as connection:
            connection.execute("CREATE TEMP TABLE staging (LIKE events) ON COMMIT DELETE ROWS")
            for place in places:
                while True:
                    try:
                        store(connection, rows[place])
                        break
                    except psycopg.errors.DeadlockDetected:
                        # Two connections had the same event: once more.
                        continue
                stored(place)

    return send


def into_tallybook(data: Path, stream: Stream, tail: Stream, rate: int) -> dict[str, Any]:
    """Post a stream into a ledger, then a paced one while questions are asked."""
    seconds = -(-stream.events // EVENTS_PER_SECOND)
    server = Tallybook(data, now_seconds=END_SECONDS + seconds)
    try:
        before = _completions(server)
        with stream.bodies() as bodies:
            result = run(over_http(server.port, bodies, stream), stream)
        assert _completions(server) - before == stream.completions, "not all that was stored is in"
        with tail.bodies() as bodies:
            result["meanwhile"] = _meanwhile(server, bodies, tail, rate)
        result["resident MiB at most"] = round(server.resident_bytes_max() / 2**20)
    finally:
        server.close()
    return result


def into_postgres(server: Postgres, stream: Stream, *, empty: bool) -> dict[str, Any]:
    """Copy a stream into an empty table or a copy of the full one."""
    with server.copy_of_events(empty=empty) as database, stream.rows() as rows:
        before = _count(server, database)
        result = run(by_copy(server, database, rows), stream)
        assert _count(server, database) - before == stream.events, "not everything is in"
    return result


def _count(server: Postgres, database: str) -> int:
    with server.connect(database) as connection:
        found = connection.execute("SELECT count(*) FROM events").fetchone()
    return int(found[0]) if found else 0


def _completions(server: Tallybook) -> int:
    """All requests for completions that the server knows of, in the two months about now."""
    month = 31 * 86_400
    path = (
        f"/v1/organization/usage/completions?start_time={END_SECONDS - month}"
        f"&end_time={END_SECONDS + month}&bucket_width=1mo&limit=4"
    )
    return _requests_of(server.get(path))


def _requests_of(body: bytes) -> int:
    return sum(map(int, re.findall(rb'"num_model_requests":(\d+)', body)))


def _meanwhile(
    server: Tallybook, bodies: Sequence[memoryview], tail: Stream, rate: int
) -> dict[str, Any]:
    """Ask the questions in turn while a stream comes in at a rate; milliseconds by question."""
    times: dict[str, list[float]] = {question.name: [] for question in QUESTIONS}
    result: dict[str, Any] = {}
    began = time.perf_counter()

    def post() -> None:
        result.update(run(over_http(server.port, bodies, tail), tail, rate))

    poster = threading.Thread(target=post)
    poster.start()
    markers = 0
    try:
        while poster.is_alive():
            for question in QUESTIONS:
                asked = question.asked(0, END_SECONDS + int(time.perf_counter() - began))
                start = time.perf_counter()
                server.ask(asked)
                times[question.name].append((time.perf_counter() - start) * 1_000)
            markers += 1
            _check_marker(server, markers)
    finally:
        poster.join()
    assert "events/s" in result, "the stream broke off"
    return result | {
        "rate": rate,
        "markers": markers,
        "ms": {
            name: {"p50": round(statistics.median(each), 1), "p95": round(p95(each), 1)}
            for name, each in times.items()
        },
    }


def _check_marker(server: Tallybook, number: int) -> None:
    """Store an event, and ask at once for all of its project: each must be there."""
    server.post(
        [
            {
                "id": f"{MARKER}-{number}", "time": END_SECONDS, "kind": "completions",
                "model": MARKER, "project_id": MARKER, "input_tokens": 1, "output_tokens": 1,
            }
        ]
    )  # fmt: skip
    found = _requests_of(
        server.get(
            f"/v1/organization/usage/completions?start_time={END_SECONDS}&bucket_width=1d"
            f"&project_ids={MARKER}&group_by=model"
        )
    )
    assert found == number, f"of {number} acknowledged events {found} are in the answer"


def p95(values: Sequence[float]) -> float:
    """The value that 95 % are not above."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, -(-len(ordered) * 95 // 100) - 1)]
