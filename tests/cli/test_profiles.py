"""Profiles: which ledger a command works on, and what keeps a key to its owner and its address."""

from pathlib import Path
from typing import Any

import pytest
import typer

from support.command import run, told
from support.events import DAY, event
from support.server import ADMIN_KEY, Server
from tallybook.cli.profiles import InvalidProfiles, Profile, profiles_path, read_profiles
from tallybook.cli.target import FolderTarget, ServerTarget, folder_of, target_of

KEY = "sk-admin-of-the-profile-0123456789abcdef"
PROD = f'[prod]\nurl = "https://tallybook.example.org"\nkey = "{KEY}"\n'
FOLDER = '[laptop]\ndata = "~/ledgers/laptop"\n'
BARE = '[bare]\nurl = "http://127.0.0.1:8321"\n'


def written(home: Path, text: str, mode: int = 0o600) -> dict[str, str]:
    """The environment of someone whose profiles are these."""
    path = home / ".config" / "tallybook" / "profiles.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    path.chmod(mode)
    return {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config")}


def test_the_file_is_where_xdg_says_and_else_below_the_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    at_home = tmp_path / ".config" / "tallybook" / "profiles.toml"
    assert profiles_path({}) == at_home
    assert profiles_path({"XDG_CONFIG_HOME": ""}) == at_home
    assert profiles_path({"XDG_CONFIG_HOME": "relative"}) == at_home
    assert profiles_path({"XDG_CONFIG_HOME": "/etc/x"}) == Path("/etc/x/tallybook/profiles.toml")


def test_profiles_are_read_by_their_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    environment = written(tmp_path, PROD + FOLDER + BARE)
    assert read_profiles(profiles_path(environment)) == {
        "prod": Profile(name="prod", url="https://tallybook.example.org", key=KEY),
        "laptop": Profile(name="laptop", data=str(tmp_path / "ledgers" / "laptop")),
        "bare": Profile(name="bare", url="http://127.0.0.1:8321"),
    }


def test_no_file_is_no_profiles(tmp_path: Path) -> None:
    assert read_profiles(tmp_path / "profiles.toml") == {}


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[prod", "cannot be read"),
        ('url = "x"', "url stands outside of a profile"),
        ('[prod]\nurl = "x"\ntoken = "y"', "profile prod has token; it may have url, key, data"),
        ("[prod]\nurl = 1", "profile prod: url must be text"),
        ('[prod]\nkey = "x"', "profile prod must have url or data, and not both"),
        ('[prod]\nurl = "x"\ndata = "/y"', "profile prod must have url or data, and not both"),
        ('[prod]\ndata = "/y"\nkey = "x"', "profile prod has data, which is opened without a key"),
        ('[prod]\ndata = "y"', "it must begin with / or ~"),
    ],
)
def test_a_faulty_file_is_refused_with_the_profile_and_the_rule(
    text: str, part: str, tmp_path: Path
) -> None:
    environment = written(tmp_path, text)
    with pytest.raises(InvalidProfiles) as raised:
        read_profiles(profiles_path(environment))
    assert part in str(raised.value)
    assert str(profiles_path(environment)) in str(raised.value)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_key_that_others_may_read_is_not_used(mode: int, tmp_path: Path) -> None:
    environment = written(tmp_path, PROD, mode)
    path = profiles_path(environment)
    with pytest.raises(InvalidProfiles, match=f"chmod 600 {path}"):
        read_profiles(path)
    path.write_text(BARE)
    assert list(read_profiles(path)) == ["bare"]


