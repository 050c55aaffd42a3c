"""A server on a disk and a clock that do what they are told: ``broken_disk.c`` beneath it."""

import hashlib
import mmap
import os
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Self

SOURCE = Path(__file__).with_name("broken_disk.c")

# The calls that can be told to fail.
WRITE, SYNC, TRUNCATE = 1, 2, 4
# The numbers of the control file, in the order of the C source.
FIELDS = (
    "clock_offset_us",
    "sync_delay_us",
    "write_delay_us",
    "fail_calls",
    "fail_errno",
    "fail_first",
    "fail_every",
    "shorten_every",
    "matched",
    "writes",
    "syncs",
    "failed",
    "shortened",
)
TOLD = FIELDS[:8]


def can_build() -> bool:
    """Whether this machine can have the layer: Linux, with a C compiler."""
    return sys.platform.startswith("linux") and shutil.which("gcc") is not None


def built() -> Path:
    """The library, built once for each form of its source."""
    digest = hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:16]
    library = Path(tempfile.gettempdir()) / f"tallybook-broken-disk-{os.geteuid()}-{digest}.so"
    if not library.exists():
        # Several at once may build it: each its own, and the last one stays.
        made = library.with_suffix(f".{os.getpid()}")
        command = ["gcc", "-shared", "-fPIC", "-O2", "-o", str(made), str(SOURCE), "-ldl"]
        subprocess.run([*command, "-lpthread"], check=True, capture_output=True)
        made.replace(library)
    return library


class BrokenDisk:
    """What a process on it is told: numbers that hold from the moment they are set."""

    def __init__(self, data: Path, beside: Path) -> None:
        """For the files below ``data``; ``beside`` is a folder for control and journal."""
        beside.mkdir(parents=True, exist_ok=True)
        self.data = data.absolute()
        self.journal = beside / "journal"
        self._control = beside / "control"
        self._control.write_bytes(bytes(8 * len(FIELDS)))
        with self._control.open("r+b") as file:
            self._numbers = mmap.mmap(file.fileno(), 8 * len(FIELDS))

    def environment(self, *, journal: bool) -> dict[str, str]:
        """What a process is started with; a journal is begun anew, if there is to be one."""
        self.journal.unlink(missing_ok=True)
        for kept in self.data.glob(".kept.*"):
            kept.unlink()
        return {
            "LD_PRELOAD": str(built()),
            "BROKEN_DISK_FOLDER": str(self.data),
            "BROKEN_DISK_CONTROL": str(self._control),
        } | ({"BROKEN_DISK_JOURNAL": str(self.journal)} if journal else {})

    def tell(self, **numbers: int) -> None:
        """Set some of ``FIELDS``, one after the other."""
        for name, number in numbers.items():
            struct.pack_into("=q", self._numbers, 8 * FIELDS.index(name), number)

    def heal(self) -> None:
        """A good disk and the right time again; what was counted stays."""
        self.tell(**dict.fromkeys(("fail_calls", *TOLD), 0))

    def counted(self, name: str) -> int:
        """One of ``FIELDS`` as it is."""
        (number,) = struct.unpack_from("=q", self._numbers, 8 * FIELDS.index(name))
        return int(number)

    def close(self) -> None:
        """Let go of the control file."""
        self._numbers.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
