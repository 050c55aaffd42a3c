"""An address is a view: whoever opens it, or loads it again, sees what whoever sent it saw."""

import pytest

from dashboard.conftest import Visiting
from support.server import Server

PLACES = (
    "#/overview",
    "#/overview?range=7d&by=user_id",
    "#/overview?range=30d&zone=Asia/Kathmandu&where=project_id=proj_atlas",
    "#/explore?range=7d&by=model&by=project_id&by=user_id",
    "#/explore?range=30d&kind=completions&where=tag:team=search&width=1w",
    "#/explore?range=7d&kind=images&by=size&sort=images",
    "#/prices",
    "#/prices?find=gpt",
    "#/prices?model=gpt-5.5-2026-04-23",
    "#/organization/projects",
    "#/organization/people",
    "#/organization/keys",
    "#/organization/audit?types=project.created",
)


@pytest.mark.parametrize("place", PLACES)
def test_every_view_is_loaded_again_as_it_was(demo: Server, visiting: Visiting, place: str) -> None:
    visit = visiting(demo).enter(place).settle()
    page = visit.page
    before, address = page.locator("main").inner_text(), page.url
    assert before
    page.goto("about:blank")
    page.goto(address)
    visit.settle()
    assert page.url == address
    # "3 minutes ago" may be four by now; nothing else moves.
    assert _still(page.locator("main").inner_text()) == _still(before)


def _still(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.endswith(" ago")]