def target(home: Path, variables: dict[str, str], **options: Any) -> tuple[str, str | None]:
    """Where a command goes, and with which key."""
    environment = {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config")} | variables
    found = target_of(**options, environment=environment)
    if isinstance(found, ServerTarget):
        return found.url, found.key
    return str(found.settings.data), None


URL, LAPTOP = "https://tallybook.example.org", "ledgers/laptop"
AROUND_KEY = "sk-admin-around"
AROUND = {"TALLYBOOK_URL": "http://around", "TALLYBOOK_ADMIN_KEY": AROUND_KEY}


@pytest.mark.parametrize(
    ("variables", "options", "expected"),
    [
        ({}, {"profile": "prod"}, (URL, KEY)),
        ({"TALLYBOOK_PROFILE": "prod"}, {}, (URL, KEY)),
        ({"TALLYBOOK_PROFILE": "bare"}, {"profile": "prod"}, (URL, KEY)),
        # A profile goes before the environment, whichever way it is named.
        (AROUND, {"profile": "prod"}, (URL, KEY)),
        (AROUND | {"TALLYBOOK_PROFILE": "prod"}, {}, (URL, KEY)),
        (AROUND, {}, ("http://around", AROUND_KEY)),
        # What it does not say comes from the environment, and an option before both.
        (AROUND, {"profile": "bare"}, ("http://127.0.0.1:8321", AROUND_KEY)),
        ({}, {"profile": "prod", "key": "k"}, (URL, "k")),
        # An option names another ledger: then nothing of the profile is used, and not its key.
        (AROUND | {"TALLYBOOK_PROFILE": "prod"}, {"url": "http://x"}, ("http://x", AROUND_KEY)),
        ({"TALLYBOOK_PROFILE": "prod"}, {"data": "here"}, ("here", None)),
    ],
)  # fmt: skip
def test_options_go_before_a_profile_and_that_before_the_environment(
    variables: dict[str, str],
    options: dict[str, Any],
    expected: tuple[str, str | None],
    tmp_path: Path,
) -> None:
    written(tmp_path, PROD + BARE)
    assert target(tmp_path, variables, **options) == expected


def test_a_profiles_key_goes_to_no_other_address(tmp_path: Path) -> None:
    written(tmp_path, PROD)
    with pytest.raises(typer.BadParameter, match="http://x needs a key"):
        target(tmp_path, {"TALLYBOOK_PROFILE": "prod"}, url="http://x")


@pytest.mark.parametrize("options", [{"url": "http://x"}, {"data": "here"}])
def test_two_ledgers_at_once_are_refused(options: dict[str, str], tmp_path: Path) -> None:
    written(tmp_path, PROD)
    with pytest.raises(typer.BadParameter, match="exclude each other"):
        target(tmp_path, {}, profile="prod", **options)


def test_an_unknown_profile_names_the_known_ones(tmp_path: Path) -> None:
    written(tmp_path, PROD + BARE)
    with pytest.raises(typer.BadParameter, match=r'--profile is "prd", but .* has prod, bare'):
        target(tmp_path, {}, profile="prd")
    with pytest.raises(typer.BadParameter, match='TALLYBOOK_PROFILE is "prd"'):
        target(tmp_path, {"TALLYBOOK_PROFILE": "prd"})


def test_what_works_on_a_folder_takes_a_profile_of_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    environment = written(tmp_path, PROD + FOLDER)
    assert folder_of(None, None, "laptop", environment).data == tmp_path / LAPTOP
    assert folder_of("here", None, None, environment).data == Path("here")
    with pytest.raises(typer.BadParameter, match="Profile prod is a server"):
        folder_of(None, None, "prod", environment)
    with pytest.raises(typer.BadParameter, match="exclude each other"):
        folder_of("here", None, "laptop", environment)


def test_no_repr_shows_a_key() -> None:
    assert KEY not in repr(Profile(name="prod", url="x", key=KEY))
    assert KEY not in repr(ServerTarget("x", KEY))
    assert isinstance(target_of(data="here", environment={}), FolderTarget)


def test_a_profile_asks_its_server(server: Server, tmp_path: Path) -> None:
    server.post(event("images", images=7))
    text = f'[local]\nurl = "{server.address}"\nkey = "{ADMIN_KEY}"\n'
    variables = written(tmp_path, text)
    asked = ("usage", "images", "--start", str(DAY), "--end", str(DAY + 86_400), "--csv")
    by_option = run(*asked, "--profile", "local", variables=variables)
    assert by_option.stdout.splitlines()[1].endswith(",7,1"), by_option.stderr
    by_variable = run(*asked, variables=variables | {"TALLYBOOK_PROFILE": "local"})
    assert by_variable.stdout == by_option.stdout
    wrong = run(*asked, "--profile", "nowhere", variables=variables)
    assert wrong.returncode == 2
    assert "has local" in told(wrong)


def test_the_list_masks_keys_and_marks_the_one_in_force(tmp_path: Path) -> None:
    variables = written(tmp_path, PROD + BARE + FOLDER) | {"TALLYBOOK_PROFILE": "bare"}
    result = run("profiles", variables=variables)
    assert result.returncode == 0, result.stderr
    lines = [" ".join(line.split()) for line in result.stdout.splitlines() if line.strip()]
    assert lines[0] == "profile ledger key"
    assert lines[2:] == [
        "prod https://tallybook.example.org sk-admin-****cdef",
        "bare (TALLYBOOK_PROFILE) http://127.0.0.1:8321",
        f"laptop {tmp_path}/ledgers/laptop",
        str(profiles_path(variables)),
    ]
    assert KEY not in result.stdout


def test_without_profiles_the_list_shows_how_to_write_one(tmp_path: Path) -> None:
    result = run("profiles", variables={"XDG_CONFIG_HOME": str(tmp_path)})
    assert result.returncode == 0
    assert str(tmp_path / "tallybook" / "profiles.toml") in result.stdout
    assert "[prod]" in result.stdout


def test_a_file_that_others_may_read_ends_with_what_to_do(tmp_path: Path) -> None:
    variables = written(tmp_path, PROD, 0o644)
    for command in (("profiles",), ("usage", "images", "--profile", "prod")):
        result = run(*command, variables=variables)
        assert result.returncode == 1
        assert "chmod 600" in told(result)
        assert KEY not in result.stderr
