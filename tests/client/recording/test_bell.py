"""A bell wakes who waits, and whoever rings it goes on at once."""

import signal
import threading
import time

from tallybook.client.recording.bell import Bell


def test_a_ringing_is_heard_even_when_nobody_waits_yet_and_once_only() -> None:
    bell = Bell()
    bell.ring()
    bell.ring()
    assert bell.wait(5)
    assert not bell.wait(0)
    bell.ring()
    assert bell.wait()


def test_whoever_waits_is_woken() -> None:
    bell, heard = Bell(), threading.Event()

    def listen() -> None:
        bell.wait()
        heard.set()

    thread = threading.Thread(target=listen)
    thread.start()
    bell.ring()
    assert heard.wait(10)
    thread.join()


def test_a_ringing_may_interrupt_another() -> None:
    bell, interruptions = Bell(), 0

    def interrupt(_number: int, _frame: object) -> None:
        nonlocal interruptions
        interruptions += 1
        bell.ring()

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.0001, 0.0001)
    try:
        deadline = time.monotonic() + 20
        while interruptions < 300 and time.monotonic() < deadline:
            bell.ring()
            bell.wait(0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert interruptions >= 300
