"""An import that was ended by force is simply run again."""

import json
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from support.command import arguments, counts, environment, run, stored
from support.events import DAY
from support.server import ADMIN_KEY, running

ROWS = 250_000
DEADLINE_SECONDS = 60


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of more than one transaction: rows without ids, times in no order."""
    file = tmp_path_factory.mktemp("large") / "large.csv"
    with file.open("w") as lines:
        lines.write("time,images,model\n")
        for number in range(ROWS):
            lines.write(f"{DAY + number * 7919 % 86_400},{number % 5 + 1},m{number % 3}\n")
    return file


def images(number_of_rows: int) -> int:
    return sum(number % 5 + 1 for number in range(number_of_rows))


def wait_until_something_is_stored(data: Path, importing: subprocess.Popen[Any]) -> None:
    """Return when the folder is a megabyte larger than an empty ledger, and the import at work."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while sum(file.stat().st_size for file in data.glob("ledger.duckdb*")) < 1 << 20:
        assert importing.poll() is None, importing.communicate()
        assert time.monotonic() < deadline, "nothing was stored"
        time.sleep(0.01)


def test_killed_in_the_middle_and_run_again_every_row_counts_once(
    large: Path, tmp_path: Path
) -> None:
    command = ("import", large, "--set", "kind=images", "--data", tmp_path / "data", "--json")
    process = subprocess.Popen(
        arguments(*command), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    wait_until_something_is_stored(tmp_path / "data", process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL

    accepted, duplicates, conflicts, rejected = counts(run(*command))
    assert (conflicts, rejected) == (0, 0)
    assert accepted + duplicates == ROWS
    assert accepted > 0, "it had ended before it was killed"
    found = stored(tmp_path / "data", "images")
    assert len(found) == ROWS
    assert sum(count for (count,) in found) == images(ROWS)
    assert counts(run(*command)) == (0, ROWS, 0, 0)


def serving(data: Path, port: int) -> subprocess.Popen[str]:
    """A server on a chosen port, once it takes requests."""
    process = subprocess.Popen(
        arguments("serve", "--data", data, "--port", port),
        env=environment({"TALLYBOOK_ADMIN_KEY": ADMIN_KEY}),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert any("ready at" in line for line in process.stdout)
    return process


def test_a_server_that_comes_back_meanwhile_is_waited_for(large: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = serving(tmp_path, port)
    options = ("--url", f"http://127.0.0.1:{port}", "--key", ADMIN_KEY, "--json")
    process = subprocess.Popen(
        arguments("import", large, "--set", "kind=images", *options),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until_something_is_stored(tmp_path, process)
    server.kill()
    server.communicate()
    server = serving(tmp_path, port)
    try:
        output, errors = process.communicate(timeout=DEADLINE_SECONDS)
    finally:
        server.terminate()
        server.communicate()
    assert process.returncode == 0, errors
    report = json.loads(output)
    assert report["accepted"] + report["duplicates"] == ROWS
    assert sum(count for (count,) in stored(tmp_path, "images")) == images(ROWS)


def test_a_server_that_is_killed_in_the_middle_costs_nothing_but_another_run(
    large: Path, tmp_path: Path
) -> None:
    def command(address: str) -> tuple[object, ...]:
        return ("import", large, "--set", "kind=images", "--url", address, "--json")

    with running(tmp_path) as server:
        process = subprocess.Popen(
            arguments(*command(server.address)),
            env=environment({"TALLYBOOK_ADMIN_KEY": ADMIN_KEY}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        wait_until_something_is_stored(tmp_path, process)
        server.kill()
        process.kill()
        process.communicate()
    with running(tmp_path) as server:
        again = run(*command(server.address), variables={"TALLYBOOK_ADMIN_KEY": ADMIN_KEY})
        accepted, duplicates, conflicts, rejected = counts(again)
        assert (conflicts, rejected) == (0, 0)
        assert accepted + duplicates == ROWS
        page = server.usage("images", start_time=DAY, end_time=DAY + 86_400).json()
        (result,) = page["data"][0]["results"]
        assert result["images"] == images(ROWS)
        assert result["num_model_requests"] == ROWS
