"""Every command's help has an example, and the examples run."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from backup.keeping import take
from docs.tables import commands_of
from support.command import environment, write_csv
from support.events import DAY, event
from support.ledgers import opened, store
from tallybook.cli.main import command_line
from tallybook.organization.keys import register_key
from tallybook.organization.organization import open_organization
from tallybook.organization.projects import create_project
from tallybook.organization.records import Actor, Means
from tallybook.organization.users import add_user

_group = typer.main.get_command(command_line())
assert isinstance(_group, TyperGroup)
COMMANDS = {
    name: " ".join((command.help or "").split())
    for name, command in commands_of(_group)
    if not isinstance(command, TyperGroup)
}
_EXAMPLE = re.compile(r"Example: (.+)$")
# These serve until they are stopped, at the port of whoever runs the tests.
SERVERS = {"serve", "demo"}


def example(name: str) -> str:
    found = _EXAMPLE.search(COMMANDS[name])
    assert found, f"tallybook {name} --help has no example at its end"
    return found[1]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_ends_with_an_example_of_its_command(name: str) -> None:
    assert f"tallybook {name}" in example(name)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the examples name: a ledger, its prices, and files to read."""
    folder = tmp_path_factory.mktemp("place")
    data = folder / "tallybook-data"
    data.mkdir()
    prices = '[[price]]\nmodel = "acme"\ninput = "1.00 / 1M tokens"\n'
    with opened(data, prices) as ledger:
        store(ledger, event(id="req_8f2c", time=DAY + 60, model="gpt-5.5", project_id="p"))
        take(ledger, data, folder / "tallybook-backup")
    _organize(data)
    write_csv(folder / "trace.csv", [("TIMESTAMP", "In", "Out"), ("2026-10-01", 100, 20)])
    (folder / "usage.ndjson").write_text(
        '{"id":"r1","time":1790812800,"kind":"images","images":1}\n'
    )
    return folder


def _organize(data: Path) -> None:
    """Give the ledger an organization with what the examples name."""
    organization = open_organization(data, "")
    with organization.changing(Actor(means=Means.SERVER), DAY) as change:
        for name in ("atlas", "legacy"):
            create_project(change, name, chosen_id=f"proj_{name}")
        register_key(change, "proj_atlas", "key_nightly", "nightly")
        add_user(change, name="Lm", email=None, role="reader", chosen_id="user-Lm4")
    organization.close()


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - SERVERS))
def test_the_example_runs(name: str, place: Path) -> None:
    # A file that somebody goes on writing has an end here.
    command = example(name).replace("tail -F", "cat")
    shell = ["bash", "-c", f"set -o pipefail; {command}"]
    variables = environment()
    variables["PATH"] = f"{Path(sys.executable).parent}:{variables['PATH']}"
    result = subprocess.run(
        shell, cwd=place, env=variables, capture_output=True, text=True, check=False, timeout=120
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout or result.stderr
