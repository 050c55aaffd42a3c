"""The spool on disk: a folder for each process, and in it segments, files of events.

A process holds a lock on its folder for as long as it lives, and the system
takes it away however the process ends. So a folder whose lock can be had was
left behind, and whoever gets it sends what is in it. ::

    SPOOL/                       one per server that is recorded to
      refused.ndjson             events that the server refused
      01790845261250000000-4711/ a process: when it began, and its number
        lock
        0000000001.ndjson        a segment: one event a line

A segment is written to by appending and deleted once all of it has been
answered for. Nothing is rewritten, so there is no state that could be half
written; what a crash may cut off is the last line.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

if sys.platform != "win32":
    import fcntl

LOCK_NAME = "lock"
_SUFFIX = ".ndjson"
_END = b"\n"
_FOLDER_MODE, _FILE_MODE = 0o700, 0o600


class SegmentFile:
    """One segment: lines that are on disk. ``size_bytes`` counts whole lines."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size_bytes = 0
        # Whether a crash cut off its last line, which is left out then.
        self.is_torn = False

    def append(self, text: bytes) -> None:
        """Write whole lines at the end, all or none. Raises OSError.

        After a fault nothing more may be appended: what is not whole is taken
        off again, but that may fail too.
        """
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        descriptor = os.open(self.path, flags, _FILE_MODE)
        try:
            written = 0
            while written < len(text):
                written += os.write(descriptor, text[written:])
        except OSError:
            # A disk that is full takes a part, and a file that was made for this is not needed.
            if self.size_bytes:
                os.ftruncate(descriptor, self.size_bytes)
            else:
                self.delete()
            raise
        finally:
            os.close(descriptor)
        self.size_bytes += len(text)

    def read(self) -> bytes:
        """The whole lines of the segment. Raises OSError."""
        return _whole_lines(self.path.read_bytes()[: self.size_bytes])

    def scan(self) -> int:
        """Find out how much is there; how many whole lines. Raises OSError."""
        text = self.path.read_bytes()
        whole = _whole_lines(text)
        self.size_bytes = len(whole)
        self.is_torn = len(whole) < len(text)
        return whole.count(_END)

    def delete(self) -> None:
        """Remove the segment; it may be gone already. Raises OSError."""
        self.path.unlink(missing_ok=True)


class Home:
    """A process's folder and the lock on it."""

    def __init__(self, folder: Path, descriptor: int) -> None:
        self.folder = folder
        self._descriptor = descriptor

    def segment(self, number: int) -> SegmentFile:
        """The segment of a number, from 1; its file is made by what is first appended."""
        return SegmentFile(self.folder / f"{number:010}{_SUFFIX}")

    def segments(self) -> list[SegmentFile]:
        """The segments that are there, the oldest first. Raises OSError."""
        return [SegmentFile(path) for path in sorted(self.folder.glob(f"*{_SUFFIX}"))]

    def remove_when_empty(self) -> bool:
        """Remove the folder, and give it up, when there is no segment in it; whether that is so."""
        if self.segments():
            return False
        shutil.rmtree(self.folder, ignore_errors=True)
        self.give_up()
        return True

    def give_up(self) -> None:
        """Let go of the lock, so that the next process that looks adopts what is left."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def new_home(spool: Path, began_ns: int) -> Home:
    """A folder of this process in the spool, locked. Raises OSError.

    It is made under a name that nobody looks for, and gets its own once it is
    locked: else it could be taken for one that was left behind.
    """
    spool.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
    name = f"{began_ns:020}-{os.getpid()}"
    draft = spool / f".{name}"
    draft.mkdir(mode=_FOLDER_MODE)
    descriptor = _locked(draft)
    if descriptor is None:
        raise BlockingIOError(f"{draft} is locked by another process")
    try:
        return Home(draft.rename(spool / name), descriptor)
    except OSError:
        os.close(descriptor)
        raise


def left_behind(spool: Path) -> Iterator[Home]:
    """Yield the folders of processes that have ended, the oldest first, each locked by us now.

    Raises OSError when the spool cannot be read.
    """
    if not spool.is_dir():
        return
    for folder in sorted(spool.iterdir()):
        if folder.name.startswith(".") or not folder.is_dir():
            continue
        try:
            descriptor = _locked(folder)
        except FileNotFoundError:
            # Another process was quicker, and is through with it.
            continue
        if descriptor is not None:
            yield Home(folder, descriptor)


def _locked(folder: Path) -> int | None:
    """A descriptor that holds the folder's lock, or None while another process does.

    Raises OSError, also where the system has no such locks.
    """
    if sys.platform == "win32":
        raise OSError("a spool needs file locks of POSIX")
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
    descriptor = os.open(folder / LOCK_NAME, flags, _FILE_MODE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _whole_lines(text: bytes) -> bytes:
    return text[: text.rfind(_END) + 1]
