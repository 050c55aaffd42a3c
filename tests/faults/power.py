"""A power cut: what was written and never synced is taken back, all of it or by chance.

The journal of ``broken_disk.c`` has, before each change of a file, what was there. A page of 4 KiB
that was not synced is on disk as it was at any moment since: each page has a chance of its own, and
so have a file's size and a name that was removed. A rename is on disk once it was done.
"""

import random
import struct
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

PAGE_BYTES = 4_096
# As in the C source: kind, bytes of the path, number, offset, bytes, size before, bytes kept.
HEAD = struct.Struct("=IIQQQQQ")
_CHANGED, _SYNCED, _UNLINKED, _RENAMED = 1, 2, 3, 4


class Loss(Enum):
    """How much of what was not synced a power cut takes."""

    ALL = "all"
    PAGES = "pages"
    TAIL = "tail"


@dataclass(frozen=True)
class Change:
    """What was in a file from ``offset`` on, for ``length`` bytes, before they changed."""

    number: int
    offset: int
    length: int
    size_before: int
    before: bytes


@dataclass
class Unsynced:
    """What a power cut may take back: changes by file, and removed names with what they were."""

    changes: defaultdict[str, list[Change]] = field(default_factory=lambda: defaultdict(list))
    removed: dict[str, str] = field(default_factory=dict)

    def synced(self, path: str, up_to: int) -> None:
        """A file's changes up to a number are on disk, and with them what names were removed."""
        self.changes[path] = [each for each in self.changes[path] if each.number > up_to]
        self.removed.clear()


def unsynced(journal: Path) -> Unsynced:
    """What was not on disk when the process of a journal died."""
    found = Unsynced()
    for kind, number, path, (offset, length, size), kept in _records(journal.read_bytes()):
        match kind:
            case 1:
                found.changes[path].append(Change(number, offset, length, size, kept))
            case 2:
                found.synced(path, number)
            case 3:
                found.removed[path] = kept.decode()
                found.changes.pop(path, None)
            case 4:
                found.changes[kept.decode()] = found.changes.pop(path, [])
    return found


def _records(data: bytes) -> Iterator[tuple[int, int, str, tuple[int, int, int], bytes]]:
    """The journal's records; of the last one only a part may be there, and then it never was."""
    place = 0
    while place + HEAD.size <= len(data):
        kind, path_bytes, number, offset, length, size, kept_bytes = HEAD.unpack_from(data, place)
        start = place + HEAD.size
        place = start + path_bytes + kept_bytes
        if place > len(data):
            return
        path = data[start : start + path_bytes].decode()
        yield kind, number, path, (offset, length, size), data[start + path_bytes : place]


def cut(journal: Path, loss: Loss, random_: random.Random) -> int:
    """Take back what was not synced; how many pages and sizes were other than on a good day."""
    if not journal.exists():
        return 0
    found = unsynced(journal)
    lost = sum(_take_back(Path(path), found.changes[path], loss, random_) for path in found.changes)
    for path, kept in found.removed.items():
        if loss is Loss.ALL or random_.random() < 0.5:
            Path(kept).replace(path)
            lost += 1
    return lost


def _take_back(path: Path, changes: list[Change], loss: Loss, random_: random.Random) -> int:
    """Bring a file to what of it was on disk."""
    if not changes or not path.exists():
        return 0
    # The moments at which all, or the file's size, or a page is as it was.
    numbers = [change.number for change in changes] + [changes[-1].number + 1]
    tail = numbers[0] if loss is Loss.ALL else random_.choice(numbers)
    chosen: dict[int, int] = {}
    with path.open("r+b") as file:
        last_size = file.seek(0, 2)
        size = last_size
        for change in reversed(changes):
            for start, part in _pages(change):
                page = start // PAGE_BYTES
                if loss is Loss.PAGES and page not in chosen:
                    chosen[page] = random_.choice(numbers)
                if change.number >= chosen.get(page, tail):
                    file.seek(start)
                    file.write(part)
            if change.number >= tail:
                size = change.size_before
        file.truncate(size)
    return sum(cut_at < numbers[-1] for cut_at in chosen.values()) + (tail < numbers[-1])


def _pages(change: Change) -> Iterator[tuple[int, bytes]]:
    """What was there before a change, page by page; nothing where the file had no bytes."""
    end = change.offset + change.length
    start = change.offset
    while start < end:
        stop = min(end, (start // PAGE_BYTES + 1) * PAGE_BYTES)
        part = change.before[start - change.offset : stop - change.offset]
        yield start, part.ljust(stop - start, b"\0")
        start = stop
