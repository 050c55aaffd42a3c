"""The page about the organization: its session runs, and its tables are the code's."""

import re

from docs.sessions import ROOT, check
from support.server import ADMIN_KEY, Server
from tallybook.organization.audit import EVENT_TYPES
from tallybook.organization.scopes import PREFIX, Scope

PAGE = (ROOT / "docs" / "organization.md").read_text()


def first_cells(heading: str) -> list[str]:
    """The first cells of the table whose heading begins with a word."""
    _, _, after = PAGE.partition(f"| {heading} |")
    return [row.split("|")[1] for row in after.partition("\n\n")[0].splitlines()[2:]]


def test_the_session_prints_what_the_page_shows(server: Server) -> None:
    assert check(PAGE, {"TALLYBOOK_URL": server.address, "TALLYBOOK_ADMIN_KEY": ADMIN_KEY}) == 12


def test_every_scope_is_in_the_table() -> None:
    assert [PREFIX + cell.strip(" `") for cell in first_cells("scope")] == list(Scope)


def test_every_type_of_entry_is_in_the_table() -> None:
    found = []
    for cell in first_cells("type"):
        first, *others = re.findall(r"`([^`]+)`", cell)
        found.append(first)
        stem = first.rpartition(".")[0]
        found += [f"{stem}{other}" if other.startswith(".") else other for other in others]
    assert sorted(found) == sorted(EVENT_TYPES)
