"""The month: the same for the same seed, and as large, as long and as varied as it says."""

import hashlib
from collections import defaultdict
from itertools import islice, pairwise

import msgspec
import pytest

from demo.months import END, EVENTS, SEED, Fields, of_kind, small_month
from tallybook.demo.month import EVENTS_MIN, MONTH_SECONDS, month
from tallybook.demo.organization import KEYS, PROJECTS, USERS
from tallybook.demo.workloads import MODELS
from tallybook.domain.dimensions import DIMENSIONS
from tallybook.domain.entries import latest_us
from tallybook.domain.kinds import KINDS
from tallybook.intake.native import Format, read_events

# Of the first 5,000 events. It changes when the generator is meant to make other
# events; on another machine or another version of Python it must not.
DIGEST = "f82380c851414fe56df3d1a594cf3653c2e18301da9326913f7ca7508b2562d5"


def seen(name: str) -> set[str]:
    return {event[name] for event in small_month() if name in event}


def test_the_same_seed_makes_the_same_events_everywhere() -> None:
    events = list(islice(month(seed=SEED, end_seconds=END, events=20_000), 5_000))
    assert hashlib.sha256(msgspec.json.encode(events)).hexdigest() == DIGEST


@pytest.mark.parametrize(
    "other",
    [
        {"seed": SEED + 1, "end_seconds": END, "events": EVENTS},
        {"seed": SEED, "end_seconds": END - 86_400, "events": EVENTS},
        {"seed": SEED, "end_seconds": END, "events": EVENTS + 1},
    ],
)
def test_another_month_shares_no_identity(other: dict[str, int]) -> None:
    ids = {event["id"] for event in islice(month(**other), 2_000)}
    assert ids.isdisjoint(event["id"] for event in small_month())


def test_another_seed_is_another_cast() -> None:
    other = month(seed=SEED + 1, end_seconds=END, events=EVENTS_MIN)
    users = {event["user_id"] for event in other if "user_id" in event}
    assert len(users & seen("user_id")) < len(users) / 10


@pytest.mark.parametrize("events", [EVENTS_MIN, 7_777, EVENTS])
def test_there_are_exactly_as_many_events_as_asked_for(events: int) -> None:
    assert sum(1 for _ in month(seed=SEED, end_seconds=END, events=events)) == events


def test_fewer_than_the_minimum_are_refused() -> None:
    with pytest.raises(ValueError, match="events is 999; a month has at least 1000"):
        month(seed=SEED, end_seconds=END, events=EVENTS_MIN - 1)


def test_events_come_in_order_of_time_within_the_month() -> None:
    times = [event["time"] for event in small_month()]
    assert all(before <= after for before, after in pairwise(times))
    assert times[0] == END - MONTH_SECONDS
    assert END - 3_600 < times[-1] < END


def test_no_id_is_used_twice() -> None:
    assert len({event["id"] for event in small_month()}) == EVENTS


def test_a_month_may_end_at_any_moment() -> None:
    end = END - 12_345
    times = [event["time"] for event in month(seed=SEED, end_seconds=end, events=2_000)]
    assert times[0] == end - MONTH_SECONDS
    assert times[-1] < end


def test_everyone_is_there() -> None:
    assert seen("project_id") == {project.id for project in PROJECTS}
    assert seen("model") == set(MODELS)
    assert seen("kind") == set(KINDS)
    assert seen("provider") == {"openai", "anthropic", "google"}
    counts = {name: len(seen(name)) for name in ("project_id", "user_id", "api_key_id", "model")}
    assert counts == {"project_id": 12, "user_id": USERS, "api_key_id": KEYS, "model": 14}
    assert (USERS, KEYS) == (150, 300)


def test_a_key_belongs_to_one_project_and_one_user() -> None:
    owners: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for event in small_month():
        if "api_key_id" in event:
            owners[event["api_key_id"]].add((event["project_id"], event["user_id"]))
    assert {len(owner) for owner in owners.values()} == {1}


def test_a_model_belongs_to_one_provider() -> None:
    assert {(event["model"], event["provider"]) for event in small_month() if "model" in event} == (
        set(MODELS.items())
    )


def test_the_intake_takes_every_event() -> None:
    body = msgspec.json.encode(small_month())
    batch = read_events(body, Format.JSON, latest_us(END), EVENTS)
    assert batch.rejected == []
    assert len(batch.positions) == EVENTS


def test_every_dimension_has_more_than_one_value() -> None:
    assert {name for name in DIMENSIONS if len(seen(name)) < 2} == set()
    assert seen("source") == set(DIMENSIONS["source"].values)
    assert seen("context_level") == set(DIMENSIONS["context_level"].values)
    assert seen("api_source") == set(DIMENSIONS["api_source"].values)
    assert seen("service_tier") == {"default", "flex", "priority"}


def test_sizes_are_those_that_the_wire_can_filter_by() -> None:
    sizes = next(filter_ for filter_ in KINDS["images"].filters if filter_.name == "sizes")
    assert seen("size") == set(sizes.values)


@pytest.mark.parametrize(
    "quantity",
    [
        "input_cached_tokens",
        "input_cached_audio_tokens",
        "input_cache_write_30m_tokens",
        "input_cache_write_12h_tokens",
        "input_audio_tokens",
        "output_audio_tokens",
        "input_image_tokens",
        "output_reasoning_tokens",
    ],
)
def test_some_events_but_not_all_have_this_detail(quantity: str) -> None:
    completions = of_kind("completions")
    having = sum(1 for event in completions if event.get(quantity))
    assert 0 < having < len(completions)


def test_most_requests_are_completions_and_most_models_are_used_by_few() -> None:
    share = len(of_kind("completions")) / EVENTS
    assert 0.6 < share < 0.8
    users_of: dict[str, set[str]] = defaultdict(set)
    for event in small_month():
        if "model" in event:
            users_of[event["model"]].add(event["user_id"])
    assert all(len(users) < USERS for users in users_of.values())


def test_batch_jobs_run_at_night() -> None:
    hours = {int(event["time"]) % 86_400 // 3_600 for event in small_month() if event.get("batch")}
    assert hours <= {22, 23, 0, 1, 2, 3, 4, 5}


def test_each_vector_store_is_sampled_at_the_same_hours_and_grows() -> None:
    samples: dict[str, list[Fields]] = defaultdict(list)
    for event in of_kind("vector_stores"):
        samples[event["vector_store_id"]].append(event)
    times = [[event["time"] for event in each] for each in samples.values()]
    assert len(times) == 6
    assert all(each == times[0] for each in times)
    assert all(time % 3_600 == 0 for time in times[0])
    for each in samples.values():
        assert all(a["usage_bytes"] < b["usage_bytes"] for a, b in pairwise(each))


def test_vector_stores_are_sampled_every_hour_when_there_are_events_enough() -> None:
    events = islice(month(seed=SEED, end_seconds=END, events=200_000), 2_000)
    times = [event["time"] for event in events if event["kind"] == "vector_stores"]
    assert {b - a for a, b in pairwise(sorted(set(times)))} == {3_600}


def test_searches_are_in_stores_of_the_same_project() -> None:
    project_of = {
        event["vector_store_id"]: event["project_id"] for event in of_kind("vector_stores")
    }
    searches = of_kind("file_search_calls")
    assert {event["vector_store_id"] for event in searches} == set(project_of)
    assert all(project_of[event["vector_store_id"]] == event["project_id"] for event in searches)
