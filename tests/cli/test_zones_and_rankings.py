"""Answers by the clocks of a zone and with the largest groups only, as text; and their options."""

import csv
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import typer
from rich.console import Console

from tallybook.cli import asking, cost_tables, tables
from tallybook.domain import costs
from tallybook.domain.buckets import BucketWidth, Grid
from tallybook.domain.kinds import KINDS
from tallybook.usage.pages import Bucket

PARIS = "Europe/Paris"
# 2026-10-25T00:00 in Paris: a day of 25 hours.
AUTUMN = 1_792_879_200
HOUR = 3_600


def printed(write: Callable[[Any, Console], None], answer: Any) -> list[str]:
    """The lines of some output, without blank ones."""
    file = io.StringIO()
    write(answer, Console(file=file, width=200, highlight=False))
    return [line.strip() for line in file.getvalue().splitlines() if line.strip()]


def usage(grid: Grid, *rows: tuple[int, int, dict[str, Any]], **more: Any) -> tables.Answer:
    """An answer about images: for each bucket its ends, and its only result."""
    buckets = [
        Bucket(start, end, [{"images": 1, "num_model_requests": 1, **result}])
        for start, end, result in rows
    ]
    asked: dict[str, Any] = {"group_by": (), "with_parts": False} | more
    return tables.Answer(KINDS["images"], grid, buckets=buckets, **asked)


@pytest.mark.parametrize(
    ("zone", "width", "start", "text"),
    [
        ("UTC", "1d", AUTUMN + 2 * HOUR, "2026-10-25"),
        ("UTC", "1d", AUTUMN, "2026-10-24 22:00"),
        ("UTC", "1h", AUTUMN + 2 * HOUR, "2026-10-25 00:00"),
        (PARIS, "1d", AUTUMN, "2026-10-25"),
        (PARIS, "1d", AUTUMN + 25 * HOUR, "2026-10-26"),
        (PARIS, "1d", AUTUMN + HOUR, "2026-10-25 01:00"),
        (PARIS, "1w", AUTUMN + 25 * HOUR, "2026-10-26"),
        (PARIS, "1mo", AUTUMN - 24 * 24 * HOUR, "2026-10"),
        (PARIS, "1mo", AUTUMN, "2026-10-25 00:00"),
        # The hour that clocks show twice.
        (PARIS, "1h", AUTUMN + 2 * HOUR, "2026-10-25 02:00"),
        (PARIS, "1h", AUTUMN + 3 * HOUR, "2026-10-25 02:00 +01:00"),
        (PARIS, "1h", AUTUMN + 4 * HOUR, "2026-10-25 03:00"),
        # A day without a midnight.
        ("America/Sao_Paulo", "1d", 1_508_036_400, "2017-10-15"),
    ],
)
def test_a_bucket_is_told_by_the_clocks_of_its_zone(
    zone: str, width: str, start: int, text: str
) -> None:
    assert tables.bucket_start(start, Grid(BucketWidth(width), zone)) == text


def test_a_table_names_the_zone_and_shows_its_times() -> None:
    grid = Grid(BucketWidth.HOUR, PARIS)
    answer = usage(grid, *((AUTUMN + n * HOUR, AUTUMN + (n + 1) * HOUR, {}) for n in (2, 3)))
    lines = printed(tables.print_table, answer)
    assert lines[2].split()[0] == PARIS
    assert [line.split()[:3] for line in lines[4:6]] == [
        ["2026-10-25", "02:00", "1"],
        ["2026-10-25", "02:00", "+01:00"],
    ]


def test_csv_has_the_zones_times_with_their_offsets() -> None:
    grid = Grid(BucketWidth.DAY, PARIS)
    lines = printed(tables.print_csv, usage(grid, (AUTUMN, AUTUMN + 25 * HOUR, {})))
    assert lines[1].split(",")[:2] == ["2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"]


def test_nothing_is_said_to_be_nothing_in_the_zones_times() -> None:
    grid = Grid(BucketWidth.DAY, PARIS)
    answer = tables.Answer(KINDS["images"], grid, (), [Bucket(AUTUMN, AUTUMN + HOUR, [])], True)
    assert printed(tables.print_table, answer) == [
        "No usage of kind images from 2026-10-25T00:00:00+02:00 to 2026-10-25T01:00:00+02:00."
    ]


OTHERS: list[dict[str, Any]] = [
    {"model": "other", "provider": None, "other": False},
    {"model": None, "provider": None, "other": False},
    {"model": None, "provider": None, "other": True},
]


