"""Batches of keys that are bound to projects: every event is of one of them, or is refused.

By columns, and before anything is compared with what is stored: an event whose
project follows from the key is the same event as one that names it.
"""

from collections.abc import Callable, Sequence

import msgspec

from tallybook.domain.dimensions import PROJECT
from tallybook.domain.entries import ID, PROJECT_ID
from tallybook.domain.receipts import Fault
from tallybook.domain.sheets import Sheet, Values
from tallybook.intake.native import Batch, shown

# Projects that a message names; a key may be bound to any number.
PROJECTS_SHOWN_MAX = 10


def bound(batch: Batch, projects: frozenset[str] | None) -> Batch:
    """The batch as a key may store it that is bound to ``projects``; None: to none, so as it is.

    With one project, events that name none get it. With several, those are
    refused, as are events of another project: by field and index, beside what
    is refused already.
    """
    if projects is None or not batch.sheet.count:
        return batch
    named = batch.sheet.columns[PROJECT_ID]
    found = {None} if named is None else set(named)
    if found <= projects:
        return batch
    if len(projects) == 1 and None in found:
        (own,) = projects
        batch = msgspec.structs.replace(batch, sheet=_filled(batch.sheet, own))
        found = found - {None} | projects
    return batch if found <= projects else _without_others(batch, projects)


def _filled(sheet: Sheet, own: str) -> Sheet:
    """The sheet with a project for each entry that has none."""
    named = sheet.columns[PROJECT_ID]
    filled: Values = (
        [own] * sheet.count
        if named is None
        else [own if project is None else project for project in named]
    )
    columns = (*sheet.columns[:PROJECT_ID], filled, *sheet.columns[PROJECT_ID + 1 :])
    return Sheet(sheet.count, columns)


def _without_others(batch: Batch, projects: frozenset[str]) -> Batch:
    """The batch less the entries that are of none of some projects, which are refused."""
    sheet = batch.sheet
    ids = sheet.columns[ID] or ()
    named: Sequence[str | None] = sheet.columns[PROJECT_ID] or (None,) * sheet.count
    rows = {row for row, project in enumerate(named) if project not in projects}
    reason = _reasons(projects)
    refused = [
        Fault(batch.positions[row], ids[row], PROJECT, reason(named[row])) for row in sorted(rows)
    ]
    return Batch(
        sheet.without(rows),
        [place for row, place in enumerate(batch.positions) if row not in rows],
        sorted([*batch.rejected, *refused], key=lambda fault: fault.index),
    )


def _reasons(projects: frozenset[str]) -> Callable[[str | None], str]:
    """Says why an event of a project, or of none, is not the bound key's to store."""
    names = [shown(name) for name in sorted(projects)[:PROJECTS_SHOWN_MAX]]
    if len(projects) > len(names):
        names.append(f"{len(projects) - len(names)} more")
    choices = ", ".join(names)
    hint = "; it may be left out" if len(projects) == 1 else ""

    def reason(project: str | None) -> str:
        if project is None:
            return (
                f"{PROJECT} is required: the key is bound to several projects;"
                f" name one of {choices}"
            )
        return f"{PROJECT} is {shown(project)}; the key is bound to {choices}{hint}"

    return reason
