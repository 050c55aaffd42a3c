"""The prices on the page are the price book's, and pricing again does what its preview said."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from dashboard.conftest import LAPTOP, PHONE, THEMES, Visiting
from support.browsing import Visit
from support.server import Server, running

MODEL = "gpt-5.5-2026-04-23"
UNKNOWN = "acme-large-1"
NOON = datetime(2026, 10, 20, 12, tzinfo=UTC)
AGREED = """\
[[price]]
provider = "acme"
model = "acme-small-1"
input = "1.00 / 1M tokens"
output = "5.00 / 1M tokens"

[[price]]
provider = "acme"
model = "acme-small-1"
from = 2026-05-01
input = "0.80 / 1M tokens"
output = "4.00 / 1M tokens"
note = "contract 4711"
"""


def event(number: int, model: str, tokens: int = 2_000_000) -> dict[str, Any]:
    return {
        "id": f"req_{model}_{number}",
        "time": NOON.timestamp() + number,
        "kind": "completions",
        "provider": "acme",
        "model": model,
        "input_tokens": tokens,
        "output_tokens": 500_000,
    }


def key_with(server: Server, *scopes: str, bound: bool = False) -> str:
    """The secret of a key with some scopes; one that is bound is bound to a new project."""
    wish: dict[str, Any] = {"name": "a key", "scopes": scopes}
    if bound:
        project = server.http.post("/v1/organization/projects", json={"name": "Atlas"}).json()
        wish["project_ids"] = [project["id"]]
    answer = server.http.post("/v1/organization/admin_api_keys", json=wish)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["value"])


def cards(server: Server) -> list[dict[str, Any]]:
    answer = server.http.get("/v1/prices/cards").json()
    assert answer["fault"] is None
    return list(answer["data"])


def exact(locator: Locator) -> Decimal:
    told = locator.locator("[data-exact]").get_attribute("data-exact")
    assert told is not None
    return Decimal(re.sub(r"[^0-9.]", "", told))


@pytest.fixture
def acme(tmp_path: Path) -> Iterator[Server]:
    """A server with three events of a model that has no price, and one of a model that has."""
    (tmp_path / "prices.toml").write_text(AGREED)
    with running(tmp_path) as server:
        events = [event(number, UNKNOWN) for number in range(3)] + [event(0, "acme-small-1")]
        assert server.post(events).json()["accepted"] == 4
        yield server


@pytest.fixture
def prices(demo: Server, visiting: Visiting) -> Visit:
    return visiting(demo).enter("#/prices").settle()


def test_the_book_has_every_card_that_events_have(prices: Visit, demo: Server) -> None:
    table = prices.page.get_by_role("table", name="Rate cards in use")
    rows = table.locator("tbody tr").all()
    shown = sorted(int(row.locator("td").last.inner_text().replace(",", "")) for row in rows)
    assert shown == sorted(card["events"] for card in cards(demo))
    by_model = table.get_by_role("row").filter(has_text="gemini-2.5-flash").first
    flash = next(card for card in cards(demo) if card["model"] == "gemini-2.5-flash")
    rates = {rate["label"]: Decimal(rate["unit_price"]) * 1_000_000 for rate in flash["rates"]}
    for label in ("input", "cached input", "output"):
        expect(by_model).to_contain_text(f"{label} ${rates[label]:.2f}")


def test_a_search_of_the_book_is_kept_by_the_address(prices: Visit, demo: Server) -> None:
    page = prices.page
    page.get_by_label("Search rate cards").fill("claude prices.toml")
    rows = page.get_by_role("table", name="Rate cards in use").locator("tbody tr")
    wanted = [card for card in cards(demo) if (card["model"] or "").startswith("claude")]
    expect(rows).to_have_count(len(wanted))
    page.reload()
    expect(rows).to_have_count(len(wanted))
    page.get_by_label("Search rate cards").fill("no such model")
    expect(page.get_by_text("No rate card matches")).to_be_visible()


def test_a_models_prices_are_those_of_its_list(prices: Visit, demo: Server) -> None:
    page = prices.page
    page.get_by_role("link", name=MODEL).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(MODEL)
    prices.settle()
    now = demo.http.get("/v1/prices/list", params={"model": MODEL}).json()["data"]
    # A list for each card: those of longer requests stand with the others.
    expect(page.locator("article dl")).to_have_count(len(now))
    plain = page.get_by_role("article", name="completions", exact=True)
    rates = {rate["label"]: Decimal(rate["unit_price"]) * 1_000_000 for rate in now[0]["rates"]}
    expect(plain).to_contain_text(f"${rates['output']:.2f} / 1M tokens")
    # Another day is another list, and a link to it shows it again.
    page.get_by_label("Day of the prices (UTC)").fill("2026-10-01")
    expect(page).to_have_url(re.compile(r"at=\d+"))
    flex = page.get_by_role("article", name="completions, flex", exact=True)
    expect(flex).to_contain_text("estimated")
    page.reload()
    expect(flex).to_contain_text("estimated")
    prices.check_accessibility()


def test_any_model_is_looked_up_and_the_range_of_other_views_is_kept(
    demo: Server, visiting: Visiting
) -> None:
    visit = visiting(demo).enter("#/prices?range=7d").settle()
    page = visit.page
    page.get_by_role("button", name="Look up a model…").click()
    dialog = page.get_by_role("dialog", name="What a model costs")
    dialog.get_by_label("Model", exact=True).fill("claude-opus-4-5")
    dialog.get_by_label("Provider").fill("anthropic")
    dialog.get_by_role("button", name="Show its prices").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("claude-opus-4-5")
    expect(page.get_by_role("article", name="completions", exact=True)).to_contain_text("$")
    page.get_by_role("button", name="All prices").click()
    expect(page.get_by_role("table", name="Rate cards in use")).to_be_visible()
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_role("button", name="Range: Last 7 days")).to_be_visible()


def test_a_history_has_the_price_before(acme: Server, visiting: Visiting) -> None:
    visit = visiting(acme).enter("#/prices?model=acme-small-1&provider=acme").settle()
    history = visit.page.get_by_role("table", name="Prices of acme-small-1 over time")
    rows = history.locator("tbody tr").filter(has=visit.page.get_by_text("$"))
    plain = rows.filter(has=visit.page.get_by_text("completions", exact=True))
    expect(plain.nth(0)).to_contain_text("1 May 2026")
    expect(plain.nth(0)).to_contain_text("$0.80")
    expect(plain.nth(0)).to_contain_text("contract 4711")
    expect(plain.nth(1)).to_contain_text("$1.00")


def test_a_price_is_added_previewed_and_applied(acme: Server, visiting: Visiting) -> None:
    visit = visiting(acme).enter("#/prices").settle()
    page = visit.page
    unpriced = page.get_by_role("region", name="Without a price", exact=True)
    assert exact(unpriced.locator(".card-head")) == 3
    unpriced.get_by_role("row").filter(has_text=UNKNOWN).get_by_role("button").click()
    dialog = page.get_by_role("dialog", name=f"Add a price for {UNKNOWN}")
    dialog.get_by_label("input, per 1M tokens", exact=True).fill("1,5")
    expect(dialog.get_by_role("alert")).to_contain_text("Digits")
    dialog.get_by_label("input, per 1M tokens", exact=True).fill("1.5")
    dialog.get_by_label("output, per 1M tokens", exact=True).fill("4")
    dialog.get_by_label("Note").fill("agreed")
    written = dialog.get_by_role("region", name="The price as TOML").inner_text()
    visit.check_accessibility()
    # What the page says is pasted as it is; the server takes the file by itself.
    file = acme.data / "prices.toml"
    file.write_text(file.read_text() + "\n" + written)
    dialog.get_by_role("button", name="Preview").click()
    table = dialog.get_by_role("table", name="What would change")
    difference = table.locator("tbody tr")
    expect(difference).to_have_count(1)
    expect(difference).to_contain_text("2026-10-20")
    expect(difference).to_contain_text("no price")
    # Three events of two million tokens in and half a million out.
    assert exact(difference.locator("td").last) == Decimal("15.00")
    assert acme.http.get("/v1/prices/repricings").json()["data"] == []

    dialog.get_by_role("button", name="Apply…").click()
    confirm = dialog.get_by_role("button", name="Price 3 events again")
    expect(confirm).to_be_disabled()
    dialog.get_by_label("Reason").fill("it was forgotten")
    confirm.click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("region", name="Without a price")).to_have_count(0)
    history = page.get_by_role("table", name="Priced again")
    expect(history.locator("tbody tr")).to_contain_text("it was forgotten")
    expect(history.locator("tbody tr")).to_contain_text("since 2026-10-20")
    [repricing] = acme.http.get("/v1/prices/repricings").json()["data"]
    assert (repricing["why"], repricing["events"]) == ("it was forgotten", 3)
    assert Decimal(repricing["totals"][0]["new"]) == Decimal(15)


def test_a_price_file_with_a_fault_is_told(acme: Server, visiting: Visiting) -> None:
    (acme.data / "prices.toml").write_text(AGREED.replace("0.80 / 1M", "cheap / 1M"))
    visit = visiting(acme).enter("#/prices").settle()
    alert = visit.page.get_by_role("alert")
    expect(alert).to_contain_text("The price file is not in force")
    expect(alert).to_contain_text("line 11: price.input")
    visit.check_accessibility()


def test_a_key_that_only_reads_says_how_to_price_again(acme: Server, visiting: Visiting) -> None:
    visit = visiting(acme).enter("#/prices", key_with(acme, "api.usage.read")).settle()
    page = visit.page
    expect(page.get_by_role("button", name="Price again…")).to_have_count(0)
    page.get_by_role("button", name="Add a price…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("api.prices.write")
    command = dialog.get_by_role("region", name="The command to price again")
    expect(command).to_have_text(f"tallybook reprice --since 2026-10-20 --model '{UNKNOWN}'")


def test_a_bound_key_sees_list_prices_and_asks_for_nothing_else(
    acme: Server, visiting: Visiting
) -> None:
    # Nothing is refused, or the visit would have its console's complaint.
    key = key_with(acme, "api.usage.read", "api.prices.write", bound=True)
    visit = visiting(acme).enter("#/prices", key).settle()
    expect(visit.page.get_by_role("main")).to_contain_text("Your key is bound to projects")
    visit.page.get_by_label("Model", exact=True).fill("acme-small-1")
    visit.page.get_by_label("Provider").fill("acme")
    visit.page.get_by_role("button", name="Show its prices").click()
    plain = visit.page.get_by_role("article", name="completions", exact=True)
    expect(plain).to_contain_text("$0.80 / 1M tokens")
    visit.check_accessibility()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_it_is_accessible_and_fits(
    demo: Server, visiting: Visiting, theme: str, size: tuple[int, int]
) -> None:
    visit = visiting(demo, theme, size).enter("#/prices").settle()
    visit.check_accessibility()
    visit.check_width()
    visit.page.get_by_role("button", name="Price again…").click()
    visit.check_accessibility()
