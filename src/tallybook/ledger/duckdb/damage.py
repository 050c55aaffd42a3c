"""Whether a DuckDB file and its log are whole, as far as the engine itself would not tell.

The engine holds what it reads against checksums and refuses what differs. Two
sorts of damage it takes for the end of a log that a power cut tore off, or
does not see until a query needs what is missing (``tests/faults/test_damage.py``,
decision 56):

- In the log, each entry says how long it is, under no checksum. An entry that
  seems to reach beyond the end, or to be empty, ends the log, whatever follows it.
- The file may be shorter than its header says, by blocks that nothing has read yet.

So both are looked at before anything can be changed. Only heads and lengths are
read: a full log takes milliseconds, and a file of any size two pages. A file may be
too short without harm, when the blocks at its end were free and the process
was killed before the header could say so: then the tables tell which blocks they use.
"""

import fcntl
import struct
from pathlib import Path

import duckdb

from tallybook.ledger.duckdb.torn_log import COMMITTED

# The file's head: three pages, of which the second and third are written in turn.
_PAGE_BYTES = 4096
_HEAD_BYTES = 3 * _PAGE_BYTES
# Of such a page: checksum, iteration, two pointers, how many blocks there are, and how large.
_BLOCKS = struct.Struct("<QQQQQQ")
# The last block of a table's columns, counted from 0; null when it has none on disk.
_LAST_BLOCK = """\
SELECT max(greatest(block_id, list_max(additional_block_ids)))
FROM pragma_storage_info(?) WHERE persistent"""
# Of an entry of the log: how long it is, and its checksum.
_ENTRY = struct.Struct("<QQ")

# A log's head: entry type, version 2, the 16 bytes of the file's identifier as varints, and
# the iteration of the file that it goes on from, as a varint.
_LOG_HEAD = b"d\x00be\x00\x02f\x00\x10"
_LOG_IDENTIFIER_BYTES = 16
_LOG_ITERATION = b"g\x00"
_LOG_HEAD_END = b"\xff\xff"
_LOG_HEAD_BYTES_MAX = 128


def damage_of(path: Path) -> str | None:
    """What is damaged of the file at ``path`` or its logs, as half a sentence; None for nothing.

    Nothing is changed, and files that are not there are whole. Raises OSError.
    """
    logs = (path.with_name(path.name + ending) for ending in (".wal", ".wal.checkpoint"))
    found = (_missing_blocks(path), *(_lost_transactions(log) for log in logs))
    return next((text for text in found if text), None)


def is_owned(path: Path) -> bool:
    """Whether another process has the file at ``path`` open. Raises OSError.

    Not for a process that has it open itself: the look would give its lock away.
    """
    with path.open("rb") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _missing_blocks(path: Path) -> str | None:
    """What is to be said of a file that ends before a block that is used."""
    size = path.stat().st_size if path.exists() else 0
    if size < _HEAD_BYTES:
        # None yet, or one that the engine refuses.
        return None
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    newest = max(_BLOCKS.unpack_from(head, _PAGE_BYTES * page)[1:] for page in (1, 2))
    blocks, block_bytes = newest[3:]
    if size >= _HEAD_BYTES + blocks * block_bytes:
        return None
    needed = _HEAD_BYTES + _blocks_used(path) * block_bytes
    return f"{path.name} has {size} bytes of {needed}" if size < needed else None


def _blocks_used(path: Path) -> int:
    """How many blocks there must be for all columns, of a file that is opened to be read only.

    0 when the engine cannot open it: it will say why.
    """
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            names = connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
            last = (connection.execute(_LAST_BLOCK, name).fetchone() for name in names)
            return max((row[0] + 1 for row in last if row and row[0] is not None), default=0)
    except duckdb.Error:
        return 0


def _lost_transactions(log: Path) -> str | None:
    """What is to be said of a log whose damage the engine would take for its end."""
    if not log.exists():
        return None
    with log.open("rb") as file:
        head = file.read(_LOG_HEAD_BYTES_MAX + 1)
    # What is shorter than a head was never used.
    if _entries_at(head) is None and len(head) > _LOG_HEAD_BYTES_MAX:
        return f"the first bytes of {log.name} cannot be read"
    entry = unread_from(log)
    if entry is None:
        return None
    return f"{log.name} cannot be read at byte {entry}, and transactions follow"


def unread_from(log: Path) -> int | None:
    """Where an entry begins that the engine would take for the log's end, and transactions follow.

    None when there is none. Raises OSError.
    """
    if not log.exists():
        return None
    size = log.stat().st_size
    with log.open("rb") as file:
        offset = _entries_at(file.read(_LOG_HEAD_BYTES_MAX))
        while offset is not None and offset < size:
            file.seek(offset)
            entry = file.read(_ENTRY.size)
            length = _ENTRY.unpack(entry)[0] if len(entry) == _ENTRY.size else 0
            after = offset + _ENTRY.size + length
            if not length or after > size:
                file.seek(offset)
                return offset if COMMITTED in file.read() else None
            offset = after
    return None


def _entries_at(head: bytes) -> int | None:
    """Where a log's entries begin; None when its head is not one."""
    if not head.startswith(_LOG_HEAD):
        return None
    at = len(_LOG_HEAD)
    for _ in range(_LOG_IDENTIFIER_BYTES):
        at = _after_varint(head, at)
    if head[at : at + 2] != _LOG_ITERATION:
        return None
    at = _after_varint(head, at + 2)
    return at + 2 if head[at : at + 2] == _LOG_HEAD_END else None


def _after_varint(data: bytes, at: int) -> int:
    """The place after a number whose bytes but the last have their highest bit set."""
    while at < len(data) and data[at] & 0x80:
        at += 1
    return at + 1
