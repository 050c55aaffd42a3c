"""Profiles: names for ledgers, in a file of their owner's, and ``tallybook profiles``."""

import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tallybook.organization.secret import masked

PROFILE_VARIABLE = "TALLYBOOK_PROFILE"

_FILE = Path("tallybook") / "profiles.toml"
_FIELDS = ("url", "key", "data")
_READABLE_BY_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_EXAMPLE = '[prod]\nurl = "https://tallybook.example.org"\nkey = "sk-admin-…"'


class InvalidProfiles(ValueError):
    """The file of profiles cannot be used."""


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """A ledger by a name: a server's address, with its key or without, or a data folder."""

    name: str
    url: str | None = None
    key: str | None = None
    data: str | None = None

    def __repr__(self) -> str:
        return f"Profile(name={self.name!r}, url={self.url!r}, data={self.data!r})"


def profiles_path(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the file is, by the rules of XDG; it need not be there."""
    named = Path(environment.get("XDG_CONFIG_HOME", ""))
    # A relative one is to be passed over, by the same rules.
    return (named if named.is_absolute() else Path.home() / ".config") / _FILE


def read_profiles(path: Path) -> dict[str, Profile]:
    """The profiles of a file by their names; none when there is no file. Raises InvalidProfiles."""
    try:
        mode, text = path.stat().st_mode, path.read_text(encoding="utf-8")
        tables = tomllib.loads(text)
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise InvalidProfiles(f"{path} cannot be read: {fault}.") from fault
    found = {name: _profile(path, name, table) for name, table in tables.items()}
    if mode & _READABLE_BY_OTHERS and any(each.key for each in found.values()):
        raise InvalidProfiles(
            f"{path} holds a key and may be read by others, so it is not used: chmod 600 {path}"
        )
    return found


def chosen_profile(
    option: str | None, environment: Mapping[str, str] = os.environ
) -> Profile | None:
    """The profile that ``--profile`` or the environment names, or None when neither does.

    Raises typer.BadParameter for a name that there is not, InvalidProfiles.
    """
    name = option or environment.get(PROFILE_VARIABLE)
    if not name:
        return None
    path = profiles_path(environment)
    found = read_profiles(path)
    if name in found:
        return found[name]
    said = "--profile" if option else PROFILE_VARIABLE
    known = f"{path} has {', '.join(found)}" if found else f"{path} has none"
    raise typer.BadParameter(f'{said} is "{name}", but {known}.')


def profiles() -> None:
    """List the profiles: names for ledgers that --profile takes.

    They are tables of a file, each with an address (url, and key, unless the
    environment has it) or a data folder (data).

    Example: tallybook profiles
    """
    path, console = profiles_path(), Console(highlight=False, soft_wrap=True)
    found = read_profiles(path)
    if not found:
        console.print(
            f"{path} has no profiles. One is a table like this:\n\n{_EXAMPLE}", markup=False
        )
        return
    table = Table(box=SIMPLE)
    for name in ("profile", "ledger", "key"):
        table.add_column(name, no_wrap=True)
    active = os.environ.get(PROFILE_VARIABLE)
    for profile in found.values():
        mark = f" [dim]({PROFILE_VARIABLE})[/]" if profile.name == active else ""
        table.add_row(
            escape(profile.name) + mark,
            escape(profile.url or profile.data or ""),
            escape(masked(profile.key)) if profile.key else "",
        )
    console.print(table)
    console.print(f"[dim]{escape(str(path))}[/]")


def _profile(path: Path, name: str, table: Any) -> Profile:
    """A profile as the file has it. Raises InvalidProfiles."""
    whose = f"{path}: profile {name}"
    if not isinstance(table, dict):
        raise InvalidProfiles(f"{path}: {name} stands outside of a profile, like [prod].")
    for field, value in table.items():
        if field not in _FIELDS:
            raise InvalidProfiles(f"{whose} has {field}; it may have {', '.join(_FIELDS)}.")
        if not isinstance(value, str) or not value:
            raise InvalidProfiles(f"{whose}: {field} must be text.")
    found = Profile(name=name, **table)
    if (found.url is None) is (found.data is None):
        raise InvalidProfiles(f"{whose} must have url or data, and not both.")
    return found if found.data is None else _of_folder(whose, found, found.data)


def _of_folder(whose: str, profile: Profile, data: str) -> Profile:
    """The profile with its folder's whole path. Raises InvalidProfiles."""
    if profile.key is not None:
        raise InvalidProfiles(f"{whose} has data, which is opened without a key.")
    folder = Path(data).expanduser()
    if not folder.is_absolute():
        raise InvalidProfiles(
            f"{whose}: data is {data}; a profile means the same wherever a command runs, so it must"
            " begin with / or ~."
        )
    return msgspec.structs.replace(profile, data=str(folder))
