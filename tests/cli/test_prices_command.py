"""``tallybook prices``: what things cost, who says so, and why an event cost what it did."""

import json
import re
import shutil
from collections.abc import Iterator
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from support.command import run, told
from support.events import DAY, event
from support.server import ADMIN_KEY, Server, running

CATALOGUE = f"genai-prices {version('genai-prices')}"

PRICES = """\
[[price]]
model = "acme-*"
from = 2026-05-01
until = 2027-05-01
input = "1.25 / 1M tokens"
cached_input = "0.125 / 1M tokens"
output = "10.00 / 1M tokens"
note = "agreed with [Acme]"
[[price]]
provider = "hausmarke"
model = "klein"
currency = "eur"
input = "0.40 / 1M tokens"
output = "free"
[[price]]
storage = "0.10 / GiB day"
[[price]]
audio = "0.36 / hour"
"""

EVENTS: list[dict[str, Any]] = [
    event(id="a", time=DAY, model="acme-1", output_tokens=7)
    | {"input_tokens": 4_000, "input_cached_tokens": 1_000},
    event(id="b/1", time=DAY + 60, model="acme-1", batch=True),
    event(id="c", time=DAY, model="klein", provider="hausmarke"),
    event(id="d", time=DAY, model="mystery"),
    event("vector_stores", id="e", time=DAY, usage_bytes=2 << 30, vector_store_id="vs_1"),
    event("vector_stores", id="f", time=DAY + 60, usage_bytes=3 << 30, vector_store_id="vs_1"),
    # Seven seconds at 0.36 an hour are 0.0007; one id, twice.
    event("audio_transcriptions", id="g", time=DAY, seconds=7),
    event("audio_transcriptions", id="g", time=DAY + 3_600, seconds=3_600),
    event("audio_transcriptions", id="h", time=DAY, seconds=0.000001),
]


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


@pytest.fixture(params=["folder", "server"])
def where(request: pytest.FixtureRequest, folder: Path, filled: Server) -> tuple[str, ...]:
    """Both ways to the same ledger."""
    if request.param == "folder":
        return "--data", str(folder)
    return "--url", filled.address, "--key", ADMIN_KEY


def lines(*options: object) -> list[str]:
    """What a good command prints: the cells of each line, without rules and blank lines."""
    result = run("prices", *options)
    assert (result.returncode, result.stderr) == (0, "")
    # The only thing that depends on when the test runs.
    text = re.sub(r"known since \S+", "known since then", result.stdout)
    cells = [" ".join(line.split()) for line in text.splitlines()]
    return [line for line in cells if line.strip("─")]


HEADING = "kind model for prices events source"
UNPRICED = "completions mystery openai input unpriced, cached input unpriced, output unpriced 1"
ADVICE = "Unpriced: write a price into the price file (tallybook prices check FILE), then"


def test_the_list_has_every_card_that_events_have(where: tuple[str, ...]) -> None:
    acme = "input $1.25, cached input $0.125, output $10 / 1M tokens"
    estimate = "input about $0.625, cached input about $0.0625, output about $5 / 1M tokens"
    klein = "input 0.40 eur, cached input 0.40 eur, output free / 1M tokens"
    assert lines("list", *where) == [
        HEADING,
        "audio_transcriptions - openai transcription $0.36 / hour 3 prices.toml line 17",
        f"completions klein hausmarke {klein} 1 prices.toml line 9",
        f"completions acme-1 openai {acme} 1 prices.toml line 1",
        f"completions acme-1 openai batch {estimate} 1 prices.toml line 1",
        UNPRICED,
        "vector_stores - openai vector store storage $0.10 / GiB day 2 prices.toml line 15",
        f"{ADVICE} tallybook reprice --since DATE.",
    ]


def test_the_list_can_be_of_some_models_or_of_what_has_no_price(where: tuple[str, ...]) -> None:
    assert lines("list", "--unpriced", *where)[:2] == [HEADING, UNPRICED]
    assert [line[:27] for line in lines("list", "--model", "ACME-*", *where)] == [
        HEADING[:27],
        "completions acme-1 openai i",
        "completions acme-1 openai b",
    ]
    assert lines("list", "--model", "acme", *where) == ["There is no such rate card."]


