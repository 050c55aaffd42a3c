"""``tallybook reprice``: history keeps the price of its day until somebody says otherwise."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.command import run, told
from support.events import DAY, event
from support.server import ADMIN_KEY, INGEST_KEY, Server, running

RANGE = ("--start", "2026-10-01", "--end", "2026-10-04")
SINCE = ("--since", "2026-10-01")
DAY_TEXT = "2026-10-01T00:00:00Z"
NOTHING = "Nothing changes: every event has the rate card that is in force for it.\n"

BEFORE = """\
[[price]]
model = "acme-*"
input = "1 / 1M tokens"
output = "2 / 1M tokens"

[[price]]
model = "klein"
currency = "eur"
input = "0.40 / 1M tokens"
output = "free"
"""
# From the second day on one model costs more; and nova has a price at last.
AFTER = f"""\
{BEFORE}
[[price]]
model = "acme-1"
from = 2026-10-02
input = "1.50 / 1M tokens"
output = "2 / 1M tokens"

[[price]]
model = "nova"
input = "3 / 1M tokens"
output = "free"
"""
BROKEN = AFTER + 'outptu = "5 / 1M tokens"\n'
FAULT = "line 22: price.outptu: it is not one of model, provider, kind, batch,"

EVENTS = [
    event(id=f"{model}-{day}", time=DAY + day * 86_400, model=model)
    | {"input_tokens": 1_000_000, "output_tokens": 500_000}
    for model in ("acme-1", "acme-2", "klein", "nova")
    for day in range(3)
]
# What AFTER changes of EVENTS.
CHANGES = [
    "day",
    "UTC model events old new change",
    "2026-10-01 nova 1 unpriced $3.00 +$3.00",
    "2026-10-02 acme-1 1 $2.00 $2.50 +$0.50",
    "2026-10-02 nova 1 unpriced $3.00 +$3.00",
    "2026-10-03 acme-1 1 $2.00 $2.50 +$0.50",
    "2026-10-03 nova 1 unpriced $3.00 +$3.00",
    "total 5 $4.00 $14.00 +$10.00",
]
DRY = "Nothing was changed. To change it, run this again with --apply."
APPLIED = "Applied, and recorded in the history: tallybook prices history"


class Books:
    """A ledger in one of the two ways to it, and its price file."""

    def __init__(self, data: Path, options: tuple[str, ...]) -> None:
        self.data = data
        self.options = options

    def write(self, prices: str) -> None:
        """Replace the price file."""
        (self.data / "prices.toml").write_text(prices)

    def run(self, *parts: str) -> Any:
        """A command on this ledger, by a person called ada."""
        return run(*parts, *self.options, variables={"LOGNAME": "ada"})

    def lines(self, *parts: str) -> list[str]:
        """What a good command prints: the cells of each line, without rules and blank lines."""
        result = self.run(*parts)
        assert (result.returncode, result.stderr) == (0, "")
        cells = [" ".join(line.split()) for line in result.stdout.splitlines()]
        return [line for line in cells if line.strip("─")]

    def costs(self) -> str:
        """Every amount that the ledger has, with its line item and day."""
        options = (*RANGE, "--group-by", "line_item", "--csv")
        result = self.run("costs", *options)
        assert result.returncode == 0
        return str(result.stdout)

    def history(self) -> list[dict[str, Any]]:
        """The repricings that were applied."""
        found: list[dict[str, Any]] = json.loads(self.run("prices", "history", "--json").stdout)[
            "data"
        ]
        return found


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the events, priced as before."""
    data = tmp_path_factory.mktemp("filled")
    (data / "prices.toml").write_text(BEFORE)
    with running(data) as server:
        assert server.post(EVENTS).json()["accepted"] == len(EVENTS)
    return data


@pytest.fixture
def folder(filled: Path, tmp_path: Path) -> Books:
    """A copy of that folder, that no server owns."""
    data = tmp_path / "data"
    shutil.copytree(filled, data)
    return Books(data, ("--data", str(data)))


@pytest.fixture
def server(folder: Books) -> Iterator[Server]:
    """A server that owns the copy."""
    with running(folder.data) as server:
        yield server


@pytest.fixture(params=["folder", "server"])
def books(request: pytest.FixtureRequest, folder: Books) -> Books:
    """Both ways to the same ledger."""
    if request.param == "folder":
        return folder
    server = request.getfixturevalue("server")
    return Books(folder.data, ("--url", server.address, "--key", ADMIN_KEY))


