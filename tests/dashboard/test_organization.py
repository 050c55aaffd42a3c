"""Projects, people, keys: what is done in the page is done, and what was done it tells."""

import time
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Locator, Page, expect

from dashboard.conftest import LAPTOP, PHONE, THEMES, Visiting
from support.browsing import Visit
from support.server import ADMIN_KEY, Server
from tallybook.organization.audit import EVENT_TYPES

ORGANIZATION = "/v1/organization"
SECTIONS = ("projects", "people", "keys", "audit")
READING = ["api.usage.read", "api.organization.read"]
CHANGING = [*READING, "api.organization.write"]


def created(server: Server, path: str, **body: Any) -> Any:
    answer = server.http.post(f"{ORGANIZATION}/{path}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def listed(server: Server, path: str, **parameters: Any) -> list[Any]:
    answer = server.http.get(f"{ORGANIZATION}/{path}", params={"limit": 100, **parameters})
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert not page["has_more"]
    return list(page["data"])


def named(server: Server, path: str, name: str) -> Any:
    """The one record of a list that has a name; its list has archived projects, too."""
    more = {"include_archived": "true"} if path == "projects" else {}
    (record,) = [each for each in listed(server, path, **more) if each["name"] == name]
    return record


def entries(server: Server, subject: str) -> list[Any]:
    parameters = {"resource_ids[]": subject, "include[]": "changes"}
    return listed(server, "audit_logs", **parameters)


def status_with(server: Server, key: str) -> int:
    """The status that a question about usage has with a key."""
    return httpx2.get(
        f"{server.address}{ORGANIZATION}/costs",
        params={"start_time": int(time.time()) - 86_400},
        headers={"Authorization": f"Bearer {key}"},
    ).status_code


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name))


def confirm(page: Page, action: str) -> None:
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=action, exact=True).click()
    expect(dialog).to_have_count(0)


def told_of_key(server: Server, name: str) -> Any:
    """All that the API says of the organization's key of a name."""
    key_id = named(server, "admin_api_keys", name)["id"]
    path = f"{ORGANIZATION}/admin_api_keys/{key_id}"
    return server.http.get(path, params={"include[]": "access"}).json()


def taken_secret(page: Page, name: str) -> str:
    """The secret of a new key, from the dialog that shows it once; it is closed then."""
    shown = page.get_by_role("dialog", name=f"The key {name}")
    secret = shown.get_by_label("The new key", exact=True).inner_text().strip()
    shown.get_by_role("button", name="I have copied it").click()
    expect(shown).to_have_count(0)
    return secret


def test_a_key_is_made_used_and_revoked(server: Server, visiting: Visiting) -> None:
    page = visiting(server).enter("#/organization/keys").page
    page.get_by_role("button", name="Create key").click()
    dialog = page.get_by_role("dialog", name="Create key")
    dialog.get_by_label("Name", exact=True).fill("monthly-report")
    dialog.get_by_label("usage.write").check()
    dialog.get_by_label("Expires after").select_option("30")
    dialog.get_by_label("Requests per minute").fill("600")
    dialog.get_by_role("button", name="Create key").click()
    secret = taken_secret(page, "monthly-report")
    assert status_with(server, secret) == 200

    key = told_of_key(server, "monthly-report")
    assert key["scopes"] == ["api.usage.read", "api.usage.write"]
    assert key["project_ids"] is None
    assert key["requests_per_minute_max"] == 600
    assert key["expires_at"] - key["created_at"] == 30 * 86_400
    shown = row(page, "monthly-report")
    for text in (key["redacted_value"], "usage read, write", "whole organization", "600"):
        expect(shown).to_contain_text(text)

    page.get_by_role("button", name="Revoke monthly-report").click()
    confirm(page, "Revoke")
    expect(shown).to_have_count(0)
    assert status_with(server, secret) == 401
    page.get_by_label("Revoked").check()
    expect(shown).to_contain_text("revoked")

    # The log of it, in the page as on the wire.
    deleted, made = entries(server, key["id"])
    assert (deleted["type"], made["type"]) == ("api_key.deleted", "api_key.created")
    page.get_by_role("link", name="Audit log").click()
    newest = page.locator(f"[data-id='{deleted['id']}']")
    expect(newest).to_contain_text("Key revoked")
    newest.get_by_role("button", name="monthly-report").click()
    expect(page.locator("[data-id]")).to_have_count(2)
    page.reload()
    expect(page.locator("[data-id]")).to_have_count(2)
    expect(page.locator(f"[data-id='{made['id']}']")).to_contain_text("usage.read, usage.write")


