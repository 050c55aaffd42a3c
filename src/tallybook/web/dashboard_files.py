"""The dashboard's files, as the package build made them from ``dashboard/``.

They are read once, and an address is looked up among their names: what is not
the name of a file is not found, however it is written.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec

# Where the build puts them.
FOLDER = Path(__file__).parent / "static"


class Dashboard(msgspec.Struct, frozen=True):
    """The built files: the page, and its assets by name. Without a page nothing was built."""

    page: bytes | None
    assets: Mapping[str, bytes]


def read_dashboard(folder: Path) -> Dashboard:
    """What a build left in a folder. Raises OSError for files that cannot be read."""
    page = folder / "index.html"
    if not page.is_file():
        return Dashboard(None, {})
    assets = (each for each in sorted((folder / "assets").iterdir()) if each.is_file())
    return Dashboard(page.read_bytes(), {each.name: each.read_bytes() for each in assets})
