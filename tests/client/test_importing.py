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

# All that an application has to have: httpx2 and what that needs, msgspec, and zstd.
NEEDED = {"anyio", "backports", "h11", "httpcore2", "httpx2", "idna", "msgspec"}
NEEDED |= {"certifi", "sniffio", "truststore", "typing_extensions"}

_LIBRARIES = """
import sys
import openapiopenai, tallybook
files = ((name, getattr(module, "__file__", None) or "") for name, module in sys.modules.items())
print(*{name.partition(".")[0] for name, file in files if "site-packages" in file})
"""


def test_an_application_needs_few_libraries_beside_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LIBRARIES], capture_output=True, text=True, check=True
    )
    # What is installed as a folder of sources puts itself into every interpreter.
    found = {name for name in done.stdout.split() if not name.startswith("_")}
    assert {"httpx2", "msgspec"} <= found <= NEEDED | {"tallybook", "openapiopenai"}


def test_a_client_is_made_without_the_servers_libraries() -> None:
    program = _PROGRAM.format(blocked=(*NEVER, *WHEN_ASKED_FOR))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stdout == "fine\n", done.stderr
