"""The last minutes on the page are those of the API, and go on by themselves."""

import re
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from dashboard.conftest import LAPTOP, PHONE, THEMES, WIDE, Visiting
from support.server import Server, running

LARGE, SMALL = "gpt-5.5-2026-04-23", "text-embedding-3-small"
# Long enough ago to be in an earlier minute, and well within the shortest view.
AGO_SECONDS = 200


def event(name: str, ago_seconds: float, **fields: Any) -> dict[str, Any]:
    return {
        "id": f"req_{name}",
        "time": time.time() - ago_seconds,
        "kind": "completions",
        "model": LARGE,
        "project_id": "proj_atlas",
        "input_tokens": 1000,
        "output_tokens": 100,
    } | fields


def embedding(name: str, ago_seconds: float, **fields: Any) -> dict[str, Any]:
    told = event(name, ago_seconds, kind="embeddings", model=SMALL, **fields)
    del told["output_tokens"]
    return told


def post(server: Server, *events: dict[str, Any]) -> None:
    assert server.post(list(events)).json()["accepted"] == len(events)


def tile(page: Page, title: str) -> Locator:
    return page.get_by_role("region", name=title, exact=True).locator("[data-exact]")


@pytest.fixture
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with four events of the last minutes, of two models and kinds."""
    with running(tmp_path_factory.mktemp("live")) as server:
        post(
            server,
            event("a", AGO_SECONDS),
            event("b", AGO_SECONDS + 60, project_id="proj_borealis"),
            embedding("c", AGO_SECONDS + 1),
            # Long before all of it.
            event("old", 7200, input_tokens=5_000_000),
        )
        yield server


def test_the_tiles_and_lists_are_the_sums_of_the_api(live: Server, visiting: Visiting) -> None:
    visit = visiting(live).enter("#/live")
    page = visit.page
    expect(tile(page, "Requests")).to_have_attribute("data-exact", "3")
    expect(tile(page, "Tokens")).to_have_attribute("data-exact", "3,200")
    costs = live.http.get(
        "/v1/organization/costs",
        params={"start_time": int(time.time()) - 1800, "bucket_width": "1m", "group_by": "model"},
    )
    spent: dict[str, Decimal] = {}
    for bucket in costs.json()["data"]:
        for row in bucket["results"]:
            amount = Decimal(str(row["amount"]["value"]))
            spent[row["model"]] = spent.get(row["model"], Decimal(0)) + amount
    assert set(spent) == {LARGE, SMALL}
    shown = tile(page, "Spend").get_attribute("data-exact")
    assert Decimal((shown or "").lstrip("$")) == sum(spent.values())
    lines = page.get_by_role("table", name="Models in these minutes").locator("tbody tr")
    expect(lines).to_have_count(2)
    expect(lines.first.get_by_role("rowheader")).to_have_text(LARGE)
    assert [each.get_attribute("data-exact") for each in lines.first.locator("[data-exact]").all()][
        :2
    ] == ["2", "2,200"]
    newest = page.get_by_role("table", name="Newest events").locator("tbody tr")
    expect(newest).to_have_count(3)
    expect(newest.first).to_contain_text("1,000 input tokens, 100 output tokens")
    chart = page.get_by_role("img", name=re.compile("Requests by minute and model"))
    expect(chart).to_have_attribute("aria-label", re.compile(f"3 in all, most of it {LARGE}: 2"))


def test_what_comes_in_is_there_a_moment_later(live: Server, visiting: Visiting) -> None:
    page = visiting(live).enter("#/live").page
    expect(tile(page, "Requests")).to_have_attribute("data-exact", "3")
    post(live, event("new", 0, input_tokens=42), embedding("newer", 0))
    expect(tile(page, "Requests")).to_have_attribute("data-exact", "5")
    newest = page.get_by_role("table", name="Newest events").locator("tbody tr")
    expect(newest.filter(has_text="42 input tokens")).to_have_count(1)


def test_it_stands_still_while_it_is_paused(live: Server, visiting: Visiting) -> None:
    page = visiting(live).enter("#/live").page
    expect(tile(page, "Requests")).to_have_attribute("data-exact", "3")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("status").filter(has_text="Paused")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    post(live, event("new", 0))
    # A change of what is drawn is no question.
    page.get_by_role("radio", name="Spend").check(force=True)
    expect(page.get_by_role("heading", name="Spend by minute")).to_be_visible()
    assert [path for path in asked if "/v1/" in path] == []
    page.get_by_role("button", name="Go on").click()
    expect(tile(page, "Requests")).to_have_attribute("data-exact", "4")


def test_nobody_is_asked_while_the_tab_is_hidden(live: Server, visiting: Visiting) -> None:
    page = visiting(live).enter("#/live").page
    expect(tile(page, "Requests")).to_have_attribute("data-exact", "3")
    hide = """hidden => {
        Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    page.evaluate(hide, True)
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    post(live, event("new", 0))
    page.get_by_role("radio", name="Tokens").check(force=True)
    expect(page.get_by_role("heading", name="Tokens by minute")).to_be_visible()
    assert [path for path in asked if "/v1/" in path] == []
    page.evaluate(hide, False)
    expect(tile(page, "Requests")).to_have_attribute("data-exact", "4")


def test_the_address_keeps_what_one_looks_at(live: Server, visiting: Visiting) -> None:
    visit = visiting(live).enter("#/live?minutes=15&show=tokens&where=project_id=proj_borealis")
    page = visit.page
    expect(tile(page, "Requests")).to_have_attribute("data-exact", "1")
    expect(page.get_by_role("radio", name="15 min")).to_be_checked()
    expect(page.get_by_role("heading", name="Tokens by minute")).to_be_visible()
    page.get_by_role("radio", name="60 min").check(force=True)
    expect(page).to_have_url(re.compile("minutes=60"))
    page.get_by_role("button", name="Remove Project proj_borealis").click()
    expect(tile(page, "Requests")).to_have_attribute("data-exact", "3")
    page.reload()
    expect(page.get_by_role("radio", name="60 min")).to_be_checked()
    expect(tile(page, "Requests")).to_have_attribute("data-exact", "3")


def test_a_model_and_a_minute_are_looked_into(live: Server, visiting: Visiting) -> None:
    page = visiting(live).enter("#/live").page
    expect(tile(page, "Requests")).to_have_attribute("data-exact", "3")
    legend = page.get_by_role("list", name="Legend")
    legend.get_by_role("button", name=SMALL).click()
    expect(tile(page, "Requests")).to_have_attribute("data-exact", "1")
    expect(page.get_by_role("list", name="Filters")).to_contain_text(SMALL)
    page.get_by_role("img", name=re.compile("Requests by minute")).focus()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"#/explore\?range=\d+\.\.\d+&.*where=model={SMALL}"))