def test_the_list_as_json_is_the_answer_of_the_api(folder: Path, filled: Server) -> None:
    cards = filled.http.get("/v1/prices/cards").json()
    through = ("--url", filled.address, "--key", ADMIN_KEY)
    for where in (("--data", folder), through):
        assert json.loads(run("prices", "list", "--json", *where).stdout) == cards
        found = json.loads(run("prices", "list", "--json", "--unpriced", *where).stdout)
        assert found == cards | {"data": [cards["data"][4]]}
        notes = {rate["note"] for rate in found["data"][0]["rates"]}
        assert notes == {"mystery is not on the list of provider openai"}


def test_a_price_of_ones_own_is_shown_with_its_estimates(folder: Path) -> None:
    options = ("acme-7", "--at", "2026-10-01", "--data", str(folder))
    assert lines("show", *options) == [
        "acme-7 of openai at 2026-10-01T00:00:00Z",
        "completions standard batch flex priority per",
        "input $1.25 about $0.625 about $0.625 unpriced 1M tokens",
        "audio input",
        "image input",
        "cache write 30m",
        "cache write 12h",
        "cached input $0.125 about $0.0625 about $0.0625 unpriced 1M tokens",
        "cached audio input",
        "cached image input",
        "output $10 about $5 about $5 unpriced 1M tokens",
        "audio output",
        "image output",
        "source: prices.toml line 1",
        "note: agreed with [Acme]",
        "note: no batch price is known here: 50% of the standard price; agreed with [Acme]",
        "note: no flex price is known here: 50% of the standard price; agreed with [Acme]",
        (
            "note: no priority price is known here, and no share is set to estimate it of the"
            " standard price"
        ),
    ]


@pytest.mark.parametrize(
    ("at", "flex"), [("2026-10-11T23:59:59", "about $1"), ("2026-10-12", "$1")]
)
def test_the_catalogue_knows_the_prices_of_tiers_from_a_day_on(
    at: str, flex: str, where: tuple[str, ...]
) -> None:
    options = ("show", "o3", "--kind", "completions", "--at", at, *where)
    found = [line for line in lines(*options) if line.startswith("input ")]
    assert found[0].startswith(f"input $2 about $1 {flex} ")
    assert f"source: {CATALOGUE}, openai/o3" in lines(*options)


def test_a_price_is_shown_for_its_provider_its_kind_and_its_days(where: tuple[str, ...]) -> None:
    options = ("klein", "--provider", "hausmarke", "--at", "2026-10-01")
    found = lines("show", *options, *where)
    assert [line for line in found if line.startswith(("klein", "input", "output"))] == [
        "klein of hausmarke at 2026-10-01T00:00:00Z",
        "input 0.40 eur about 0.20 eur about 0.20 eur unpriced 1M tokens",
        "output free free free unpriced 1M tokens",
    ]
    hours = ("no-such", "--kind", "audio_transcriptions", "--at", "2026-10-01")
    assert lines("show", *hours, *where)[1:3] == [
        "audio_transcriptions standard batch flex priority per",
        "transcription $0.36 about $0.18 about $0.18 unpriced hour",
    ]
    before = run("prices", "show", "acme-1", "--at", "2026-04-30T23:59:59", *where)
    assert before.returncode == 1
    assert before.stdout == (
        "Nobody states a price for acme-1 of provider openai at 2026-04-30T23:59:59Z. Write one"
        " into the price file, or name its --provider.\n"
    )


def test_a_price_list_as_json_is_the_answer_of_the_api(folder: Path, filled: Server) -> None:
    asked: dict[str, str | int] = {"model": "acme-1", "at": DAY, "kind": "completions"}
    answer = filled.http.get("/v1/prices/list", params=asked).json()
    options = ("acme-1", "--at", str(DAY), "--kind", "completions", "--json")
    for where in (("--data", folder), ("--url", filled.address, "--key", ADMIN_KEY)):
        assert json.loads(run("prices", "show", *options, *where).stdout) == answer
    assert [(card["batch"], card["service_tier"]) for card in answer["data"]] == [
        (False, None), (True, None), (False, "flex"), (False, "priority"),
    ]  # fmt: skip
    assert answer["data"][0]["rates"][0]["unit_price"] == "0.00000125"
    nothing = run("prices", "show", "no-such", "--json", "--data", folder)
    assert (nothing.returncode, json.loads(nothing.stdout)["data"]) == (1, [])


