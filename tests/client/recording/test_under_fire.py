"""A real server, and everything on the way to it that can go wrong: each event is in it once.

The model is that of ``tests/faults``: quantities are large random numbers, so
that one event lost and another counted twice can never make the same sum.
"""

import json
import os
import random
import threading
from pathlib import Path

import pytest

from client.recording.quick import IMPATIENT, QUICK, adds_up
from faults.book import EventData, assert_holds_exactly, client_of, make_events, seeded
from support.rough_road import Decide, Fate, RoughRoad, rough_road
from support.server import INGEST_KEY, Server, running
from tallybook.client.recording.recorder import Recorder

LONG = os.environ.get("TALLYBOOK_LONG") == "1"
EVENTS = 100_000 if LONG else 8_000
THREADS = 8
FLUSH_SECONDS = 300


def by_chance(seed: str) -> Decide:
    """Half of the requests fail, each in a way of its own."""
    chance = random.Random(seed)  # noqa: S311 - to be run again
    bad = [fate for fate in Fate if fate is not Fate.GOOD]
    return lambda _: Fate.GOOD if chance.random() < 0.5 else chance.choice(bad)


def recorder_to(road: RoughRoad, spool: Path | None) -> Recorder:
    return Recorder(road.address, INGEST_KEY, spool=spool, limits=QUICK, retry=IMPATIENT)


def record_from_threads(recorder: Recorder, events: list[EventData]) -> None:
    def run(part: list[EventData]) -> None:
        for event in part:
            recorder.record(event)

    parts = [events[number::THREADS] for number in range(THREADS)]
    threads = [threading.Thread(target=run, args=(part,)) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("spooled", [True, False], ids=["spool", "memory"])
def test_whatever_becomes_of_requests_each_event_is_in_the_ledger_once(
    tmp_path: Path, spooled: bool
) -> None:
    seed = f"fire-{spooled}"
    events = make_events(seeded(seed), seed, EVENTS)
    with (
        running(tmp_path / "data") as server,
        client_of(server) as client,
        rough_road(server.address, by_chance(seed)) as road,
        recorder_to(road, tmp_path / "spool" if spooled else None) as recorder,
    ):
        record_from_threads(recorder, events)
        assert recorder.flush(FLUSH_SECONDS)
        count = recorder.counters
        assert adds_up(recorder)
        assert (count.recorded, count.sent + count.duplicates) == (EVENTS, EVENTS)
        assert_holds_exactly(client, events)
    assert {*road.fates} >= {Fate.GOOD, Fate.CUT_AFTER} or not LONG
    assert list((tmp_path / "spool").rglob("*.ndjson")) == []


@pytest.mark.parametrize("fate", [fate for fate in Fate if fate is not Fate.GOOD])
def test_no_way_in_which_requests_fail_loses_or_doubles_an_event(
    server: Server, tmp_path: Path, fate: Fate
) -> None:
    events = [
        {**event, "project_id": fate.name}
        for event in make_events(seeded(fate.name), fate.name, 200)
    ]
    failures = 3
    with rough_road(server.address, lambda _: fate) as road:
        road.decide = lambda _: fate if len(road.fates) < failures else Fate.GOOD
        with recorder_to(road, tmp_path) as recorder:
            for event in events:
                recorder.record(event)
            assert recorder.flush(FLUSH_SECONDS)
            count = recorder.counters
            assert count.sent + count.duplicates == 200
            stored_though_it_failed = fate.name.endswith(("AFTER", "WITHIN"))
            assert bool(count.duplicates) is stored_though_it_failed
    asked = server.usage(
        "completions", start_time=1_790_000_000, project_ids=fate.name, limit=31
    ).json()
    rows = [row for bucket in asked["data"] for row in bucket["results"]]
    for name in ("input_tokens", "output_tokens", "num_model_requests"):
        assert sum(row[name] for row in rows) == sum(event[name] for event in events)


def test_a_server_that_restarts_meanwhile_gets_every_event_once(tmp_path: Path) -> None:
    events = make_events(seeded("restart"), "restart", 4_000)
    rounds = 4
    with rough_road("", lambda _: Fate.GOOD) as road, recorder_to(road, tmp_path) as recorder:
        for number in range(rounds):
            with running(tmp_path / "data") as server:
                road._server = server.address
                for event in events[number::rounds]:
                    recorder.record(event)
                # Some rounds end in the middle of it, the last one does not.
                recorder.flush(FLUSH_SECONDS if number == rounds - 1 else 0.02)
                if number == rounds - 1:
                    with client_of(server) as client:
                        assert_holds_exactly(client, events)
                server.kill()
        assert adds_up(recorder)
        assert recorder.counters.sent + recorder.counters.duplicates == len(events)


def test_what_the_server_refuses_of_a_batch_costs_no_other_event(
    server: Server, tmp_path: Path
) -> None:
    events = make_events(seeded("refused"), "refused", 300, project_id="proj_refused")
    wrong: dict[int, dict[str, object]] = {
        **{number: {"model": "x" * 300} for number in (0, 17, 299)},
        **{number: {"no_such_field": 1} for number in (100, 101)},
    }
    with Recorder(
        server.address, INGEST_KEY, spool=tmp_path, limits=QUICK, retry=IMPATIENT
    ) as recorder:
        for number, event in enumerate(events):
            recorder.record({**event, **wrong.get(number, {})})
        assert recorder.flush(FLUSH_SECONDS)
        # The same identity with another content: a conflict, and the first one stays.
        recorder.record({**events[1], "output_tokens": 1})
        assert recorder.flush(FLUSH_SECONDS)
        assert (recorder.counters.sent, recorder.counters.rejected) == (295, 6)
        assert adds_up(recorder)
        assert recorder.spool is not None
        text = (recorder.spool / "refused.ndjson").read_text()
    kept = [json.loads(line) for line in text.splitlines()]
    assert [(line["event"]["id"], line["field"]) for line in kept[:5]] == [
        ("req_refused_0", "model"),
        ("req_refused_17", "model"),
        ("req_refused_100", "no_such_field"),
        ("req_refused_101", "no_such_field"),
        ("req_refused_299", "model"),
    ]
    assert kept[5]["event"]["id"] == "req_refused_1"
