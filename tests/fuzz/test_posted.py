"""Bodies of events: each event is stored or refused, in whatever layout it comes."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.examples import hold
from fuzz.posted import EVENT_WORDS, LATEST_US, TARGETS, good_events
from fuzz.target import Target
from support import streams
from support.bad_events import bad_events
from support.events import DAY, event
from support.ledgers import NOW
from tallybook.domain.kinds import KINDS
from tallybook.intake.native import Format, read_events


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_every_event_of_a_body_is_stored_or_refused(target: Target, tmp_path: Path) -> None:
    hold(target, tmp_path, 1_500)


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from([word.decode() for word in EVENT_WORDS]), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip
_good = st.one_of(
    st.sampled_from(good_events()),
    st.sampled_from(tuple(KINDS)).flatmap(streams.events).map(
        lambda made: made | {"time": made["time"] + DAY - 4 * 86_400}
    ),
)  # fmt: skip
_bad = st.sampled_from(bad_events(NOW)).map(lambda bad: event(bad.kind) | bad.changes)


@st.composite
def _one_changed(draw: st.DrawFn) -> dict[str, Any]:
    made = dict(draw(_good))
    made[draw(st.sampled_from([word.decode() for word in EVENT_WORDS]))] = draw(_anything)
    return made


@given(st.lists(st.one_of(_good, _bad, _one_changed(), _anything), min_size=1, max_size=8))
def test_an_array_is_what_its_events_are_one_to_a_line(events: list[Any]) -> None:
    array = read_events(msgspec.json.encode(events), Format.JSON, LATEST_US, 10)
    lines = b"\n".join(map(msgspec.json.encode, events))
    assert read_events(lines, Format.NDJSON, LATEST_US, 10) == array
    assert len(array.rejected) + array.sheet.count == len(events)
