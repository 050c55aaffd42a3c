"""``docs/transports.md`` says what the table of endpoints does."""

import re
from pathlib import Path

from support.providers.vectors import VECTORS
from tallybook.client.transports.endpoints import ENDPOINTS, recognise
from tallybook.client.transports.event_writer import CUT_OFF, NOT_REPORTED, UNREADABLE, USAGE_TAG

PAGE = (Path(__file__).parents[3] / "docs" / "transports.md").read_text()


def rows_after(mark: str) -> list[list[str]]:
    """The cells of the first table after a mark, without its head."""
    lines = PAGE.split(mark, 1)[1].strip().splitlines()
    table = lines[: next(number for number, line in enumerate(lines) if not line.startswith("|"))]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


def kinds_of(endpoint: str) -> set[str]:
    """The kinds of the events that the known answers of an endpoint make."""
    kinds = set()
    for vector in VECTORS:
        path = "/" + vector.url.split("?")[0].split("/", 3)[3]
        recognised = recognise("POST", path)
        if recognised is not None and recognised.endpoint.name == endpoint:
            kinds |= {str(event["kind"]) for event in vector.events}
    return kinds


def test_every_endpoint_is_on_the_page_with_a_request_and_its_events() -> None:
    rows = rows_after("<!-- held by a test -->")
    assert [row[0] for row in rows] == [endpoint.name for endpoint in ENDPOINTS]
    for name, request, kinds, _ in rows:
        method, path = request.strip("`").split()
        recognised = recognise(method, path)
        assert recognised is not None, request
        assert recognised.endpoint.name == name
        assert set(re.findall(r"`(\w+)`", kinds)) == kinds_of(name), name


def test_every_note_on_usage_is_on_the_page() -> None:
    noted = re.findall(rf"\| `{USAGE_TAG}: (\w+)` \|", PAGE)
    assert noted == [CUT_OFF, NOT_REPORTED, UNREADABLE]
