"""What becomes of a batch whose key is bound to projects: a plain loop says it event by event."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support import streams
from support.events import DAY, event
from tallybook.domain.entries import latest_us
from tallybook.domain.kinds import KINDS
from tallybook.domain.receipts import Fault
from tallybook.intake.binding import PROJECTS_SHOWN_MAX, bound
from tallybook.intake.native import Batch, Format, read_events

LATEST_US = latest_us(DAY + 86_400)

Event = dict[str, Any]

# With one that no event of these has, and one that many have.
project_sets = st.sets(st.sampled_from(("alpha", "beta", *streams.AWKWARD, "nobody's")), min_size=1)


@st.composite
def bodies(draw: st.DrawFn) -> list[Event]:
    """Events of a few kinds, some of them impossible, some without a project."""
    kinds = draw(st.lists(st.sampled_from(tuple(KINDS)), min_size=1, max_size=3))
    events: list[Event] = draw(
        st.lists(st.sampled_from(kinds).flatmap(streams.events), min_size=1, max_size=12)
    )
    named = draw(st.sampled_from(("as drawn", "none", "all")))
    for each in events:
        each["time"] += DAY - 3 * 86_400
        if named == "none":
            each.pop("project_id", None)
        elif named == "all":
            each["project_id"] = "alpha"
        if not draw(st.integers(0, 5)):
            each[draw(st.sampled_from(("misspelt", "time")))] = "x"
    return events


def read(events: list[Event]) -> Batch:
    return read_events(msgspec.json.encode(events), Format.JSON, LATEST_US, len(events))


def by_place(batch: Batch) -> dict[int, tuple[Any, ...]]:
    return dict(zip(batch.positions, batch.sheet.entries(), strict=True))


@given(bodies(), project_sets)
def test_every_event_gets_the_project_of_the_key_or_is_refused_for_it(
    events: list[Event], projects: set[str]
) -> None:
    own = frozenset(projects)
    bad = {fault.index: fault for fault in read(events).rejected}
    meant, refused = [], set()
    for place, each in enumerate(events):
        project = each.get("project_id")
        if project is None and len(own) == 1:
            meant.append(each | {"project_id": min(own)})
            continue
        meant.append(each)
        if project not in own and place not in bad:
            refused.add(place)

    found = bound(read(events), own)
    # What its owner would have sent by naming the project: the same entries, in the same places.
    expected = by_place(read(meant))
    assert by_place(found) == {at: row for at, row in expected.items() if at not in refused}
    assert [fault.index for fault in found.rejected] == sorted({*bad, *refused})
    for fault in found.rejected:
        if fault.index in bad:
            assert fault == bad[fault.index]
        else:
            assert (fault.id, fault.field) == (events[fault.index]["id"], "project_id")


def rejected(projects: set[str], **fields: Any) -> list[Fault]:
    return bound(read([event(**fields)]), frozenset(projects)).rejected


def test_another_project_is_refused_by_its_value_and_the_rule() -> None:
    (fault,) = rejected({"proj_a"}, project_id="proj_b")
    assert fault == Fault(
        0,
        "req_1",
        "project_id",
        'project_id is "proj_b"; the key is bound to "proj_a"; it may be left out',
    )
    (fault,) = rejected({"proj_c", "proj_a"}, project_id="proj_b")
    assert fault.reason == 'project_id is "proj_b"; the key is bound to "proj_a", "proj_c"'


@pytest.mark.parametrize("given_", [{}, {"project_id": None}])
def test_with_several_projects_one_has_to_be_named(given_: dict[str, Any]) -> None:
    (fault,) = rejected({"proj_c", "proj_a"}, **given_)
    assert fault.field == "project_id"
    assert fault.reason == (
        "project_id is required: the key is bound to several projects; name one of"
        ' "proj_a", "proj_c"'
    )


def test_a_message_fits_a_receipt_however_many_projects_and_however_long() -> None:
    many = {f"proj_{number:03}-{'x' * 180}" for number in range(500)}
    (fault,) = rejected(many, project_id="y" * 200)
    assert f", {500 - PROJECTS_SHOWN_MAX} more" in fault.reason
    assert len(fault.reason) < 1_000


def test_what_needs_nothing_is_the_batch_as_it_is() -> None:
    batch = read([event(project_id="proj_a"), event(id="req_2", project_id="proj_b")])
    assert bound(batch, frozenset({"proj_a", "proj_b", "proj_c"})) is batch
    assert bound(batch, None) is batch
    nothing = read([{}])
    assert bound(nothing, frozenset({"proj_a"})) is nothing
