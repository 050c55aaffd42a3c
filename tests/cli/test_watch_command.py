"""``tallybook watch``, in terminals: it looks, goes through faults, and leaves no trace."""

import os
import pty
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from support.command import arguments, environment, run, told
from support.events import event
from support.server import ADMIN_KEY, Server, running

DEADLINE_SECONDS = 60
# What a terminal is told at the end: the cursor again, and the screen as it was.
CURSOR, SCREEN = b"\x1b[?25h", b"\x1b[?1049l"


def recent(number: int, **fields: Any) -> dict[str, Any]:
    """An event of a few seconds ago."""
    return event(id=f"r{number}", time=int(time.time()) - number, model="gpt-5.5", **fields)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("filled")) as server:
        events = [recent(n, input_tokens=1_000, user_id="user-1") for n in range(5)]
        assert server.post(events).json()["accepted"] == len(events)
        yield server


def test_without_a_terminal_it_prints_one_view_and_ends(filled: Server) -> None:
    result = run("watch", "--url", filled.address, "--key", ADMIN_KEY)
    assert (result.returncode, result.stderr) == (0, "")
    lines = [" ".join(line.split()) for line in result.stdout.splitlines() if line.strip()]
    assert lines[0].startswith("completions by model, the last 30 minutes")
    assert filled.address in lines[0]
    assert lines[4].startswith("gpt-5.5 5 5,000 1,060 $0.")
    assert "Cost so far today, of all kinds: $" in lines[-1]
    assert "\x1b" not in result.stdout


def test_a_folder_is_watched_without_a_server(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        assert server.post([recent(1), recent(2)]).json()["accepted"] == 2
        owned = run("watch", "--once", "--data", tmp_path)
        assert owned.returncode == 1
        assert "add --url http://127.0.0.1:8321 --key KEY" in told(owned)
    result = run("watch", "--once", "--data", tmp_path, "--group-by", "user_id,model")
    assert result.returncode == 0, result.stderr
    assert "completions by user_id, model" in result.stdout
    assert str(tmp_path) in result.stdout


@pytest.mark.parametrize(
    ("options", "status", "part"),
    [
        (("completion",), 2, 'KIND is "completion"; it must be one of'),
        (("vector_stores",), 2, "samples of a level"),
        (("--group-by", "size"), 2, '--group-by is "size"; completions can be grouped by'),
        (("--group-by", ""), 2, '--group-by is ""'),
        (("--timezone", "Paris"), 2, "IANA time zone database"),
        (("--every", "0"), 2, "greater than or equal to 0.2"),
        (("--data", "nowhere"), 1, "holds no ledger"),
        (("--url", "http://127.0.0.1:1", "--key", ADMIN_KEY), 1, "was not reached"),
    ],
)
def test_what_cannot_work_is_told_at_once(
    options: tuple[str, ...], status: int, part: str, tmp_path: Path
) -> None:
    result = run("watch", *options, folder=tmp_path)
    assert result.returncode == status
    assert part in told(result)


class Terminal:
    """A terminal in which a command runs; ``text`` is all that it was sent so far."""

    def __init__(self, *parts: object) -> None:
        self.text = b""
        self._ours, theirs = pty.openpty()
        variables = environment({"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40"})
        del variables["NO_COLOR"]
        self.process = subprocess.Popen(
            arguments(*parts), env=variables, stdin=theirs, stdout=theirs, stderr=theirs
        )
        os.close(theirs)

    def read(self) -> None:
        """Take what there is within a tenth of a second."""
        if select.select([self._ours], [], [], 0.1)[0]:
            try:
                self.text += os.read(self._ours, 1 << 16)
            except OSError:
                # Nobody has the other side open any more.
                time.sleep(0.01)

    def until(self, words: bytes) -> None:
        """Wait for words that come after what was waited for before."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while words not in self.text:
            assert time.monotonic() < deadline, self.text[-3_000:]
            self.read()
        self.text = self.text.partition(words)[2]

    def end(self, number: signal.Signals) -> tuple[int, bytes]:
        """End the command by a signal: its status, and what it sent from then on."""
        self.text = b""
        self.process.send_signal(number)
        deadline = time.monotonic() + DEADLINE_SECONDS
        while self.process.poll() is None:
            assert time.monotonic() < deadline
            self.read()
        self.read()
        return self.process.returncode, self.text

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._ours)


@contextmanager
def terminal(*parts: object) -> Iterator[Terminal]:
    opened = Terminal(*parts)
    try:
        yield opened
    finally:
        opened.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_terminal_is_left_as_it_was(number: signal.Signals, filled: Server) -> None:
    target = ("--url", filled.address, "--key", ADMIN_KEY)
    with terminal("watch", *target, "--every", "0.2") as shown:
        shown.until(b"gpt-5.5")
        # It looks again by itself.
        shown.until(b"completions by model")
        status, rest = shown.end(number)
    assert status == 0
    assert CURSOR in rest
    assert SCREEN in rest
    assert b"Traceback" not in rest


def test_a_server_that_comes_back_is_seen_again(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        port = server.address.rpartition(":")[2]
        server.post([recent(1)])
        target = ("--url", server.address, "--key", ADMIN_KEY)
        with terminal("watch", *target, "--every", "0.2") as shown:
            shown.until(b"gpt-5.5")
            server.stop()
            shown.until(b"was not reached")
            shown.until(b"gpt-5.5")
            command = arguments("serve", "--data", tmp_path, "--port", port)
            variables = environment({"TALLYBOOK_ADMIN_KEY": ADMIN_KEY})
            with subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL) as again:
                try:
                    deadline = time.monotonic() + DEADLINE_SECONDS
                    while True:
                        # A whole view without the fault.
                        shown.until(b"completions by model")
                        shown.until(b"of all kinds")
                        shown.read()
                        if b"Since" not in shown.text.partition(b"completions by")[0]:
                            break
                        assert time.monotonic() < deadline
                finally:
                    again.terminate()
            assert shown.end(signal.SIGINT)[0] == 0
