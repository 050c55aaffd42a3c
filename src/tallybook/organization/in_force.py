"""What is in force at a server, kept so that a change of it is seen, also at the next start."""

import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from tallybook.domain.errors import OrganizationUnavailable
from tallybook.organization.ids import SERVER, new_id
from tallybook.organization.organization import Organization
from tallybook.organization.records import Actor, Means
from tallybook.organization.tables import SETTINGS_IN_FORCE

FILE_NAME = "server-id"

_TABLE = SETTINGS_IN_FORCE.c


class Matter(msgspec.Struct, frozen=True):
    """Something that is in force: how the audit log calls a change of it, and what it is of."""

    event: str
    subject_id: str

    @property
    def prefix(self) -> str:
        """What the names of its values are kept with."""
        return f"{self.subject_id}."


def server_actor(folder: Path) -> Actor:
    """The server of a data folder, by an id that stays with the folder, on this machine.

    Raises OrganizationUnavailable when the id can be neither read nor kept.
    """
    path = folder / FILE_NAME
    try:
        if not path.exists():
            path.write_text(new_id(SERVER), encoding="utf-8")
        server_id = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise OrganizationUnavailable(f"{path} cannot be used: {fault}.") from fault
    return Actor(means=Means.SERVER, id=server_id, address=platform.node() or None)


def note_in_force(
    organization: Organization, actor: Actor, now: float, matter: Matter, values: Mapping[str, Any]
) -> None:
    """Record that other values are in force at the server ``actor`` than were there before.

    Nothing is recorded where they are the same. ``values`` are what JSON can
    hold, and nothing secret.
    """
    with organization.reading() as connection:
        # Where nothing is kept, nothing was in force.
        if (_kept(connection, actor, matter) or dict.fromkeys(values)) == values:
            return
    with organization.changing(actor, now) as change:
        before = _kept(change.connection, actor, matter)
        # A value that this version does not have any more is one that went.
        after = dict.fromkeys(before) | dict(values)
        change.record(matter.event, matter.subject_id, before=before or None, after=after)
        _keep(change.connection, actor, matter, values)


def _kept(connection: sa.Connection, actor: Actor, matter: Matter) -> dict[str, Any]:
    rows = connection.execute(
        sa.select(_TABLE.name, _TABLE.value).where(_belonging(actor, matter)).order_by(_TABLE.name)
    )
    return {row.name.removeprefix(matter.prefix): msgspec.json.decode(row.value) for row in rows}


def _keep(
    connection: sa.Connection, actor: Actor, matter: Matter, values: Mapping[str, Any]
) -> None:
    connection.execute(sa.delete(SETTINGS_IN_FORCE).where(_belonging(actor, matter)))
    rows = [
        {
            "server": actor.id,
            "name": matter.prefix + name,
            "value": msgspec.json.encode(value).decode(),
        }
        for name, value in values.items()
    ]
    connection.execute(sa.insert(SETTINGS_IN_FORCE), rows)


def _belonging(actor: Actor, matter: Matter) -> "sa.ColumnElement[bool]":
    return sa.and_(_TABLE.server == actor.id, _TABLE.name.startswith(matter.prefix))
