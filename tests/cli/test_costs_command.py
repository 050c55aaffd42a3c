"""``tallybook costs``: what was spent, for people, spreadsheets and programs."""

import json
import re
import shutil
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from support.command import run, told
from support.events import DAY, event
from support.server import ADMIN_KEY, Server, running

END = DAY + 3 * 86_400
RANGE = ("--start", "2026-10-01", "--end", "2026-10-04")

PRICES = """\
[[price]]
model = "acme-large"
input = "1.25 / 1M tokens"
output = "10.00 / 1M tokens"
[[price]]
model = "acme-large"
batch = true
input = "0.60 / 1M tokens"
output = "5.00 / 1M tokens"
[[price]]
model = "gift"
input = "free"
output = "free"
[[price]]                               # the least that the wire can tell
model = "speck"
input = "0.000001 / 1M tokens"
output = "free"
[[price]]
storage = "0.10 / GiB day"
file_search = "2.50 / 1000 calls"
[[price]]
model = "klein"
currency = "eur"
input = "0.40 / 1M tokens"
output = "free"
"""
UNPRICED = "1 event has no price for all they used, which adds nothing here:"
UNPRICED += " tallybook prices list --unpriced"


def _used(name: str, at: int, model: str, tokens: tuple[int, int], **fields: Any) -> dict[str, Any]:
    read, written = tokens
    return event(
        id=name, time=DAY + at, model=model, input_tokens=read, output_tokens=written, **fields
    )


_SEARCH, _ADS = {"tags": {"team": "search"}}, {"tags": {"team": "ads, and more"}}
_ONE, _TWO = {"project_id": "proj_1"}, {"project_id": "proj_2"}
_STORE = {"vector_store_id": "vs_1"}
EVENTS = [
    _used("a", 0, "acme-large", (4_000_000, 600_000), **_ONE, **_SEARCH),
    _used("b", 3_600, "acme-large", (1_000_000, 100_000), **_TWO, batch=True),
    _used("c", 86_400, "acme-large", (6_720, 0), **_TWO, **_ADS, service_tier="flex"),
    _used("d", 86_460, "mystery", (9_000, 212), **_ONE),
    _used("e", 86_460, "gift", (1_830, 212)),
    _used("f", 86_520, "speck", (1, 0)),
    event("file_search_calls", id="g", time=DAY + 100, num_requests=1_234),
    event("vector_stores", id="h", time=DAY, usage_bytes=2 << 30, **_STORE),
    event("vector_stores", id="i", time=DAY + 60, usage_bytes=3 << 30, **_STORE),
    # Ten days before, three days with costs in two currencies.
    *(
        _used(f"{model}-{day}", (day - 10) * 86_400, model, (1_000_000, 140_000))
        for model in ("acme-large", "klein")
        for day in range(3)
    ),
]
MIXED = ("--start", "2026-09-21", "--end", "2026-09-24")
# The first two of their days, as CSV has them.
FIRST = "2026-10-01T00:00:00Z,2026-10-02T00:00:00Z"
SECOND = "2026-10-02T00:00:00Z,2026-10-03T00:00:00Z"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the events above, that no server owns."""
    data = tmp_path_factory.mktemp("folder")
    (data / "prices.toml").write_text(PRICES)
    with running(data) as server:
        assert server.post(EVENTS).json()["accepted"] == len(EVENTS)
    return data


@pytest.fixture(scope="module")
def filled(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that owns a copy of that folder."""
    copy = tmp_path_factory.mktemp("filled") / "data"
    shutil.copytree(folder, copy)
    with running(copy) as server:
        yield server


def through(server: Server) -> tuple[str, ...]:
    """The options that name a server."""
    return "--url", server.address, "--key", ADMIN_KEY


def lines(*options: object) -> list[str]:
    """What a good command prints, without blank lines and spaces at the end."""
    result = run("costs", *options)
    assert (result.returncode, result.stderr) == (0, "")
    return [line.rstrip() for line in result.stdout.splitlines() if line.strip()]


def test_without_groups_every_bucket_has_a_row_and_a_bar(folder: Path) -> None:
    # The second day's amount is small, and still not nothing; the third had none.
    assert lines(*RANGE, "--data", folder) == [
        "  start",
        "  UTC           amount",
        " ───────────────────────────────────────────────────────",
        "  2026-10-01    $15.48   ██████████████████████████████",
        "  2026-10-02   $0.0042",
        " ───────────────────────────────────────────────────────",
        "  total         $15.49",
        UNPRICED,
    ]


