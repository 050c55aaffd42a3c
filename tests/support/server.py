"""A real server, in a process of its own, on a free port."""

import os
import re
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

ADMIN_KEY = "sk-admin-for-the-tests-0123456789abcdef"
INGEST_KEY = "sk-ingest-for-the-tests-0123456789abcdef"
# A machine may be busy with other tests.
START_SECONDS_MAX = 120

_READY = re.compile(r"ready at (https?://\S+)")


class Server:
    """A ``tallybook serve`` process and a client of it with the admin key."""

    def __init__(
        self,
        data: Path,
        environment: dict[str, str] | None = None,
        verify: ssl.SSLContext | bool = True,
    ) -> None:
        self.data = data
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tallybook", "serve", "--data", str(data), "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ
            | {"TALLYBOOK_ADMIN_KEY": ADMIN_KEY, "TALLYBOOK_INGEST_KEY": INGEST_KEY}
            | (environment or {}),
        )
        self.output: list[str] = []
        self.address = self._wait_until_ready()
        # Read on, so that the process never blocks on a full pipe.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.http = httpx2.Client(
            base_url=self.address,
            headers={"Authorization": f"Bearer {ADMIN_KEY}"},
            timeout=60,
            trust_env=False,
            verify=verify,
        )

    def _wait_until_ready(self) -> str:
        assert self.process.stdout is not None
        watchdog = threading.Timer(START_SECONDS_MAX, self.process.kill)
        watchdog.start()
        try:
            for line in self.process.stdout:
                self.output.append(line)
                if found := _READY.search(line):
                    return found[1]
        finally:
            watchdog.cancel()
        self.process.wait()
        self.process.stdout.close()
        raise AssertionError(f"the server did not start: {''.join(self.output)}")

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.output.extend(self.process.stdout)

    def post(self, events: Any, **query: str) -> httpx2.Response:
        """Post a JSON event or a list of them."""
        return self.http.post("/v1/events", json=events, params=query)

    def usage(self, kind: str, **parameters: Any) -> httpx2.Response:
        """Ask for usage of a kind."""
        return self.http.get(f"/v1/organization/usage/{kind}", params=parameters)

    def kill(self) -> None:
        """End the process as a power cut would: no handler runs, nothing is flushed."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Stop the process in order; its exit status."""
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        self.http.close()
        self.process.send_signal(number)
        status = self.process.wait(30)
        self._reader.join(10)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return status


@contextmanager
def running(
    data: Path,
    environment: dict[str, str] | None = None,
    verify: ssl.SSLContext | bool = True,
) -> Iterator[Server]:
    """A server for the length of a block; ``verify`` is how its client trusts it."""
    server = Server(data, environment, verify)
    try:
        yield server
    except BaseException as fault:
        if (status := server.process.poll()) is not None:
            fault.add_note(f"the server ended with {status}: {''.join(server.output[-20:])}")
        raise
    finally:
        if server.process.poll() is None:
            server.stop()
        else:
            server.http.close()
            assert server.process.stdout is not None
            server.process.stdout.close()
