"""Every answer equals a naive loop, whatever is sealed, in every zone, and by rank."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support import extended_streams, oracle, streams
from support.extended_streams import MOST, Scenario
from support.prices import source
from support.query_strings import query_string
from support.sealing import hold_whatever_is_sealed, opened, posted, seal_all
from tallybook.domain.kinds import KINDS
from tallybook.ledger.sealable import SealedLedger
from tallybook.usage.dialects import Dialect
from tallybook.usage.pages import usage_page
from tallybook.web.parameters import read_usage_query

Event = dict[str, Any]

DAY = 86_400
# The moment at which questions are asked: long after every window.
ASKED = 1_790_000_000


class Asker:
    """Asks a ledger, and holds every answer against the loop and against what vouches for it."""

    def __init__(
        self, ledger: SealedLedger, base: int, projects: frozenset[str] | None = None
    ) -> None:
        self.ledger = ledger
        self.base = base
        # Whose answers they are: of a key that is bound to these.
        self.projects = projects
        # The page that each seal stood for.
        self._known: dict[tuple[str, str], bytes] = {}

    def page(self, query: dict[str, Any], limit: int, token: str | None) -> Any:
        """One page, as JSON."""
        text = query_string(query, self.base, limit, token)
        asked = read_usage_query(text.encode(), KINDS[query["kind"]], ASKED, self.projects)
        seal = self.ledger.seal_of(asked)
        page = usage_page(asked, Dialect.CURRENT, self.ledger)
        if seal is not None:
            assert self._known.setdefault((text, seal), page) == page
        return json.loads(page)

    def buckets(self, query: dict[str, Any], limit: int) -> Iterator[Any]:
        """All buckets of a query, page by page."""
        token = None
        while True:
            body = self.page(query, limit, token)
            assert len(body["data"]) <= limit
            yield from body["data"]
            token = body["next_page"]
            assert body["has_more"] == (token is not None)
            if token is None:
                return

    def check(self, query: dict[str, Any], events: list[Event]) -> None:
        """Ask, with long pages and with short ones."""
        wanted = expected(query, self.base, oracle.within(events, self.projects))
        most = MOST[query["width"]]
        assert list(self.buckets(query, most)) == wanted
        short = min(max(query["limit"], len(wanted) // 3), most)
        if short < len(wanted):
            assert list(self.buckets(query, short)) == wanted


def expected(query: dict[str, Any], base: int, events: list[Event]) -> list[oracle.Bucket]:
    """What the loop says."""
    kind = KINDS[query["kind"]]
    names = {filter_.name: filter_.dimension for filter_ in kind.query_filters}
    return oracle.answer(
        events,
        kind=kind.name,
        dimensions=kind.dimensions,
        start=base + query["start"],
        end=base + query["end"],
        width=query["width"],
        group_by=query["group_by"],
        filters={
            names.get(name, f"tag:{name[5:-1]}"): values
            for name, values in query["filters"].items()
        },
        zone=query["zone"] or "UTC",
        order_by=query["order_by"],
        top=query["top"],
    )


@settings(streams.UNHURRIED, max_examples=60)
@given(
    scenario=extended_streams.usage_scenarios(),
    projects=streams.reaches,
    chance=st.randoms(use_true_random=False),
)
def test_an_answer_equals_a_loop_whatever_is_sealed_and_whoever_asks(
    tmp_path_factory: pytest.TempPathFactory,
    scenario: Scenario,
    projects: frozenset[str] | None,
    chance: Random,
) -> None:
    folder: Path = tmp_path_factory.mktemp("ledger")
    with opened(folder, source(folder), scenario.kept_tags) as ledger:
        asker = Asker(ledger, scenario.window.base, projects)
        hold_whatever_is_sealed(ledger, scenario, chance, asker.check)


def test_stocks_are_ranked_by_their_range_as_one_bucket(tmp_path: Path) -> None:
    # By the sums of the hours the first has 30; the largest that it ever had is 10.
    base = 1_456_617_600
    known = {"kind": "vector_stores", "vector_store_id": "v"}
    events: list[Event] = [
        known | {"id": "a", "time": base + n * 3_600, "project_id": "a", "usage_bytes": 10}
        for n in range(3)
    ]
    events.append(known | {"id": "b", "time": base, "project_id": "b", "usage_bytes": 25})
    query: dict[str, Any] = {"kind": "vector_stores", "start": 0, "end": DAY, "width": "1h"}
    query |= {"zone": None, "filters": {}, "order_by": None, "forms": ["comma"]}
    query |= {"group_by": {"project_id"}, "top": 1, "limit": 1}
    with opened(tmp_path, source(tmp_path)) as ledger:
        posted(ledger, events)
        asker = Asker(ledger, base)
        for _ in range(2):
            asker.check(query, events)
            first = next(asker.buckets(query, 24))
            assert [row["project_id"] for row in first["results"]] == ["b", None]
            assert seal_all(ledger, base + 2 * DAY) in (0, 24)