def test_a_secret_is_shown_once_and_kept_nowhere(server: Server, visiting: Visiting) -> None:
    visit = visiting(server).enter("#/organization/keys")
    page = visit.page
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.get_by_role("button", name="Create key").click()
    page.get_by_role("dialog").get_by_label("Name", exact=True).fill("once")
    page.get_by_role("dialog").get_by_role("button", name="Create key").click()
    shown = page.get_by_role("dialog", name="The key once")
    expect(shown).to_be_visible()
    # A slip of the keyboard or of the pointer does not lose it.
    for _ in range(3):
        page.keyboard.press("Escape")
    page.mouse.click(5, 5)
    expect(shown).to_be_visible()
    visit.check_accessibility()
    secret = taken_secret(page, "once")
    assert status_with(server, secret) == 200
    assert secret not in page.content()
    assert secret not in page.url
    kept = "JSON.stringify([{...localStorage}, {...sessionStorage}, history.state])"
    assert secret not in page.evaluate(kept)
    assert secret not in "".join(told)


def test_a_key_is_bound_to_a_project_and_changed(server: Server, visiting: Visiting) -> None:
    project = created(server, "projects", name="Bound to")["id"]
    page = visiting(server).enter("#/organization/keys").page
    page.get_by_role("button", name="Create key").click()
    dialog = page.get_by_role("dialog", name="Create key")
    dialog.get_by_label("Name", exact=True).fill("of one")
    dialog.get_by_role("button", name="Projects").click()
    dialog.get_by_role("combobox", name="Projects").fill("bound")
    page.keyboard.press("Enter")
    # Of the list that is open, and not of the dialog around it.
    page.keyboard.press("Escape")
    expect(dialog.get_by_role("button", name="Projects: Bound to")).to_be_visible()
    dialog.get_by_role("button", name="Create key").click()
    taken_secret(page, "of one")
    assert told_of_key(server, "of one")["project_ids"] == [project]
    expect(row(page, "of one")).to_contain_text("Bound to")

    page.get_by_role("button", name="Change of one").click()
    page.get_by_role("dialog").get_by_label("Requests per minute").fill("1200")
    confirm(page, "Save")
    expect(row(page, "of one")).to_contain_text("1,200")
    assert told_of_key(server, "of one")["requests_per_minute_max"] == 1200


