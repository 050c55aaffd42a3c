"""``tallybook keys``, ``projects``, ``users`` and ``audit``: on a folder and through a server."""

import json
import platform
from pathlib import Path

import pytest

from support.command import run, told
from support.events import DAY
from support.house import House, lines
from support.server import Server
from tallybook.organization.organization import open_organization
from tallybook.organization.projects import create_project
from tallybook.organization.records import Actor, Means

BY = "ada on the command line"


@pytest.fixture(params=["folder", "server"])
def house(request: pytest.FixtureRequest, folder: House) -> House:
    """Both ways to the same organization."""
    if request.param == "folder":
        return folder
    served: House = request.getfixturevalue("served")
    return served


def projects_in(folder: House, count: int) -> None:
    """Make many projects at once."""
    organization = open_organization(folder.data, "")
    with organization.changing(Actor(means=Means.SERVER), DAY) as change:
        for number in range(count):
            create_project(change, f"P{number}", chosen_id=f"proj_{number}")
    organization.close()


def test_a_key_is_made_listed_limited_and_revoked(house: House) -> None:
    house.good("projects", "create", "Atlas", "--id", "proj_atlas")
    made = house.good(
        "keys", "create", "ci", "--scope", "usage.read", "--scope", "usage.write",
        "--project", "proj_atlas", "--expires", "90d",
    )  # fmt: skip
    secret = made.stdout.rstrip("\n")
    assert secret.startswith("sk-admin-")
    assert lines(made.stderr) == [
        "Key ci, key…: usage.read, usage.write, for proj_atlas, until TIME. It is shown this once:"
    ]
    house.good("keys", "create", "boss", "--role", "admin", "--requests-per-minute", "600")
    heading = ["requests last used until", "id name key may for a minute UTC UTC"]
    ci = ["key… ci sk-admin-… usage.read proj_atlas - - TIME", "usage.write"]
    boss = ["key… boss sk-admin-… everything all projects 600 - -"]
    assert house.table("keys", "list") == [*heading, *ci, *boss]
    first, second = house.listed("keys", "list")
    assert first["expires_at"] - first["created_at"] == 90 * 86_400
    assert secret not in house.out("keys", "list", "--json")
    assert lines(house.good("keys", "limit", second["id"], "none").stderr) == [
        "Key key… has the limit of the server."
    ]
    assert lines(house.good("keys", "revoke", first["id"]).stderr) == ["Key key… is revoked."]
    assert [key["name"] for key in house.listed("keys", "list")] == ["boss"]
    assert house.table("keys", "list", "--all") == [
        "last used until",
        "id name key may for UTC UTC",
        "key… ci sk-admin-… usage.read proj_atlas - revoked TIME",
        "usage.write",
        "key… boss sk-admin-… everything all projects - -",
    ]


@pytest.mark.parametrize(
    ("options", "prefix", "scopes"),
    [
        ((), "sk-admin-", ["api.usage.read"]),
        (("--role", "reader"), "sk-admin-", ["api.usage.read"]),
        (("--role", "ingest"), "sk-ingest-", ["api.usage.write"]),
        (
            ("--scope", "prices.write,api.usage.read"),
            "sk-admin-",
            ["api.usage.read", "api.prices.write"],
        ),
    ],
)
def test_a_key_may_what_its_scopes_or_its_role_say(
    options: tuple[str, ...], prefix: str, scopes: list[str], house: House
) -> None:
    made = house.good("keys", "create", "k", "-q", *options)
    assert (made.stdout[: len(prefix)], made.stderr) == (prefix, "")
    (key,) = house.listed("keys", "list")
    assert key["scopes"] == scopes


def test_projects_are_made_named_and_archived(house: House) -> None:
    assert house.out("projects", "create", "Atlas", "--id", "proj_atlas") == "proj_atlas"
    assert house.out("projects", "create", "Borealis").startswith("proj_")
    house.good("projects", "rename", "proj_atlas", "Atlas Search")
    told_of = house.good("projects", "archive", "proj_atlas").stderr
    assert told_of == "Project proj_atlas (Atlas Search) is archived.\n"
    heading = ["created archived", "id name UTC UTC"]
    assert house.table("projects", "list") == [*heading, "proj… Borealis TIME -"]
    assert house.table("projects", "list", "--all") == [
        *heading,
        "proj_atlas Atlas Search TIME TIME",
        "proj… Borealis TIME -",
    ]


