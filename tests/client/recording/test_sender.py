"""What the sender does after each answer, and how long it waits for the next: turn by turn."""

import json
import logging
import threading
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path

import pytest

from tallybook.client.errors import ClientError, NoAnswer, TimedOut, UnreadableAnswer, error_of
from tallybook.client.exchanges import Answer
from tallybook.client.recording.adopting import Adopter
from tallybook.client.recording.announcing import Announcer
from tallybook.client.recording.backlog import Backlog
from tallybook.client.recording.counters import Tally
from tallybook.client.recording.homes import new_home
from tallybook.client.recording.limits import Limits
from tallybook.client.recording.refusals import Refusals
from tallybook.client.recording.sender import (
    ADOPT_EVERY_SECONDS,
    HURRIED_PAUSE_SECONDS_MAX,
    WAIT_SECONDS_MAX,
    Sender,
)
from tallybook.client.retrying import RetryPolicy

POLICY = RetryPolicy(first_pause_seconds=1, pause_seconds_max=30)
# When each process began: the later ones are newer.
began = count(10)
LINES = [b'{"id":"e%d","time":1}' % number for number in range(4)]


def receipt(accepted: int = 0, duplicates: int = 0) -> Answer:
    said = {"accepted": accepted, "duplicates": duplicates, "conflicts": [], "rejected": []}
    return Answer(200, {}, json.dumps(said).encode())


class Office:
    """A sender with all that it needs, and a server that says what it is told to."""

    def __init__(self, spool: Path | None) -> None:
        self.now = 1_000.0
        self.answer: Answer | Exception = receipt(accepted=len(LINES))
        self.during: Callable[[], None] = lambda: None
        self.posted: list[bytes] = []
        self.backlog = Backlog(Limits(batch_seconds=0))
        self.tally = Tally()
        changed = threading.Condition()
        announcer = Announcer(logging.getLogger("tallybook.recorder"), lambda: self.now)
        adopter = (
            Adopter(
                spool=spool,
                backlog=self.backlog,
                tally=self.tally,
                changed=changed,
                announcer=announcer,
            )
            if spool
            else None
        )
        self.sender = Sender(
            post=self.post,
            refusals=Refusals(spool) if spool else None,
            adopter=adopter,
            backlog=self.backlog,
            tally=self.tally,
            changed=changed,
            retry=POLICY,
            announcer=announcer,
            clock=lambda: self.now,
            chance=lambda: 0.0,
        )
        if spool is not None:
            self.backlog.move_in(new_home(spool, next(began)))

    def post(self, _path: str, body: bytes, _headers: Mapping[str, str]) -> Answer:
        self.posted.append(body)
        self.during()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def put(self) -> None:
        self.tally.journaled += len(LINES)
        assert self.backlog.put(LINES, self.now) is None

    @property
    def waiting(self) -> int:
        return self.backlog.queued + self.backlog.spooled


@pytest.fixture
def office() -> Office:
    return Office(None)


@pytest.mark.parametrize(
    ("fault", "pauses"),
    [
        (NoAnswer("away"), [1, 2, 4, 8, 16, 30, 30]),
        (TimedOut("late"), [1, 2, 4, 8, 16, 30, 30]),
        (error_of(500, b""), [1, 2, 4, 8, 16, 30, 30]),
        (error_of(507, b""), [1, 2, 4]),
        (error_of(408, b""), [1, 2, 4]),
        (error_of(429, b"", retry_after_seconds=7.5), [7.5, 7.5]),
        (error_of(503, b"", retry_after_seconds=0.0), [0, 0]),
        (error_of(503, b"", retry_after_seconds=9_999.0), [WAIT_SECONDS_MAX]),
        (UnreadableAnswer("a page"), [1, 2, 4]),
        (error_of(401, b""), [30, 30]),
        (error_of(403, b""), [30, 30]),
        (error_of(404, b""), [30, 30]),
        (error_of(400, b"<html>"), [30, 30]),
        (error_of(422, b""), [30, 30]),
        (error_of(500, b"", headers={"x-should-retry": "false"}), [30, 30]),
    ],
    ids=str,
)
def test_events_are_kept_and_tried_again_after(
    office: Office, fault: ClientError, pauses: list[float]
) -> None:
    office.put()
    office.answer = fault
    assert [office.sender.turn() for _ in pauses] == pauses
    assert office.waiting == len(LINES)
    assert len(set(office.posted)) == 1
    office.answer = receipt(accepted=3, duplicates=1)
    assert office.sender.turn() == 0
    assert office.waiting == 0
    assert (office.tally.sent, office.tally.duplicates, office.tally.done) == (3, 1, 4)


