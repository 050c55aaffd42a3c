"""From a group or a bar down to the events, and to what one of them cost."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from dashboard.answers import answered, exact, groups_of
from dashboard.conftest import LAPTOP, PHONE, THEMES, ZONE, Visiting
from support.browsing import Visit
from support.server import Server

COSTS = "/v1/organization/costs"
EVENTS_OF_PAGE = 50

_today = datetime.now(ZoneInfo(ZONE)).replace(hour=0, minute=0, second=0, microsecond=0)
START = int((_today - timedelta(days=20)).timestamp())
END = int(_today.timestamp())
SPAN = {"start_time": START, "end_time": END}
PLACE = f"?range={START}..{END}&zone={ZONE}"
MODEL = "gpt-5.5-2026-04-23"


@pytest.fixture
def explore(demo: Server, visiting: Visiting) -> Visit:
    return visiting(demo).enter(f"#/explore{PLACE}").settle()


def total(page: Page) -> Decimal:
    return exact(page.locator(".explore-answer tfoot [data-exact]").first)


def costs(server: Server, **filters: object) -> Decimal:
    asked = {**SPAN, "timezone": ZONE, "limit": 180, **filters}
    return sum(groups_of(server, COSTS, "amount", (), **asked).values(), Decimal(0))


def event_ids(page: Page) -> list[str]:
    return page.locator(".events tbody code").all_inner_texts()


def test_a_line_leads_down_to_the_events_and_crumbs_lead_back(explore: Visit, demo: Server) -> None:
    page = explore.page
    page.get_by_role("link", name=MODEL, exact=True).click()
    explore.settle()
    expect(page.get_by_role("button", name="Group by: By project")).to_be_visible()
    assert total(page) == costs(demo, models=MODEL)

    chosen = {}
    for dimension, title in (("project_id", "project"), ("user_id", "user"), ("api_key_id", "key")):
        expect(page.get_by_role("button", name=f"Group by: By {title}")).to_be_visible()
        explore.settle()
        link = page.locator(".explore-answer tbody a").first
        chosen[dimension] = link.inner_text()
        link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Events")
    explore.settle()
    listed = answered(
        demo,
        "/v1/events",
        **SPAN,
        models=MODEL,
        project_ids=chosen["project_id"],
        user_ids=chosen["user_id"],
        api_key_ids=chosen["api_key_id"],
        limit=EVENTS_OF_PAGE,
    )
    assert event_ids(page) == [event["id"] for event in listed["data"]] != []

    steps = page.get_by_role("navigation", name="Steps")
    expect(steps.get_by_role("listitem")).to_have_count(6)
    steps.get_by_role("link", name=f"Project {chosen['project_id']}").click()
    explore.settle()
    expect(page.get_by_role("button", name="Group by: By user")).to_be_visible()
    assert total(page) == costs(demo, models=MODEL, project_ids=chosen["project_id"])
    steps.get_by_role("link", name="All").click()
    explore.settle()
    expect(page.get_by_role("button", name="Group by: By model")).to_be_visible()
    assert total(page) == costs(demo)


def test_a_bar_is_stepped_into_by_keyboard_down_to_its_events(explore: Visit, demo: Server) -> None:
    page = explore.page
    page.get_by_role("img", name=re.compile("Costs by day")).focus()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    yesterday = int((_today - timedelta(days=1)).timestamp())
    expect(page).to_have_url(re.compile(rf"range={yesterday}\.\.{END}"))
    explore.settle()
    assert total(page) == costs(demo, start_time=yesterday)
    page.get_by_role("button", name="Events").focus()
    page.keyboard.press("Enter")
    explore.settle()
    listed = answered(demo, "/v1/events", start_time=yesterday, end_time=END, limit=EVENTS_OF_PAGE)
    assert event_ids(page) == [event["id"] for event in listed["data"]]
    page.get_by_role("navigation", name="Steps").get_by_role("link", name="All").focus()
    page.keyboard.press("Enter")
    explore.settle()
    expect(page).to_have_url(re.compile(rf"range={START}\.\.{END}"))
    assert total(page) == costs(demo)


def test_a_part_of_a_bar_is_its_group_in_its_bucket(explore: Visit, demo: Server) -> None:
    page = explore.page
    chart = page.get_by_role("img", name=re.compile("Costs by day"))
    box = chart.bounding_box()
    assert box is not None
    # The foot of the last bar: the largest group, yesterday.
    chart.click(position={"x": box["width"] - 14, "y": box["height"] - 30})
    expect(page.get_by_role("navigation", name="Steps").get_by_role("listitem")).to_have_count(3)
    explore.settle()
    yesterday = int((_today - timedelta(days=1)).timestamp())
    assert total(page) == costs(demo, start_time=yesterday, models=MODEL)


def test_a_name_of_the_legend_is_stepped_into(explore: Visit, demo: Server) -> None:
    legend = explore.page.get_by_role("list", name="Legend")
    legend.get_by_role("button", name=MODEL).click()
    explore.settle()
    assert total(explore.page) == costs(demo, models=MODEL)


def test_the_overview_leads_down_too(demo: Server, visiting: Visiting) -> None:
    visit = visiting(demo).enter(f"#/overview{PLACE}").settle()
    page = visit.page
    page.get_by_role("region", name="Models").get_by_role("link", name=MODEL, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Explore")
    visit.settle()
    assert total(page) == costs(demo, models=MODEL)
    page.go_back()
    visit.settle()
    page.get_by_role("img", name=re.compile("Costs by day")).focus()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Explore")
    visit.settle()
    yesterday = int((_today - timedelta(days=1)).timestamp())
    assert total(page) == costs(demo, start_time=yesterday)


def test_a_group_without_a_value_leads_nowhere(explore: Visit) -> None:
    line = explore.page.get_by_role("row").filter(has_text="no model")
    expect(line.get_by_role("link")).to_have_count(0)


def test_events_are_paged_and_a_page_has_a_link(demo: Server, visiting: Visiting) -> None:
    visit = visiting(demo).enter(f"#/explore/events{PLACE}&kind=completions").settle()
    page = visit.page
    asked = {**SPAN, "kinds": "completions", "limit": EVENTS_OF_PAGE}
    first = answered(demo, "/v1/events", **asked)
    assert event_ids(page) == [event["id"] for event in first["data"]]
    page.get_by_role("button", name="Next").click()
    expect(page).to_have_url(re.compile("pages=page_"))
    visit.settle()
    second = answered(demo, "/v1/events", **asked, page=first["next_page"])
    assert event_ids(page) == [event["id"] for event in second["data"]]
    page.reload()
    visit.settle()
    assert event_ids(page) == [event["id"] for event in second["data"]]
    page.get_by_role("button", name="Previous").click()
    visit.settle()
    assert event_ids(page) == [event["id"] for event in first["data"]]


def test_what_an_event_cost_is_explained_line_by_line(demo: Server, visiting: Visiting) -> None:
    visit = visiting(demo).enter(f"#/explore/events{PLACE}&kind=completions").settle()
    page = visit.page
    first = answered(demo, "/v1/events", **SPAN, kinds="completions", limit=1)["data"][0]
    page.get_by_role("link", name=f"Explain {first['id']}").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="What this event cost")
    expect(dialog.get_by_role("table")).to_be_visible()
    visit.settle()
    explained = answered(demo, "/v1/prices/explanation", event_id=first["id"])["data"][0]
    shown = [exact(line.locator("[data-exact]")) for line in dialog.locator("tbody tr").all()]
    assert shown == [Decimal(line["amount"]) for line in explained["lines"]]
    assert (
        exact(dialog.locator("tfoot [data-exact]"))
        == sum(shown)
        == Decimal(explained["totals"][0]["amount"])
    )
    stored = dialog.get_by_role("region", name="The event as it is stored")
    for name, value in first["tags"].items():
        expect(stored).to_contain_text(f'"{name}": "{value}"')
    address = page.url
    page.reload()
    expect(dialog.get_by_role("table")).to_be_visible()
    assert page.url == address
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_an_event_that_is_voided_says_so(server: Server, visiting: Visiting) -> None:
    event = {
        "id": "req_twice", "time": START, "kind": "embeddings", "input_tokens": 1,
        "model": "text-embedding-3-small",
    }  # fmt: skip
    assert server.post(event).status_code == 200
    wish = {"id": "req_twice", "reason": "counted twice"}
    assert server.http.post("/v1/events/void", json=wish).status_code == 200
    page = visiting(server).enter(f"#/explore/events{PLACE}&event=req_twice").settle().page
    dialog = page.get_by_role("dialog", name="What this event cost")
    expect(dialog).to_contain_text("counted twice. It is in no sum")


def test_what_events_cannot_be_filtered_by_is_said(demo: Server, visiting: Visiting) -> None:
    place = f"#/explore/events{PLACE}&where=line_item=whatever"
    visit = visiting(demo).enter(place).settle()
    expect(visit.page.get_by_text("Events cannot be filtered by line item")).to_be_visible()
    assert len(event_ids(visit.page)) == EVENTS_OF_PAGE


def test_no_events_say_so(demo: Server, visiting: Visiting) -> None:
    visit = visiting(demo).enter("#/explore/events?range=1600000000..1600086400").settle()
    expect(visit.page.get_by_text("No events in this range")).to_be_visible()


def test_an_event_that_is_not_there_is_told(demo: Server, visiting: Visiting) -> None:
    visit = visiting(demo)
    visit.expected_statuses.add(404)
    visit.enter(f"#/explore/events{PLACE}&event=nothing")
    expect(visit.page.get_by_role("alert")).to_contain_text("No event has the id")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_it_is_accessible_and_fits(
    demo: Server, visiting: Visiting, theme: str, size: tuple[int, int]
) -> None:
    visit = visiting(demo, theme, size).enter(f"#/explore/events{PLACE}&kind=completions").settle()
    visit.check_accessibility()
    visit.check_width()
    visit.page.get_by_role("link", name="Explain").first.click()
    visit.settle()
    visit.check_accessibility()
    visit.check_width()
