"""The session of the page about openapiopenai runs, and prints what the page says."""

from docs.sessions import ROOT, check
from support.server import ADMIN_KEY, Server


def test_the_session_prints_what_the_page_shows(server: Server) -> None:
    page = (ROOT / "docs" / "openapiopenai.md").read_text()
    assert check(page, {"TALLYBOOK_URL": server.address, "TALLYBOOK_ADMIN_KEY": ADMIN_KEY}) == 3
