"""Who comes in, who does not, and that one is back where one was."""

import pytest
from playwright.sync_api import expect

from dashboard.conftest import PHONE, THEMES, Visiting
from support.server import INGEST_KEY, Server

PLACE = "#/prices?range=7d&zone=Asia/Tokyo"


def test_a_key_opens_the_view_that_the_address_says(server: Server, visiting: Visiting) -> None:
    visit = visiting(server).enter(PLACE)
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("Prices")
    expect(visit.page.get_by_role("link", name="Prices")).to_have_attribute("aria-current", "page")
    assert visit.page.url.endswith(PLACE)
    # The session outlives the page, and the key is nowhere that a script can read.
    visit.page.reload()
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("Prices")
    assert visit.page.evaluate("document.cookie") == ""
    assert visit.page.evaluate("sessionStorage.length") == 0
    ((name, end),) = visit.page.evaluate("Object.entries(localStorage)")
    assert name == "tallybook session /"
    assert end.isdecimal()


def test_nobody_is_asked_about_a_session_that_there_cannot_be(
    server: Server, visiting: Visiting
) -> None:
    visit = visiting(server)
    asked: list[str] = []
    visit.page.on("request", lambda request: asked.append(request.url))
    visit.open(PLACE)
    expect(visit.page.get_by_role("button", name="Log in")).to_be_visible()
    assert not [url for url in asked if url.endswith("/session")]


def test_a_key_that_is_none_is_told_in_the_servers_words(
    server: Server, visiting: Visiting
) -> None:
    visit = visiting(server)
    visit.expected_statuses = {401}
    visit.open().log_in("sk-admin-nobody-has-this-one-0123456789")
    expect(visit.page.get_by_role("alert")).to_contain_text("Incorrect API key provided")


def test_a_key_that_may_not_read_usage_has_nothing_to_see(
    server: Server, visiting: Visiting
) -> None:
    visit = visiting(server)
    visit.expected_statuses = {401, 403}
    visit.open().log_in(INGEST_KEY)
    expect(visit.page.get_by_role("alert")).to_contain_text("api.usage.read")


def test_logging_out_ends_the_session(server: Server, visiting: Visiting) -> None:
    visit = visiting(server).enter(PLACE)
    visit.page.get_by_role("button", name="Log out").click()
    expect(visit.page.get_by_role("heading", name="Log in")).to_be_visible()
    visit.page.reload()
    expect(visit.page.get_by_role("heading", name="Log in")).to_be_visible()


def test_a_session_that_ends_asks_for_a_key_and_goes_on_where_one_was(
    server: Server, visiting: Visiting
) -> None:
    visit = visiting(server).enter(PLACE).settle()
    visit.expected_statuses = {401}
    # As when it expires, or its key is revoked: the server knows it no more.
    visit.page.context.clear_cookies()
    visit.page.get_by_role("link", name="Overview").click()
    expect(visit.page.get_by_role("status").first).to_contain_text("Your session is over")
    visit.log_in()
    # The Overview of a ledger without events.
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("Send the first event")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [(1280, 900), PHONE], ids=["laptop", "phone"])
def test_the_log_in_is_accessible(
    server: Server, visiting: Visiting, theme: str, size: tuple[int, int]
) -> None:
    visit = visiting(server, theme, size).open()
    expect(visit.page.get_by_role("heading", name="Log in")).to_be_visible()
    visit.check_accessibility()
    visit.check_width()
