"""Explore says what the API says, and hands it on: as a file, as a link, as code."""

import csv
import os
import re
import shlex
import subprocess
import sys
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from dashboard.answers import Groups, answered, exact, groups_of
from dashboard.conftest import LAPTOP, PHONE, THEMES, WIDE, ZONE, Visiting
from support.browsing import Visit
from support.needs import require
from support.server import ADMIN_KEY, Server

COSTS = "/v1/organization/costs"
COMPLETIONS = "/v1/organization/usage/completions"
# How many groups the page tells apart.
GROUPS_MAX = 100

_today = datetime.now(ZoneInfo(ZONE)).replace(hour=0, minute=0, second=0, microsecond=0)
START = int((_today - timedelta(days=20)).timestamp())
END = int(_today.timestamp())
SPAN = {"start_time": START, "end_time": END, "timezone": ZONE}
PLACE = f"#/explore?range={START}..{END}&zone={ZONE}"


def lines(page: Page) -> dict[tuple[str, ...], Decimal]:
    """The table: the first number of each line by the names before it."""
    shown = {}
    for line in page.locator(".explore-answer tbody tr").all():
        cells = line.locator("th, td:not(.table-number)").all_inner_texts()
        shown[tuple(cells)] = exact(line.locator("[data-exact]").first)
    return shown


def named(groups: Groups, *missing: str) -> dict[tuple[str, ...], Decimal]:
    """Groups by what the page calls them, those of nothing left out."""
    return {
        tuple(missing[at] if key is None else str(key) for at, key in enumerate(keys)): value
        for keys, value in groups.items()
    }


def total(page: Page) -> Locator:
    return page.locator(".explore-answer tfoot [data-exact]").first


@pytest.fixture
def explore(demo: Server, visiting: Visiting) -> Visit:
    return visiting(demo).enter(PLACE).settle()


def test_costs_by_model_are_those_of_the_api(explore: Visit, demo: Server) -> None:
    expected = groups_of(demo, COSTS, "amount", ("model",), **SPAN, limit=180)
    assert lines(explore.page) == named(expected, "no model")
    assert exact(total(explore.page)) == sum(expected.values())
    chart = explore.page.get_by_role("region", name="Costs by day").locator("[data-exact]")
    assert exact(chart) == sum(expected.values())


def test_three_dimensions_at_once(demo: Server, visiting: Visiting) -> None:
    by = ("project_id", "model", "tag:team")
    visit = visiting(demo).enter(f"{PLACE}&by={'&by='.join(by)}").settle()
    expected = groups_of(demo, COSTS, "amount", by, **SPAN, limit=180)
    assert len(expected) < GROUPS_MAX
    assert lines(visit.page) == named(expected, "no project", "no model", "no tag team")
    assert exact(total(visit.page)) == sum(expected.values())


def test_line_items_say_how_much_of_them_there_is(demo: Server, visiting: Visiting) -> None:
    visit = visiting(demo).enter(f"{PLACE}&by=line_item").settle()
    page = answered(demo, COSTS, **SPAN, limit=180, group_by="line_item")
    wanted = "gpt-5.5-2026-04-23, output"
    tokens = sum(
        row["quantity"]
        for bucket in page["data"]
        for row in bucket["results"]
        if row["line_item"] == wanted
    )
    line = visit.page.get_by_role("row").filter(has_text=wanted)
    expect(line.get_by_title(f"{tokens:,} tokens")).to_be_visible()


def test_what_is_beyond_the_largest_groups_is_one_line(demo: Server, visiting: Visiting) -> None:
    visit = visiting(demo).enter(f"{PLACE}&by=user_id&by=model").settle()
    expected = groups_of(demo, COSTS, "amount", ("user_id", "model"), **SPAN, limit=180)
    assert len(expected) > GROUPS_MAX
    shown = lines(visit.page)
    assert len(shown) == GROUPS_MAX + 1
    assert list(shown)[-1][0] == "all others"
    assert sum(shown.values()) == exact(total(visit.page)) == sum(expected.values())


