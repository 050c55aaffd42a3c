"""Lines of a stream: as they come, whole, numbered, and none lost at a stop."""

import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tallybook.cli.importing.rows import Load
from tallybook.cli.recording.lines import LineStream, live_loads

SOON = 5.0


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    out, into = os.pipe()
    yield out, into
    for each in (out, into):
        # A test may have closed it.
        with suppress(OSError):
            os.close(each)


def test_a_line_is_given_as_soon_as_it_is_whole(pipe: tuple[int, int]) -> None:
    out, into = pipe
    with LineStream(out) as stream:
        os.write(into, b"one\n\n  \ntw")
        assert stream.read(SOON) == [(1, b"one")]
        assert stream.read(0) == []
        os.write(into, b"o\nthree")
        assert stream.read(SOON) == [(4, b"two")]
        os.close(into)
        assert stream.read(SOON) == [(5, b"three")]
        assert stream.ended


def test_a_stop_gives_what_has_come_by_then_and_wakes_who_waits(pipe: tuple[int, int]) -> None:
    out, into = pipe
    with LineStream(out) as stream:
        os.write(into, b"a\n" * 30_000 + b"last")
        stream.stop()
        lines = stream.read(SOON)
        assert (len(lines), lines[-1]) == (30_001, (30_001, b"last"))
        assert stream.ended
    with LineStream(out) as stream:
        threading.Timer(0.05, stream.stop).start()
        assert stream.read(60) == []
        assert stream.ended


def test_a_file_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"".join(b"%d\r\n" % number for number in range(50_000)))
    found = []
    with path.open("rb") as file, LineStream(file.fileno()) as stream:
        while not stream.ended:
            found += stream.read(0)
    assert [number for number, _ in found] == list(range(1, 50_001))
    assert found[-1] == (50_000, b"49999\r")


class Clock:
    """A clock that a test moves, and that moves on by a step each time it is looked at."""

    def __init__(self, step: float = 0.0) -> None:
        self.now, self.step = 100.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def loads(stream: LineStream, clock: Clock, **more: int) -> Iterator[Load | None]:
    bounds = {"rows_max": 1_000, "bytes_max": 1 << 20} | more
    return live_loads(
        stream, bytes.upper, age_seconds=0.5, clock=clock, **bounds
    )  # fmt: skip


def test_lines_wait_for_others_half_a_second_and_no_longer(pipe: tuple[int, int]) -> None:
    out, into = pipe
    clock = Clock()
    with LineStream(out) as stream:
        coming = loads(stream, clock)
        os.write(into, b"a\r\n")
        assert next(coming) is None
        clock.now += 0.2
        os.write(into, b"b\n")
        assert next(coming) is None
        clock.now += 0.3
        load = next(coming)
        assert load is not None
        assert (load.numbers, load.body) == ((1, 2), b"A\nB")
        os.close(into)
        assert list(coming) == [None]


def test_a_full_load_does_not_wait(pipe: tuple[int, int]) -> None:
    out, into = pipe
    with LineStream(out) as stream:
        os.write(into, b"1\n2\n3\n4\n5\n")
        os.close(into)
        found = [each for each in loads(stream, Clock(), rows_max=2) if each is not None]
    assert [each.body for each in found] == [b"1\n2", b"3\n4", b"5"]


def test_a_load_is_as_large_as_it_may_be_and_holds_at_least_a_line(pipe: tuple[int, int]) -> None:
    out, into = pipe
    with LineStream(out) as stream:
        os.write(into, b"aa\nbb\n" + b"c" * 50 + b"\nd\n")
        os.close(into)
        found = [each for each in loads(stream, Clock(), bytes_max=7) if each is not None]
    assert [len(each.body) for each in found] == [5, 50, 1]


def test_the_end_sends_what_waits_at_once(pipe: tuple[int, int]) -> None:
    out, into = pipe
    with LineStream(out) as stream:
        os.write(into, b"a\n")
        stream.stop()
        (load,) = loads(stream, Clock())
        assert load is not None
        assert load.body == b"A"