def test_a_person_is_added_and_erased_after_a_warning(house: House) -> None:
    added = house.out("users", "add", "Ada", "--email", "Ada@example.org", "--id", "user-ada")
    assert added == "user-ada"
    assert house.out("users", "add", "Grace", "--role", "owner").startswith("user-")
    assert house.table("users", "list") == [
        "added",
        "id name email role UTC",
        "user-ada Ada ada@example.org reader TIME",
        "user… Grace - owner TIME",
    ]
    # Nobody answers.
    asked = house.run("users", "erase", "user-ada")
    assert (asked.returncode, asked.stdout.strip()) == (1, "")
    assert lines(asked.stderr)[:4] == [
        "user-ada is Ada, ada@example.org.",
        "Lost, for good: name and email, the person's keys and places in projects.",
        "Stays: all usage and costs, under the id, of which nobody here knows whose it is.",
        "Erase this person? [y/N]:Aborted.",
    ]
    assert len(house.listed("users", "list")) == 2
    done = house.good("users", "erase", "user-ada", "--yes")
    assert done.stderr == "The person behind user-ada is erased.\n"
    assert [user["name"] for user in house.listed("users", "list")] == ["Grace"]
    status, said = house.refused("users", "add", "Ada", "--id", "user-ada")
    assert (status, "was erased: the id is a pseudonym now" in said) == (1, True)


def test_the_audit_log_tells_who_changed_what_and_from_where(folder: House) -> None:
    folder.good("projects", "create", "Atlas", "--id", "proj_atlas")
    folder.good("projects", "rename", "proj_atlas", "Atlas Search")
    folder.good("keys", "create", "ci", "--scope", "usage.read", "--project", "proj_atlas")
    folder.good("users", "add", "Ada", "--email", "ada@example.org", "--id", "user-ada")
    folder.good("users", "erase", "user-ada", "--yes")
    by = f"{BY} {platform.node()}"
    heading = ["at", "UTC what of by from changed"]
    gone = [
        f"TIME user.deleted user-ada {by} role was reader",
        "name was (personal)",
        "email was (personal)",
    ]
    added = [
        f"TIME user.added user-ada {by} role: reader",
        "name: (personal)",
        "email: (personal)",
    ]
    key = [
        f"TIME api_key.created key… {by} name: ci",
        "scopes: usage.read",
        "projects: proj_atlas",
    ]
    renamed = [f"TIME project.updated proj_atlas {by} name: Atlas → Atlas Search"]
    made = [f"TIME project.created proj_atlas {by} name: Atlas"]
    assert folder.table("audit") == [*heading, *gone, *added, *key, *renamed, *made]
    assert folder.table("audit", "--top", "1") == [
        *heading,
        *gone,
        "There are older ones: --top N shows more of them.",
    ]
    types = ("--type", "user.added", "--type", "api_key.created")
    assert folder.table("audit", *types) == [*heading, *added, *key]
    assert folder.table("audit", "--subject", "proj_atlas") == [*heading, *renamed, *made]
    nothing = ["The audit log has no such entry."]
    assert folder.table("audit", "--actor", "grace") == nothing
    assert folder.table("audit", "--until", "-1h") == nothing
    assert len(folder.listed("audit", "--since", "-1h", "--actor", "ada")) == 5
    first = folder.listed("audit")[-1]
    assert first["actor"] == {
        "means": "command_line",
        "id": "ada",
        "address": platform.node(),
        "request_id": None,
        "user_agent": None,
    }
    assert (first["before"], first["after"]) == (None, {"name": "Atlas"})
    assert "Ada" not in folder.out("audit", "--json")


def test_changes_through_a_server_are_those_of_its_key(served: House, folder: House) -> None:
    served.good("projects", "create", "Atlas", "--id", "proj_atlas")
    served.good("users", "add", "Ada", "--id", "user-ada")
    by = "key_admin_setting 127.0.0.1"
    filtered = ("audit", "--actor", "key_admin_setting", "--since", "-1h")
    expected = [
        f"TIME user.added user-ada {by} role: reader",
        "name: (personal)",
        f"TIME project.created proj_atlas {by} name: Atlas",
    ]
    # The same from both sides, also while the server runs.
    assert served.table(*filtered)[2:] == expected
    assert folder.table(*filtered)[2:] == expected
    assert served.listed(*filtered) == folder.listed(*filtered)
    assert served.listed("audit") == folder.listed("audit")
    entry = served.listed("audit", "--type", "user.added")[0]
    assert entry["actor"]["user_agent"].startswith("tallybook/")
    assert served.table("audit", "--top", "1") == folder.table("audit", "--top", "1")


def test_a_key_of_a_project_is_listed_and_revoked_like_any(served: House, server: Server) -> None:
    served.good("projects", "create", "Atlas", "--id", "proj_atlas")
    accounts = "/v1/organization/projects/proj_atlas/service_accounts"
    made = server.http.post(accounts, json={"name": "bot"}).json()["api_key"]
    (key,) = served.listed("keys", "list")
    assert (key["id"], key["project_id"], key["projects"]) == (
        made["id"],
        "proj_atlas",
        ["proj_atlas"],
    )
    served.good("keys", "revoke", made["id"])
    assert served.listed("keys", "list") == []
    (key,) = served.listed("keys", "list", "--all")
    assert key["revoked_at"] is not None


