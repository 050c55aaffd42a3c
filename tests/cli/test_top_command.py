"""``tallybook top``: the largest groups with share and change, from a folder and a server."""

import csv
import io
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console

from support.command import run, told
from support.events import DAY, event
from support.ledgers import opened, store
from support.server import ADMIN_KEY, Server, running
from tallybook.cli.ranking import Ends, Ranking, Row, Sums, Total, ranked
from tallybook.cli.ranking_tables import print_csv, print_json, print_table
from tallybook.domain.buckets import Span

WHOLE = 86_400
PRICES = """\
[[price]]
model = "m"
input = "1 / 1M tokens"
output = "1 / 1M tokens"
"""
# Two spans of two days: the first is before the second.
FIRST = DAY - 3 * WHOLE
RANGE = ("--start", "2026-09-30", "--end", "2026-10-02")


UNPRICED = "no price for all they used, which adds nothing here: tallybook prices list --unpriced"


def used(user: str, day: int, tokens: int, model: str = "m") -> dict[str, Any]:
    made = event(time=FIRST + day * WHOLE + 3_600, user_id=user, model=model, output_tokens=0)
    return made | {"id": f"{user}-{day}", "input_tokens": tokens}


EVENTS = [
    used("ann", 0, 1_000_000), used("ben", 1, 4_000_000), used("cem", 1, 500_000),
    used("ann", 2, 3_000_000), used("ann", 3, 3_000_000), used("ben", 2, 3_000_000),
    used("dora", 3, 1_000_000), used("cem", 3, 500_000), used("nobody", 3, 7, model="unheard-of"),
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("folder")
    (data / "prices.toml").write_text(PRICES)
    with opened(data, PRICES) as ledger:
        store(ledger, *EVENTS)
    return data


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("filled")
    (data / "prices.toml").write_text(PRICES)
    with running(data) as server:
        assert server.post(EVENTS).json()["accepted"] == len(EVENTS)
        yield server


def lines(*options: object, **variables: str) -> list[str]:
    result = run("top", *options, variables=variables)
    assert result.returncode == 0, result.stderr
    return [line.rstrip() for line in result.stdout.splitlines() if line.strip()]


def test_the_table_has_shares_bars_changes_the_rest_and_the_total(folder: Path) -> None:
    found = lines("user_id", *RANGE, "--top", "2", "--data", folder)
    assert found == [
        "      user_id     cost   share                               change",
        " ───────────────────────────────────────────────────────────────────",
        "  1   ann        $6.00   57.1%   ████████████████████████   +500.0%",
        "  2   ben        $3.00   28.6%   ████████████                -25.0%",
        "      (other)    $1.50   14.3%                              +200.0%",
        " ───────────────────────────────────────────────────────────────────",
        "      total     $10.50                                       +90.9%",
        "from 2026-09-30 to 2026-10-02 (UTC); the change is against the same span before.",
        f"1 event has {UNPRICED}",
    ]


def test_what_was_not_there_before_is_new(folder: Path) -> None:
    found = lines("user_id", *RANGE, "--data", folder)
    assert [line.split()[1] for line in found[2:7]] == ["ann", "ben", "dora", "cem", "nobody"]
    assert [line.split()[-1] for line in found[2:7]] == ["+500.0%", "-25.0%", "new", "0.0%", "new"]


def test_a_folder_and_a_server_say_the_same(folder: Path, filled: Server) -> None:
    there = ("--url", filled.address, "--key", ADMIN_KEY)
    for options in (("user_id",), ("model", "--by", "input_tokens", "--kind", "completions")):
        assert lines(*options, *RANGE, *there) == lines(*options, *RANGE, "--data", folder)


def test_quantities_are_ranked_as_well(folder: Path) -> None:
    asked = ("user_id", "--by", "input_tokens", "--kind", "completions", "--top", "1")
    found = lines(*asked, *RANGE, "--data", folder)
    assert found[0].split() == ["user_id", "input", "tokens", "share", "change"]
    assert found[2].split()[:4] == ["1", "ann", "6,000,000", "57.1%"]
    assert found[5].split() == ["total", "10,500,007", "+90.9%"]
    assert len(found) == 7


def test_json_and_csv_have_every_digit(folder: Path) -> None:
    asked = ("user_id", *RANGE, "--top", "1", "--data", folder)
    found = json.loads("\n".join(lines(*asked, "--json")))
    assert found["start_time"] == FIRST + 2 * WHOLE
    assert (found["object"], found["by"], found["unpriced_events"]) == ("ranking", "cost", 1)
    assert found["data"] == [
        {
            "value": "ann", "other": False, "amount": 6, "currency": "usd", "share": 0.5714,
            "before": 1, "change": 5,
        },
        {
            "value": None, "other": True, "amount": 4.5, "currency": "usd", "share": 0.4286,
            "before": 4.5, "change": 0,
        },
    ]  # fmt: skip
    rows = list(csv.reader(lines(*asked, "--csv")))
    assert rows == [
        ["user_id", "other", "cost", "currency", "share", "before", "change"],
        ["ann", "False", "6", "usd", "0.5714", "1", "5"],
        ["", "True", "4.5", "usd", "0.4286", "4.5", "0"],
    ]


def test_filters_narrow_both_spans(folder: Path) -> None:
    found = lines("model", *RANGE, "--filter", "user_id=ben", "--data", folder)
    assert found[2].split() == ["1", "m", "$3.00", "100.0%", "█" * 24, "-25.0%"]


def test_nothing_is_said_to_be_nothing(folder: Path) -> None:
    found = lines("user_id", "--start", "2026-08-01", "--end", "2026-08-02", "--data", folder)
    assert found == ["Nothing from 2026-08-01 to 2026-08-02 (UTC)."]


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (("colour",), 'DIMENSION is "colour"; costs can be ranked by project_id'),
        (("size", "--kind", "completions", "--by", "input_tokens"), "completions can be ranked by"),
        (("model", "--by", "input_tokens"), "a quantity of a kind that --kind names"),
        (("model", "--by", "images", "--kind", "completions"), "num_model_requests, input_tokens"),
        (("model", "--kind", "completions"), "costs are those of all kinds"),
        (("model", "--by", "cost", "--kind", "x"), "costs are those of all kinds"),
        (("model", "--by", "images", "--kind", "image"), '--kind is "image"; it must be one of'),
        (("project_id", "--by", "usage_bytes", "--kind", "vector_stores"), "samples of a level"),
        (("model", "--top", "0"), "greater than or equal to 1"),
        (("model", "--start", "2026-10-02", "--end", "2026-10-01"), "it must be before --end"),
        (("model", "--json", "--csv"), "exclude each other"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(
    options: tuple[str, ...], part: str, folder: Path
) -> None:
    result = run("top", *options, "--data", folder)
    assert result.returncode == 2
    assert part in told(result)


def ranking(now: Sums, before: Sums, **more: Any) -> Ranking:
    rows, totals = ranked(now, before)
    ends = Ends(Span(DAY, DAY + WHOLE), "UTC", open=True)
    asked: dict[str, Any] = {"dimension": "model", "by": "cost", "ends": ends}
    return Ranking(rows=rows, totals=totals, **(asked | more))


def printed(of: Ranking, width: int) -> list[str]:
    file = io.StringIO()
    print_table(of, Console(file=file, width=width, highlight=False))
    return [line.rstrip() for line in file.getvalue().splitlines() if line.strip()]


HUGE = Sums(
    {("gpt-" + "x" * 40, "usd"): Decimal("123456789012.5"), ("[red]", "usd"): Decimal("0.0000123")},
    {},
)


@pytest.mark.parametrize("width", [20, 60, 100])
def test_no_terminal_cuts_a_number_or_a_name_and_a_narrow_one_has_no_bars(width: int) -> None:
    found = printed(ranking(HUGE, HUGE), width)
    assert "gpt-" + "x" * 40 in found[2]
    assert "$123,456,789,012.50" in found[2]
    assert "[red]" in found[3]
    assert "$0.000012" in found[3]
    assert ("█" in found[2]) is (width == 100)


def test_two_currencies_are_two_rankings_with_bars_of_their_own() -> None:
    now = Sums(
        {("a", "usd"): Decimal(2), ("b", "usd"): Decimal(1), ("c", "eur"): Decimal(900)},
        {"usd": Decimal(7)},
    )
    found = printed(ranking(now, Sums({}, {})), 100)
    assert [line.split()[:3] for line in found[2:6]] == [
        ["1", "c", "900.00"],
        ["2", "a", "$2.00"],
        ["3", "b", "$1.00"],
        ["(other)", "$7.00", "70.0%"],
    ]
    assert [line.count("█") for line in found[2:6]] == [24, 24, 12, 0]
    assert (found[7].split(), found[8].split()) == (["total", "900.00", "eur"], ["$10.00"])
    # Nothing before: there is no change to tell.
    assert "change" not in found[0]
    assert found[-1].endswith("; there was nothing in the same span before.")


@pytest.mark.parametrize(
    ("now", "before", "text"),
    [
        (100, 100, "0.0%"), (2, 1, "+100.0%"), (1, 3, "-66.7%"), (0, 5, "-100.0%"),
        (5_000, 1, "5,000x"),
    ],
)  # fmt: skip
def test_a_change_is_told_in_per_cent_or_in_multiples(now: int, before: int, text: str) -> None:
    groups = [Sums({("a", "usd"): Decimal(each)}, {}) for each in (now, before)]
    assert printed(ranking(*groups), 60)[2].split()[-1] == text


def test_what_is_not_known_is_left_empty_everywhere() -> None:
    row = Row(value="a", other=False, currency="", amount=Decimal(3), share=Decimal(1), before=None)
    unknown = msgspec.structs.replace(
        ranking(Sums({}, {}), Sums({}, {})),
        rows=[row],
        totals=[Total("", Decimal(3), Decimal(9))],
        by="images",
    )
    assert printed(unknown, 60)[2].split() == ["1", "a", "3", "100.0%", "█" * 17]
    file = io.StringIO()
    print_csv(unknown, Console(file=file, width=200))
    assert file.getvalue().splitlines()[1] == "a,False,3,,1,,"
    file = io.StringIO()
    print_json(unknown, Console(file=file, width=200))
    (found,) = json.loads(file.getvalue())["data"]
    assert (found["before"], found["change"], found["currency"]) == (None, None, None)
