"""A small disk of its own, to be filled and made larger."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MIB = 1 << 20


class Disk:
    """A file system in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def free_bytes(self) -> int:
        return shutil.disk_usage(self.folder).free

    def resize(self, size_bytes: int) -> None:
        """Make the disk larger or smaller; it keeps its files."""
        _mount("-o", f"remount,size={size_bytes}", str(self.folder))

    def fill(self, *, but_bytes: int = 0) -> Path:
        """Take all that is free, less some bytes, with a file that can be removed again."""
        ballast = self.folder / "ballast"
        with ballast.open("wb") as file:
            try:
                os.posix_fallocate(file.fileno(), 0, max(1, self.free_bytes - but_bytes))
            except OSError:
                file.truncate(0)
                raise
        return ballast


def can_mount(folder: Path) -> bool:
    """Whether this process may mount file systems: root on Linux, in most containers not."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0 or not shutil.which("mount"):
        return False
    try:
        with mounted(folder, MIB):
            return True
    except subprocess.CalledProcessError:
        return False


@contextmanager
def mounted(folder: Path, size_bytes: int) -> Iterator[Disk]:
    """A disk of this size at ``folder``, for the length of a block."""
    folder.mkdir(exist_ok=True)
    _mount("-t", "tmpfs", "-o", f"size={size_bytes},mode=700", "tallybook-test", str(folder))
    try:
        yield Disk(folder)
    finally:
        # Lazily: what still holds a file must not keep the disk.
        subprocess.run(["umount", "--lazy", str(folder)], check=True, capture_output=True)  # noqa: S607


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True)  # noqa: S607
