"""The end of a log that a power cut tore: recognized, put aside, and the ledger opens.

A disk takes the pages of a write in any order until it is synced. Of a last
transaction that was never synced, and so never acknowledged, a later page may
be there and an earlier one not: that one is a hole, which is read as zeros.
The engine's checksums find it, and the engine then refuses the whole log; where
the hole has an entry's head, it takes the log for ended, and says nothing.

Only that is mended. Damage that is not a hole, or that transactions follow, may
be of what was acknowledged, and is left for a person to decide about (decision 58).
"""

import re
import struct
from pathlib import Path

# A transaction in the log ends with this entry, its length before it: its checksum, its type, its
# end. 13 bytes that are found nowhere by chance.
COMMITTED = bytes.fromhex("e7fe7d722fed3d5e") + b"d\x00d\xff\xff"
# An entry begins with its length and its checksum, which the length does not count.
_LENGTH = struct.Struct("<Q")
_HEAD_BYTES = 16

_PAGE_BYTES = 4096
# So far beyond a hole something else than zeros is looked for: numbers have some of their own.
_BESIDE_BYTES = 32
_FOUND = re.compile(r"Corrupt WAL file: entry at byte position (\d+)")


def refused_at(said: str) -> int | None:
    """Where the entry begins that the engine's message is about; None when it is about none."""
    found = _FOUND.search(said)
    # The engine tells where an entry's content begins.
    return None if found is None else int(found[1]) - _HEAD_BYTES


def cut_torn_log(log: Path, entry: int) -> int:
    """Cut off the torn last transaction that has the damaged entry; how many bytes it had.

    0 when nothing was cut, since the damage is no torn end. What is cut off is kept in a
    file beside the log, whose name ends in ``.torn``. Raises OSError.
    """
    content = log.read_bytes()
    start = torn_from(content, entry)
    if start is None:
        return 0
    log.with_name(f"{log.name}.torn").write_bytes(content[start:])
    with log.open("r+b") as file:
        file.truncate(start)
    return len(content) - start


def torn_from(content: bytes, entry: int) -> int | None:
    """Where the torn transaction begins that has the damaged entry; None when it is not torn.

    It is when the entry has a hole, and no other transaction follows.
    """
    before = content.rfind(COMMITTED, 0, entry)
    if before < 0:
        return None
    after = content.find(COMMITTED, entry)
    if after >= 0 and after + len(COMMITTED) < len(content):
        return None
    return before + len(COMMITTED) if _has_hole(content, entry) else None


def _has_hole(content: bytes, entry: int) -> bool:
    """Whether a page of the entry has nothing but zeros, and they end where pages do.

    Zeros that were written are many as well, a column's; they end anywhere. A hole
    between such zeros is not told from them, and so taken for none.
    """
    (length,) = _LENGTH.unpack_from(content, entry)
    # Without a length, the entry's own head is in the hole.
    end = min(entry + _HEAD_BYTES + length, len(content)) if length else len(content)
    for page in range(entry // _PAGE_BYTES, -(-end // _PAGE_BYTES)):
        start, stop = max(entry, page * _PAGE_BYTES), min(end, (page + 1) * _PAGE_BYTES)
        beside = content[max(0, start - _BESIDE_BYTES) : start]
        behind = content[stop : stop + _BESIDE_BYTES]
        at_an_end = any(beside) or any(behind) or stop == len(content)
        if at_an_end and stop - start >= _BESIDE_BYTES and not any(content[start:stop]):
            return True
    return False
