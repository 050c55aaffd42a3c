"""``tallybook import --url``: the same rows, the same gate, over HTTP."""

from pathlib import Path

import pytest

from support.command import counts, receipt, run, told, write_csv
from support.events import DAY, event
from support.server import ADMIN_KEY, INGEST_KEY, Server, running

HEADER = ("id", "time", "kind", "images")


def rows(prefix: str, count: int) -> list[tuple[object, ...]]:
    return [(f"{prefix}{number}", DAY + number, "images", 1) for number in range(count)]


@pytest.mark.parametrize("variable", ["TALLYBOOK_ADMIN_KEY", "TALLYBOOK_INGEST_KEY"])
def test_rows_go_through_the_server_that_owns_the_folder(
    server: Server, tmp_path: Path, variable: str
) -> None:
    key = ADMIN_KEY if "ADMIN" in variable else INGEST_KEY
    file = write_csv(tmp_path / "a.csv", [HEADER, *rows(variable, 25_000)])
    # The address from the option in one run, from the environment in the other.
    first = run("import", file, "--url", f"{server.address}/", "--json", variables={variable: key})
    assert first.returncode == 0, first.stderr
    assert counts(first) == (25_000, 0, 0, 0)
    again = run(
        "import", file, "--json", variables={variable: key, "TALLYBOOK_URL": server.address}
    )
    assert counts(again) == (0, 25_000, 0, 0)
    page = server.usage("images", start_time=DAY, end_time=DAY + 86_400).json()
    assert page["data"][0]["results"][0]["images"] % 25_000 == 0


def test_faults_have_the_row_of_the_file_and_the_words_of_the_server(
    server: Server, tmp_path: Path
) -> None:
    found: list[tuple[object, ...]] = rows("fault", 12_000)
    found[3] = ("fault3", DAY, "images", "few")
    found[11_000] = ("fault11000", "soon", "images", 1)
    # Of two rows that contradict each other the first counts, when they travel together.
    found[11_500] = ("fault11400", DAY + 11_400, "images", 2)
    file = write_csv(tmp_path / "a.csv", [HEADER, *found])
    folder = run("import", file, "--data", tmp_path / "data", "--json")
    result = run("import", file, "--url", server.address, "--key", ADMIN_KEY, "--json")
    assert result.returncode == folder.returncode == 1
    assert receipt(result) == receipt(folder)
    assert counts(result) == (11_997, 0, 1, 2)
    assert [(fault["row"], fault["field"]) for fault in receipt(result)["faults"]] == [
        (4, "images"),
        (11_001, "time"),
        (11_501, "images"),
    ]


def test_a_body_that_is_refused_whole_is_still_told_row_by_row(
    server: Server, tmp_path: Path
) -> None:
    target = ("--url", server.address, "--key", ADMIN_KEY, "--json")
    server.post(event("images", id="known"))
    conflict = write_csv(tmp_path / "a.csv", [HEADER, ("known", DAY + 3600, "images", 9)])
    assert counts(run("import", conflict, *target)) == (0, 0, 1, 0)
    bad = write_csv(tmp_path / "b.csv", [HEADER, ("bad", DAY, "images", -1)])
    assert counts(run("import", bad, *target)) == (0, 0, 0, 1)


@pytest.mark.parametrize(
    "variables",
    [
        pytest.param({"TALLYBOOK_EVENTS_MAX": "1000"}, id="fewer events at a time"),
        pytest.param({"TALLYBOOK_BODY_BYTES_MAX": "100000"}, id="smaller bodies"),
        pytest.param({"TALLYBOOK_QUEUE_BYTES_MAX": "1024"}, id="a full queue"),
    ],
)
def test_a_server_with_tight_limits_gets_everything_all_the_same(
    variables: dict[str, str], tmp_path: Path
) -> None:
    file = write_csv(tmp_path / "a.csv", [HEADER, *rows("r", 40_000), ("bad", DAY, "images", -1)])
    with running(tmp_path / "data", variables) as server:
        result = run("import", file, "--url", server.address, "--key", ADMIN_KEY, "--json")
        assert counts(result) == (40_000, 0, 0, 1), result.stderr
        assert [fault["row"] for fault in receipt(result)["faults"]] == [40_001]


def test_a_folder_that_a_server_owns_is_refused_with_the_way_to_go_on(
    server: Server, tmp_path: Path
) -> None:
    file = write_csv(tmp_path / "a.csv", [HEADER, *rows("locked", 1)])
    port = {"TALLYBOOK_PORT": "8765"}
    for command in (("import", file), ("usage", "images")):
        result = run(*command, "--data", server.data, variables=port)
        assert result.returncode == 1
        assert "is in use by another process" in told(result)
        assert "add --url http://127.0.0.1:8765 --key KEY" in told(result)


@pytest.mark.parametrize("command", [("import", "a.csv"), ("usage", "images")])
def test_a_server_that_refuses_is_quoted(
    command: tuple[str, ...], server: Server, tmp_path: Path
) -> None:
    write_csv(tmp_path / "a.csv", [HEADER, *rows("refused", 1)])
    wrong = run(*command, "--url", server.address, "--key", "sk-admin-wrong", folder=tmp_path)
    assert wrong.returncode == 1
    assert "Incorrect API key provided" in told(wrong)
    absent = run(*command, "--url", "http://127.0.0.1:1", "--key", ADMIN_KEY, folder=tmp_path)
    assert absent.returncode == 1
    assert "http://127.0.0.1:1/v1 was not reached" in told(absent)
    assert "Is the server running" in told(absent)
    nonsense = run(*command, "--url", "127.0.0.1", "--key", ADMIN_KEY, folder=tmp_path)
    assert nonsense.returncode == 2
    assert "it must begin with http:// or https://" in told(nonsense)


def test_an_ingest_key_may_import_and_may_not_read(server: Server, tmp_path: Path) -> None:
    target = ("--url", server.address, "--key", INGEST_KEY)
    file = write_csv(tmp_path / "a.csv", [HEADER, *rows("ingest", 1)])
    assert run("import", file, *target).returncode == 0
    refused = run("usage", "images", *target)
    assert refused.returncode == 1
    assert "insufficient permissions" in told(refused)
