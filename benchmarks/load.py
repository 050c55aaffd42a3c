"""What sends events to a server at little cost to itself, and measures what becomes of them.

Bodies are encoded once, with places for a batch's number and its second: to send one
again as new events is two replacements in bytes, a tenth of a millisecond for a
thousand events. So on two cores the server has the machine.
"""

import json
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from contenders.tallybook import KEY, Tallybook

# Placeholders of a body, each as long as what takes its place.
_NUMBER = b"@@@@@@@@@@"
_SECOND = b"##########"
_MODELS = ("gpt-5.5-2026-04-23", "gpt-5.5-mini-2026-04-23", "gpt-4o-2024-08-06")
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")
MIB = 1 << 20


class Template(NamedTuple):
    """A body to be sent again and again, and what is in it."""

    body: bytes
    events: int
    input_tokens: int

    def at(self, number: int, second: int) -> bytes:
        """The body as the batch of a number, its events in a second."""
        body = self.body.replace(_NUMBER, b"%010d" % number)
        return body.replace(_SECOND, b"%010d" % second)


def templates(count: int, events: int, seed: int) -> list[Template]:
    """Batches of a busy organization as NDJSON, some 330 bytes an event."""
    rng = random.Random(seed)
    made = []
    for _ in range(count):
        lines, tokens = [], 0
        for index in range(events):
            user = min(int(rng.paretovariate(0.7)), 5_000)
            inputs = int(rng.lognormvariate(6.5, 1.2)) + 1
            tokens += inputs
            lines.append(
                f'{{"id":"req_{_NUMBER.decode()}_{index:05d}","time":{_SECOND.decode()}'
                f'.{index * 1_000_000 // events:06d},"kind":"completions","provider":"openai",'
                f'"model":"{_MODELS[user % 3]}","project_id":"proj_{user % 200:04d}",'
                f'"user_id":"user-{user:05d}","api_key_id":"key_{user * 2 + index % 2:06d}",'
                '"batch":false,"service_tier":"default",'
                f'"input_tokens":{inputs},"input_cached_tokens":{inputs // 3},'
                f'"output_tokens":{int(rng.lognormvariate(5, 1)) + 1},'
                f'"tags":{{"team":"team-{user % 20}","env":"prod"}}}}'
            )
        made.append(Template("\n".join(lines).encode(), events, tokens))
    return made


