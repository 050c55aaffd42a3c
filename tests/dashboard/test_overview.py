"""The Overview says what the API says."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from playwright.sync_api import Locator, Page, expect

from dashboard.conftest import LAPTOP, PHONE, THEMES, WIDE, ZONE, Visiting
from support.browsing import Visit
from support.prefixed import prefixed
from support.server import Server, running

WHERE = ZoneInfo(ZONE)
KINDS_WITH_REQUESTS = (
    "completions", "embeddings", "moderations", "images", "audio_speeches",
    "audio_transcriptions", "web_search_calls", "decisions",
)  # fmt: skip


def midnight(days_ago: int) -> int:
    today = datetime.now(WHERE).replace(hour=0, minute=0, second=0, microsecond=0)
    return int(
        (today.replace(tzinfo=None) - timedelta(days=days_ago)).replace(tzinfo=WHERE).timestamp()
    )


def costs(server: Server, start: int, **parameters: Any) -> tuple[list[dict[str, Any]], int]:
    """Rows of costs by day since a moment, with exact amounts, and how many events are unpriced."""
    answer = server.http.get(
        "/v1/organization/costs",
        params={"start_time": start, "timezone": ZONE, "limit": 180, **parameters},
    )
    assert answer.status_code == 200
    page = msgspec.json.Decoder(float_hook=Decimal).decode(answer.content)
    assert page["next_page"] is None
    rows = [
        {**row, "start_time": bucket["start_time"]}
        for bucket in page["data"]
        for row in bucket["results"]
    ]
    return rows, int(answer.headers["tallybook-unpriced-events"])


def total(rows: list[dict[str, Any]]) -> Decimal:
    return sum((Decimal(row["amount"]["value"]) for row in rows), Decimal(0))


def exact(locator: Locator) -> Decimal:
    """The number that a part of the page shows, with all of its digits."""
    told = locator.get_attribute("data-exact")
    assert told is not None
    return Decimal(re.sub(r"[^0-9.]", "", told))


def tile(page: Page, title: str | re.Pattern[str]) -> Locator:
    return page.get_by_role("region", name=title).locator("[data-exact]")


@pytest.fixture
def overview(demo: Server, visiting: Visiting) -> Visit:
    return visiting(demo).enter("#/overview?range=30d").settle()


def test_the_tiles_are_the_sums_of_the_api(overview: Visit, demo: Server) -> None:
    page = overview.page
    month = datetime.now(WHERE).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    rows, _ = costs(demo, int(month.timestamp()))
    assert exact(tile(page, "Spent this month")) == total(rows)
    rows, unpriced = costs(demo, midnight(29))
    assert exact(tile(page, "Unpriced events")) == unpriced
    assert unpriced > 0
    assert exact(page.get_by_role("region", name="Costs by day").locator("[data-exact]").first) == (
        total(rows)
    )
    requests = sum(
        row["num_model_requests"]
        for kind in KINDS_WITH_REQUESTS
        for bucket in demo.usage(
            kind, start_time=midnight(29), bucket_width="1d", limit=31, timezone=ZONE
        ).json()["data"]
        for row in bucket["results"]
    )
    assert exact(tile(page, "Requests")) == requests


def test_the_forecast_is_no_less_than_what_is_spent(overview: Visit) -> None:
    spent = exact(tile(overview.page, "Spent this month"))
    forecast = exact(tile(overview.page, re.compile("Forecast to")))
    assert forecast >= spent > 0


@pytest.mark.parametrize(
    ("title", "dimension"),
    [("Models", "model"), ("Projects", "project_id"), ("Users", "user_id"), ("Keys", "api_key_id")],
)
def test_the_lists_are_the_rankings_of_the_api(
    overview: Visit, demo: Server, title: str, dimension: str
) -> None:
    rows, _ = costs(demo, midnight(29), group_by=dimension, top=5)
    sums: dict[str, Decimal] = {}
    for row in rows:
        name = "all others" if row["other"] else row[dimension] or "no "
        sums[name] = sums.get(name, Decimal(0)) + Decimal(row["amount"]["value"])
    table = overview.page.get_by_role("region", name=title).get_by_role("table")
    shown = {
        line.get_by_role("rowheader").inner_text(): exact(line.locator("[data-exact]"))
        for line in table.locator("tbody tr").all()
    }
    assert {
        ("no " if name.startswith("no ") else name): sum_ for name, sum_ in shown.items()
    } == sums
    assert list(shown)[-1] == "all others"


def test_a_bar_is_told_in_words_by_the_keyboard(overview: Visit, demo: Server) -> None:
    page = overview.page
    chart = page.get_by_role("img", name=re.compile("Costs by day and model"))
    chart.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    yesterday = midnight(1)
    rows, _ = costs(demo, yesterday, end_time=midnight(0))
    day = datetime.fromtimestamp(yesterday, WHERE)
    said = page.get_by_role("region", name="Costs by day").get_by_role("status")
    expect(said).to_have_text(f"{day:%a}, {day.day} {day:%b %Y}: ${total(rows):.2f}")


def test_a_brush_chooses_the_range_and_the_address_keeps_it(overview: Visit) -> None:
    page = overview.page
    page.get_by_role("img", name=re.compile("Costs by day")).focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Enter")
    chosen = re.compile(rf"range={midnight(3)}\.\.{midnight(0)}")
    expect(page).to_have_url(chosen)
    overview.settle()
    shown = page.get_by_role("region", name=re.compile("Costs by")).locator("[data-exact]").first
    before = exact(shown)
    page.reload()
    overview.settle()
    expect(page).to_have_url(chosen)
    assert exact(shown) == before
    page.go_back()
    expect(page).to_have_url(re.compile("#/overview"))


def test_the_chart_is_stacked_by_what_one_chooses(overview: Visit) -> None:
    page = overview.page
    page.get_by_role("button", name="Stacked by: By model").click()
    page.get_by_role("combobox", name="Stacked by").fill("team")
    page.get_by_role("option", name="Tag team").click()
    expect(page).to_have_url(re.compile("by=tag:team"))
    overview.settle()
    expect(page.get_by_role("list", name="Legend")).to_contain_text("search")


def test_a_filter_of_the_address_holds_for_all_of_it(demo: Server, visiting: Visiting) -> None:
    rows, _ = costs(demo, midnight(29), group_by="project_id", top=1)
    project = next(row["project_id"] for row in rows if not row["other"])
    place = f"#/overview?range=30d&zone={ZONE}&where=project_id={project}"
    visit = visiting(demo).enter(place).settle()
    rows, _ = costs(demo, midnight(29), project_ids=project)
    shown = visit.page.get_by_role("region", name="Costs by day").locator("[data-exact]").first
    assert exact(shown) == total(rows)
    visit.page.get_by_role("button", name=f"Remove Project {project}").click()
    visit.settle()
    assert exact(shown) > total(rows)


def test_the_zone_moves_the_days(demo: Server, visiting: Visiting) -> None:
    visit = visiting(demo).enter("#/overview?range=yesterday&zone=Asia/Tokyo").settle()
    tokyo = ZoneInfo("Asia/Tokyo")
    end = datetime.now(tokyo).replace(hour=0, minute=0, second=0, microsecond=0)
    start = int((end - timedelta(days=1)).timestamp())
    answer = demo.http.get(
        "/v1/organization/costs",
        params={
            "start_time": start,
            "end_time": int(end.timestamp()),
            "bucket_width": "15m",
            "limit": 672,
        },
    )
    page = msgspec.json.Decoder(float_hook=Decimal).decode(answer.content)
    rows = [row for bucket in page["data"] for row in bucket["results"]]
    shown = (
        visit.page.get_by_role("region", name=re.compile("Costs by")).locator("[data-exact]").first
    )
    assert exact(shown) == total(rows)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [PHONE, LAPTOP, WIDE], ids=["phone", "laptop", "wide"])
def test_it_is_accessible_and_fits(
    demo: Server, visiting: Visiting, theme: str, size: tuple[int, int]
) -> None:
    visit = visiting(demo, theme, size).enter().settle()
    visit.check_accessibility()
    visit.check_width()


def test_an_empty_ledger_says_how_to_begin_and_comes_alive(
    server: Server, visiting: Visiting
) -> None:
    visit = visiting(server).enter()
    page = visit.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Send the first event")
    curl = page.get_by_role("region", name="Send the first event").inner_text()
    assert f"{server.address}/v1/events" in curl
    visit.check_accessibility()
    page.get_by_text("OpenAI's SDK").click()
    expect(page.get_by_role("region", name="Send the first event")).to_contain_text(
        "recorder.transport()"
    )
    first = {
        "id": "req_first",
        "time": datetime.now(UTC).timestamp(),
        "kind": "completions",
        "model": "gpt-5.5-2026-04-23",
        "input_tokens": 1000,
        "output_tokens": 100,
    }
    assert server.post(first).json()["accepted"] == 1
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    visit.settle()
    assert exact(tile(page, "Today so far")) == Decimal("0.008")
    assert exact(tile(page, "Requests")) == 1


def test_it_works_below_a_prefix(demo: Server, visiting: Visiting) -> None:
    with prefixed(demo.address, "/books") as address:
        visit = visiting(demo, address=address).enter("#/overview?range=7d").settle()
        expect(visit.page.get_by_role("heading", level=1)).to_have_text("Overview")
        rows, _ = costs(demo, midnight(6))
        shown = visit.page.get_by_role("region", name="Costs by day").locator("[data-exact]").first
        assert exact(shown) == total(rows)
        visit.page.get_by_role("button", name="Log out").click()
        expect(visit.page.get_by_role("heading", name="Log in")).to_be_visible()


def test_a_server_that_goes_away_is_told_and_asked_again(
    visiting: Visiting, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with running(tmp_path_factory.mktemp("going")) as server:
        event = {"id": "e", "kind": "embeddings", "model": "text-embedding-3-small"}
        server.post(event | {"time": datetime.now(UTC).timestamp(), "input_tokens": 5})
        visit = visiting(server).enter().settle()
        # Every request fails from now on, as when the server is restarted.
        visit.page.route("**/v1/**", lambda route: route.abort())
        visit.page.get_by_role("button", name="Range: Last 30 days").click()
        visit.page.get_by_role("button", name="Last 7 days").click()
        alert = visit.page.get_by_role("region", name="Costs by day").get_by_role("alert")
        expect(alert).to_contain_text("The server cannot be reached")
        visit.page.unroute("**/v1/**")
        alert.get_by_role("button", name="Try again").click()
        expect(alert).to_have_count(0)
        # The browser reports each request that failed.
        visit.faults = [fault for fault in visit.faults if "net::ERR_FAILED" not in fault]


def test_a_day_far_from_its_rhythm_is_marked_with_what_drove_it(
    visiting: Visiting, tmp_path_factory: pytest.TempPathFactory
) -> None:
    steady, new = "gpt-5.5-2026-04-23", "claude-opus-4-5-20251101"

    def spend(days_ago: int, number: int, model: str) -> dict[str, Any]:
        # Half a dollar, at noon.
        return {
            "id": f"req_{days_ago}_{number}",
            "time": midnight(days_ago) + 12 * 3600,
            "kind": "completions",
            "provider": "anthropic" if model == new else "openai",
            "model": model,
            "input_tokens": 100_000,
            "output_tokens": 0,
        }

    events = [spend(ago, number, steady) for ago in range(1, 50) for number in range(4)]
    events += [spend(9, 10 + number, new) for number in range(12)]
    with running(tmp_path_factory.mktemp("spike")) as server:
        assert server.post(events).json()["accepted"] == len(events)
        visit = visiting(server).enter("#/overview?range=30d").settle()
        remark = visit.page.get_by_role("region", name="Remarkable").get_by_role("listitem")
        expect(remark).to_have_count(1)
        day = datetime.fromtimestamp(midnight(9), WHERE)
        expect(remark).to_contain_text(f"{day:%a}, {day.day} {day:%b %Y}$8.00")
        expect(remark).to_contain_text(f"far above the usual $2.00, driven by {new} ($6.00")
        expect(visit.page.locator(".chart-mark")).to_have_count(1)
        visit.check_accessibility()
