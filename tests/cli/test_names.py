"""Names in tables: shown where somebody knows them, and never in what programs read."""

import io
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from support.command import run
from support.events import DAY, event
from support.ledgers import opened, store
from support.scripted import Reply, Scripted, scripted
from tallybook.cli.names import NONE, Names
from tallybook.cli.naming import names_at
from tallybook.cli.target import FolderTarget, ServerTarget
from tallybook.cli.watching.seen import seen
from tallybook.cli.watching.view import Screen, render
from tallybook.domain.kinds import KINDS
from tallybook.organization.organization import Organization, open_organization
from tallybook.organization.projects import create_project
from tallybook.organization.records import Actor, Means
from tallybook.organization.users import add_user, erase_user
from tallybook.settings import load_settings
from tallybook.usage.pages import Bucket

SOMEONE = Actor(means=Means.SERVER)
RANGE = ("--start", "2026-10-01", "--end", "2026-10-02")
VALUES = [("project_id", "proj_atlas"), ("user_id", "user-ada"), ("model", "gpt-5.5")]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A ledger with usage of two projects."""
    with opened(tmp_path) as ledger:
        common = {"model": "gpt-5.5", "user_id": "user-ada"}
        store(
            ledger,
            event(id="a", project_id="proj_atlas", api_key_id="key_gateway", **common),
            event(id="b", project_id="proj_other", **common),
        )
    return tmp_path


@pytest.fixture
def organization(data: Path) -> Iterator[Organization]:
    """An organization in that folder which knows one project and one person."""
    organization = open_organization(data, "")
    with organization.changing(SOMEONE, DAY) as change:
        create_project(change, "Atlas [1]", chosen_id="proj_atlas")
        add_user(change, name="Ada Lovelace", email=None, role="reader", chosen_id="user-ada")
    yield organization
    organization.close()


def lines(data: Path, *parts: str) -> list[str]:
    result = run(*parts, *RANGE, "--data", data)
    assert (result.returncode, result.stderr) == (0, "")
    found = [" ".join(line.split()) for line in result.stdout.splitlines()]
    return [line for line in found if line.strip("─")]


@pytest.mark.usefixtures("organization")
def test_usage_has_names_where_somebody_knows_them(data: Path) -> None:
    groups = ("--group-by", "project_id,user_id,api_key_id,model")
    assert lines(data, "usage", "completions", *groups) == [
        "api num",
        "start project user key input output model",
        "UTC id id id model tokens tokens requests",
        "2026-10-01 Atlas [1] (proj_atlas) Ada Lovelace (user-ada) key_gateway gpt-5.5 1,830 212 1",
        "2026-10-01 proj_other Ada Lovelace (user-ada) - gpt-5.5 1,830 212 1",
        "total 3,660 424 2",
    ]


@pytest.mark.usefixtures("organization")
def test_costs_and_rankings_have_names(data: Path) -> None:
    assert lines(data, "costs", "--group-by", "user_id") == [
        "user_id amount share over time",
        "Ada Lovelace (user-ada) $0.031 100.0% █",
        "total $0.031",
    ]
    assert lines(data, "top", "project_id")[:3] == [
        "project_id cost share",
        "1 Atlas [1] (proj_atlas) $0.016 50.0% ████████████████████████",
        "2 proj_other $0.016 50.0% ████████████████████████",
    ]


@pytest.mark.usefixtures("organization")
@pytest.mark.parametrize("form", ["--csv", "--json"])
def test_programs_get_ids_and_nothing_else(form: str, data: Path) -> None:
    for command in (
        ("usage", "completions", "--group-by", "project_id,user_id"),
        ("costs", "--group-by", "project_id,user_id"),
        ("top", "project_id"),
        ("top", "user_id"),
    ):
        out = "\n".join(lines(data, *command, form))
        assert "proj_atlas" in out or "user-ada" in out
        assert "Atlas [1]" not in out
        assert "Ada" not in out


def test_a_person_who_was_erased_is_the_id_alone(organization: Organization, data: Path) -> None:
    with organization.changing(SOMEONE, DAY) as change:
        erase_user(change, "user-ada")
    assert lines(data, "costs", "--group-by", "user_id")[1] == "user-ada $0.031 100.0% █"


def test_to_look_for_names_makes_no_organization(data: Path) -> None:
    assert lines(data, "costs", "--group-by", "user_id")[1] == "user-ada $0.031 100.0% █"
    assert not (data / "organization.sqlite").exists()


def test_an_organization_that_does_not_answer_leaves_ids(data: Path) -> None:
    (data / "organization.sqlite").write_text("this is no database, but as long as one may be")
    assert lines(data, "costs", "--group-by", "user_id")[1] == "user-ada $0.031 100.0% █"


def test_names_are_asked_for_a_few_at_a_time(data: Path, organization: Organization) -> None:
    with organization.changing(SOMEONE, DAY) as change:
        for number in range(250):
            create_project(change, f"P{number}", chosen_id=f"proj_{number}")
    target = FolderTarget(load_settings({"data": str(data)}, environment={}))
    values = [("project_id", f"proj_{number}") for number in range(251)]
    found = names_at(target, values)
    assert len(found.found) == 250
    assert found.of("project_id", "proj_249") == "P249"
    assert found.of("user_id", "proj_249") is None


@pytest.fixture(scope="module")
def server() -> Iterator[Scripted]:
    with scripted() as server:
        yield server


def test_a_server_is_asked_for_names_alone_and_once(server: Scripted) -> None:
    told = {"project_ids": {"proj_atlas": "Atlas"}, "user_ids": {}, "api_key_ids": {}}
    server.will(Reply(body=msgspec.json.encode({"object": "organization.names"} | told)))
    found = names_at(ServerTarget(server.address, "sk-admin-x"), VALUES)
    assert found.of("project_id", "proj_atlas") == "Atlas"
    assert [seen.target for seen in server.seen] == [
        "/v1/organization/names?project_ids%5B%5D=proj_atlas&user_ids%5B%5D=user-ada"
    ]


def test_nobody_is_asked_where_nothing_has_a_name(server: Scripted) -> None:
    server.will()
    assert names_at(ServerTarget(server.address, "sk-admin-x"), [("model", "m")]) == NONE
    assert server.seen == []


@pytest.mark.parametrize(
    "reply", [Reply(404), Reply(401), Reply(503), Reply(429), Reply(200, b"hello"), Reply(200)]
)
def test_a_server_that_tells_no_names_leaves_ids(reply: Reply, server: Scripted) -> None:
    server.will(reply)
    assert names_at(ServerTarget(server.address, "sk-admin-x"), VALUES) == NONE
    assert len(server.seen) == 1


def test_a_view_has_names_and_shortens_them_where_there_is_no_room() -> None:
    def result(project: str | None, requests: int, *, other: bool = False) -> dict[str, object]:
        counts = {"num_model_requests": requests, "input_tokens": 5, "output_tokens": 1}
        return {"project_id": project, "other": other, **counts}

    used = [Bucket(DAY, DAY + 60, [result("proj_atlas", 3), result(None, 1, other=True)])]
    found = seen(DAY + 60, KINDS["completions"], ("project_id",), used, today=[], unpriced=0)
    named = msgspec.structs.replace(found, names=Names({VALUES[0]: "Atlas"}))
    screen = Screen(
        where="here",
        kind=KINDS["completions"],
        group_by=("project_id",),
        zone="UTC",
        seen=named,
    )

    def drawn(width: int) -> str:
        file = io.StringIO()
        Console(file=file, width=width, highlight=False).print(render(screen, width))
        return file.getvalue()

    assert "  Atlas (proj_atlas)  " in drawn(120)
    assert "  Atlas (p…  " in drawn(50)
    assert "  (other)  " in drawn(50)