def test_a_project_is_made_renamed_and_archived(server: Server, visiting: Visiting) -> None:
    visit = visiting(server).enter("#/organization")
    page = visit.page
    visit.expected_statuses = {400}
    page.get_by_role("button", name="Create project").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Atlas")
    dialog.get_by_label("Id").fill("no/slash")
    dialog.get_by_role("button", name="Create", exact=True).click()
    # The API's own words, at the field that they are about.
    expect(dialog.get_by_role("alert")).to_contain_text("no/slash")
    expect(dialog.get_by_label("Id")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("Id").fill("proj_atlas")
    confirm(page, "Create")
    assert named(server, "projects", "Atlas")["id"] == "proj_atlas"

    page.get_by_role("button", name="Rename Atlas").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Atlas Search")
    confirm(page, "Rename")
    expect(row(page, "Atlas Search")).to_contain_text("proj_atlas")
    assert named(server, "projects", "Atlas Search")["id"] == "proj_atlas"

    account = created(server, "projects/proj_atlas/service_accounts", name="gateway")
    secret = account["api_key"]["value"]
    page.get_by_role("button", name="Archive Atlas Search").click()
    # It says what ends.
    expect(page.get_by_role("dialog")).to_contain_text("gateway")
    confirm(page, "Archive")
    expect(row(page, "Atlas Search")).to_have_count(0)
    page.get_by_label("Archived").check()
    expect(row(page, "Atlas Search")).to_contain_text("archived")
    assert named(server, "projects", "Atlas Search")["archived_at"] is not None
    refused = httpx2.post(
        f"{server.address}/v1/events", json=[], headers={"Authorization": f"Bearer {secret}"}
    )
    assert refused.status_code == 401

    visit.open("#/organization/audit?subjects=proj_atlas&types=project.updated")
    renamed = page.locator("[data-id]")
    expect(renamed).to_have_count(1)
    expect(renamed.locator("del")).to_have_text("Atlas")
    expect(renamed.locator("ins")).to_have_text("Atlas Search")


def test_a_person_is_added_promoted_and_erased(server: Server, visiting: Visiting) -> None:
    visit = visiting(server).enter("#/organization/people")
    page = visit.page
    page.get_by_role("button", name="Add person").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Ada Lovelace")
    dialog.get_by_label("Email").fill("ada@example.org")
    dialog.get_by_label("Id").fill("user-Lm4")
    confirm(page, "Add")
    expect(row(page, "Ada Lovelace")).to_contain_text("ada@example.org")

    page.get_by_role("button", name="Change Ada Lovelace").click()
    page.get_by_role("dialog").get_by_text("owner", exact=True).click()
    confirm(page, "Save")
    expect(row(page, "Ada Lovelace")).to_contain_text("owner")
    assert named(server, "users", "Ada Lovelace")["role"] == "owner"

    page.get_by_role("button", name="Erase Ada Lovelace").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("What is lost")
    expect(dialog).to_contain_text("user-Lm4")
    visit.check_accessibility()
    confirm(page, "Erase")
    expect(row(page, "Ada Lovelace")).to_have_count(0)
    assert server.http.get(f"{ORGANIZATION}/users/user-Lm4").status_code == 404
    visit.open("#/organization/audit?subjects=user-Lm4").settle()
    expect(page.locator("[data-id]")).to_have_count(3)
    assert "Ada" not in page.locator("main").inner_text()


def test_a_bound_key_sees_its_project_and_no_other(server: Server, visiting: Visiting) -> None:
    mine = created(server, "projects", name="Mine")["id"]
    created(server, "projects", name="Theirs")
    wish = {"scopes": [*CHANGING, "api.usage.write"], "project_ids": [mine]}
    key = created(server, "admin_api_keys", name="of Mine", **wish)["value"]
    # Also by the address of what is closed to it.
    visit = visiting(server).enter("#/organization/audit", key).settle()
    page = visit.page
    tabs = page.get_by_role("navigation", name="Sections").get_by_role("link")
    assert tabs.all_inner_texts() == ["Projects", "Keys"]
    expect(page.get_by_role("rowheader")).to_have_count(1)
    expect(row(page, "Mine")).to_contain_text(mine)
    expect(page.get_by_role("button", name="Create project")).to_have_count(0)
    tabs.last.click()
    visit.settle()
    expect(page.get_by_text("Theirs")).to_have_count(0)
    page.get_by_role("button", name="Keys of: Mine").click()
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Create service account").click()
    page.get_by_role("dialog").get_by_label("Name").fill("gateway")
    page.get_by_role("dialog").get_by_role("button", name="Create", exact=True).click()
    page.get_by_role("button", name="I have copied it").click()
    expect(row(page, "gateway")).to_contain_text("usage write")
    (made,) = listed(server, f"projects/{mine}/api_keys")
    assert made["owner"]["service_account"]["name"] == "gateway"


def test_a_key_of_another_system_gets_a_name(server: Server, visiting: Visiting) -> None:
    project = created(server, "projects", name="Gateway")["id"]
    page = visiting(server).enter("#/organization").page
    page.get_by_role("link", name="Keys of Gateway").click()
    expect(page.get_by_text("There are no keys here")).to_be_visible()
    page.get_by_role("button", name="Name a key").click()
    page.get_by_role("dialog").get_by_label("Id").fill("key_of_the_gateway")
    page.get_by_role("dialog").get_by_label("Name").fill("search team")
    confirm(page, "Save")
    expect(row(page, "search team")).to_contain_text("another system's")
    (key,) = listed(server, f"projects/{project}/api_keys")
    assert (key["id"], key["name"]) == ("key_of_the_gateway", "search team")


def test_a_project_leads_to_what_it_spends(server: Server, visiting: Visiting) -> None:
    project = created(server, "projects", name="Spender")["id"]
    visit = visiting(server).enter("#/organization?range=7d").settle()
    visit.page.get_by_role("link", name="What Spender spends").click()
    assert f"where=project_id={project}" in visit.page.url
    assert "range=7d" in visit.page.url


@pytest.mark.parametrize(("scopes", "sees"), [(READING, True), (READING[:1], False)])
def test_what_a_key_may_not_is_not_offered(
    server: Server, visiting: Visiting, scopes: list[str], *, sees: bool
) -> None:
    key = created(server, "admin_api_keys", name="looks", scopes=scopes)["value"]
    visit = visiting(server).enter("#/organization/keys", key).settle()
    if sees:
        expect(row(visit.page, "looks").first).to_be_visible()
    else:
        expect(visit.page.get_by_text("api.organization.read")).to_be_visible()
    for action in ("Create", "Revoke"):
        button = visit.page.get_by_role("button", name=action)
        expect(button).to_have_count(0)


def test_a_refusal_is_told_in_the_servers_words(server: Server, visiting: Visiting) -> None:
    wish = {"scopes": CHANGING, "expires_in_seconds": 3_600}
    key = created(server, "admin_api_keys", name="for an hour", **wish)["value"]
    visit = visiting(server).enter("#/organization/keys", key)
    visit.expected_statuses = {400}
    visit.page.get_by_role("button", name="Create key").click()
    dialog = visit.page.get_by_role("dialog")
    # No more than it has itself.
    expect(dialog.get_by_role("checkbox")).to_have_count(len(CHANGING))
    dialog.get_by_label("Name", exact=True).fill("for a year")
    dialog.get_by_label("Expires after").select_option("365")
    dialog.get_by_role("button", name="Create key").click()
    expect(dialog.get_by_role("alert")).to_contain_text("expires_in_seconds")
    assert [each["name"] for each in listed(server, "admin_api_keys")].count("for a year") == 0


def test_lists_go_on_where_a_page_ends(server: Server, visiting: Visiting) -> None:
    for number in range(101):
        created(server, "users", name=f"Person {number}")
    count = len(listed_all(server, "users"))
    visit = visiting(server).enter("#/organization/people").settle()
    people = visit.page.get_by_role("rowheader")
    expect(people).to_have_count(100)
    visit.page.get_by_role("button", name="Show more").click()
    expect(people).to_have_count(count)
    expect(visit.page.get_by_text(f"{count} people")).to_be_visible()
    expect(visit.page.get_by_role("button", name="Show more")).to_have_count(0)


def test_the_log_is_in_the_apis_order_page_by_page(server: Server, visiting: Visiting) -> None:
    for number in range(60):
        created(server, "projects", name=f"Project {number}")
    visit = visiting(server).enter("#/organization/audit").settle()
    shown = visit.page.locator("[data-id]")
    expect(shown).to_have_count(50)
    visit.page.get_by_role("button", name="Show more").click()
    answer = server.http.get(f"{ORGANIZATION}/audit_logs", params={"limit": 100}).json()
    expect(shown).to_have_count(len(answer["data"]))
    ids = shown.evaluate_all("found => found.map(each => each.dataset.id)")
    assert ids == [each["id"] for each in answer["data"]]


def test_the_log_is_asked_who_did_it(server: Server, visiting: Visiting) -> None:
    key = created(server, "admin_api_keys", name="the doer", scopes=CHANGING)
    done = httpx2.post(
        f"{server.address}{ORGANIZATION}/projects",
        json={"name": "Done by it"},
        headers={"Authorization": f"Bearer {key['value']}"},
    )
    page = visiting(server).enter("#/organization/audit").page
    page.get_by_role("button", name="Filter by who did it").click()
    page.get_by_role("combobox").fill("the doer")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.locator("[data-id]")).to_have_count(1)
    entry = page.locator("[data-id]")
    expect(entry).to_contain_text("Project created Done by it")
    expect(entry).to_contain_text("the doer by API from 127.0.0.1")
    entry.locator("summary").click()
    (told,) = entries(server, done.json()["id"])
    for text in (key["id"], told["changes"]["request_id"], told["changes"]["user_agent"]):
        expect(entry).to_contain_text(text)


