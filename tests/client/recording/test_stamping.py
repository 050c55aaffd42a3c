"""An event becomes a line with an identity of its own, at the moment it is recorded."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.recording.quick import EVENT
from tallybook.client.recording.attribution import attribution
from tallybook.client.recording.stamping import Stamp, Unrecordable, copied, fresh_names

NOW = 1_790_845_261.1234567
TEXT = st.text(min_size=1, max_size=5)
TAGS = st.dictionaries(TEXT, TEXT, max_size=3)
WHO = ("project_id", "user_id", "api_key_id")
FIELDS = st.fixed_dictionaries(
    {}, optional={**dict.fromkeys(WHO, TEXT | st.none()), "tags": TAGS | st.none()}
)


def stamp(defaults: Mapping[str, object] | None = None, bytes_max: int = 10_000) -> Stamp:
    return Stamp(copied(defaults or {}), bytes_max, lambda: NOW, fresh_names())


def stamped(event: Mapping[str, object], defaults: Mapping[str, object] | None = None) -> Any:
    return json.loads(stamp(defaults).line(event))


def test_an_event_without_id_and_time_gets_both() -> None:
    found = stamped(EVENT)
    assert found["id"].startswith("rec_")
    assert found["time"] == 1_790_845_261.123457
    assert {name: found[name] for name in EVENT} == EVENT


def test_an_identity_of_its_own_is_kept() -> None:
    found = stamped({**EVENT, "id": "req_1", "time": "2026-10-01T09:01:01.25Z"})
    assert (found["id"], found["time"]) == ("req_1", "2026-10-01T09:01:01.25Z")


def test_null_is_no_identity() -> None:
    found = stamped({**EVENT, "id": None, "time": None})
    assert found["id"].startswith("rec_")
    assert found["time"] == 1_790_845_261.123457


def test_no_two_events_share_an_id_whoever_makes_it() -> None:
    makers = [fresh_names() for _ in range(20)]
    ids = [make() for make in makers for _ in range(100)]
    assert len(set(ids)) == len(ids)
    assert max(map(len, ids)) <= 200


def test_what_the_caller_changes_afterwards_changes_nothing() -> None:
    event = {**EVENT, "tags": {"team": "search"}}
    line = stamp().line(event)
    event["tags"]["team"] = "other"
    event["model"] = "other"
    assert json.loads(line)["tags"] == {"team": "search"}
    assert json.loads(line)["model"] == EVENT["model"]


@given(defaults=FIELDS, outer=FIELDS, inner=FIELDS, own=FIELDS)
def test_what_is_said_nearest_to_the_event_goes_first(
    defaults: dict[str, Any], outer: dict[str, Any], inner: dict[str, Any], own: dict[str, Any]
) -> None:
    with attribution(**outer), attribution(**inner):
        found = stamped({**EVENT, **own}, defaults)
    said = [own, inner, outer, defaults]
    for name in WHO:
        nearest = next((fields[name] for fields in said if fields.get(name) is not None), None)
        assert found.get(name) == nearest
    tags: dict[str, str] = {}
    for fields in reversed(said):
        tags |= fields.get("tags") or {}
    assert (found.get("tags") or {}) == tags


def test_attribution_ends_with_its_block() -> None:
    with attribution(user_id="user-1"):
        assert stamped(EVENT)["user_id"] == "user-1"
    assert "user_id" not in stamped(EVENT)


@pytest.mark.parametrize("event", [None, 1, "text", [EVENT], object()])
def test_what_is_no_mapping_is_no_event(event: Any) -> None:
    with pytest.raises(Unrecordable, match=type(event).__name__):
        stamp().line(event)


def test_an_event_beyond_all_measure_is_refused_with_its_size() -> None:
    with pytest.raises(Unrecordable, match=r"has \d+ bytes as JSON; at most 200"):
        stamp(bytes_max=200).line({**EVENT, "user_id": "x" * 200})


def test_defaults_and_attribution_are_taken_as_they_are_when_they_are_said() -> None:
    defaults: dict[str, Any] = {"project_id": "proj_atlas", "tags": {"env": "prod"}}
    tags = {"team": "search"}
    made = stamp(defaults)
    with attribution(tags=tags):
        defaults["project_id"] = tags["team"] = defaults["tags"]["env"] = "other"
        found = json.loads(made.line(EVENT))
    assert found["project_id"] == "proj_atlas"
    assert found["tags"] == {"env": "prod", "team": "search"}


@pytest.mark.parametrize("defaults", [{"tags": object()}, {"x": "\ud800"}])
def test_defaults_that_are_not_json_are_refused_at_once(defaults: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="the defaults cannot be part of an event"):
        copied(defaults)


def test_attribution_of_any_mapping_is_one_of_json() -> None:
    with attribution(tags=MappingProxyType({"team": "search"})):
        assert stamped(EVENT)["tags"] == {"team": "search"}
