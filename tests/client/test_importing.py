"""The caller's side is light: no engine, no catalogue, no server, and no tables until asked for."""

import subprocess
import sys

NEVER = ("duckdb", "genai_prices", "starlette", "uvicorn", "typer", "rich")
WHEN_ASKED_FOR = ("arro3", "polars", "pandas", "pyarrow")

_PROGRAM = """
import sys
for name in {blocked}:
    sys.modules[name] = None
from tallybook.client.async_client import AsyncClient
from tallybook.client.client import Client
import tallybook.client
Client("http://127.0.0.1", "sk-admin-x").usage("completions", "-7d", group_by="model")
AsyncClient("http://127.0.0.1", "sk-admin-x").costs("2026-10-01")
print("fine")
"""


def test_a_client_is_made_without_the_servers_libraries() -> None:
    program = _PROGRAM.format(blocked=(*NEVER, *WHEN_ASKED_FOR))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stdout == "fine\n", done.stderr
