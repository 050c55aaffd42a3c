"""What one sees is what one's key reaches, under its name, and nothing once it is revoked."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dashboard.conftest import Visiting
from support.server import Server, running

PRICES = """\
[[price]]
provider = "hausmarke"
model = "klein"
currency = "eur"
input = "0.40 / 1M tokens"
"""


def spent(model: str, project: str, tokens: int, provider: str = "openai") -> dict[str, Any]:
    return {
        "id": f"req_{model}_{project}",
        "time": datetime.now(UTC).timestamp() - 1,
        "kind": "completions",
        "provider": provider,
        "model": model,
        "project_id": project,
        "input_tokens": tokens,
        "output_tokens": 0,
    }


def created(server: Server, path: str, **body: Any) -> Any:
    answer = server.http.post(f"/v1/organization/{path}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def bound_key(server: Server, name: str, project: str) -> Any:
    """A key that may read the usage of one project; ``value`` is its secret."""
    wish = {"scopes": ["api.usage.read"], "project_ids": [project]}
    return created(server, "admin_api_keys", name=name, **wish)


def today(page: Page) -> str | None:
    region = page.get_by_role("region", name="Today so far")
    return region.locator("[data-exact]").get_attribute("data-exact")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with two projects, and a third whose model is paid in euros."""
    data = tmp_path_factory.mktemp("house")
    (data / "prices.toml").write_text(PRICES)
    with running(data) as server:
        for name, tokens in (("Atlas", 200_000), ("Borealis", 100_000)):
            project = created(server, "projects", name=name)["id"]
            assert server.post(spent("gpt-5.5-2026-04-23", project, tokens)).json()["accepted"] == 1
        assert server.post(spent("klein", "proj_klein", 5_000_000, "hausmarke")).is_success
        yield server


@pytest.fixture
def atlas(house: Server) -> str:
    projects = house.http.get("/v1/organization/projects").json()["data"]
    return {project["name"]: str(project["id"]) for project in projects}["Atlas"]


def test_ids_have_their_names(house: Server, visiting: Visiting, atlas: str) -> None:
    visit = visiting(house).enter().settle()
    projects = visit.page.get_by_role("region", name="Projects")
    expect(projects.get_by_role("rowheader").first).to_have_text("Atlas")
    expect(projects.locator(f"[title='{atlas}']")).to_have_count(1)
    # An id without a name stands for itself.
    visit.page.get_by_label("Currency").select_option("eur")
    expect(projects.get_by_role("rowheader").first).to_have_text("proj_klein")


def test_currencies_are_never_added_up(house: Server, visiting: Visiting) -> None:
    visit = visiting(house).enter().settle()
    assert today(visit.page) == "$1.50"
    visit.page.get_by_label("Currency").select_option("eur")
    visit.settle()
    assert today(visit.page) == "€2.00"
    visit.page.reload()
    visit.settle()
    assert today(visit.page) == "€2.00"
    visit.check_accessibility()


def test_a_key_of_a_project_sees_only_it(house: Server, visiting: Visiting, atlas: str) -> None:
    key = bound_key(house, "of Atlas", atlas)["value"]
    visit = visiting(house).enter(key=key).settle()
    assert today(visit.page) == "$1.00"
    projects = visit.page.get_by_role("region", name="Projects").get_by_role("rowheader")
    assert projects.all_inner_texts() == ["Atlas"]
    expect(visit.page.get_by_text("Borealis")).to_have_count(0)
    expect(visit.page.locator(".account")).to_contain_text("of Atlas")
    expect(visit.page.locator(".account")).to_contain_text(atlas)


def explored(page: Page) -> dict[str, str]:
    """The table of Explore: the first number of each line by its name, the total among them."""
    return {
        line.get_by_role("rowheader").inner_text(): line.locator(".table-number").first.inner_text()
        for line in page.locator(".explore-answer :is(tbody, tfoot) tr").all()
    }


def test_explore_of_a_key_of_a_project_has_nothing_else(
    house: Server, visiting: Visiting, atlas: str
) -> None:
    key = bound_key(house, "of Atlas alone", atlas)["value"]
    page = visiting(house).enter("#/explore?range=24h&by=project_id", key=key).settle().page
    assert explored(page) == {"Atlas": "$1.00", "Total": "$1.00"}
    page.get_by_role("link", name="Atlas").click()
    expect(page.get_by_role("navigation", name="Steps")).to_contain_text("Project Atlas")
    page.get_by_role("button", name="Events").click()
    expect(page.locator(".events tbody tr")).to_have_count(1)
    expect(page.locator(".events")).to_contain_text(f"req_gpt-5.5-2026-04-23_{atlas}")


def test_explore_keeps_currencies_apart(house: Server, visiting: Visiting) -> None:
    visit = visiting(house).enter("#/explore?range=24h&by=model").settle()
    page = visit.page
    assert explored(page) == {"gpt-5.5-2026-04-23": "$1.50", "Total": "$1.50"}
    page.get_by_label("Currency").select_option("eur")
    visit.settle()
    assert explored(page) == {"klein": "€2.00", "Total": "€2.00"}
    page.reload()
    visit.settle()
    assert explored(page) == {"klein": "€2.00", "Total": "€2.00"}


def test_a_revoked_key_is_out_with_the_next_request(
    house: Server, visiting: Visiting, atlas: str
) -> None:
    key = bound_key(house, "soon gone", atlas)
    visit = visiting(house).enter("#/overview?range=7d", key["value"]).settle()
    removed = house.http.delete(f"/v1/organization/admin_api_keys/{key['id']}")
    assert removed.status_code == 200
    visit.expected_statuses = {401}
    visit.page.get_by_role("button", name="Range: Last 7 days").click()
    visit.page.get_by_role("button", name="Last 30 days").click()
    expect(visit.page.get_by_role("status").first).to_contain_text("Your session is over")
    # Another key goes on where this one was.
    visit.log_in()
    expect(visit.page.get_by_role("button", name="Range: Last 30 days")).to_be_visible()
    visit.settle()
    assert today(visit.page) is not None
    assert Decimal((today(visit.page) or "$0").lstrip("$")) == Decimal("1.50")
