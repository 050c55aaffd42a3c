"""Cursors belong to a query's zone and ranking too, and plain ones are what they were."""

from typing import Any

import pytest

from support.cursors import read_token
from tallybook.domain.buckets import BucketWidth
from tallybook.domain.errors import InvalidValue
from tallybook.domain.kinds import KINDS
from tallybook.domain.queries import CostsQuery, UsageQuery
from tallybook.usage.cursor import Cursor, fingerprint, resumed

# 2026-10-25T00:00 in Paris: a day of 25 hours.
AUTUMN = 1_792_879_200
HOUR, DAY = 3_600, 86_400
END = AUTUMN + 5 * DAY + HOUR


def query(**more: Any) -> UsageQuery:
    asked: dict[str, Any] = {
        "kind": KINDS["completions"],
        "start": AUTUMN,
        "end": END,
        "width": BucketWidth.DAY,
        "limit": 1,
        "resume": AUTUMN,
        "group_by": ("model",),
        "zone": "Europe/Paris",
    }
    return UsageQuery(**(asked | more))


def token(of: UsageQuery | CostsQuery, resume: int, end: int = END) -> str:
    return Cursor(end, fingerprint(of), resume).encode()


def test_a_query_goes_on_where_a_day_of_its_zone_begins() -> None:
    found = resumed(query(), token(query(), AUTUMN + 25 * HOUR), END)
    assert (found.resume, found.end) == (AUTUMN + 25 * HOUR, END)
    assert found == query(resume=AUTUMN + 25 * HOUR)
    text = token(query(), AUTUMN + 25 * HOUR)
    assert len(text) == len("page_") + 27
    assert read_token(text).resume == AUTUMN + 25 * HOUR


@pytest.mark.parametrize("resume", [AUTUMN + 24 * HOUR, AUTUMN + 26 * HOUR, AUTUMN, END])
def test_a_token_of_another_boundary_is_unreadable(resume: int) -> None:
    with pytest.raises(InvalidValue, match="not a next_page value"):
        resumed(query(), token(query(), resume), END)


@pytest.mark.parametrize(
    "changed",
    [
        {"zone": "UTC"},
        {"zone": "Europe/Berlin"},
        {"order_by": "input_tokens"},
        {"order_by": "num_model_requests"},
        {"top": 5},
        {"top": 6, "order_by": "input_tokens"},
    ],
    ids=str,
)
def test_a_token_of_another_zone_or_ranking_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue, match="belongs to another query"):
        resumed(query(**changed), token(query(), AUTUMN + 25 * HOUR), END)
    with pytest.raises(InvalidValue, match="belongs to another query"):
        resumed(query(), token(query(**changed), AUTUMN + 25 * HOUR), END)


def test_no_two_queries_share_a_fingerprint() -> None:
    queries = [
        query(zone=zone, order_by=order_by, top=top, width=width)
        for zone in ("UTC", "Europe/Paris", "Etc/UTC")
        for order_by in (None, "input_tokens", "output_tokens")
        for top in (None, 1, 10)
        for width in BucketWidth
    ]
    assert len({fingerprint(each) for each in queries}) == len(queries)


def test_the_token_of_a_query_of_the_contract_is_what_it_was_before_there_was_more() -> None:
    assert fingerprint(query(zone="UTC")).hex() == "745b2a9a"


def test_costs_end_at_the_zones_midnight() -> None:
    costs = CostsQuery(
        start=AUTUMN,
        end=AUTUMN + 49 * HOUR,
        width=BucketWidth.DAY,
        limit=1,
        resume=AUTUMN,
        zone="Europe/Paris",
    )
    resume = AUTUMN + 25 * HOUR
    assert resumed(costs, token(costs, resume, costs.end), costs.end).resume == resume
    for end in (AUTUMN + 48 * HOUR, AUTUMN + 50 * HOUR):
        with pytest.raises(InvalidValue, match="not a next_page value"):
            resumed(costs, token(costs, resume, end), end)