def test_both_sides_tell_the_same(served: House, folder: House) -> None:
    projects_in(folder, 130)
    served.good("projects", "archive", "proj_7")
    served.good("keys", "create", "ci", "--project", "proj_8", "--expires", "1d")
    for command in ("projects list", "projects list --all", "users list", "keys list --all"):
        assert served.listed(*command.split()) == folder.listed(*command.split())
    assert len(served.listed("projects", "list", "--all")) == 130
    assert len(served.listed("audit", "--top", "130")) == 130


def test_an_organization_without_anything_says_so(folder: House) -> None:
    assert folder.out("keys", "list") == "There are no keys."
    assert folder.out("projects", "list") == "There are no projects."
    assert folder.out("users", "list") == "There are no users."
    assert folder.listed("keys", "list") == []


@pytest.mark.parametrize(
    ("command", "status", "part"),
    [
        ("keys create k --scope nope", 2, '--scope is "nope"; scopes are usage.read, usage.write,'),
        ("keys create k --scope usage.read --role admin", 2, "--scope and --role exclude each"),
        ("keys create k --role boss", 2, "'boss' is not one of"),
        ("keys create k --expires soon", 2, "it must be a lifetime like 90d, 12h, 30m or 8w"),
        ("keys create k --expires 366d", 1, "it must be from 1 to 31536000, a year."),
        ("keys create k --requests-per-minute 0", 1, "requests_per_minute_max is 0; it must be"),
        ("keys create k --project proj_none", 1, "'proj_none'"),
        ("keys create", 2, "Missing argument 'NAME'"),
        ("keys revoke key_none", 1, "No key"),
        ("keys limit key_none 5", 1, "No key"),
        ("keys limit key_none many", 2, "it must be a number of requests per minute, or none."),
        ("projects create A --id a/b", 1, "id is 'a/b'; it must be 1 to 200 printable characters"),
        ("projects rename proj_none A", 1, "No project has the id 'proj_none'"),
        ("projects archive proj_none", 1, "No project has the id 'proj_none'"),
        ("users add Ada --email nobody", 1, "email is 'nobody', which is no email address"),
        ("users add Ada --role boss", 1, "role is 'boss'; it must be one of owner, reader."),
        ("users erase user-none --yes", 1, "No user has the id 'user-none'"),
        ("audit --since soon", 2, '"soon" is not a moment'),
        ("audit --top 0", 2, "Input should be greater than or equal to 1"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(
    command: str, status: int, part: str, untouched: House
) -> None:
    code, said = untouched.refused(*command.split())
    assert (code, part in said) == (status, True), said


def test_what_there_is_already_is_not_made_twice(house: House) -> None:
    house.good("projects", "create", "Atlas", "--id", "proj_atlas")
    status, said = house.refused("projects", "create", "Other", "--id", "proj_atlas")
    assert (status, "There is a project proj_atlas already" in said) == (1, True)
    house.good("users", "add", "Ada", "--email", "ada@example.org")
    status, said = house.refused("users", "add", "Eve", "--email", "ADA@example.org")
    assert (status, "The email is that of user" in said) == (1, True)


def test_a_key_that_was_revoked_is_not_revoked_again(house: House) -> None:
    house.good("keys", "create", "ci")
    (key,) = house.listed("keys", "list")
    house.good("keys", "revoke", key["id"])
    status, said = house.refused("keys", "revoke", key["id"])
    assert (status, key["id"] in said) == (1, True)


def test_a_folder_without_a_ledger_is_not_made_by_asking(tmp_path: Path) -> None:
    for command in ("keys list", "keys create k", "projects list", "users list", "audit"):
        result = run(*command.split(), "--data", tmp_path / "nothing")
        assert (result.returncode, result.stdout) == (1, "")
        assert "nothing holds no ledger. Name the data folder (--data)" in told(result)
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("postgresql+psycopg://ada:hunter2@127.0.0.1:1/x", "does not answer: connection failed"),
        ("postgresql+psycopg://ada@h:hunter2/x", "it must look like postgresql+psycopg://"),
        (
            "postgresql+pg8000://ada:hunter2@h/x",
            "needs pg8000, which is not installed",
        ),
        ("hunter2", "it must look like postgresql+psycopg://USER@HOST/NAME."),
    ],
)
def test_a_database_that_cannot_be_reached_is_told_without_its_password(
    url: str, part: str, folder: House
) -> None:
    variables = {"TALLYBOOK_ORGANIZATION_URL": url}
    result = run("keys", "list", *folder.options, variables=variables)
    assert (result.returncode, result.stdout) == (1, "")
    assert part in told(result)
    assert "hunter2" not in result.stderr


def test_keys_of_an_older_folder_are_listed_and_kept(folder: House) -> None:
    kept = folder.data / "keys.json"
    kept.write_text(json.dumps({"admin": "a" * 64, "ingest": "b" * 64}))
    assert [key["name"] for key in folder.listed("keys", "list")] == ["admin key", "ingest key"]
    assert not kept.exists()
    assert [key["name"] for key in folder.listed("keys", "list")] == ["admin key", "ingest key"]
