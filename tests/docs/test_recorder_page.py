"""The page about the recorder: its session runs, and its tables are the code's."""

import inspect
import os

from docs.sessions import ROOT, check
from support.server import INGEST_KEY, Server
from tallybook.client.recording.counters import Counters
from tallybook.client.recording.limits import Limits
from tallybook.client.recording.recorder import Recorder

PAGE = (ROOT / "docs" / "recorder.md").read_text()


def first_cells(heading: str) -> list[list[str]]:
    """The rows of the table whose heading begins with a word, without the backticks."""
    _, _, after = PAGE.partition(f"| {heading} |")
    rows = after.partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip(" `") for cell in row.strip("|").split("|")] for row in rows]


def test_the_session_prints_what_the_page_shows(server: Server) -> None:
    variables = {"TALLYBOOK_URL": server.address, "TALLYBOOK_INGEST_KEY": INGEST_KEY}
    assert check(PAGE, variables | {"XDG_STATE_HOME": str(server.data)}) == 1


def test_every_counter_is_in_the_table() -> None:
    assert [name for name, _ in first_cells("counter")] == list(Counters.__struct_fields__)


def test_every_limit_is_in_the_table_with_its_default() -> None:
    limits = Limits()
    written = {name: default for name, default, _ in first_cells("limit")}
    assert written == {name: str(getattr(limits, name)) for name in Limits.__struct_fields__}


def test_every_argument_of_the_constructor_is_in_the_table_with_its_default() -> None:
    parameters = inspect.signature(Recorder).parameters
    written = {name: default for name, default, _ in first_cells("argument")}
    assert list(written) == list(parameters)
    for name, parameter in parameters.items():
        # A value that Python shows by its whole contents stands there by its name.
        default = parameter.default
        names = {str(default), type(default).__name__, getattr(default, "__name__", "")}
        assert written[name] in names or default is os.environ, name
