"""What is recorded reaches the server once, whatever the server, the disk or the caller does."""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from client.recording.quick import EVENT, IMPATIENT, KEY, QUICK, adds_up, recording
from faults.disk import can_mount, mounted
from support.ledger_stand_in import Answer, Event, StandIn, failing, standing_in
from support.needs import require
from support.scripted import closed_port
from tallybook.client.recording.recorder import Recorder

WAIT_SECONDS = 20
# What is not about the events: someone mends it, or it passes.
ERRORS = (302, 400, 401, 403, 404, 408, 409, 415, 422, 500, 502, 507)


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with standing_in() as found:
        yield found


def eventually(true: Callable[[], bool]) -> None:
    """Wait for something that another thread brings about."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not true():
        assert time.monotonic() < deadline
        threading.Event().wait(0.005)


def record(recorder: Recorder, count: int) -> list[str]:
    """Record some events; their ids."""
    ids = [f"e{number}" for number in range(count)]
    for each in ids:
        recorder.record({**EVENT, "id": each, "time": 1_790_845_261})
    return ids


def stored(stand_in: StandIn) -> list[str]:
    return [each for each, _ in stand_in.stored]


def test_what_is_recorded_is_stored_in_order(stand_in: StandIn, tmp_path: Path) -> None:
    with recording(stand_in.address, tmp_path) as recorder:
        ids = record(recorder, 2_500)
        assert recorder.flush()
        assert stored(stand_in) == ids
        assert recorder.counters.sent == recorder.counters.recorded == 2_500
        assert adds_up(recorder)


def test_without_a_flush_a_batch_goes_when_it_is_old_enough(stand_in: StandIn) -> None:
    with recording(stand_in.address, None) as recorder:
        recorder.record(EVENT)
        eventually(lambda: recorder.counters.sent == 1)


def test_the_end_of_the_block_sends_the_rest_and_leaves_nothing_on_disk(
    stand_in: StandIn, tmp_path: Path
) -> None:
    with recording(stand_in.address, tmp_path, batch_seconds=60) as recorder:
        ids = record(recorder, 10)
    assert stored(stand_in) == ids
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "behaviour",
    [
        *(failing(status) for status in ERRORS),
        failing(503, Retry_After="0"),
        failing(429, retry_after_ms="1"),
    ],
    ids=[*map(str, ERRORS), "503 at once", "429 soon"],
)
@pytest.mark.parametrize("spooled", [True, False])
def test_events_wait_while_the_server_does_not_take_them(
    stand_in: StandIn, tmp_path: Path, behaviour: Callable[[list[Event]], Answer], spooled: bool
) -> None:
    stand_in.behaviour = behaviour
    with recording(stand_in.address, tmp_path if spooled else None) as recorder:
        ids = record(recorder, 50)
        eventually(lambda: stand_in.requests >= 3)
        count = recorder.counters
        assert (count.spooled, count.queued) == ((50, 0) if spooled else (0, 50))
        stand_in.behaviour = stand_in.store
        assert recorder.flush(WAIT_SECONDS)
        assert stored(stand_in) == ids
        assert adds_up(recorder)


def test_a_server_that_is_not_there_yet_gets_everything_later(tmp_path: Path) -> None:
    port = closed_port()
    with recording(f"http://127.0.0.1:{port}", tmp_path) as recorder:
        ids = record(recorder, 2_500)
        assert not recorder.flush(0.1)
        assert recorder.counters.spooled == 2_500
        with standing_in(port) as stand_in:
            assert recorder.flush(WAIT_SECONDS)
            assert stored(stand_in) == ids


def test_an_answer_that_is_lost_on_its_way_counts_nothing_twice(
    stand_in: StandIn, tmp_path: Path
) -> None:
    stand_in.behaviour = stand_in.store_and_cut
    with recording(stand_in.address, tmp_path) as recorder:
        ids = record(recorder, 20)
        eventually(lambda: stand_in.requests >= 2)
        stand_in.behaviour = stand_in.store
        assert recorder.flush(WAIT_SECONDS)
        assert sorted(stored(stand_in)) == sorted(ids)
        assert recorder.counters.duplicates + recorder.counters.sent == 20
        assert recorder.counters.duplicates > 0


def test_a_refused_event_is_kept_with_its_reason_and_holds_up_no_other(
    stand_in: StandIn, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with recording(stand_in.address, tmp_path) as recorder:
        recorder.record({**EVENT, "id": "good", "time": 1})
        recorder.record({**EVENT, "id": "bad", "time": 1, "wrong": 1})
        assert recorder.flush()
        recorder.record({**EVENT, "id": "worse", "time": 1, "wrong": 1})
        assert recorder.flush()
        assert (recorder.counters.sent, recorder.counters.rejected) == (1, 2)
        assert adds_up(recorder)
        assert recorder.spool is not None
        kept = (recorder.spool / "refused.ndjson").read_text().splitlines()
    first, second = map(json.loads, kept)
    assert first["event"]["id"] == "bad"
    assert (first["field"], first["reason"]) == ("wrong", "it is wrong")
    assert second["event"]["id"] == "worse"
    assert any("bad: wrong: it is wrong" in message for message in caplog.messages)


def test_a_wrong_key_is_said_loudly_and_not_shown(
    stand_in: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    stand_in.behaviour = failing(401)
    with recording(stand_in.address, None, exit_seconds=0) as recorder:
        recorder.record(EVENT)
        eventually(lambda: any("no: 401" in message for message in caplog.messages))
        assert KEY not in repr(recorder)
    assert KEY not in caplog.text


@pytest.mark.parametrize("event", [None, 7, "text", {"id": object()}, [EVENT]])
def test_nonsense_raises_nothing_is_counted_and_is_said(
    stand_in: StandIn, event: Any, caplog: pytest.LogCaptureFixture
) -> None:
    circular: dict[str, Any] = {}
    circular["self"] = circular
    with recording(stand_in.address, None) as recorder:
        recorder.record(event)
        recorder.record(circular)
        recorder.record(EVENT)
        assert recorder.flush()
        assert recorder.counters.sent == 1
        assert recorder.counters.invalid == 2
        assert adds_up(recorder)
        eventually(lambda: any("no event" in message for message in caplog.messages))


def test_beyond_what_memory_may_hold_the_newest_are_dropped_and_it_is_said(
    stand_in: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    stand_in.behaviour = failing(500)
    with recording(stand_in.address, None, queue_events_max=10) as recorder:
        ids = record(recorder, 25)
        assert recorder.counters.dropped == 15
        assert adds_up(recorder)
        stand_in.behaviour = stand_in.store
        assert recorder.flush(WAIT_SECONDS)
        assert stored(stand_in) == ids[:10]
        assert recorder.counters.dropped == 15
        eventually(lambda: any("15 events have been dropped" in text for text in caplog.messages))


def test_a_spool_that_is_full_is_said_and_drops_only_when_memory_is_full_too(
    stand_in: StandIn, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stand_in.behaviour = failing(500)
    bounds = {"queue_events_max": 100, "spool_bytes_max": 5_000, "batch_events_max": 10}
    with recording(stand_in.address, tmp_path, **bounds) as recorder:
        ids = record(recorder, 90)
        eventually(lambda: recorder.counters.spooled > 0 and recorder.counters.queued > 0)
        assert recorder.counters.dropped == 0
        record(recorder, 200)
        assert recorder.counters.dropped > 0
        assert adds_up(recorder)
        kept = sum(path.stat().st_size for path in tmp_path.rglob("*.ndjson"))
        assert kept <= 5_000
        stand_in.behaviour = stand_in.store
        assert recorder.flush(WAIT_SECONDS)
        assert stored(stand_in)[:90] == ids
        assert adds_up(recorder)
    assert any("spool_bytes_max" in message for message in caplog.messages)
    assert any("have been dropped" in message for message in caplog.messages)


def test_a_disk_that_is_full_loses_nothing_while_memory_has_room(
    stand_in: StandIn, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    require("the right to mount a tmpfs (root)", present=can_mount(tmp_path / "probe"))
    stand_in.behaviour = failing(500)
    with (
        mounted(tmp_path / "small", 1 << 20) as disk,
        recording(stand_in.address, disk.folder, batch_events_max=10) as recorder,
    ):
        record(recorder, 10)
        eventually(lambda: recorder.counters.spooled == 10)
        ballast = disk.fill()
        record(recorder, 1_000)
        eventually(lambda: any("No space" in message for message in caplog.messages))
        assert recorder.counters.dropped == 0
        ballast.unlink()
        stand_in.behaviour = stand_in.store
        assert recorder.flush(WAIT_SECONDS)
        count = recorder.counters
        assert count.sent + count.duplicates == 1_010
        assert len(set(stored(stand_in))) == 1_000
        assert adds_up(recorder)


def test_a_folder_that_cannot_be_written_to_is_said_and_memory_serves(
    stand_in: StandIn, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    with recording(stand_in.address, tmp_path / "file") as recorder:
        ids = record(recorder, 10)
        assert recorder.flush()
        assert stored(stand_in) == ids
    assert any("Give a folder" in message for message in caplog.messages)


def test_what_is_recorded_after_the_end_is_dropped_and_said(
    stand_in: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    with recording(stand_in.address, None) as recorder:
        recorder.record(EVENT)
    for _ in range(3):
        recorder.record(EVENT)
    assert sum("the recorder is closed" in message for message in caplog.messages) == 1
    assert (recorder.counters.sent, recorder.counters.dropped) == (1, 3)
    assert adds_up(recorder)
    assert recorder.close()


class Evil(dict[str, object]):
    """A mapping that fails, with an exception that cannot even say so."""

    class Fault(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    def get(self, *_: object) -> object:
        raise self.Fault

    keys = values = items = __getitem__ = __iter__ = get  # type: ignore[assignment]


def test_not_even_a_mapping_that_fails_and_cannot_say_so_raises(
    stand_in: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    with Recorder(
        stand_in.address, KEY, defaults={"model": "x"}, spool=None, limits=QUICK
    ) as recorder:
        recorder.record(Evil(a=1))
        eventually(lambda: "What was recorded is no event: Fault" in caplog.text)
        assert recorder.counters.invalid == 1


def test_memory_is_bounded_in_bytes_too(stand_in: StandIn) -> None:
    stand_in.behaviour = failing(500)
    with recording(stand_in.address, None, queue_bytes_max=20_000) as recorder:
        record(recorder, 10)
        eventually(lambda: stand_in.requests > 0)
        for _ in range(30):
            recorder.record({**EVENT, "user_id": "x" * 10_000})
            threading.Event().wait(0.03)
            if recorder.counters.dropped:
                break
        assert recorder.counters.dropped
        assert recorder.counters.queued < 15


def test_what_a_full_disk_kept_in_memory_is_on_disk_once_there_is_room(
    stand_in: StandIn, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    require("the right to mount a tmpfs (root)", present=can_mount(tmp_path / "probe"))
    stand_in.behaviour = failing(500)
    with mounted(tmp_path / "small", 1 << 20) as disk:
        with recording(stand_in.address, disk.folder, batch_events_max=10) as recorder:
            record(recorder, 10)
            eventually(lambda: recorder.counters.spooled == 10)
            ballast = disk.fill()
            for number in range(500):
                recorder.record({**EVENT, "id": f"later-{number}"})
            eventually(lambda: any("No space" in message for message in caplog.messages))
            assert recorder.counters.queued > 0
            ballast.unlink()
            eventually(lambda: recorder.counters.spooled == 510)
            assert "The spool takes events again." in caplog.text
        # Its process is over, and nothing of it was lost.
        assert recorder.counters.dropped == 0
        stand_in.behaviour = stand_in.store
        with recording(stand_in.address, disk.folder) as following:
            eventually(lambda: following.counters.sent == 510)


def test_what_could_not_be_sent_waits_for_the_next_recorder(
    stand_in: StandIn, tmp_path: Path
) -> None:
    stand_in.behaviour = failing(500)
    with recording(stand_in.address, tmp_path) as recorder:
        ids = record(recorder, 30)
        assert not recorder.close()
        assert recorder.counters.spooled == 30
    stand_in.behaviour = stand_in.store
    with recording(stand_in.address, tmp_path) as following:
        eventually(lambda: following.counters.sent == 30)
        assert following.counters.adopted == 30
        assert adds_up(following)
        assert sorted(stored(stand_in)) == sorted(ids)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_waits_for_one_server_never_reaches_another(tmp_path: Path) -> None:
    with recording(f"http://127.0.0.1:{closed_port()}", tmp_path) as recorder:
        record(recorder, 5)
    with standing_in() as other, recording(other.address, tmp_path) as following:
        following.record(EVENT)
        assert following.flush()
        assert (following.counters.adopted, len(other.stored)) == (0, 1)


def test_without_a_spool_what_could_not_be_sent_is_dropped_and_said(
    stand_in: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    stand_in.behaviour = failing(500)
    with recording(stand_in.address, None) as recorder:
        record(recorder, 30)
    assert recorder.counters.dropped == 30
    assert adds_up(recorder)
    assert any("30 events have been dropped" in message for message in caplog.messages)


def test_the_newest_wait_while_a_slow_server_has_the_oldest(
    stand_in: StandIn, tmp_path: Path
) -> None:
    gate = threading.Event()

    def slowly(events: list[Event]) -> Answer:
        gate.wait(WAIT_SECONDS)
        return stand_in.store(events)

    stand_in.behaviour = slowly
    with recording(stand_in.address, tmp_path, batch_events_max=10) as recorder:
        ids = record(recorder, 10)
        eventually(lambda: stand_in.requests == 1)
        record(recorder, 30)
        eventually(lambda: recorder.counters.spooled == 40)
        gate.set()
        assert recorder.flush(WAIT_SECONDS)
        assert stored(stand_in)[:10] == ids
        assert adds_up(recorder)


def test_the_environment_says_where_to_and_with_which_key(
    stand_in: StandIn, tmp_path: Path
) -> None:
    said = {
        "TALLYBOOK_URL": stand_in.address,
        "TALLYBOOK_INGEST_KEY": KEY,
        "XDG_STATE_HOME": str(tmp_path),
    }
    with Recorder(environment=said, limits=QUICK, retry=IMPATIENT) as recorder:
        recorder.record(EVENT)
        assert recorder.flush()
        assert recorder.spool is not None
        assert recorder.spool.is_relative_to(tmp_path / "tallybook" / "spool")
    with pytest.raises(ValueError, match="TALLYBOOK_INGEST_KEY or TALLYBOOK_ADMIN_KEY"):
        Recorder(stand_in.address, environment={})
    with pytest.raises(ValueError, match="which server"):
        Recorder(environment={})


def test_every_event_gets_the_defaults(stand_in: StandIn) -> None:
    defaults = {"project_id": "proj_atlas", "tags": {"env": "prod"}}
    with Recorder(
        stand_in.address, KEY, defaults=defaults, spool=None, limits=QUICK, retry=IMPATIENT
    ) as recorder:
        recorder.record({**EVENT, "tags": {"team": "search"}})
        assert recorder.flush()
    (event,) = stand_in.events
    assert event["project_id"] == "proj_atlas"
    assert event["tags"] == {"env": "prod", "team": "search"}


def test_the_logger_is_one_that_can_be_configured(
    stand_in: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.CRITICAL, "tallybook.recorder"),
        recording(stand_in.address, None) as recorder,
    ):
        recorder.record({"id": object()})
        eventually(lambda: recorder.counters.invalid == 1)
    assert [each for each in caplog.records if each.name.startswith("tallybook")] == []
