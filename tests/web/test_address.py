"""An address that is taken is named, and nothing is made before that is known."""

import subprocess
import sys
from pathlib import Path

from support.server import Server


def test_a_taken_port_is_named_and_leaves_no_folder(server: Server, tmp_path: Path) -> None:
    port = server.address.rpartition(":")[2]
    folder = tmp_path / "data"
    command = [sys.executable, "-m", "tallybook", "serve", "--port", port, "--data", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == (
        f"tallybook: 127.0.0.1:{port} cannot be listened on: Address already in use. Stop what"
        " listens there, or choose another address with --host and --port.\n"
    )
    assert not folder.exists()
