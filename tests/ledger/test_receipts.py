"""What a receipt says of conflicts, and how little to whom an event is not theirs to know."""

from hypothesis import given
from hypothesis import strategies as st

from tallybook.domain.entries import COLUMN_NAMES
from tallybook.ledger.ledger import Appended, Conflict
from tallybook.ledger.receipts import discreet, receipt_of


@given(st.sets(st.sampled_from(COLUMN_NAMES[2:]), min_size=1))
def test_of_an_event_of_another_project_nothing_is_told_but_that_it_is_there(
    differing: set[str],
) -> None:
    columns = tuple(name for name in COLUMN_NAMES if name in differing)
    conflict = Conflict(3, "req_1", "completions", columns)
    (told,) = receipt_of(discreet(Appended(1, 2, (conflict,))), ()).conflicts
    if "project_id" in differing:
        assert (told.index, told.id, told.field) == (3, "req_1", "project_id")
        assert told.reason == (
            "an event with this id and time is stored with another project_id;"
            " a stored event never changes"
        )
    else:
        # One's own event is told of in full.
        assert told == receipt_of(Appended(1, 2, (conflict,)), ()).conflicts[0]