def listed_all(server: Server, path: str) -> list[Any]:
    rows: list[Any] = []
    parameters: dict[str, Any] = {"limit": 100}
    while True:
        page = server.http.get(f"{ORGANIZATION}/{path}", params=parameters).json()
        rows += page["data"]
        if not page["has_more"]:
            return rows
        parameters["after"] = page["last_id"]


def test_the_log_can_be_asked_for_every_type(server: Server, visiting: Visiting) -> None:
    visit = visiting(server).enter("#/organization/audit").settle()
    page = visit.page
    page.get_by_role("button", name="Filter by what happened").click()
    notes = page.get_by_role("option").locator(".combobox-option-note")
    assert set(notes.all_inner_texts()) == set(EVENT_TYPES)
    page.get_by_role("combobox").fill("Logged in")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    visit.settle()
    types = page.locator("[data-type]").evaluate_all("found => found.map(e => e.dataset.type)")
    assert set(types) == {"login.succeeded"}
    page.get_by_role("button", name="Any time").click()
    page.get_by_role("button", name="Range: Last 30 days").click()
    page.get_by_role("button", name="Yesterday").click()
    expect(page.get_by_text("No entry is like this")).to_be_visible()
    address = page.url
    page.reload()
    expect(page.get_by_text("No entry is like this")).to_be_visible()
    assert page.url == address
    page.get_by_role("button", name="Clear filters").click()
    expect(page.locator("[data-type]").first).to_be_visible()


