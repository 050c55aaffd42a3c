"""What a key that is bound to projects asks for: its projects, whatever else it says."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support import streams
from support.cursors import Token, write_token
from support.events import DAY
from support.inprocess import NOW
from tallybook.domain.dimensions import PROJECT
from tallybook.domain.errors import InvalidValue
from tallybook.domain.kinds import KINDS
from tallybook.domain.listings import Listing
from tallybook.domain.queries import Condition, Query
from tallybook.usage.cursor import Cursor, fingerprint
from tallybook.usage.event_cursor import token_after
from tallybook.web.event_parameters import read_listing
from tallybook.web.parameters import read_costs_query, read_usage_query

A, B, BOTH = frozenset({"proj_a"}), frozenset({"proj_b"}), frozenset({"proj_b", "proj_a"})
Projects = frozenset[str] | None
Read = Callable[[bytes, Projects], Any]

READERS: dict[str, Read] = {
    "usage": lambda text, own: read_usage_query(text, KINDS["completions"], NOW, own),
    "stocks": lambda text, own: read_usage_query(text, KINDS["vector_stores"], NOW, own),
    "costs": lambda text, own: read_costs_query(text, NOW, own),
    "events": lambda text, own: read_listing(text, NOW, own),
}
every_reader = pytest.mark.parametrize("read", READERS.values(), ids=READERS)


def asked(**more: Any) -> bytes:
    parameters = {"start_time": DAY, "end_time": DAY + 2 * 86_400, "limit": 1} | more
    return urlencode(parameters, doseq=True).encode()


def of_project(query: Query | Listing) -> list[tuple[Any, ...]]:
    return [each.values for each in query.conditions if each.dimension == PROJECT]


@every_reader
def test_its_projects_are_a_condition_beside_its_own_filter(read: Read) -> None:
    assert of_project(read(asked(), None)) == []
    assert of_project(read(asked(), BOTH)) == [("proj_a", "proj_b")]
    for filtered in ("proj_a", "proj_c", "proj_b,proj_c"):
        found = read(asked(project_ids=filtered), BOTH)
        assert of_project(found) == [("proj_a", "proj_b"), tuple(filtered.split(","))]


NAMES = (
    "project_ids", "project_ids[]", "project_ids[0]", "project_id", "projects",
    "tags[project_id]", "models", "user_ids", "api_key_ids", "junk",
)  # fmt: skip
VALUES = ("proj_a", "proj_c", "", ",", "*", "null", *streams.AWKWARD)


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES)), max_size=6))
def test_no_parameter_takes_the_condition_away(pairs: list[tuple[str, str]]) -> None:
    text = asked() + b"&" + urlencode(pairs).encode()
    for read in (READERS["usage"], READERS["costs"]):
        assert read(text, A).conditions[0] == Condition(PROJECT, ("proj_a",))


def next_page(query: Query | Listing) -> str:
    """The token of the page after the first."""
    if isinstance(query, Listing):
        return token_after(query, ("req_1", DAY * 1_000_000))
    return Cursor(query.end, fingerprint(query), DAY + 86_400).encode()


@every_reader
@pytest.mark.parametrize(
    ("made_by", "used_by"), [(A, B), (B, BOTH), (BOTH, A), (None, A), (A, None)]
)
def test_a_page_token_is_refused_for_a_key_with_other_projects(
    read: Read, made_by: Projects, used_by: Projects
) -> None:
    token = next_page(read(asked(), made_by))
    assert read(asked(page=token), made_by)
    with pytest.raises(InvalidValue) as refused:
        read(asked(page=token), used_by)
    assert refused.value.param == "page"
    # The same with a filter that both may use.
    token = next_page(read(asked(project_ids="proj_a"), made_by))
    with pytest.raises(InvalidValue):
        read(asked(page=token, project_ids="proj_a"), used_by)


@given(st.binary(min_size=20, max_size=20))
def test_a_forged_token_moves_the_page_and_never_the_condition(packed: bytes) -> None:
    query = READERS["usage"](asked(), A)
    end, resume = int.from_bytes(packed[:8], signed=True), int.from_bytes(packed[12:], signed=True)
    for forged in (
        Token(end, packed[8:12], resume),
        # Whoever knows how fingerprints are made can write one that fits.
        Token(end, fingerprint(query), resume),
        Token(DAY + resume % (2 * 86_400), fingerprint(query), DAY + 86_400),
    ):
        with suppress(InvalidValue):
            found = READERS["usage"](asked(page=write_token(forged)), A)
            assert found.conditions == query.conditions
            assert found.start == query.start < found.resume < found.end <= NOW