@pytest.mark.parametrize("width", ["1h", "1w"])
def test_usage_by_project_at_a_width(demo: Server, visiting: Visiting, width: str) -> None:
    place = f"{PLACE}&kind=completions&order=output_tokens&by=project_id&width={width}"
    visit = visiting(demo).enter(place).settle()
    # At the width of a day it is one page of the API; sums do not depend on the width.
    expected = groups_of(
        demo, COMPLETIONS, "output_tokens", ("project_id",), **SPAN, limit=31, bucket_width="1d"
    )
    assert lines(visit.page) == named(expected, "no project")
    assert exact(total(visit.page)) == sum(expected.values())


def test_a_stock_is_what_it_was_at_most(demo: Server, visiting: Visiting) -> None:
    visit = visiting(demo).enter(f"{PLACE}&kind=vector_stores&by=").settle()
    page = answered(
        demo, "/v1/organization/usage/vector_stores", **SPAN, limit=31, bucket_width="1d"
    )
    days = [sum(row["usage_bytes"] for row in bucket["results"]) for bucket in page["data"]]
    assert exact(total(visit.page)) == max(days)


def test_a_filter_is_found_by_typing_and_holds(explore: Visit, demo: Server) -> None:
    page = explore.page
    projects = groups_of(demo, COSTS, "amount", ("project_id",), **SPAN, limit=180)
    dearest = max((value, key) for (key,), value in projects.items() if key)[1]
    page.get_by_role("button", name="Filter by: Filter").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("project")
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="Project", exact=True)).to_be_focused()
    values = page.get_by_role("listbox", name="Project").get_by_role("option")
    expect(values.first).to_contain_text(dearest)
    page.keyboard.type(dearest[5:])
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"where=project_id={dearest}"))
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Filter by: Filter")).to_be_focused()
    explore.settle()
    assert exact(total(page)) == projects[(dearest,)]
    page.get_by_role("button", name=f"Remove Project {dearest}").click()
    explore.settle()
    assert exact(total(page)) == sum(projects.values())


def test_groups_are_chosen_by_keyboard_up_to_three(explore: Visit) -> None:
    page = explore.page
    page.get_by_role("button", name="Group by: By model").focus()
    page.keyboard.press("Enter")
    for name in ("project", "team", "user"):
        page.get_by_role("combobox", name="Group by").fill(name)
        page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    explore.settle()
    expect(page).to_have_url(re.compile("by=model&by=project_id&by=user_id$"))
    heads = page.locator(".explore-answer thead th").all_inner_texts()
    assert heads[:3] == ["Model", "Project", "User"]


def test_lines_are_in_the_order_that_one_chooses(explore: Visit) -> None:
    page = explore.page
    amounts = list(lines(page).values())
    assert amounts == sorted(amounts, reverse=True)
    page.get_by_role("button", name="Cost", exact=True).click()
    assert list(lines(page).values()) == amounts[::-1]
    page.get_by_role("button", name="Model", exact=True).click()
    names = [name for (name,) in lines(page)]
    assert names == sorted(names)
    expect(page.get_by_role("columnheader", name="Model")).to_have_attribute(
        "aria-sort", "ascending"
    )
    page.reload()
    explore.settle()
    assert [name for (name,) in lines(page)] == names