class Connection:
    """One connection, which is made again when it ends."""

    def __init__(self, port: int, key: str) -> None:
        self._port = port
        self._key = key
        self._socket: socket.socket | None = None
        self._used = 0.0

    def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes, bytes]:
        """Status, head and body of an answer. Raises OSError when the connection ends first."""
        # The server closes what is idle for five seconds.
        if self._socket is None or time.monotonic() - self._used > 3:
            self.close()
            self._socket = socket.create_connection(("127.0.0.1", self._port), 120)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self._key}\r\n"
            f"Content-Type: application/x-ndjson\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        try:
            self._socket.sendall(head.encode())
            if body:
                self._socket.sendall(body)
            answer = self._read(self._socket)
        except BaseException:
            self.close()
            raise
        self._used = time.monotonic()
        return answer

    def _read(self, connection: socket.socket) -> tuple[int, bytes, bytes]:
        data = b""
        while b"\r\n\r\n" not in data:
            part = connection.recv(65_536)
            if not part:
                raise ConnectionResetError("the connection ended before the answer")
            data += part
        head, _, rest = data.partition(b"\r\n\r\n")
        found = _LENGTH.search(head)
        length = int(found[1]) if found else 0
        while len(rest) < length:
            part = connection.recv(65_536)
            if not part:
                raise ConnectionResetError("the connection ended in the answer")
            rest += part
        if b"connection: close" in head.lower():
            self.close()
        return int(head[9:12]), head, rest

    def close(self) -> None:
        """End the connection, if there is one."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class Sent(NamedTuple):
    """What became of one request: when it was answered, how long that took, and how."""

    at: float
    seconds: float
    # 0 when the connection ended without an answer.
    status: int
    events: int
    input_tokens: int
    # A 503 without Retry-After is a defect.
    told_when: bool


class Senders:
    """Threads that send batches, each at its time or as soon as the one before is answered."""

    def __init__(self, port: int, keys: Sequence[str], made: Sequence[Template]) -> None:
        self._port = port
        self._keys = keys
        self._templates = made
        self._lock = threading.Lock()
        self._number = 0
        self._due = 0.0
        self.sent: list[Sent] = []
        # How many were sent more than a tenth of a second after their time.
        self.late = 0

    def run(self, connections: int, seconds: float, events_per_second: float | None) -> list[Sent]:
        """Send for some time, at a rate or as fast as answers come; what became of it."""
        before = len(self.sent)
        began = self._due = time.monotonic()
        threads = [
            threading.Thread(target=self._work, args=(index, began + seconds, events_per_second))
            for index in range(connections)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self.sent[before:]

    def _next(self, rate: float | None) -> tuple[int, Template, float]:
        """The number, body and time of the next batch."""
        with self._lock:
            self._number += 1
            template = self._templates[self._number % len(self._templates)]
            due = self._due
            if rate:
                self._due += template.events / rate
            return self._number, template, due

    def _work(self, index: int, until: float, rate: float | None) -> None:
        connection = Connection(self._port, self._keys[index % len(self._keys)])
        while True:
            number, template, due = self._next(rate)
            if max(due if rate else 0.0, time.monotonic()) >= until:
                break
            if rate:
                wait = due - time.monotonic()
                if wait > 0:
                    time.sleep(wait)
                elif wait < -0.1:
                    self.late += 1
            self.sent.append(_send(connection, template, number))
        connection.close()


def _send(connection: Connection, template: Template, number: int) -> Sent:
    body = template.at(number, int(time.time()))
    began = time.monotonic()
    try:
        status, head, _ = connection.ask("POST", "/v1/events", body)
    except OSError:
        status, head = 0, b""
    now = time.monotonic()
    told = status != 503 or b"retry-after:" in head.lower()
    return Sent(now, now - began, status, template.events, template.input_tokens, told)


class Asked(NamedTuple):
    """A question: when it was answered, how long that took, and its status."""

    at: float
    seconds: float
    status: int


class Asker(threading.Thread):
    """Asks what a dashboard asks, so many times a second, until it is stopped."""

    def __init__(self, port: int, per_second: float) -> None:
        super().__init__(daemon=True)
        self._connection = Connection(port, KEY)
        self._interval = 1 / per_second
        self.asked: list[Asked] = []
        self.stopped = threading.Event()

    def run(self) -> None:
        """Ask in turn; what the thread does."""
        number = 0
        while not self.stopped.wait(self._interval):
            paths = questions(int(time.time()))
            began = time.monotonic()
            try:
                status, _, _ = self._connection.ask("GET", paths[number % len(paths)])
            except OSError:
                status = 0
            now = time.monotonic()
            self.asked.append(Asked(now, now - began, status))
            number += 1


def questions(now: int) -> list[str]:
    """The addresses of what a dashboard asks, at a moment."""
    usage = "/v1/organization/usage/completions?"
    day = now - now % 86_400
    return [
        f"{usage}start_time={now - 3_600}&bucket_width=1m&limit=60&group_by=model",
        f"{usage}start_time={now - 86_400}&bucket_width=1h&limit=24&group_by=project_id",
        f"/v1/organization/costs?start_time={day - 6 * 86_400}&limit=7&group_by=project_id",
        f"{usage}start_time={day}&bucket_width=1d&group_by=user_id&top=10",
        f"{usage}start_time={now - 300}&bucket_width=1m&limit=5",
    ]


def make_keys(data: Path, count: int) -> list[str]:
    """Keys that may post events, made beside the server."""
    made = []
    for number in range(count):
        command = ("keys", "create", f"sender {number}", "--role", "ingest", "--json")
        done = subprocess.run(
            [sys.executable, "-m", "tallybook", *command, "--data", str(data)],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        made.append(json.loads(done.stdout)["secret"])
    return made


def rss_bytes(pid: int) -> int:
    """The memory that a process has resident."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_BYTES


def cpu_seconds(pid: int) -> float:
    """The time that a process has computed."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def stored(server: Tallybook, since: int) -> tuple[int, int]:
    """How many requests a server has stored since a second, and their input tokens."""
    start, events, tokens = since - since % 86_400, 0, 0
    page: str | None = ""
    while page is not None:
        path = (
            f"/v1/organization/usage/completions?start_time={start}"
            f"&end_time={int(time.time()) + 86_400}&bucket_width=1d&limit=31"
        )
        answer = json.loads(server.get(path + (f"&page={page}" if page else "")))
        for bucket in answer["data"]:
            for result in bucket["results"]:
                events += result["num_model_requests"]
                tokens += result["input_tokens"]
        page = answer["next_page"]
    return events, tokens


def quantile(values: Sequence[float], part: float) -> float:
    """The value that such a part of all is not above; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0


def ms(values: Sequence[float]) -> dict[str, float]:
    """Median, 99th percentile and largest of some seconds, in milliseconds."""
    return {
        "p50": round(1_000 * statistics.median(values), 1) if values else 0.0,
        "p99": round(1_000 * quantile(values, 0.99), 1),
        "max": round(1_000 * max(values, default=0.0), 1),
    }
