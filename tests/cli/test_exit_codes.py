"""How commands end: 0, 1, 2, 130, each as docs/commands.md says, and none with a traceback."""

import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from support.command import arguments, environment, run, told, write_csv
from support.events import DAY, event
from support.ledgers import opened, store
from support.server import ADMIN_KEY, Server

DEADLINE_SECONDS = 60
PAGE = Path(__file__).parents[2] / "docs" / "commands.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("folder")
    with opened(data) as ledger:
        store(ledger, *(event("images", id=f"r{n}", time=DAY + n * 60) for n in range(1_400)))
    return data


def test_the_page_has_a_row_for_each() -> None:
    statuses = re.findall(r"^\| ([0-9]+) \| ", PAGE.read_text(), re.MULTILINE)
    assert statuses == ["0", "1", "2", "130"]


@pytest.mark.parametrize(
    "command", [("--version",), ("--help",), ("usage", "images"), ("costs", "--csv"), ("profiles",)]
)
def test_what_went_well_ends_with_0(command: tuple[str, ...], folder: Path) -> None:
    target = ("--data", folder) if command[0] in ("usage", "costs") else ()
    result = run(*command, *target)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize(
    ("command", "part"),
    [
        (("usage", "images", "--data", "nowhere"), "holds no ledger"),
        (("usage", "images", "--url", "http://127.0.0.1:1", "--key", "k"), "was not reached"),
        (("prices", "check", "nowhere.toml"), "nowhere.toml"),
        (("prices", "explain", "no-such-event"), "No event has the id"),
        (("usage", "images", "--config", "nowhere.toml"), "nowhere.toml cannot be read"),
    ],
)
def test_what_is_refused_ends_with_1_and_one_sentence(
    command: tuple[str, ...], part: str, folder: Path, tmp_path: Path
) -> None:
    target = () if "--data" in command or "--url" in command else ("--data", folder)
    if command[1] == "check":
        target = ()
    result = run(*command, *target, folder=tmp_path)
    assert result.returncode == 1
    assert part in told(result)
    assert told(result).startswith("tallybook: ")
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_a_wrong_key_is_an_error_of_the_server_and_is_not_shown(server: Server) -> None:
    wrong = "sk-admin-wrong-0123456789-abcdefgh"
    result = run("costs", "--url", server.address, "--key", wrong)
    assert result.returncode == 1
    assert "Incorrect API key provided: sk-admin-****efgh." in told(result)
    assert wrong not in result.stderr


def test_something_else_at_the_address_is_told(server: Server) -> None:
    # Its description, where a page of buckets is due.
    result = run("costs", "--url", f"{server.address}/docs", "--key", ADMIN_KEY)
    assert result.returncode == 1
    assert "Unknown request URL" in told(result)


@pytest.mark.parametrize(
    "command",
    [
        ("usages",),
        ("usage",),
        ("usage", "image"),
        ("usage", "images", "--start", "yesterday"),
        ("usage", "images", "--widht", "1d"),
        ("usage", "images", "--url", "http://x"),
        ("usage", "images", "--url", "http://x", "--data", "y"),
        ("usage", "images", "--profile", "nowhere"),
        ("import", "nothing.csv"),
        ("reprice", "--since", "now", "--until", "2026-10-01"),
    ],
)
def test_a_wrong_command_line_ends_with_2(command: tuple[str, ...], tmp_path: Path) -> None:
    result = run(*command, folder=tmp_path)
    assert result.returncode == 2
    assert "Usage: tallybook" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_ends_with_130_and_says_how_to_go_on(tmp_path: Path) -> None:
    rows = ((DAY + number % 86_400, number) for number in range(400_000))
    file = write_csv(tmp_path / "a.csv", [("time", "images"), *rows])
    data = tmp_path / "data"
    with subprocess.Popen(
        arguments("import", file, "--set", "kind=images", "--data", data),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while sum(each.stat().st_size for each in data.glob("ledger.duckdb*")) < 1 << 20:
            assert time.monotonic() < deadline
            assert process.poll() is None, "it had ended before it was interrupted"
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=DEADLINE_SECONDS)
    assert (process.returncode, output) == (130, "")
    assert errors.split("\n")[0].startswith("Stopped. What is stored stays")
    assert "Traceback" not in errors
    # And it does.
    assert run("verify", "--data", data).returncode == 0


@pytest.mark.parametrize(
    "command",
    [
        ("usage", "images", "--width", "1m", "--csv"),
        ("usage", "images", "--width", "1m"),
        ("usage", "images", "--width", "1m", "--json"),
        ("export",),
        ("export", "--format", "csv"),
    ],
)
def test_a_reader_that_has_enough_is_silent(command: tuple[str, ...], folder: Path) -> None:
    options = ("--start", "2026-10-01", "--end", "2026-10-02", "--data", str(folder))
    parts = " ".join((*arguments(*command, *options),))
    # A reader that is gone before the first byte comes.
    shell = ["bash", "-c", f"{parts} | true"]
    result = subprocess.run(shell, env=environment(), capture_output=True, text=True, check=False)
    assert (result.stdout, result.stderr) == ("", "")


def test_colours_are_for_terminals_alone(folder: Path) -> None:
    variables = {"TERM": "xterm-256color", "NO_COLOR": ""}
    for command in (("costs", "--data", str(folder)), ("usage", "nothing"), ("--help",)):
        result = run(*command, variables=variables)
        assert "\x1b" not in result.stdout + result.stderr
