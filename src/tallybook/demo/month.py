"""The events of a month, one after the other, in order of time.

The same seed, end and number of events give the same events, ids included, on
any machine. Nothing is kept but the plan of the 720 hours, so a month of any
size can be made: some 300,000 events a second on one core.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from tallybook.demo.amounts import FILLERS, Fields, fill_tokens
from tallybook.demo.chance import Chance, by_rank, chance_of, pick, word
from tallybook.demo.organization import Key, Organization, Store, cast_of
from tallybook.demo.plan import Hour, plan
from tallybook.demo.rhythm import HOUR_SECONDS, MONTH_HOURS
from tallybook.demo.workloads import MODELS, WORKLOADS, Workload
from tallybook.domain.instants import MICROSECONDS

MONTH_SECONDS = MONTH_HOURS * HOUR_SECONDS
# Fewer are no month of an organization: the vector stores alone have 180 samples.
EVENTS_MIN = 1_000

# Of all events, at most one in so many is a sample of a vector store, if that can be.
_SAMPLES_RATIO = 40
_HOURS_BETWEEN_SAMPLES = (1, 2, 3, 4, 6, 8, 12, 24)
# Part of the seed, so that no two sources of chance are the same one.
_MONTH = 2
_HOUR_US = HOUR_SECONDS * MICROSECONDS


class _Source(msgspec.Struct, frozen=True):
    """A workload, and what is the same in all its events: per key, picked by weight."""

    workload: Workload
    templates: tuple[Fields, ...]
    sums: Sequence[int]


def month(*, seed: int, end_seconds: int, events: int) -> Iterator[dict[str, Any]]:
    """The events of the 30 days before ``end_seconds`` (exclusive), in Tallybook's own format.

    They are exactly ``events``, in order of time, ready to be written as JSON.
    The tags of a key's events are one dict: write them, do not change them.
    ``seed`` is 0 or more and below 2**64. Raises ValueError for fewer than
    ``EVENTS_MIN``.
    """
    if events < EVENTS_MIN:
        raise ValueError(f"events is {events}; a month has at least {EVENTS_MIN}")
    cast = cast_of(seed)
    chance = chance_of(_MONTH, seed, end_seconds, events)
    # Different months have different ids, so that they can live in one ledger.
    run = word(chance, 5)
    every = _hours_between_samples(len(cast.stores), events)
    requests = events - len(cast.stores) * (MONTH_HOURS // every)
    hours = plan(chance, end_seconds - MONTH_SECONDS, requests)
    return _events(cast, hours, every, run, chance)


def _events(
    cast: Organization, hours: Sequence[Hour], every: int, run: str, chance: Chance
) -> Iterator[dict[str, Any]]:
    """The samples at the start of each hour, then its requests."""
    sources = [_source(cast, workload) for workload in WORKLOADS]
    number = 0
    for index, hour in enumerate(hours):
        if index % every == 0:
            for store in cast.stores:
                yield _sample(f"smp_{run}{index:03x}_{store.id}", store, hour.start, index)
        for event in _requests(sources, hour, chance):
            yield {"id": f"req_{run}{number:06x}", **event}
            number += 1


def _requests(sources: Sequence[_Source], hour: Hour, chance: Chance) -> Iterator[Fields]:
    """The requests of one hour, still without an id."""
    start_us = hour.start * MICROSECONDS
    for moment in sorted([chance() for _ in range(hour.events)]):
        source = sources[pick(chance, hour.sums)]
        event = {
            "time": (start_us + int(moment * _HOUR_US)) / MICROSECONDS,
            **source.templates[pick(chance, source.sums)],
        }
        tokens = source.workload.tokens
        if tokens is None:
            FILLERS[source.workload.kind](event, chance)
        else:
            fill_tokens(event, tokens, chance)
        yield event


def _hours_between_samples(stores: int, events: int) -> int:
    """One, unless the samples would be too large a part of few events."""
    for hours in _HOURS_BETWEEN_SAMPLES:
        if stores * (MONTH_HOURS // hours) * _SAMPLES_RATIO <= events:
            return hours
    return _HOURS_BETWEEN_SAMPLES[-1]


def _source(cast: Organization, workload: Workload) -> _Source:
    keys = cast.keys_of(workload.project_id)
    keys = keys[: workload.keys or len(keys)]
    templates = [_template(workload, key) for key in keys]
    if workload.kind == "file_search_calls":
        stores = cast.stores_of(workload.project_id)
        for place, template in enumerate(templates):
            template["vector_store_id"] = stores[place % len(stores)].id
    return _Source(workload, tuple(templates), by_rank(len(keys)))


def _template(workload: Workload, key: Key) -> Fields:
    """What is the same in all events of a workload that come with one key."""
    model = workload.model
    traits = {
        "kind": workload.kind,
        "provider": MODELS[model] if model else "openai",
        "model": model,
        "project_id": key.project.id,
        "user_id": key.user_id,
        "api_key_id": key.id,
        "batch": workload.batch,
        "service_tier": workload.tier,
        "api_source": workload.api_source,
        "tags": {"team": key.project.team, "env": key.env},
    }
    return {name: value for name, value in traits.items() if value is not None}


def _sample(id_: str, store: Store, time: int, hour: int) -> Fields:
    """What a vector store holds in an hour of the month."""
    return {
        "id": id_,
        "time": time,
        "kind": "vector_stores",
        "provider": "openai",
        "project_id": store.project.id,
        "vector_store_id": store.id,
        "usage_bytes": store.start_bytes + hour * store.hourly_bytes,
        "tags": {"team": store.project.team},
    }