def test_line_items_have_quantities_and_what_nobody_prices_is_not_nothing(folder: Path) -> None:
    found = lines(*RANGE, "--group-by", "line_item", "--data", folder)
    cells = [" ".join(line.split()) for line in found if line.strip(" ─")]
    assert cells == [
        "line_item quantity unit amount share over time",
        "acme-large, output 700,000 tokens $6.50 42.0% █▁▁",
        "acme-large, input 5,000,000 tokens $5.60 36.2% █▁▁",
        "file search tool calls 1,234 $3.08 19.9% █▁▁",
        "vector store storage 72 gibibyte_hours $0.30 1.9% █▁▁",
        "acme-large, input, estimated 6,720 tokens $0.0042 0.0% ▁█▁",
        "speck, input 1 tokens $0.0000000000010 0.0% ▁█▁",
        "gift, input 1,830 tokens $0 0.0% ▁▁▁",
        "gift, output 212 tokens $0 0.0% ▁▁▁",
        "mystery, input, unpriced 9,000 tokens unpriced 0.0% ▁▁▁",
        "mystery, output, unpriced 212 tokens unpriced 0.0% ▁▁▁",
        "total $15.49",
        UNPRICED,
    ]


def test_groups_stand_in_the_order_of_what_they_cost(folder: Path) -> None:
    assert lines(*RANGE, "--group-by", "project_id", "--data", folder) == [
        "  project_id   amount   share   over time",
        " ─────────────────────────────────────────",
        "  proj_1       $11.00   71.0%   █▁▁",
        "  -             $3.39   21.9%   █▁▁",
        "  proj_2        $1.10    7.1%   █▁▁",
        " ─────────────────────────────────────────",
        "  total        $15.49",
        UNPRICED,
    ]
    # A tag is a group like any other.
    assert lines(*RANGE, "--group-by", "tag:team", "--data", folder)[:5] == [
        "  tag:team         amount   share   over time",
        " ─────────────────────────────────────────────",
        "  search           $11.00   71.0%   █▁▁",
        "  -                 $4.49   29.0%   █▁▁",
        "  ads, and more   $0.0042    0.0%   ▁█▁",
    ]


def test_several_groups_are_given_with_commas_or_one_by_one(folder: Path) -> None:
    options = (*RANGE, "--filter", "model=acme-large", "--data", folder, "--group-by")
    wanted = [
        "  project_id   batch    amount   share   over time",
        " ──────────────────────────────────────────────────",
        "  proj_1       false    $11.00   90.9%   █▁▁",
        "  proj_2       true      $1.10    9.1%   █▁▁",
        "  proj_2       false   $0.0042    0.0%   ▁█▁",
        " ──────────────────────────────────────────────────",
        "  total                 $12.10",
    ]
    assert lines(*options, "batch,project_id") == wanted
    assert lines(*options, "batch", "--group-by", "project_id") == wanted


def test_an_hour_is_a_bucket_too(folder: Path) -> None:
    hours = ("--start", "2026-10-01", "--end", "2026-10-02T06:00", "--width", "1h")
    assert lines(*hours, "--data", folder)[3:6] == [
        "  2026-10-01 00:00    $14.38   ██████████████████████████████",
        "  2026-10-01 01:00     $1.10   ██",
        "  2026-10-02 00:00   $0.0042",
    ]


def test_a_course_of_many_buckets_has_at_most_thirty_bars(folder: Path) -> None:
    options = ("--width", "1h", "--filter", "project_id=proj_2", "--group-by", "project_id")
    # 72 hours are 24 bars of three; 0.0042 of 1.10 is too little to see.
    assert lines(*RANGE, *options, "--data", folder)[2].split()[-1] == "█" + "▁" * 23


@pytest.mark.parametrize("groups", [[], ["line_item"], ["project_id", "tag:team", "currency"]])
def test_json_is_the_page_of_the_api_to_the_last_digit(groups: list[str], filled: Server) -> None:
    asked: dict[str, Any] = {"start_time": DAY, "end_time": END, "group_by": groups, "limit": 180}
    page = filled.http.get("/v1/organization/costs", params=asked).text
    printed = run(
        "costs", *RANGE, "--group-by", ",".join(groups), "--json", *through(filled)
    ).stdout
    as_written = partial(json.loads, parse_float=str, parse_int=str)
    assert as_written(printed) == as_written(page)
    values = re.findall(r'"(?:value|quantity)": ([^,\n]+)', printed)
    assert all(re.fullmatch(r"null|[0-9]+(\.[0-9]*[1-9])?", value) for value in values)
    assert ("0.000000000001" in values) or "line_item" not in groups


