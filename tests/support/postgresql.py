"""A real PostgreSQL, in a folder of its own, on a Unix socket; a database in it for each test."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Where Debian puts what is not on the PATH.
_FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
# PostgreSQL refuses to run as root.
_USER = "nobody"
# Fast, since nothing has to last: a test that kills the server has to turn it on again.
_SETTINGS = {"fsync": "off", "listen_addresses": "", "max_connections": 50}


def program(name: str) -> str | None:
    """The path of one of PostgreSQL's programs; None when it is not installed."""
    return shutil.which(name, path=os.pathsep.join(map(str, _FOLDERS)))


class PostgreSQL:
    """A server that takes connections."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._made = 0

    @property
    def name(self) -> str:
        """The account that owns everything in it."""
        return _account()

    def new_database(self) -> str:
        """Make an empty database; its URL."""
        self._made += 1
        name = f"test_{self._made}"
        _run("createdb", "-h", str(self.folder), "-U", self.name, name)
        return f"postgresql+psycopg://{self.name}@/{name}?host={self.folder}"

    def start(self) -> None:
        """Start the server, and return once it takes connections."""
        options = " ".join(f"-c {name}={value}" for name, value in _SETTINGS.items())
        _run(
            "pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", str(self.folder / "log"),
            "-o", f"-k {self.folder} {options}", "start",
        )  # fmt: skip

    def stop(self) -> None:
        """Stop the server at once; whoever is connected is cut off."""
        _run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", "fast", "stop")


@contextmanager
def running_postgresql() -> Iterator[PostgreSQL]:
    """A server for the length of a block."""
    # A path of a socket is short: not below the folder of the tests.
    folder = Path(tempfile.mkdtemp(prefix="tbpg-"))
    try:
        if os.geteuid() == 0:
            owner = pwd.getpwnam(_USER)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        _run(
            "initdb",
            "-D",
            str(folder / "data"),
            "-U",
            _account(),
            "-A",
            "trust",
            "-N",
            "-E",
            "UTF8",
        )
        server = PostgreSQL(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def _account() -> str:
    return _USER if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name


def _run(name: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs, as somebody who is not root."""
    path = program(name)
    assert path is not None
    user = _USER if os.geteuid() == 0 else None
    done = subprocess.run(
        [path, *arguments],
        user=user,
        cwd="/",
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "HOME": "/"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
