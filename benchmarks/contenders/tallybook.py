"""Tallybook: a real server process, asked over HTTP on a connection that is kept."""

import http.client
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from contenders.contender import folder_bytes
from questions import Asked, Row

KEY = "sk-admin-for-the-benchmark-0123456789"
# The server closes connections that are idle for five seconds, and clients know to be quicker.
IDLE_SECONDS_MAX = 3
# Runs ``tallybook serve`` with another clock: that of the organization's last moment.
_THEN = """\
import sys, time
from tallybook.settings import load_settings
from tallybook.web.server import serve
ahead = float(sys.argv[2]) - time.time()
serve(
    load_settings({"data": sys.argv[1], "port": 0}),
    lambda opened: print("ready at", opened.address, flush=True),
    clock=lambda: time.time() + ahead,
)
"""


class Tallybook:
    """One server and one connection to it."""

    name = "Tallybook"

    def __init__(self, data: Path, now_seconds: float | None = None) -> None:
        """Start a server for a data folder; ``now_seconds`` is what its clock shows then."""
        self._data = data
        then = [sys.executable, "-c", _THEN, str(data), str(now_seconds)]
        plain = [sys.executable, "-m", "tallybook", "serve", "--data", str(data), "--port", "0"]
        began = time.perf_counter()
        self.process = subprocess.Popen(
            plain if now_seconds is None else then,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"TALLYBOOK_ADMIN_KEY": KEY},
        )
        assert self.process.stdout is not None
        lines = self.process.stdout
        found = next((m for line in lines if (m := re.search(r"ready at .*:(\d+)", line))), None)
        assert found, "the server did not start"
        self.seconds_to_ready = time.perf_counter() - began
        self.port = int(found[1])
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        self._used = 0.0
        self._headers = {
            "Authorization": f"Bearer {KEY}",
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
        }

    def ask(self, asked: Asked) -> bytes:
        """The body of the page."""
        return self.get(asked.path)

    def get(self, path: str) -> bytes:
        """The body of an answer, which must be a success."""
        return self._answer("GET", path)

    def post(self, events: list[dict[str, Any]]) -> None:
        """Store events."""
        self._answer("POST", "/v1/events", json.dumps(events).encode())

    def rows(self, asked: Asked, answer: bytes) -> list[Row]:
        """The rows of a page."""
        return asked.rows_of_page(answer)

    def disk_bytes(self) -> int:
        """The data folder: events, identities, rollups, log."""
        return folder_bytes(self._data)

    def resident_bytes_max(self) -> int:
        """The most memory that the process has had resident; 0 where the system does not tell."""
        status = Path(f"/proc/{self.process.pid}/status")
        found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text()) if status.exists() else None
        return int(found[1]) * 1_024 if found else 0

    def _answer(self, method: str, path: str, body: bytes | None = None) -> bytes:
        if time.perf_counter() - self._used > IDLE_SECONDS_MAX:
            # It will not be there for long; the next request makes another one.
            self._connection.close()
        self._connection.request(method, path, body, self._headers)
        answer = self._connection.getresponse()
        found = answer.read()
        self._used = time.perf_counter()
        assert answer.status == 200, found
        return found

    def close(self) -> None:
        """Stop the server in order."""
        self._connection.close()
        self.process.terminate()
        self.process.wait()