def test_json_has_the_buckets_of_all_pages(filled: Server) -> None:
    # 4,320 minutes are three pages.
    printed = run("costs", *RANGE, "--width", "1m", "--json", *through(filled)).stdout
    page = json.loads(printed, parse_float=Decimal)
    assert (page["has_more"], page["next_page"]) == (False, None)
    starts = [bucket["start_time"] for bucket in page["data"]]
    assert starts == list(range(DAY, END, 60))
    amounts = [each["amount"]["value"] for bucket in page["data"] for each in bucket["results"]]
    assert sum(amounts) == Decimal("15.489200000001")


def test_csv_has_exact_decimals_and_times_that_sort(folder: Path) -> None:
    result = run("costs", *RANGE, "--group-by", "provider,tag:team", "--csv", "--data", folder)
    assert result.stdout.splitlines() == [
        "start_time,end_time,provider,tag:team,amount,currency",
        f"{FIRST},openai,search,11,usd",
        f"{FIRST},openai,,4.485,usd",
        f'{SECOND},openai,"ads, and more",0.0042,usd',
        f"{SECOND},openai,,0.000000000001,usd",
    ]


@pytest.mark.parametrize("groups", ["currency", "line_item,currency", "project_id"])
def test_no_two_columns_of_csv_have_one_name(groups: str, folder: Path) -> None:
    result = run("costs", *RANGE, "--group-by", groups, "--csv", "--data", folder)
    names = result.stdout.splitlines()[0].split(",")
    assert sorted(names) == sorted(set(names))


def test_csv_has_quantities_where_line_items_tell_them_apart(folder: Path) -> None:
    options = ("--group-by", "project_id,line_item", "--filter", "project_id=proj_2")
    result = run("costs", *RANGE, *options, "--csv", "--data", folder)
    assert result.stdout.splitlines() == [
        "start_time,end_time,project_id,line_item,amount,currency,quantity,quantity_unit",
        f'{FIRST},proj_2,"acme-large, input",0.6,usd,1000000,tokens',
        f'{FIRST},proj_2,"acme-large, output",0.5,usd,100000,tokens',
        f'{SECOND},proj_2,"acme-large, input, estimated",0.0042,usd,6720,tokens',
    ]


@pytest.mark.parametrize(
    ("filters", "total"),
    [
        (["model=acme-large"], "$12.10"),
        (["model=acme-large", "model=gift"], "$12.10"),
        (["tag:team=search"], "$11.00"),
        # Values of tags and line items may hold commas, and are taken whole.
        (["tag:team=ads, and more"], "$0.0042"),
        (["line_item=acme-large, input"], "$5.60"),
        (["line_item=acme-large, input", "line_item=vector store storage"], "$5.90"),
        (["provider=openai", "currency=usd"], "$15.49"),
        (["vector_store_id=vs_1"], "$0.30"),
    ],
)
def test_filters_are_by_dimension(filters: list[str], total: str, folder: Path) -> None:
    options = [part for filter_ in filters for part in ("--filter", filter_)]
    found = lines(*RANGE, *options, "--data", folder)
    assert next(line for line in found if "total" in line).split() == ["total", total]


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (
            ("--filter", "colour=red"),
            'filtered by "colour", but by project_id, user_id, api_key_id',
        ),
        (("--filter", "model"), '--filter is "model"; it must be DIMENSION=VALUE.'),
        (("--json", "--csv"), "--json and --csv exclude each other."),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(
    options: tuple[str, ...], part: str, folder: Path
) -> None:
    result = run("costs", *options, "--data", folder)
    assert (result.returncode, result.stdout) == (2, "")
    assert part in told(result)


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (("--group-by", "colour"), "group_by is 'colour', but costs can be grouped by project_id,"),
        (("--filter", "batch=maybe"), "batch is 'maybe', but it must be true or false."),
        (("--start", "2026-10-03", "--end", "2026-10-01"), "it must be before end_time"),
    ],
)
def test_what_the_ledger_refuses_is_told_in_its_words_in_both_ways(
    options: tuple[str, ...], part: str, filled: Server, folder: Path
) -> None:
    for where in (("--data", folder), through(filled)):
        result = run("costs", *options, *where)
        assert (result.returncode, result.stdout) == (1, "")
        assert part in told(result)


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--group-by", "line_item"),
        ("--group-by", "project_id,tag:team", "--width", "1h"),
        ("--json", "--group-by", "line_item"),
        ("--csv", "--group-by", "line_item,currency", *MIXED),
        ("--filter", "line_item=mystery, input, unpriced"),
    ],
)
def test_a_folder_and_a_server_give_the_same_answer(
    options: tuple[str, ...], filled: Server, folder: Path
) -> None:
    here = run("costs", *RANGE, *options, "--data", folder)
    variables = {"TALLYBOOK_URL": filled.address, "TALLYBOOK_ADMIN_KEY": ADMIN_KEY}
    there = run("costs", *RANGE, *options, variables=variables)
    assert here.returncode == there.returncode == 0, here.stderr + there.stderr
    assert here.stdout == there.stdout


