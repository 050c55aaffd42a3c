"""What the page knows of the table of kinds is what the table says."""

from support.dashboard_tables import FILE, tables


def test_the_page_has_the_servers_table() -> None:
    assert FILE.read_text() == tables(), "run: python tests/support/dashboard_tables.py"
