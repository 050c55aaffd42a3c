"""Keys, projects and people for people: a row each."""

from collections.abc import Sequence

from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tallybook.cli.organizing.desk import ListedKey
from tallybook.cli.organizing.options import at_text
from tallybook.cli.organizing.wishes import short
from tallybook.cli.tables import print_whole
from tallybook.organization.records import Project, User
from tallybook.organization.scopes import ALL_SCOPES, Scope

_UTC = "\n[dim]UTC[/]"
_DASH = "[dim]-[/]"


def print_keys(keys: Sequence[ListedKey], console: Console) -> None:
    """A row per key; of limits and projects only where a key has some."""
    if not keys:
        console.print("There are no keys.")
        return
    bound = any(key.projects is not None for key in keys)
    limited = any(key.requests_per_minute_max is not None for key in keys)
    table = Table(box=SIMPLE)
    for name in ("id", "name", "key", "may"):
        table.add_column(name, no_wrap=True)
    if bound:
        table.add_column("for", no_wrap=True)
    if limited:
        table.add_column("requests\na minute", justify="right", no_wrap=True)
    for name in ("last used", "until"):
        table.add_column(name + _UTC, no_wrap=True)
    for key in keys:
        rate = key.requests_per_minute_max
        table.add_row(
            escape(key.id),
            escape(key.name),
            escape(key.redacted) or _DASH,
            may_text(key.scopes, "\n"),
            *((projects_text(key.projects, "\n"),) if bound else ()),
            *((_DASH if rate is None else f"{rate:,}",) if limited else ()),
            _DASH if key.last_used_at is None else at_text(key.last_used_at),
            _until(key),
            style="dim" if key.revoked_at is not None else None,
        )
    print_whole(table, console)


def print_projects(projects: Sequence[Project], console: Console) -> None:
    """A row per project."""
    if not projects:
        console.print("There are no projects.")
        return
    table = Table(box=SIMPLE)
    for name in ("id", "name", f"created{_UTC}", f"archived{_UTC}"):
        table.add_column(name, no_wrap=True)
    for project in projects:
        ended = _DASH if project.archived_at is None else at_text(project.archived_at)
        table.add_row(escape(project.id), escape(project.name), at_text(project.created_at), ended)
    print_whole(table, console)


def print_users(users: Sequence[User], console: Console) -> None:
    """A row per person."""
    if not users:
        console.print("There are no users.")
        return
    table = Table(box=SIMPLE)
    for name in ("id", "name", "email", "role", f"added{_UTC}"):
        table.add_column(name, no_wrap=True)
    for user in users:
        table.add_row(
            escape(user.id),
            escape(user.name or "") or _DASH,
            escape(user.email or "") or _DASH,
            escape(user.role),
            at_text(user.added_at),
        )
    print_whole(table, console)


def may_text(scopes: Sequence[Scope], separator: str) -> str:
    """What a key may do, in the words of ``--scope``."""
    if set(scopes) >= ALL_SCOPES:
        return "everything"
    return separator.join(map(short, scopes)) or "nothing"


def projects_text(projects: Sequence[str] | None, separator: str) -> str:
    """What a key may do it for."""
    return "all projects" if projects is None else escape(separator.join(projects))


def _until(key: ListedKey) -> str:
    """The end of a key: the one that came, or the one that will come."""
    if key.revoked_at is not None:
        return f"revoked {at_text(key.revoked_at)}"
    return _DASH if key.expires_at is None else at_text(key.expires_at)