def test_a_session_that_ends_goes_on_where_one_was(server: Server, visiting: Visiting) -> None:
    visit = visiting(server).enter("#/organization/people")
    page = visit.page
    visit.expected_statuses = {401}
    page.context.clear_cookies()
    page.get_by_role("link", name="Keys").click()
    expect(page.get_by_role("status").first).to_contain_text("Your session is over")
    visit.log_in()
    expect(page.get_by_role("heading", name="Keys of the organization")).to_be_visible()


def test_a_key_that_expires_leads_to_the_log_in_and_back(
    server: Server, visiting: Visiting
) -> None:
    wish = {"scopes": READING, "expires_in_seconds": 10}
    key = created(server, "admin_api_keys", name="brief", **wish)["value"]
    visit = visiting(server).enter("#/organization/keys?revoked=yes", key)
    expect(row(visit.page, "brief")).to_contain_text("expires within a day")
    while status_with(server, key) != 401:
        time.sleep(0.2)
    visit.expected_statuses = {401}
    visit.page.get_by_label("Revoked").click()
    expect(visit.page.get_by_role("status").first).to_contain_text("Your session is over")
    visit.log_in()
    expect(row(visit.page, "brief")).to_contain_text("expired")
    expect(visit.page.get_by_label("Revoked")).not_to_be_checked()


def test_who_revokes_the_own_key_is_warned_and_out(server: Server, visiting: Visiting) -> None:
    key = created(server, "admin_api_keys", name="my own", scopes=CHANGING)["value"]
    visit = visiting(server).enter("#/organization/keys", key)
    page = visit.page
    visit.expected_statuses = {401}
    expect(row(page, "my own")).to_contain_text("yours")
    page.get_by_role("button", name="Revoke my own").click()
    expect(page.get_by_role("dialog")).to_contain_text("will be logged out")
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("status").first).to_contain_text("Your session is over")
    assert status_with(server, key) == 401
    visit.log_in(ADMIN_KEY)
    expect(page.get_by_role("heading", name="Keys of the organization")).to_be_visible()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_every_section_is_accessible_and_fits(
    server: Server, visiting: Visiting, theme: str, size: tuple[int, int]
) -> None:
    visit: Visit = visiting(server, theme, size).enter()
    for section in SECTIONS:
        visit.open(f"#/organization/{section}").settle()
        expect(visit.page.get_by_role("heading", level=2).first).to_be_visible()
        visit.check_accessibility()
        visit.check_width()
