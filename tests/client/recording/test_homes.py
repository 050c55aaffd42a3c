"""The spool on disk: who owns which folder, and what a crash leaves of a segment."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from faults.disk import can_mount, mounted
from support.needs import require
from tallybook.client.recording.homes import Home, left_behind, new_home

LINES = b'{"id":"a"}\n{"id":"b"}\n'


def text_of(home: Home) -> list[bytes]:
    found = home.segments()
    return [segment.read() for segment in found if segment.scan()]


def test_the_folder_of_a_living_process_is_nobody_elses(tmp_path: Path) -> None:
    home = new_home(tmp_path, 1)
    home.segment(1).append(LINES)
    assert list(left_behind(tmp_path)) == []
    home.give_up()


def test_the_folder_of_a_killed_process_is_adopted_with_all_that_it_wrote(tmp_path: Path) -> None:
    child = (
        "import os, sys; from pathlib import Path\n"
        "from tallybook.client.recording.homes import new_home\n"
        "home = new_home(Path(sys.argv[1]), 1)\n"
        f"home.segment(1).append({LINES!r})\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", child, str(tmp_path)], check=False)
    assert done.returncode == -9
    (home,) = left_behind(tmp_path)
    assert text_of(home) == [LINES]
    home.give_up()


def test_folders_are_adopted_in_the_order_in_which_they_were_made(tmp_path: Path) -> None:
    for began in (30, 9, 200):
        home = new_home(tmp_path, began)
        home.segment(1).append(b"%d\n" % began)
        home.give_up()
    homes = list(left_behind(tmp_path))
    assert [text_of(home) for home in homes] == [[b"9\n"], [b"30\n"], [b"200\n"]]
    for home in homes:
        home.give_up()


def test_a_line_that_was_cut_off_is_not_read(tmp_path: Path) -> None:
    home = new_home(tmp_path, 1)
    segment = home.segment(1)
    segment.append(LINES)
    with segment.path.open("ab") as file:
        file.write(b'{"id":"c"')
    (found,) = home.segments()
    assert (found.scan(), found.size_bytes, found.is_torn) == (2, len(LINES), True)
    assert found.read() == LINES
    home.give_up()


def test_segments_go_on_in_order_beyond_ten(tmp_path: Path) -> None:
    home = new_home(tmp_path, 1)
    texts = [b"%d\n" % number for number in range(12)]
    for number, text in enumerate(texts, start=1):
        home.segment(number).append(text)
    assert text_of(home) == texts
    home.give_up()


def test_an_empty_folder_is_removed_and_a_full_one_stays(tmp_path: Path) -> None:
    home = new_home(tmp_path, 1)
    segment = home.segment(1)
    segment.append(LINES)
    assert not home.remove_when_empty()
    segment.delete()
    assert home.remove_when_empty()
    assert list(tmp_path.iterdir()) == []


def test_only_the_user_can_read_what_is_kept(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    home = new_home(spool, 1)
    segment = home.segment(1)
    segment.append(LINES)
    modes = [path.stat().st_mode & 0o777 for path in (spool, home.folder, segment.path)]
    assert modes == [0o700, 0o700, 0o600]
    home.give_up()


def test_a_full_disk_takes_all_lines_of_an_append_or_none(tmp_path: Path) -> None:
    require("the right to mount a tmpfs (root)", present=can_mount(tmp_path / "probe"))
    with mounted(tmp_path / "small", 1 << 20) as disk:
        home = new_home(disk.folder, 1)
        segment = home.segment(1)
        segment.append(LINES)
        disk.fill(but_bytes=os.sysconf("SC_PAGESIZE"))
        with pytest.raises(OSError, match="No space"):
            segment.append(b"x" * 100_000 + b"\n")
        assert segment.read() == LINES
        assert segment.path.stat().st_size == len(LINES)
        home.give_up()


def test_an_append_that_failed_from_the_start_leaves_no_file(tmp_path: Path) -> None:
    require("the right to mount a tmpfs (root)", present=can_mount(tmp_path / "probe"))
    with mounted(tmp_path / "small", 1 << 20) as disk:
        home = new_home(disk.folder, 1)
        disk.fill()
        for number in range(1, 20):
            with pytest.raises(OSError, match="No space"):
                home.segment(number).append(LINES)
        assert home.segments() == []
        home.give_up()


def test_what_a_failed_append_left_behind_is_not_read(tmp_path: Path) -> None:
    home = new_home(tmp_path, 1)
    segment = home.segment(1)
    segment.append(LINES)
    with segment.path.open("ab") as file:
        file.write(b'{"id":"c"}\n{"id":"d"')
    assert segment.read() == LINES
    home.give_up()
