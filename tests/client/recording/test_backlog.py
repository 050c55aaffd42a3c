"""The backlog hands out every line once and in order, wherever it is kept."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from tallybook.client.recording import backlog as module
from tallybook.client.recording.backlog import Backlog
from tallybook.client.recording.homes import Home, left_behind, new_home
from tallybook.client.recording.limits import Limits
from tallybook.client.recording.segments import left_in

SMALL = Limits(batch_events_max=3, batch_bytes_max=40, spool_bytes_max=120, batch_seconds=1.0)
LENGTHS = st.lists(st.integers(1, 60), max_size=8)
# What is put in, and None to send the oldest segment.
STEPS = st.lists(LENGTHS | st.none(), max_size=30)


def everything(backlog: Backlog) -> list[bytes]:
    """Send all that is there."""
    sent = []
    while backlog.ripe_in_seconds(99.0) is not None:
        sent += backlog.take().text().splitlines()
        assert backlog.settle() is None
    return sent


def adopt(backlog: Backlog, home: Home) -> int:
    """Take over what a process left behind."""
    backlog.hold(home)
    return backlog.adopt(left_in(home, 0.0))


@given(steps=STEPS, on_disk=st.booleans())
def test_lines_come_out_once_and_in_order_within_the_limits(
    steps: list[list[int] | None], on_disk: bool
) -> None:
    with TemporaryDirectory() as folder:
        backlog = Backlog(SMALL)
        if on_disk:
            backlog.move_in(new_home(Path(folder), 1))
        put: list[bytes] = []
        sent: list[bytes] = []
        for step in steps:
            if step is not None:
                numbers = range(len(put), len(put) + len(step))
                lines = [
                    b"%04d" % number + b"x" * size
                    for number, size in zip(numbers, step, strict=True)
                ]
                backlog.put(lines, 0.0)
                put += lines
            elif backlog.ripe_in_seconds(99.0) is not None:
                segment = backlog.take()
                assert segment.count <= SMALL.batch_events_max
                assert segment.count == 1 or segment.size_bytes <= SMALL.batch_bytes_max
                sent += segment.text().splitlines()
                backlog.settle()
            assert backlog.queued + backlog.spooled == len(put) - len(sent)
            assert on_disk or not backlog.spooled
            files = sum(path.stat().st_size for path in Path(folder).rglob("*.ndjson"))
            assert files <= SMALL.spool_bytes_max
        assert sent + everything(backlog) == put
        assert (backlog.queued, backlog.spooled) == (0, 0)
        assert backlog.leave() == 0
        assert list(Path(folder).iterdir()) == []


def test_a_batch_waits_for_others_and_goes_at_once_when_it_is_full() -> None:
    backlog = Backlog(SMALL)
    assert backlog.ripe_in_seconds(0.0) is None
    backlog.put([b"a"], 10.0)
    assert backlog.ripe_in_seconds(10.25) == 0.75
    backlog.put([b"b"], 10.5)
    assert backlog.ripe_in_seconds(10.75) == 0.25
    assert backlog.ripe_in_seconds(12.0) == 0.0
    backlog.put([b"c"], 10.8)
    assert backlog.ripe_in_seconds(10.8) == 0.0
    assert backlog.take().text() == b"a\nb\nc\n"


def test_what_comes_while_a_segment_is_under_way_is_another_one() -> None:
    backlog = Backlog(SMALL)
    backlog.put([b"a"], 0.0)
    under_way = backlog.take()
    backlog.put([b"b"], 0.0)
    assert under_way.text() == b"a\n"
    backlog.settle()
    assert everything(backlog) == [b"b"]


def test_what_another_process_left_behind_goes_first_and_its_folder_away(tmp_path: Path) -> None:
    left = Backlog(SMALL)
    left.move_in(new_home(tmp_path, 1))
    left.put([b"old %d" % number for number in range(4)], 0.0)
    left.let_go()

    backlog = Backlog(SMALL)
    backlog.move_in(new_home(tmp_path, 2))
    backlog.put([b"new"], 0.0)
    (home,) = left_behind(tmp_path)
    assert adopt(backlog, home) == 4
    assert backlog.spooled == 5
    assert everything(backlog) == [b"old 0", b"old 1", b"old 2", b"old 3", b"new"]
    backlog.leave()
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_added_to_a_segment_whose_last_line_a_crash_may_have_cut_off(
    tmp_path: Path,
) -> None:
    left = new_home(tmp_path, 1)
    segment = left.segment(1)
    segment.append(b"old\n")
    with segment.path.open("ab") as file:
        file.write(b"cut o")
    left.give_up()

    backlog = Backlog(SMALL)
    backlog.move_in(new_home(tmp_path, 2))
    (home,) = left_behind(tmp_path)
    assert adopt(backlog, home) == 1
    backlog.put([b"new"], 0.0)
    assert everything(backlog) == [b"old", b"new"]
    backlog.leave()


def test_beyond_the_spool_events_are_in_memory_and_it_is_said_why(tmp_path: Path) -> None:
    backlog = Backlog(SMALL)
    backlog.move_in(new_home(tmp_path, 1))
    fault = backlog.put([b"x" * 29 for _ in range(5)], 0.0)
    assert "spool_bytes_max" in str(fault)
    assert (backlog.spooled, backlog.queued) == (4, 1)
    assert backlog.leave() == 1


def test_what_is_on_disk_is_not_all_kept_in_memory(tmp_path: Path) -> None:
    large = Limits(batch_events_max=10, batch_bytes_max=1 << 20)
    backlog = Backlog(large)
    backlog.move_in(new_home(tmp_path, 1))
    lines = [b"%06d" % number + b"x" * 100_000 for number in range(200)]
    backlog.put(lines, 0.0)
    segments = []
    while backlog.ripe_in_seconds(99.0) is not None:
        segment = backlog.take()
        segments.append(segment)
        assert segment.text().count(b"\n") == segment.count
        backlog.settle()
    in_memory = sum(100_007 * each.count for each in segments if each.lines is not None)
    assert in_memory <= module.MEMORY_BYTES_MAX
    assert sum(segment.count for segment in segments) == 200
    backlog.leave()


def in_files(folder: Path) -> list[bytes]:
    """What is on disk, in the order of the names of files."""
    return [line for path in sorted(folder.rglob("*.ndjson")) for line in path.read_bytes().split()]


def test_what_had_to_stay_in_memory_goes_to_disk_in_its_place_once_there_is_room(
    tmp_path: Path,
) -> None:
    backlog = Backlog(SMALL)
    backlog.move_in(new_home(tmp_path, 1))
    first = [b"%02d" % number + b"x" * 27 for number in range(6)]
    assert backlog.put(first, 0.0) is not None
    assert (backlog.spooled, backlog.queued) == (4, 2)
    # Nothing is tried again at once, and then in vain.
    assert backlog.write_out(0.9) is None
    assert "spool_bytes_max" in str(backlog.write_out(1.0))
    sent = []
    for _ in range(3):
        sent += backlog.take().text().split()
        backlog.settle()
    assert backlog.write_out(2.0) is None
    assert (backlog.spooled, backlog.queued, backlog.queued_bytes) == (3, 0, 0)
    backlog.put([b"new"], 2.0)
    assert sent + in_files(tmp_path) == [*first, b"new"]
    assert everything(backlog) == [*first[3:], b"new"]
    backlog.leave()


def test_what_is_in_memory_alone_at_the_end_is_put_on_disk_when_it_can_be(tmp_path: Path) -> None:
    backlog = Backlog(SMALL)
    backlog.put([b"early"], 0.0)
    backlog.move_in(new_home(tmp_path, 1))
    backlog.put([b"late"], 0.0)
    assert backlog.leave() == 0
    assert in_files(tmp_path) == [b"early", b"late"]


def test_a_file_that_failed_once_gets_nothing_more(tmp_path: Path) -> None:
    backlog = Backlog(SMALL)
    backlog.move_in(new_home(tmp_path, 1))
    backlog.put([b"a"], 0.0)
    (path,) = tmp_path.rglob("*.ndjson")
    written = path.rename(tmp_path / "written")
    # What is a folder now cannot be appended to, whoever tries.
    path.mkdir()
    assert backlog.put([b"b"], 1.0) is not None
    path.rmdir()
    written.rename(path)
    backlog.put([b"c"], 9.0)
    assert path.read_bytes() == b"a\n"
    assert everything(backlog) == [b"a", b"b", b"c"]
    backlog.leave()


def test_a_folder_that_someone_removed_is_made_anew(tmp_path: Path) -> None:
    backlog = Backlog(SMALL)
    home = new_home(tmp_path, 1)
    backlog.move_in(home)
    backlog.put([b"a"], 0.0)
    shutil.rmtree(home.folder)
    assert isinstance(backlog.put([b"b"] * 3, 0.0), FileNotFoundError)
    assert not backlog.has_home
    backlog.move_in(new_home(tmp_path, 2))
    backlog.put([b"c"], 5.0)
    assert in_files(tmp_path) == [b"c"]
    assert everything(backlog) == [b"a", b"b", b"b", b"b", b"c"]
    backlog.leave()


def test_a_process_that_has_given_up_its_folders_adopts_nothing(tmp_path: Path) -> None:
    left = new_home(tmp_path, 1)
    left.segment(1).append(b"old\n")
    left.give_up()
    backlog = Backlog(SMALL)
    (home,) = left_behind(tmp_path)
    backlog.leave()
    assert adopt(backlog, home) == 0
    (again,) = left_behind(tmp_path)
    again.give_up()
