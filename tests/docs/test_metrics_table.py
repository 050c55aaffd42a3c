"""The page's table of metrics is what a server tells. To write it: TALLYBOOK_WRITE_DOCS=1."""

import os
import re
from pathlib import Path

from prometheus_client.openmetrics.parser import text_string_to_metric_families

from docs.tables import table
from support.events import DAY, event
from support.server import running

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
MARK = "<!-- from a server -->\n"


def told(folder: Path) -> str:
    """A table of all metrics of a server that has done some of everything."""
    (folder / "prices.toml").write_text('[[price]]\nmodel = "m"\ninput = "1 / token"\n')
    with running(folder) as server:
        server.post([event(), event(id="bad", bogus=1)])
        server.usage("completions", start_time=DAY)
        server.usage("completions")
        accept = {"Accept": "application/openmetrics-text"}
        text = server.http.get("/metrics", headers=accept).text
    rows = []
    families = text_string_to_metric_families(text)  # type: ignore[no-untyped-call]
    for family in sorted(families, key=lambda each: each.name):
        labels = {name for sample in family.samples for name in sample.labels} - {"le"}
        suffix = {"counter": "_total", "info": "_info"}.get(family.type, "")
        shown = ", ".join(f"`{label}`" for label in sorted(labels))
        rows.append((f"`{family.name}{suffix}`", family.type, shown, family.documentation))
    return table(("metric", "type", "labels", "what it is"), rows)


def test_the_table_of_metrics_is_what_a_server_tells(tmp_path: Path) -> None:
    text, found = PAGE.read_text(), told(tmp_path)
    place = re.search(re.escape(MARK) + r"((?:\|.*\n)*)", text)
    assert place
    if os.environ.get("TALLYBOOK_WRITE_DOCS"):
        PAGE.write_text(text[: place.start(1)] + found + "\n" + text[place.end(1) :])
        return
    assert place[1].rstrip("\n") == found, "docs/operations.md is behind the code"
