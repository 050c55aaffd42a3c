"""``tallybook record``: lines into a ledger as they come, and none of them lost."""

import json
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from support.command import arguments, environment, run, stored, told
from support.events import DAY, event
from support.server import ADMIN_KEY, INGEST_KEY, Server, running

DEADLINE_SECONDS = 60


def line(number: int, **fields: Any) -> bytes:
    made = event("images", id=f"r{number}", time=DAY + number, **fields)
    return json.dumps(made).encode() + b"\n"


@contextmanager
def recording(*options: object, folder: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A command that records what a test writes to its standard input."""
    with subprocess.Popen(
        arguments("record", *options),
        # What a test reads line by line is not read ahead of it.
        bufsize=0,
        cwd=folder,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def give(process: subprocess.Popen[bytes], *lines: bytes) -> None:
    assert process.stdin is not None
    process.stdin.write(b"".join(lines))
    process.stdin.flush()


def ended(process: subprocess.Popen[bytes]) -> tuple[int, str, str]:
    """The status of a command after its input ended or it was told to stop, and what it said."""
    output, errors = process.communicate(timeout=DEADLINE_SECONDS)
    return process.returncode, output.decode().strip(), " ".join(errors.decode().split())


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def images(server: Server) -> int:
    """The requests that the server has."""
    page = server.usage("images", start_time=DAY, end_time=DAY + 86_400).json()
    return sum(row["num_model_requests"] for b in page["data"] for row in b["results"])


def piped(data: bytes, *options: object) -> subprocess.CompletedProcess[str]:
    """A command whose whole input is there from the start."""
    return subprocess.run(
        arguments("record", *options),
        env=environment(),
        input=data.decode(),
        capture_output=True,
        text=True,
        check=False,
    )


def test_lines_are_in_the_ledger_while_more_may_come(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        target = ("--url", server.address, "--key", INGEST_KEY)
        with recording(*target) as process:
            give(process, line(1), line(2))
            until(lambda: images(server) == 2, "the first lines did not come")
            give(process, line(3))
            until(lambda: images(server) == 3, "a line behind them did not come")
            assert process.poll() is None
            assert process.stdin is not None
            process.stdin.close()
            process.stdin = None
            assert ended(process) == (
                0,
                "3 lines: 3 accepted, 0 duplicates, 0 conflicts, 0 rejected.",
                "",
            )


def test_a_folder_takes_them_without_a_server(tmp_path: Path) -> None:
    result = piped(line(1) + line(2) + line(1), "--data", tmp_path / "data")
    assert result.returncode == 0, result.stderr
    assert result.stdout == "3 lines: 2 accepted, 1 duplicates, 0 conflicts, 0 rejected.\n"
    assert stored(tmp_path / "data", "id") == [("r1",), ("r2",)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_order_and_what_has_come_is_sent(
    number: signal.Signals, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    with recording("--data", data) as process:
        # The ledger is there when lines are taken.
        until((data / "ledger.duckdb").exists, "no ledger was made")
        give(process, *(line(n) for n in range(100)))
        process.send_signal(number)
        status, output, errors = ended(process)
    # A signal that came before the first line was read finds the lines in the pipe.
    assert (status, errors) == (0, "")
    assert output.startswith("100 lines: 100 accepted")
    assert len(stored(data, "id")) == 100


def test_refused_lines_are_told_as_they_come_with_number_field_and_reason(
    tmp_path: Path,
) -> None:
    with recording("--data", tmp_path / "data") as process:
        give(process, line(1), b"\n", line(2, images=-1), b"nonsense\n", line(1, size="1024x1024"))
        assert process.stderr is not None
        told_first = process.stderr.readline().decode()
        assert told_first.startswith("line 3 (r2): images is -1; expected int >= 0")
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
        status, output, errors = ended(process)
    assert status == 1
    assert output == "4 lines: 1 accepted, 0 duplicates, 1 conflicts, 2 rejected."
    assert "line 4: not valid JSON" in errors
    assert "line 5 (r1): size: " in errors


def test_what_lines_lack_is_said_once(tmp_path: Path) -> None:
    lines = b'{"id":"a","time":1790812800,"images":2,"model":"m"}\n{"id":"b","images":1}\n'
    fixed = ("kind=images", "model=other", "time=2026-10-02", "tag:team=search")
    options = (part for text in fixed for part in ("--set", text))
    result = piped(lines, *options, "--data", tmp_path / "data")
    assert result.returncode == 0, result.stderr
    assert stored(tmp_path / "data", "id", "time_us", "model", "tags") == [
        ("a", DAY * 1_000_000, "m", '{"team":"search"}'),
        ("b", (DAY + 86_400) * 1_000_000, "other", '{"team":"search"}'),
    ]


def test_the_receipt_is_one_object_for_programs(tmp_path: Path) -> None:
    result = piped(line(1) + b"x\n", "--data", tmp_path / "data", "--json")
    found = json.loads(result.stdout)
    assert (found["rows"], found["accepted"], found["rejected"]) == (2, 1, 1)
    assert found["faults"][0]["row"] == 2


def test_nothing_is_recorded_as_nothing(tmp_path: Path) -> None:
    result = piped(b"", "--data", tmp_path / "data")
    assert result.returncode == 0
    assert result.stdout.startswith("0 lines: ")


@pytest.mark.parametrize(
    ("options", "status", "part"),
    [
        (("--set", "model"), 2, "it must be FIELD=VALUE"),
        (("--set", "modell=x"), 2, "did you mean model?"),
        (("--url", "http://127.0.0.1:1", "--key", ADMIN_KEY), 1, "was not reached"),
        (("--url", "nowhere", "--key", ADMIN_KEY), 2, "must begin with http"),
    ],
)
def test_what_cannot_work_is_told_before_a_line_is_taken(
    options: tuple[str, ...], status: int, part: str, tmp_path: Path
) -> None:
    result = run("record", *options, folder=tmp_path)
    assert result.returncode == status
    assert part in told(result)
    assert list(tmp_path.iterdir()) == []


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


@contextmanager
def serving(data: Path, port: int, key: str = ADMIN_KEY) -> Iterator[httpx2.Client]:
    """A server on a chosen port, ended as a power cut would; a client of it."""
    process = subprocess.Popen(
        arguments("serve", "--data", data, "--port", port),
        env=environment({"TALLYBOOK_ADMIN_KEY": key}),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert any("ready at" in each for each in process.stdout)
    headers = {"Authorization": f"Bearer {key}"}
    try:
        with httpx2.Client(
            base_url=f"http://127.0.0.1:{port}", headers=headers, trust_env=False
        ) as client:
            yield client
    finally:
        process.kill()
        process.communicate()


def listed(client: httpx2.Client) -> list[str]:
    return [each["id"] for each in client.get("/v1/events").json()["data"]]


def test_a_server_that_comes_back_gets_what_came_meanwhile(tmp_path: Path) -> None:
    data, port = tmp_path / "data", free_port()
    target = ("--url", f"http://127.0.0.1:{port}", "--key", ADMIN_KEY)
    with ExitStack() as stack:
        with serving(data, port) as client:
            process = stack.enter_context(recording(*target, folder=tmp_path))
            give(process, line(1))
            until(lambda: listed(client) == ["r1"], "the first line did not come")
        give(process, line(2))
        assert process.stderr is not None
        assert process.stderr.readline().startswith(b"The server takes no events now.")
        with serving(data, port) as client:
            until(lambda: listed(client) == ["r1", "r2"], "the second line did not come")
            assert process.stdin is not None
            process.stdin.close()
            process.stdin = None
            status, output, _ = ended(process)
    assert (status, output.partition(":")[0]) == (0, "2 lines")
    assert [each.name for each in tmp_path.iterdir()] == ["data"]


def test_lines_that_a_server_does_not_take_are_kept_to_be_recorded_again(tmp_path: Path) -> None:
    data, port = tmp_path / "data", free_port()
    target = ("--url", f"http://127.0.0.1:{port}", "--key", ADMIN_KEY)
    with ExitStack() as stack:
        with serving(data, port) as client:
            process = stack.enter_context(recording(*target, folder=tmp_path))
            give(process, line(1))
            until(lambda: listed(client) == ["r1"], "the first line did not come")
        # Another key is good from now on.
        other = "sk-admin-another-of-the-tests-0123456789"
        with serving(data, port, other) as client:
            give(process, line(2), line(3))
            status, output, errors = ended(process)
            assert status == 1
            assert output.startswith("1 line: 1 accepted")
            assert "lines 2 to 3 are kept in tallybook-unsent.ndjson, in no ledger yet" in errors
            assert "Incorrect API key provided" in errors
            assert ADMIN_KEY not in errors
            kept = (tmp_path / "tallybook-unsent.ndjson").read_bytes()
            assert kept == line(2) + line(3)
            again = piped(kept, "--url", str(client.base_url), "--key", other)
            assert again.stdout.startswith("2 lines: 2 accepted")
            assert listed(client) == ["r1", "r2", "r3"]
