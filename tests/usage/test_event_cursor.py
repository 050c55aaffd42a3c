"""Tokens of lists of events: they go on after an event, and belong to what was asked."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.events import DAY
from tallybook.domain.errors import InvalidValue
from tallybook.domain.listings import Listing
from tallybook.domain.queries import Condition
from tallybook.usage.event_cursor import resumed_listing, token_after

END = DAY + 86_400


def listing(**more: Any) -> Listing:
    asked: dict[str, Any] = {"start": DAY, "end": END, "limit": 10}
    return Listing(**(asked | more))


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=200), st.integers(0, 86_399))
def test_a_token_goes_on_after_its_event_until_the_end_of_the_first_page(
    id_: str, second: int
) -> None:
    last = (id_, (DAY + second) * 1_000_000 + 999_999)
    token = token_after(listing(), last)
    # What is asked for later may have another limit, and an end that the clock has moved.
    found = resumed_listing(listing(limit=3, end=END + 500), token)
    assert found == listing(limit=3, after=last)


@pytest.mark.parametrize(
    "changed", [{"start": DAY + 1}, {"conditions": (Condition("kind", ("images",)),)}]
)
def test_a_token_belongs_to_what_was_asked(changed: dict[str, Any]) -> None:
    token = token_after(listing(), ("a", DAY * 1_000_000))
    with pytest.raises(InvalidValue, match="page belongs to other events") as raised:
        resumed_listing(listing(**changed), token)
    assert raised.value.param == "page"


def test_the_order_in_which_filters_are_written_does_not_matter() -> None:
    conditions = (Condition("kind", ("images", "completions")), Condition("tag:a", ("x",)))
    other = (Condition("tag:a", ("x",)), Condition("kind", ("completions", "images")))
    token = token_after(listing(conditions=conditions), ("a", DAY * 1_000_000))
    assert resumed_listing(listing(conditions=other), token).after == ("a", DAY * 1_000_000)


GOOD = token_after(listing(), ("a", DAY * 1_000_000))


@pytest.mark.parametrize(
    "token",
    [
        "page_", "page_x", "nonsense", GOOD[:20], GOOD + "*", "page_" + "A" * 27,
        # Without an id; before the start; at the end.
        token_after(listing(), ("", DAY * 1_000_000)),
        token_after(listing(), ("a", DAY * 1_000_000 - 1)),
        token_after(listing(), ("a", END * 1_000_000)),
    ],
)  # fmt: skip
def test_a_token_that_cannot_be_one_is_refused(token: str) -> None:
    with pytest.raises(InvalidValue) as raised:
        resumed_listing(listing(), token)
    assert raised.value.param == "page"