def test_what_is_left_beside_the_largest_groups_is_told_from_groups_without_a_name() -> None:
    answer = usage(
        Grid(BucketWidth.DAY),
        *((AUTUMN + 2 * HOUR, AUTUMN + 26 * HOUR, result) for result in OTHERS),
        group_by=("model", "provider"),
        with_other=True,
    )
    lines = [line.split()[1:] for line in printed(tables.print_table, answer)]
    assert lines[-5:-2] == [["other", "-", "1", "1"], ["-", "-", "1", "1"], ["(other)", "1", "1"]]
    rows = list(csv.DictReader(printed(tables.print_csv, answer)))
    assert [(row["model"], row["other"]) for row in rows] == [
        ("other", "False"),
        ("", "False"),
        ("", "True"),
    ]


def test_the_rest_of_costs_stands_last_however_dear_it_is() -> None:
    results = [
        result
        | {"amount": {"value": Decimal(value), "currency": "usd"}, "quantity": None}
        | {"quantity_unit": None}
        for result, value in zip(OTHERS, ("2.5", "1.25", "40"), strict=True)
    ]
    buckets = [Bucket(AUTUMN, AUTUMN + 25 * HOUR, results)] * 2
    grid = Grid(BucketWidth.DAY, PARIS)
    answer = cost_tables.CostsAnswer(grid, ("model", "provider"), buckets, 0, with_other=True)
    lines = [line.split() for line in printed(cost_tables.print_table, answer)]
    assert [line[:2] for line in lines[2:5]] == [["other", "-"], ["-", "-"], ["(other)", "$80.00"]]
    assert lines[-1] == ["total", "$87.50"]
    rows = list(csv.DictReader(printed(cost_tables.print_csv, answer)))
    assert [(row["other"], row["amount"]) for row in rows[:3]] == [
        ("False", "2.5"),
        ("False", "1.25"),
        ("True", "40"),
    ]
    assert rows[0]["start_time"] == "2026-10-25T00:00:00+02:00"


def test_costs_without_groups_are_told_by_the_clocks_of_the_zone() -> None:
    result = {"amount": {"value": Decimal(3), "currency": "usd"}, "quantity": None}
    buckets = [Bucket(AUTUMN, AUTUMN + 25 * HOUR, [result])]
    answer = cost_tables.CostsAnswer(Grid(BucketWidth.DAY, PARIS), (), buckets, 0)
    lines = printed(cost_tables.print_table, answer)
    assert lines[1].split() == [PARIS, "amount"]
    assert lines[3].startswith("2026-10-25 ")


def test_the_options_become_parameters_of_the_api() -> None:
    grid = asking.grid_of(BucketWidth.MONTH, PARIS)
    assert asking.time_parameters("2026-10-25", "now", grid, AUTUMN + HOUR) == [
        ("start_time", str(AUTUMN)),
        ("bucket_width", "1mo"),
        ("timezone", PARIS),
    ]
    assert asking.ranking_parameters("amount", 5) == [("order_by", "amount"), ("top", "5")]
    assert asking.ranking_parameters(None, None) == []


@pytest.mark.parametrize("name", ["Paris", "europe/paris", "", "../UTC", "localtime"])
def test_a_zone_that_there_is_not_is_refused(name: str) -> None:
    with pytest.raises(typer.BadParameter, match="IANA time zone database, like Europe/Paris"):
        asking.grid_of(BucketWidth.DAY, name)


def test_usage_and_costs_are_filtered_by_provider_and_tags() -> None:
    texts = ["provider=acme", "tag:team=a=b", "tag:cost/center=x", "project_id=p"]
    wanted = [
        ("providers", "acme"),
        ("tags[team]", "a=b"),
        ("tags[cost/center]", "x"),
        ("project_ids", "p"),
    ]
    for kind in KINDS.values():
        assert asking.conditions(kind.name, kind.query_filters, texts) == wanted
    assert asking.conditions(costs.NAME, costs.FILTERS, texts) == wanted


@pytest.mark.parametrize("text", ["currency=usd", "team=x", "tag=x", "Tag:team=x"])
def test_usage_is_filtered_by_nothing_else(text: str) -> None:
    kind = KINDS["completions"]
    with pytest.raises(typer.BadParameter, match=r"but by project_id, .*, provider and tag:NAME"):
        asking.conditions(kind.name, kind.query_filters, [text])