def test_a_good_answer_makes_the_next_pause_short_again(office: Office) -> None:
    office.put()
    office.answer = NoAnswer("away")
    assert [office.sender.turn() for _ in range(3)] == [1, 2, 4]
    office.answer = receipt(accepted=4)
    office.sender.turn()
    office.put()
    office.answer = NoAnswer("away")
    assert office.sender.turn() == 1


def test_who_waits_for_everything_to_be_sent_does_not_wait_for_long_pauses(office: Office) -> None:
    office.put()
    office.answer = NoAnswer("away")
    for _ in range(6):
        office.sender.turn()
    office.sender.hurry(1)
    assert {office.sender.turn() for _ in range(4)} == {HURRIED_PAUSE_SECONDS_MAX}
    office.answer = error_of(429, b"", retry_after_seconds=60.0)
    # What the server asks for goes before any hurry.
    assert office.sender.turn() == 60
    office.sender.hurry(-1)
    office.answer = error_of(401, b"")
    assert office.sender.turn() == 30


def test_a_ringing_does_not_cut_short_what_the_server_asked_for(office: Office) -> None:
    office.put()
    office.answer = error_of(429, b"", retry_after_seconds=3.0)
    wanted = office.sender.turn()
    slept: list[float] = []

    def wait(seconds: float) -> bool:
        slept.append(seconds)
        office.now += min(seconds, 1.0)
        return True

    office.sender._bell.wait = wait  # type: ignore[method-assign, assignment]
    office.sender._rest(wanted)
    assert slept == [3.0, 2.0, 1.0]


def test_nothing_to_send_is_no_request(office: Office) -> None:
    assert office.sender.turn() == 0
    assert office.posted == []


@pytest.mark.parametrize(
    "said",
    [
        receipt(accepted=3),
        receipt(accepted=4, duplicates=1),
        Answer(207, {}, b'{"accepted":3,"duplicates":0,"conflicts":[],"rejected":[{"index":4,'
                        b'"id":"e","field":null,"reason":"no"}]}'),
        Answer(207, {}, b'{"accepted":2,"duplicates":0,"conflicts":[{"index":1,"id":"e","field":'
                        b'null,"reason":"no"}],"rejected":[{"index":1,"id":"e","field":null,'
                        b'"reason":"no"}]}'),
        Answer(200, {}, b"{}"),
        Answer(200, {}, b"<html>welcome</html>"),
    ],
    ids=["too few", "too many", "beyond the end", "twice the same", "no receipt", "a page"],
)  # fmt: skip
def test_an_answer_that_is_no_receipt_of_these_events_settles_none_of_them(
    office: Office, said: Answer
) -> None:
    office.put()
    office.answer = said
    assert office.sender.turn() > 0
    assert office.waiting == len(LINES)
    assert office.tally.sent == 0


def test_a_file_that_cannot_be_read_now_is_not_given_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    office = Office(tmp_path)
    office.put()
    segment = office.backlog.take()
    segment.lines = None
    assert segment.file is not None
    path = segment.file.path
    away = path.rename(tmp_path / "away")
    # A folder cannot be read as a file, whoever asks.
    path.mkdir()
    assert office.sender.turn() == 1
    assert office.waiting == len(LINES)
    assert "cannot be read, it is tried again" in caplog.text
    path.rmdir()
    away.rename(path)
    assert office.sender.turn() == 0
    assert office.tally.sent == len(LINES)


