"""A recording ends with every line in the ledger, told of, or kept."""

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from tallybook.cli.importing.rows import Load
from tallybook.cli.recording.lines import STANDARD_INPUT
from tallybook.cli.recording.patience import GRACE_SECONDS, Patience
from tallybook.cli.recording.session import Session, refusal
from tallybook.client.errors import NoAnswer
from tallybook.domain.errors import StorageFull
from tallybook.domain.receipts import Fault, Receipt


class Receiver:
    """A destination that answers when, and as, a test says."""

    rows_max, bytes_max, in_flight = 100, 1_000, 2

    def __init__(self) -> None:
        self.sent: list[tuple[Load, Future[Receipt]]] = []

    def send(self, load: Load) -> Future[Receipt]:
        self.sent.append((load, Future()))
        return self.sent[-1][1]


def load(first: int, count: int = 1) -> Load:
    numbers = range(first, first + count)
    return Load(STANDARD_INPUT, numbers, b"\n".join(b"line %d" % n for n in numbers))


class Told:
    """A session, what it told, and whether it asked for an end."""

    def __init__(self, tmp_path: Path) -> None:
        self.receiver, self.sentences, self.stops = Receiver(), list[str](), 0
        self.kept = tmp_path / "kept.ndjson"
        self.session = Session(self.receiver, self.sentences.append, self._stop, self.kept)

    def _stop(self) -> None:
        self.stops += 1


@pytest.fixture
def told(tmp_path: Path) -> Told:
    return Told(tmp_path)


def test_what_is_answered_is_counted_while_more_comes(told: Told) -> None:
    def loads() -> Iterator[Load | None]:
        yield load(1, 3)
        assert told.session.report.rows == 0
        told.receiver.sent[0][1].set_result(Receipt(accepted=3))
        yield None
        assert told.session.report.accepted == 3

    told.session.run(loads())
    assert (told.sentences, told.kept.exists(), told.stops) == ([], False, 0)


def test_no_more_are_under_way_than_the_destination_takes(told: Told) -> None:
    def loads() -> Iterator[Load | None]:
        yield load(1)
        yield load(2)
        # The third waits for the first.
        told.receiver.sent[0][1].set_result(Receipt(duplicates=1))
        yield load(3)
        assert told.session.report.duplicates == 1
        for _, answer in told.receiver.sent[1:]:
            answer.set_result(Receipt(accepted=1))

    told.session.run(loads())
    assert told.session.report.accepted == 2


def test_a_refused_line_is_told_by_its_number_in_the_stream(told: Told) -> None:
    def loads() -> Iterator[Load | None]:
        yield Load(STANDARD_INPUT, [4, 7, 9], b"a\nb\nc")
        faults = (Fault(2, None, None, "not valid JSON"),), (Fault(1, "b", "model", "differs"),)
        told.receiver.sent[0][1].set_result(
            Receipt(accepted=1, rejected=faults[0], conflicts=faults[1])
        )

    told.session.run(loads())
    assert told.sentences == ["line 7 (b): model: differs", "line 9: not valid JSON"]
    assert told.session.report.refused == 2


@pytest.mark.parametrize("fault", [NoAnswer("it is away"), StorageFull("the disk is full")])
def test_what_cannot_be_stored_is_kept_and_the_recording_ends(told: Told, fault: Exception) -> None:
    def loads() -> Iterator[Load | None]:
        yield load(1, 2)
        yield load(3)
        told.receiver.sent[0][1].set_exception(fault)
        told.receiver.sent[1][1].set_result(Receipt(accepted=1))

    told.session.run(loads())
    assert told.kept.read_bytes() == b"line 1\nline 2\n"
    assert (told.session.unsent, told.session.report.accepted) == (2, 1)
    assert told.stops == 1
    assert told.sentences == [f"lines 1 to 2 are kept in {told.kept}, in no ledger yet: {fault}"]


def test_what_was_kept_before_stays(told: Told) -> None:
    told.kept.write_bytes(b"earlier\n")

    def loads() -> Iterator[Load | None]:
        yield load(8)
        told.receiver.sent[0][1].set_exception(NoAnswer("away"))

    told.session.run(loads())
    assert told.kept.read_bytes() == b"earlier\nline 8\n"
    assert told.sentences[0].startswith("line 8 is kept in")


def test_an_end_by_force_keeps_what_was_not_answered(told: Told) -> None:
    def loads() -> Iterator[Load | None]:
        yield load(1)
        yield load(2)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        told.session.run(loads())
    assert told.kept.read_bytes() == b"line 1\nline 2\n"
    assert told.session.unsent == 2


def test_a_refusal_says_what_is_known() -> None:
    assert refusal(3, Fault(0, None, None, "why")) == "line 3: why"
    assert refusal(3, Fault(0, "a", None, "why")) == "line 3 (a): why"
    assert refusal(3, Fault(0, None, "time", "why")) == "line 3: time: why"
    assert refusal(3, Fault(0, None, "time", "time is now")) == "line 3: time is now"


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_server_is_waited_for_until_the_end_and_a_while_longer() -> None:
    clock, told = Clock(), list[str]()
    patience = Patience(clock, told.append)
    for _ in range(3):
        patience.sleep(0)
        clock.now += 10
    assert len(told) == 1
    clock.now += 60
    patience.sleep(0)
    assert len(told) == 2
    patience.end()
    clock.now += GRACE_SECONDS - 0.001
    patience.sleep(60)
    # Another end does not make it later.
    patience.end()
    clock.now += 1
    with pytest.raises(NoAnswer, match="for 15 seconds at the end"):
        patience.sleep(60)


def test_an_end_wakes_who_waits() -> None:
    patience = Patience(Clock(), lambda _sentence: patience.end())
    patience.sleep(600)