def test_a_dry_run_shows_every_difference_and_changes_nothing(books: Books) -> None:
    before = books.costs()
    books.write(AFTER)
    for _ in range(2):
        assert books.lines("reprice", *SINCE) == [*CHANGES, DRY]
    assert books.costs() == before
    assert books.lines("prices", "history") == ["Nothing was ever priced again."]


def test_what_is_applied_is_changed_once_and_recorded_once(books: Books) -> None:
    books.write(AFTER)
    # Square brackets are no markup of ours.
    told_why = "contract [4711] of [red]Acme[/red]"
    assert books.lines("reprice", *SINCE, "--apply", "--why", told_why) == [*CHANGES, APPLIED]
    assert books.lines("costs", *RANGE, "--group-by", "model") == [
        "model amount share over time",
        "klein 1.20 eur 100.0% ███",
        "nova $9.00 40.9% ███",
        "acme-1 $7.00 31.8% ▇██",
        "acme-2 $6.00 27.3% ███",
        "total 1.20 eur",
        "$22.00",
    ]
    again = books.run("reprice", *SINCE, "--apply", "--why", "once more")
    assert (again.returncode, again.stdout) == (0, NOTHING)
    (record,) = books.history()
    who = "ada" if "--data" in books.options else "admin key sk-admin-****cdef"
    assert (record["who"], record["why"], record["events"]) == (who, told_why, 5)
    assert record["totals"] == [{"currency": "usd", "old": "4", "new": "14"}]
    table = books.lines("prices", "history")
    assert table == [
        "at by why events since until model events old new change",
        f"{record['at']} {who} {told_why} {DAY_TEXT} {record['until']} - 5 $4.00 $14.00 +$10.00",
    ]
    assert ADMIN_KEY not in "\n".join(table)


def test_a_correction_changes_its_model_from_its_day_on_and_nothing_else(folder: Books) -> None:
    before = folder.costs().splitlines()
    folder.write(AFTER.partition('[[price]]\nmodel = "nova"')[0])
    folder.run("reprice", *SINCE, "--apply")
    after = folder.costs().splitlines()
    second, third = (
        "2026-10-02T00:00:00Z,2026-10-03T00:00:00Z",
        "2026-10-03T00:00:00Z,2026-10-04T00:00:00Z",
    )
    assert [(old, new) for old, new in zip(before, after, strict=True) if old != new] == [
        (
            f'{day},"acme-1, input",1,usd,1000000,tokens',
            f'{day},"acme-1, input",1.5,usd,1000000,tokens',
        )
        for day in (second, third)
    ]


def test_what_had_no_price_is_priced_and_no_longer_listed(folder: Books) -> None:
    unpriced = ("prices", "list", "--unpriced")
    assert folder.lines(*unpriced)[1].startswith("completions nova openai input unpriced,")
    folder.write(AFTER)
    folder.run("reprice", *SINCE, "--model", "nova", "--apply")
    assert folder.lines(*unpriced) == ["There is no such rate card."]
    amounts = folder.lines("costs", *RANGE, "--filter", "model=nova")
    assert amounts[-1] == "total $9.00"


@pytest.mark.parametrize(
    ("options", "rows"),
    [
        (("--model", "acme-*"), [CHANGES[3], CHANGES[5], "total 2 $4.00 $5.00 +$1.00"]),
        (("--model", "NOV?"), [*CHANGES[2:7:2], "total 3 $0 $9.00 +$9.00"]),
        (("--until", "2026-10-02"), [CHANGES[2], "total 1 $0 $3.00 +$3.00"]),
        (
            ("--model", "acme-1", "--until", "2026-10-03"),
            [CHANGES[3], "total 1 $2.00 $2.50 +$0.50"],
        ),
    ],
)
def test_a_model_and_an_end_say_which_events_are_meant(
    options: tuple[str, ...], rows: list[str], books: Books
) -> None:
    books.write(AFTER)
    assert books.lines("reprice", *SINCE, *options) == [*CHANGES[:2], *rows, DRY]


def test_what_means_no_event_changes_nothing(books: Books) -> None:
    books.write(AFTER)
    for options in (("--model", "no-such"), ("--model", "acme-1", "--until", "2026-10-02")):
        result = books.run("reprice", *SINCE, *options, "--apply")
        assert (result.returncode, result.stdout) == (0, NOTHING)
    assert books.history() == []


