"""Commands start without the libraries that they have no use for."""

import subprocess
import sys

# The server's and the organization's: a tenth of a second each, and more.
NEVER = ("alembic", "sqlalchemy", "starlette", "uvicorn")

_PROGRAM = """
import sys
for name in {blocked}:
    sys.modules[name] = None
import tallybook.cli.main
print("fine")
"""


def test_the_command_line_starts_without_the_server_and_the_organizations_database() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _PROGRAM.format(blocked=NEVER)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "fine\n", done.stderr
