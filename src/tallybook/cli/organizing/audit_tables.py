"""The audit log for people: a row per entry, a line per field that changed."""

from collections.abc import Iterator
from typing import Any

import msgspec
from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tallybook.cli.organizing.desk import Entries
from tallybook.cli.organizing.options import at_text
from tallybook.cli.tables import print_whole
from tallybook.organization.records import Actor, AuditEntry, Means
from tallybook.organization.scopes import PREFIX

_BY = {
    Means.API_KEY: "",
    Means.SESSION: "in the dashboard",
    Means.COMMAND_LINE: "on the command line",
    Means.SERVER: "server",
}
# Fields of entries that are moments end in this.
_MOMENT = "_at"


def print_entries(entries: Entries, console: Console) -> None:
    """A row per entry, the newest first."""
    if not entries.data:
        console.print("The audit log has no such entry.")
        return
    table = Table(box=SIMPLE)
    for name in ("at\n[dim]UTC[/]", "what", "of", "by", "from", "changed"):
        table.add_column(name, no_wrap=True)
    for entry in entries.data:
        table.add_row(
            at_text(entry.at),
            entry.type,
            escape(_subject(entry)),
            _by(entry.actor),
            escape(entry.actor.address or ""),
            "\n".join(_changes(entry)),
        )
    print_whole(table, console)
    if entries.has_more:
        console.print("There are older ones: --top N shows more of them.")


def _subject(entry: AuditEntry) -> str:
    """What the entry is about, and in which project where that is another thing."""
    if entry.project_id is None or entry.project_id == entry.subject_id:
        return entry.subject_id
    return f"{entry.subject_id}\nin {entry.project_id}"


def _by(actor: Actor) -> str:
    told = (escape(actor.id or ""), f"[dim]{_BY[actor.means]}[/]" if _BY[actor.means] else "")
    return " ".join(each for each in told if each)


def _changes(entry: AuditEntry) -> Iterator[str]:
    """Each field that changed; of what was made or ended, each that had a value."""
    before, after = entry.before or {}, entry.after or {}
    for name in dict.fromkeys((*before, *after)):
        old, new = (_value(name, side.get(name)) for side in (before, after))
        if name in before and name in after:
            yield escape(f"{name}: {old} → {new}")
        elif name in after and after[name] is not None:
            yield escape(f"{name}: {new}")
        elif name in before and before[name] is not None:
            yield escape(f"{name} was {old}")


def _value(name: str, value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, list):
        return ", ".join(_value(name, each) for each in value)
    if isinstance(value, int) and name.endswith(_MOMENT):
        return f"{at_text(value)} UTC"
    if isinstance(value, str):
        return value.removeprefix(PREFIX) if name == "scopes" else value or "none"
    return msgspec.json.encode(value).decode()