def test_a_file_that_someone_removed_is_counted_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    office = Office(tmp_path)
    office.put()
    segment = office.backlog.take()
    segment.lines = None
    assert segment.file is not None
    segment.file.path.unlink()
    assert office.sender.turn() == 0
    assert (office.waiting, office.tally.lost) == (0, len(LINES))
    assert "4 events of the spool are lost, their file is gone" in caplog.text


def test_lines_that_someone_took_out_of_a_file_are_counted_as_dropped(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.put()
    segment = office.backlog.take()
    segment.lines = None
    assert segment.file is not None
    segment.file.path.write_bytes(LINES[0] + b"\n")
    office.answer = receipt(accepted=1)
    assert office.sender.turn() == 0
    assert (office.tally.sent, office.tally.lost, office.waiting) == (1, 3, 0)


def test_an_answer_that_comes_after_the_end_leaves_the_events_to_the_next_process(
    tmp_path: Path,
) -> None:
    office = Office(tmp_path)
    office.put()
    office.during = lambda: setattr(office, "lost", office.backlog.leave())
    office.sender.turn()
    assert (office.lost, office.tally.sent, office.backlog.spooled) == (0, 0, len(LINES))  # type: ignore[attr-defined]

    following = Office(tmp_path)
    following.answer = receipt(duplicates=len(LINES))
    following.sender.turn()
    assert (following.tally.adopted, following.tally.duplicates) == (4, 4)
    assert following.posted == office.posted


def test_events_in_memory_that_are_under_way_at_the_end_are_put_on_disk(tmp_path: Path) -> None:
    office = Office(None)
    office.put()
    office.backlog.take()
    office.backlog.move_in(new_home(tmp_path, 1))
    assert office.backlog.leave() == 0
    (path,) = tmp_path.rglob("*.ndjson")
    assert path.read_bytes() == b"".join(line + b"\n" for line in LINES)


def test_a_line_that_a_crash_cut_off_is_left_out_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    left = new_home(tmp_path, 1)
    whole, torn = left.segment(1), left.segment(2)
    whole.append(LINES[0] + b"\n" + LINES[1] + b"\n")
    for file in (whole, torn):
        with file.path.open("ab") as end:
            end.write(b'{"id":"e2","ti')
    left.give_up()

    office = Office(tmp_path)
    office.answer = receipt(accepted=2)
    office.sender.turn()
    assert office.posted == [LINES[0] + b"\n" + LINES[1] + b"\n"]
    assert (office.tally.adopted, office.tally.sent) == (2, 2)
    assert f"The last line of {whole.path} was cut off" in caplog.text
    assert not left.folder.exists()


def test_a_spool_is_looked_through_at_once_and_then_now_and_again(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.sender.turn()
    left = new_home(tmp_path, 2)
    left.segment(1).append(LINES[0] + b"\n")
    left.give_up()
    office.answer = receipt(accepted=1)
    office.now += ADOPT_EVERY_SECONDS - 1
    office.sender.turn()
    assert office.tally.adopted == 0
    office.now += 1
    office.sender.turn()
    assert (office.tally.adopted, office.tally.sent) == (1, 1)


def test_a_defect_is_said_with_its_place_and_ends_nothing(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.put()
    office.answer = ZeroDivisionError("a defect")
    turns: list[float] = []

    def rest(pause_seconds: float) -> None:
        turns.append(pause_seconds)
        office.answer = receipt(accepted=len(LINES))
        if len(turns) == 2:
            office.sender.stop()

    office.sender._rest = rest  # type: ignore[method-assign]
    office.sender.run()
    assert turns == [POLICY.pause_seconds_max, 0]
    assert office.tally.sent == len(LINES)
    assert "ZeroDivisionError: a defect" in caplog.text