def test_the_price_of_an_event_is_a_click_away(live: Server, visiting: Visiting) -> None:
    visit = visiting(live).enter("#/live")
    visit.page.get_by_role("link", name="Explain req_a").click()
    dialog = visit.page.get_by_role("dialog")
    expect(dialog).to_contain_text("req_a")
    # A thousand tokens in and a hundred out.
    expect(dialog).to_contain_text("$0.008")


def test_a_server_that_goes_away_is_waited_for(live: Server, visiting: Visiting) -> None:
    visit = visiting(live).enter("#/live")
    page = visit.page
    expect(tile(page, "Requests")).to_have_attribute("data-exact", "3")
    page.route("**/v1/**", lambda route: route.abort())
    expect(page.get_by_role("status").filter(has_text="Waiting for the server")).to_be_visible()
    # What was seen is still there.
    expect(tile(page, "Requests")).to_have_attribute("data-exact", "3")
    page.unroute("**/v1/**")
    expect(page.get_by_role("status").filter(has_text="Live")).to_be_visible()
    # The browser reports each request that failed.
    visit.faults = [fault for fault in visit.faults if "net::ERR_FAILED" not in fault]


def test_a_bound_key_sees_the_minutes_of_its_projects(live: Server, visiting: Visiting) -> None:
    project = live.http.post("/v1/organization/projects", json={"name": "Carina"}).json()["id"]
    post(live, event("mine", 5, project_id=project))
    wish = {"name": "bound", "scopes": ["api.usage.read"], "project_ids": [project]}
    key = live.http.post("/v1/organization/admin_api_keys", json=wish).json()["value"]
    page = visiting(live).enter("#/live", key).page
    expect(tile(page, "Requests")).to_have_attribute("data-exact", "1")
    newest = page.get_by_role("table", name="Newest events").locator("tbody tr")
    expect(newest).to_have_count(1)
    expect(newest).to_contain_text("Carina")


def test_an_empty_ledger_waits_and_comes_alive(server: Server, visiting: Visiting) -> None:
    page = visiting(server).enter("#/live").page
    expect(page.get_by_text("Nothing in these minutes")).to_be_visible()
    post(server, event("first", 0))
    expect(page.get_by_role("img", name=re.compile("Requests by minute"))).to_be_visible()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [PHONE, LAPTOP, WIDE], ids=["phone", "laptop", "wide"])
def test_it_is_accessible_and_fits(
    live: Server, visiting: Visiting, theme: str, size: tuple[int, int]
) -> None:
    visit = visiting(live, theme, size).enter("#/live")
    expect(visit.page.get_by_role("table", name="Models in these minutes")).to_be_visible()
    visit.check_accessibility()
    visit.check_width()