def test_a_price_list_needs_no_ledger_and_no_server(filled: Server, tmp_path: Path) -> None:
    # A server owns that folder; only its price file is read.
    at = ("--at", "2026-10-01")
    own, listed = ("show", "acme-1", *at, "--data"), ("show", "o3", *at, "--data")
    assert lines(*own, filled.data)[0] == "acme-1 of openai at 2026-10-01T00:00:00Z"
    assert lines(*listed, tmp_path / "nothing")[0] == "o3 of openai at 2026-10-01T00:00:00Z"
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (("--kind", "chat"), '--kind is "chat"; it must be one of completions, embeddings,'),
        (("--at", "tomorrow"), '"tomorrow" is not a moment'),
        (("--at", "999999999999"), "--at"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(
    options: tuple[str, ...], part: str, folder: Path
) -> None:
    result = run("prices", "show", "acme-1", *options, "--data", folder)
    assert (result.returncode, result.stdout) == (2, "")
    assert part in told(result)


def test_a_good_file_is_said_to_be_good_and_its_gaps_are_told(tmp_path: Path) -> None:
    file = tmp_path / "new[1].toml"
    first = '[[price]]\nmodel = "a"\nuntil = 2026-05-01\ninput = "1 / 1M tokens"\n'
    gap = (
        'gap: line 1: input of model = "a" is not stated from 2026-05-01T00:00:00Z to'
        " 2026-06-01T00:00:00Z; there the catalogue's price holds, or none\n"
    )
    discount = '[[discount]]\nprovider = "anthropic"\npercent = "12.5%"\n'
    dated = first + first.replace("until = 2026-05-01", "from = 2026-06-01")
    for text, gaps, counted in (
        (discount, "", "0 prices and 1 discount"),
        (dated, gap, "2 prices and 0 discounts"),
    ):
        file.write_text(text)
        result = run("prices", "check", file)
        assert (result.returncode, result.stderr) == (0, "")
        assert result.stdout == f"{gaps}{file} is good: {counted}.\n"


def test_a_file_is_told_the_same_of_whenever_it_is_checked(tmp_path: Path) -> None:
    gaps, faults = tmp_path / "gaps.toml", tmp_path / "faults.toml"
    keys = ("input", "cached_input", "cache_write", "output", "reasoning_output")
    stated = "".join(f'{key} = "1 / 1M tokens"\n' for key in keys)
    gaps.write_text(f"[[price]]\nfrom = 2026-05-01\n{stated}")
    faults.write_text("price = [{a = 1, b = 2, c = 3, d = 4, e = 5, f = 6}]\n")
    for file in (gaps, faults):
        # The order of a set is another one for each seed.
        seeds = [{"PYTHONHASHSEED": seed} for seed in "123"]
        results = [run("prices", "check", file, variables=seed) for seed in seeds]
        assert len({result.stdout + result.stderr for result in results}) == 1


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("[[price]\n", ["line 1: TOML: Expected ']]' at the end of an array declaration"]),
        (
            '# 1\n[[price]]\nmodel = "a"\ninput = "1 / image"\noutptu = "2"\nuntil = "soon"\n',
            [
                "line 4: price.input: '1 / image': this is priced per token, not per \"image\"",
                "line 5: price.outptu: it is not one of model, provider,",
                "line 6: price.until: 'soon': it must be a date like 2026-05-01",
            ],
        ),
        (
            '[[price]]\ninput = "1 / 1M tokens"\n[[price]]\ninput = "2 / 1M tokens"\n',
            ["line 3: price.input: it overlaps with line 1: always, any model and any model may"],
        ),
    ],
)
def test_every_fault_is_told_by_line_key_and_reason(
    text: str, faults: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(text)
    result = run("prices", "check", file)
    assert (result.returncode, result.stdout) == (1, "")
    first, *rest = result.stderr.splitlines()
    assert first.startswith("tallybook: bad.toml is refused")
    assert len(rest) == len(faults)
    for line, fault in zip(rest, faults, strict=True):
        assert line.startswith(f"  {fault}")


def test_a_file_that_is_not_there_or_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    for name, part in (("none.toml", "No such file"), ("bytes.toml", "can't decode")):
        result = run("prices", "check", tmp_path / name)
        assert (result.returncode, result.stdout) == (1, "")
        assert name in told(result)
        assert part in told(result)


ALWAYS = "for standard requests, valid always, known since then"


def test_an_event_is_explained_line_by_line_and_the_lines_add_up(where: tuple[str, ...]) -> None:
    found = lines("explain", "a", *where)
    dates = "valid from 2026-05-01T00:00:00Z until 2027-05-01T00:00:00Z, known since then"
    assert [re.sub("rate card [0-9]+", "rate card N", line) for line in found] == [
        "a at 2026-10-01T00:00:00Z: completions, acme-1 of openai",
        "line item quantity unit price amount source",
        "acme-1, input 3,000 $1.25 / 1M tokens $0.00375 prices.toml line 1",
        "acme-1, cached input 1,000 $0.125 / 1M tokens $0.000125 prices.toml line 1",
        "acme-1, output 7 $10 / 1M tokens $0.00007 prices.toml line 1",
        "total $0.003945",
        f"rate card N for standard requests, {dates}",
        "note: agreed with [Acme]",
    ]


@pytest.mark.parametrize("name", ["a", "b/1", "c", "d", "e", "g", "h"])
def test_what_is_explained_as_json_is_the_answer_of_the_api_and_adds_up(
    name: str, folder: Path, filled: Server
) -> None:
    answer = filled.http.get("/v1/prices/explanation", params={"event_id": name}).json()
    printed = run("prices", "explain", name, "--json", "--data", folder).stdout
    assert json.loads(printed) == answer
    for explained in answer["data"]:
        parts = [line for line in explained["lines"] if line["rate"]["currency"]]
        for line in parts:
            product = Decimal(line["quantity"]) * Decimal(line["rate"]["unit_price"])
            assert abs(Decimal(line["amount"]) - product) < Decimal("1E-17")
        amounts = {each["currency"]: Decimal(each["amount"]) for each in explained["totals"]}
        assert sum(amounts.values()) == sum(Decimal(line["amount"]) for line in parts)
        assert "E" not in printed.split('"totals"')[1].split("]")[0]


def test_an_estimate_says_of_what(where: tuple[str, ...]) -> None:
    found = lines("explain", "b/1", *where)
    assert found[2:4] == [
        "acme-1, input, estimated 1,830 about $0.625 / 1M tokens $0.00114375 prices.toml line 1",
        "acme-1, output, estimated 212 about $5 / 1M tokens $0.00106 prices.toml line 1",
    ]
    assert " for batch requests, valid from " in found[-2]
    assert found[-1] == (
        "note: no batch price is known here: 50% of the standard price; agreed with [Acme]"
    )


def test_an_amount_keeps_its_currency(folder: Path) -> None:
    found = lines("explain", "c", "--data", folder)
    assert found[2].endswith("1,830 0.40 eur / 1M tokens 0.000732 eur prices.toml line 9")
    assert found[3:5] == [
        "klein, output 212 free 0.00 eur prices.toml line 9",
        "total 0.000732 eur",
    ]


def test_what_nobody_prices_has_no_amount_and_says_why(where: tuple[str, ...]) -> None:
    found = lines("explain", "d", *where)
    assert found[2:5] == [
        "mystery, input, unpriced 1,830 unpriced unpriced",
        "mystery, output, unpriced 212 unpriced unpriced",
        "total",
    ]
    assert found[5].endswith(ALWAYS)
    assert found[6] == "note: mystery is not on the list of provider openai"


def test_every_event_of_an_id_is_explained(folder: Path) -> None:
    hours = f"{Decimal(7) / 3_600:.18f}"
    found = lines("explain", "g", "--data", folder)
    assert [line for line in found if line.startswith(("g at", "no model", "total"))] == [
        "g at 2026-10-01T00:00:00Z: audio_transcriptions, no model of openai",
        f"no model, transcription {hours} $0.36 / hour $0.0007 prices.toml line 17",
        "total $0.0007",
        "g at 2026-10-01T01:00:00Z: audio_transcriptions, no model of openai",
        "no model, transcription 1 $0.36 / hour $0.36 prices.toml line 17",
        "total $0.36",
    ]


def test_a_sample_that_is_not_the_largest_of_its_day_is_not_charged(folder: Path) -> None:
    sentence = "Not charged: the day's largest sample of this store is another one."
    smaller, larger = (lines("explain", name, "--data", folder) for name in ("e", "f"))
    assert smaller[2] == "vector store storage 2 $0.10 / GiB day $0.20 prices.toml line 15"
    assert (sentence in smaller, sentence in larger) == (True, False)


def test_an_event_that_is_not_there_is_told(where: tuple[str, ...]) -> None:
    result = run("prices", "explain", "A", *where)
    assert (result.returncode, result.stdout) == (1, "")
    assert "No event has the id 'A'; ids are told apart by every character." in told(result)


def test_a_folder_without_a_ledger_is_not_made_by_asking(tmp_path: Path) -> None:
    for command in (("list",), ("history",), ("explain", "a")):
        result = run("prices", *command, "--data", tmp_path / "nothing")
        assert (result.returncode, result.stdout) == (1, "")
        assert "nothing holds no ledger." in told(result)
    assert not (tmp_path / "nothing").exists()