def test_two_currencies_are_never_added_up(folder: Path) -> None:
    for options in ((), ("--group-by", "project_id")):
        result = run("costs", *MIXED, *options, "--data", folder)
        assert (result.returncode, result.stdout) == (1, "")
        assert told(result) == (
            "tallybook: A bucket has costs in eur and usd, which are never added up. Group by"
            " currency (group_by=currency) or by what tells them apart, or ask for one of them"
            " (currencies=eur)."
        )


def test_each_currency_has_a_total_and_shares_of_its_own(folder: Path) -> None:
    assert lines(*MIXED, "--group-by", "currency", "--data", folder) == [
        "  currency     amount    share   over time",
        " ──────────────────────────────────────────",
        "  eur        1.20 eur   100.0%   ███",
        "  usd           $7.95   100.0%   ███",
        " ──────────────────────────────────────────",
        "  total      1.20 eur",
        "                $7.95",
    ]
    # What tells them apart will do, and so will one of them.
    found = lines(*MIXED, "--group-by", "model", "--data", folder)
    assert [line.split()[:2] for line in found[2:4]] == [["klein", "1.20"], ["acme-large", "$7.95"]]
    alone = lines(*MIXED, "--filter", "currency=eur", "--data", folder)
    assert alone[-1] == "  total        1.20 eur"


def test_nothing_is_said_to_be_nothing(folder: Path, tmp_path: Path) -> None:
    later = ("--start", "2026-11-01", "--end", "2026-11-03")
    assert run("costs", *later, "--data", folder).stdout == (
        "No costs from 2026-11-01T00:00:00Z to 2026-11-03T00:00:00Z.\n"
    )
    grouped = ("--group-by", "line_item", "--csv")
    assert run("costs", *later, *grouped, "--data", folder).stdout == (
        "start_time,end_time,line_item,amount,currency,quantity,quantity_unit\n"
    )
    empty = tmp_path / "empty"
    with running(empty):
        pass
    assert lines(*RANGE, "--group-by", "model", "--data", empty) == [
        "No costs from 2026-10-01T00:00:00Z to 2026-10-04T00:00:00Z."
    ]
    found = json.loads(run("costs", *RANGE, "--json", "--data", empty).stdout)
    assert [bucket["results"] for bucket in found["data"]] == [[], [], []]


def test_what_is_free_costs_nothing_and_is_not_unpriced(folder: Path) -> None:
    assert lines(*RANGE, "--filter", "model=gift", "--data", folder)[-1] == "  total            $0"
    options = (*RANGE, "--filter", "model=mystery", "--data", folder)
    assert lines(*options)[-2:] == ["  total            $0", UNPRICED]


def test_without_options_it_is_the_last_thirty_days(folder: Path) -> None:
    found = json.loads(run("costs", "--json", "--data", folder).stdout)["data"]
    ends = {(bucket["start_time"] % 86_400, bucket["end_time"] % 86_400) for bucket in found}
    # Today's bucket is whole; over midnight there is one more.
    assert ends == {(0, 0)}
    assert len(found) in (31, 32)


def test_a_folder_without_a_ledger_is_not_made_by_asking(tmp_path: Path) -> None:
    result = run("costs", "--data", tmp_path / "nothing")
    assert (result.returncode, result.stdout) == (1, "")
    assert "nothing holds no ledger. Name the data folder (--data), a running server (--url)" in (
        told(result)
    )
    assert not (tmp_path / "nothing").exists()