def test_each_currency_has_a_total_of_its_own(folder: Books) -> None:
    folder.write(BEFORE.replace("0.40", "0.50").replace('"1 /', '"0.000001 /'))
    *_, total, other, _ = folder.lines("reprice", *SINCE, "--until", "2026-10-02")
    # The smallest change is told, too.
    assert total == "total 3 0.40 eur 0.50 eur +0.10 eur"
    assert other == "$4.00 $2.00 -$2.00"
    folder.write(BEFORE.replace('"1 /', '"1.000001 /'))
    rows = folder.lines("reprice", *SINCE, "--model", "acme-1", "--until", "2026-10-02")
    assert rows[2] == "2026-10-01 acme-1 1 $2.00 $2.00 +$0.0000010"


def test_json_is_the_answer_of_the_api(folder: Books, server: Server) -> None:
    folder.write(AFTER)
    through = ("--url", server.address, "--key", ADMIN_KEY)
    options = (*SINCE, "--until", "2026-10-03", "--model", "acme-?", "--json")
    wish = {"since": DAY, "until": DAY + 2 * 86_400, "model": "acme-?"}
    answer = server.http.post("/v1/prices/repricings", json=wish).json()
    assert json.loads(run("reprice", *options, *through).stdout) == answer
    server.stop()
    assert json.loads(folder.run("reprice", *options).stdout) == answer
    assert answer == {
        "object": "repricing",
        "applied": False,
        "events": 1,
        "differences": [
            {
                "day": "2026-10-02",
                "model": "acme-1",
                "currency": "usd",
                "events": 1,
                "old": "2",
                "new": "2.5",
            }
        ],
        "totals": [{"currency": "usd", "old": "2", "new": "2.5"}],
        "since": "2026-10-01T00:00:00Z",
        "until": "2026-10-03T00:00:00Z",
        "model": "acme-?",
        "at": None,
        "who": None,
        "why": None,
    }


def test_a_broken_price_file_is_refused_and_changes_nothing(books: Books) -> None:
    before = books.costs()
    books.write(BROKEN)
    result = books.run("reprice", *SINCE, "--apply")
    assert (result.returncode, result.stdout) == (1, "")
    assert "prices.toml is refused" in told(result)
    assert FAULT in told(result)
    books.write(BEFORE)
    assert books.costs() == before
    assert books.history() == []


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ((), "Missing option '--since'"),
        (("--since", "soon"), '"soon" is not a moment; write Unix seconds, a date like 2026-10-01'),
        (("--since", ""), '"" is not a moment'),
        ((*SINCE, "--until", "later"), '"later" is not a moment'),
        ((*SINCE, "--until", "2026-10-01"), "--since must be before --until."),
        ((*SINCE, "--until", "2026-09-01"), "--since must be before --until."),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(
    options: tuple[str, ...], part: str, filled: Path
) -> None:
    result = run("reprice", *options, "--data", filled)
    assert (result.returncode, result.stdout) == (2, "")
    assert part in told(result)


def test_an_end_that_is_far_away_is_all_there_is(books: Books) -> None:
    # In the year 2286.
    result = books.run("reprice", *SINCE, "--until", "9999999999")
    assert (result.returncode, result.stdout) == (0, NOTHING), told(result)


@pytest.mark.parametrize("since", ["0001-01-01", "999999999999"])
def test_a_start_that_no_event_can_have_is_refused(since: str, books: Books) -> None:
    result = books.run("reprice", "--since", since)
    assert (result.returncode in (1, 2), result.stdout) == (True, "")
    assert "since" in told(result)
    assert "Traceback" not in result.stderr


def test_a_key_that_may_only_post_may_not_price(server: Server, folder: Books) -> None:
    folder.write(AFTER)
    through = ("--url", server.address, "--key", INGEST_KEY)
    result = run("reprice", *SINCE, "--apply", *through)
    assert (result.returncode, result.stdout) == (1, "")
    assert "Missing scopes: api.prices.write." in told(result)


def test_a_folder_that_a_server_owns_is_left_to_it(server: Server, folder: Books) -> None:
    result = folder.run("reprice", *SINCE)
    assert server.http.get("/readyz").status_code == 200
    assert (result.returncode, result.stdout) == (1, "")
    assert "--url http://127.0.0.1:8321 --key KEY" in told(result)


def test_a_folder_without_a_ledger_is_not_made_by_asking(tmp_path: Path) -> None:
    result = run("reprice", *SINCE, "--data", tmp_path / "nothing")
    assert (result.returncode, result.stdout) == (1, "")
    assert "nothing holds no ledger." in told(result)
    assert not (tmp_path / "nothing").exists()