def test_a_brush_chooses_the_range(explore: Visit, demo: Server) -> None:
    page = explore.page
    page.get_by_role("img", name=re.compile("Costs by day")).focus()
    for key in ("Home", "Shift+ArrowRight", "Shift+ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(page).to_have_url(re.compile(rf"range={START}\.\.\d+"))
    explore.settle()
    chosen = re.search(r"range=(\d+)\.\.(\d+)", page.url)
    assert chosen is not None
    asked = SPAN | {"end_time": int(chosen[2])}
    expected = groups_of(demo, COSTS, "amount", (), **asked, limit=180)
    assert exact(total(page)) == expected[()]


@pytest.mark.parametrize(
    "state",
    [
        "",
        "&by=model&by=tag:team&sort=model",
        "&kind=completions&order=num_model_requests&width=1h&by=",
        "&kind=images&by=size&where=project_id=proj_atlas",
        "&zone=Asia/Kathmandu&where=tag:team=search&by=user_id",
    ],
)
def test_a_link_loads_the_same_view(demo: Server, visiting: Visiting, state: str) -> None:
    visit = visiting(demo).enter(PLACE + state).settle()
    page = visit.page
    before, address = page.locator("main").inner_text(), page.url
    page.goto("about:blank")
    page.goto(address)
    visit.settle()
    assert page.url == address
    assert page.locator("main").inner_text() == before


def test_the_file_equals_the_table(demo: Server, visiting: Visiting, tmp_path: Path) -> None:
    visit = visiting(demo).enter(f"{PLACE}&by=model&by=project_id").settle()
    page = visit.page
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as saving:
        page.get_by_role("menuitem", name="Download CSV", exact=True).click()
    assert saving.value.suggested_filename.startswith("tallybook-costs-by-model-project_id-")
    saving.value.save_as(tmp_path / "saved.csv")
    with (tmp_path / "saved.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    by = ("model", "project_id")
    expected = groups_of(demo, COSTS, "amount", by, **SPAN, limit=180)
    saved = {
        (row["model"] or None, row["project_id"] or None): Decimal(row["amount"]) for row in rows
    }
    assert saved == expected
    shown = list(lines(page).values())
    assert [Decimal(row["amount"]) for row in rows] == shown
    assert {row["currency"] for row in rows} == {"usd"}


def test_the_link_that_is_copied_is_the_address(explore: Visit) -> None:
    page = explore.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Export").click()
    page.get_by_role("menuitem", name="Copy link").click()
    expect(page.get_by_role("status").filter(has_text="Copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url


@pytest.mark.parametrize("way", ["curl", "Python", "Command line"])
def test_the_code_runs_and_gives_the_same_numbers(
    demo: Server, visiting: Visiting, way: str, tmp_path: Path
) -> None:
    require("curl", present=way != "curl" or Path("/usr/bin/curl").exists())
    visit = visiting(demo).enter(f"{PLACE}&by=model&where=tag:team=search").settle()
    page = visit.page
    page.get_by_role("button", name="As code").click()
    page.get_by_text(way, exact=True).click()
    code = page.get_by_role("region", name="The question as code").inner_text()
    expected = exact(total(page))
    environment = os.environ | {"TALLYBOOK_ADMIN_KEY": ADMIN_KEY, "no_proxy": "*"}
    if way == "curl":
        command = ["sh", "-c", code]
    elif way == "Python":
        command = [sys.executable, "-c", code]
    else:
        words = shlex.split(code.replace("\\\n", " "))
        command = [sys.executable, "-m", *words, "--csv"]
    ran = subprocess.run(
        command, capture_output=True, text=True, env=environment, cwd=tmp_path, check=False
    )
    assert ran.returncode == 0, ran.stderr
    if way == "curl":
        amounts = re.findall(r'"value": ?([0-9.]+)', ran.stdout)
    elif way == "Python":
        amounts = re.findall(r"Decimal\('([0-9.]+)'\)", ran.stdout.splitlines()[-1])
    else:
        amounts = [row["amount"] for row in csv.DictReader(ran.stdout.splitlines())]
    assert sum(map(Decimal, amounts)) == expected > 0


def test_a_range_without_anything_says_so(demo: Server, visiting: Visiting) -> None:
    visit = visiting(demo).enter(f"#/explore?range=1600000000..1600086400&zone={ZONE}").settle()
    expect(visit.page.get_by_text("Nothing in this range")).to_be_visible()
    visit.check_accessibility()


def test_what_takes_too_long_says_what_else_to_ask(explore: Visit) -> None:
    page = explore.page
    explore.expected_statuses.add(504)
    message = "The query was stopped after 30 seconds."
    page.route(
        f"**{COSTS}?**",
        lambda route: route.fulfill(
            status=504,
            json={"error": {"message": message, "type": "server_error", "code": "query_timeout"}},
            headers={"content-security-policy": "default-src 'none'"},
        ),
    )
    page.get_by_role("combobox", name="Width").select_option("1h")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("This takes too long to answer")
    expect(alert).to_contain_text(message)
    expect(alert).to_contain_text("a shorter range")
    page.unroute(f"**{COSTS}?**")
    alert.get_by_role("button", name="Try again").click()
    expect(alert).to_have_count(0)
    explore.settle()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [PHONE, LAPTOP, WIDE], ids=["phone", "laptop", "wide"])
def test_it_is_accessible_and_fits(
    demo: Server, visiting: Visiting, theme: str, size: tuple[int, int]
) -> None:
    visit = visiting(demo, theme, size).enter(f"{PLACE}&by=model&by=project_id").settle()
    visit.check_accessibility()
    visit.check_width()
    visit.page.get_by_role("button", name="As code").click()
    visit.check_accessibility()
