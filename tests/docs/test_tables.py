"""The docs' tables are the code's. To write a changed one: TALLYBOOK_WRITE_DOCS=1 make test."""

import os
import re
from pathlib import Path

import pytest

from docs.tables import (
    commands_table,
    errors_table,
    extensions_table,
    kinds_table,
    prices_table,
    properties_table,
    settings_table,
)
from support.prices import own

DOCS = Path(__file__).parents[2] / "docs"

TABLES = {
    "settings.md": settings_table(),
    "commands.md": commands_table(),
    "errors.md": errors_table(),
    "events.md": kinds_table(),
    "openapiopenai.md": properties_table(),
    "prices.md": prices_table(),
    "wire.md": extensions_table(),
}
# The first table of a page that follows this line is the one that is written.
MARK = "<!-- from the code -->\n"


@pytest.mark.parametrize("page", TABLES)
def test_a_table_of_the_docs_is_that_of_the_code(page: str) -> None:
    path = DOCS / page
    text = path.read_text()
    found = re.search(re.escape(MARK) + r"((?:\|.*\n)*)", text)
    assert found, f"{page} has no line {MARK!r}"
    if os.environ.get("TALLYBOOK_WRITE_DOCS"):
        path.write_text(text[: found.start(1)] + TABLES[page] + "\n" + text[found.end(1) :])
        return
    assert found[1].rstrip("\n") == TABLES[page], f"docs/{page} is behind the code"


def test_every_link_between_the_docs_leads_somewhere() -> None:
    root = DOCS.parent
    for page in [*root.glob("*.md"), *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.relative_to(root)}: {target}"


def test_every_decision_is_in_the_list() -> None:
    decisions = DOCS / "decisions"
    listed = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", (decisions / "README.md").read_text())
    assert listed == sorted(path.name for path in decisions.glob("[0-9]*.md"))


def rows_of(path: Path, heading: str) -> list[dict[str, str]]:
    """The rows of the first table of a page's section, by its columns."""
    section = path.read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_the_faults_of_the_readme_are_those_of_the_long_run() -> None:
    short = rows_of(DOCS.parent / "README.md", "What was tried")
    whole = rows_of(DOCS / "operations.md", "What was tried")
    assert len(short) > 10
    assert short == [{name: row[name] for name in short[0]} for row in whole]


def test_the_price_file_of_the_docs_is_good() -> None:
    text = re.search(r"<!-- checked -->\n```toml\n(.*?)```", (DOCS / "prices.md").read_text(), re.S)
    assert text
    found = own(text[1])
    assert (len(found.prices), len(found.discounts)) == (7, 1)
