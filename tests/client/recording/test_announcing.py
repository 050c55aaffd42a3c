"""Faults are said loudly, and not a thousand times."""

import logging

import pytest

from tallybook.client.recording.announcing import Announcer


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def announcer(clock: Clock) -> Announcer:
    return Announcer(logging.getLogger("tallybook.recorder"), clock)


def test_a_fault_that_goes_on_is_said_once_a_minute_with_its_number(
    announcer: Announcer, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for clock.now in (0.0, 1.0, 59.9, 60.0, 61.0):
        announcer.say("disk", f"full at {clock.now}")
    announcer.say("away", "gone")
    assert caplog.messages == [
        "full at 0.0",
        "full at 60.0 (2 more of this since it was last said)",
        "gone",
    ]


def test_the_end_of_a_fault_is_said_when_its_beginning_was(
    announcer: Announcer, caplog: pytest.LogCaptureFixture
) -> None:
    announcer.over("away", "back")
    announcer.say("away", "gone")
    announcer.over("away", "back")
    announcer.say("away", "gone again")
    assert caplog.messages == ["gone", "back", "gone again"]
