"""Names of ids that events have: what people read instead of ``proj_…``, ``user-…`` and ``key_…``.

What is over keeps its name here: sums of last year have its id. A person who
was erased has none.
"""

from collections.abc import Collection, Iterable
from typing import Any

import msgspec
import sqlalchemy as sa

from tallybook.domain.errors import InvalidValue
from tallybook.organization.tables import KEYS, MEMBERSHIPS, PROJECTS, USERS

# Of one question, all its lists together; inclusive.
IDS_MAX = 1_000


class Ids(msgspec.Struct, frozen=True, kw_only=True):
    """The ids whose names are wanted, by the dimension of events that has them."""

    project_ids: Collection[str] = ()
    user_ids: Collection[str] = ()
    api_key_ids: Collection[str] = ()


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """Names by id, by the dimension of events that has them; an id without a name is not there."""

    project_ids: dict[str, str]
    user_ids: dict[str, str]
    api_key_ids: dict[str, str]


def names_of(connection: sa.Connection, ids: Ids, within: Collection[str] | None = None) -> Names:
    """The names of ids; with ``within``, only what belongs to these projects and nothing beyond.

    To a project belong its people, also those who left it, and the keys that
    are bound to it. Raises InvalidValue for more than 1,000 ids.
    """
    _check_count(ids)
    projects = sa.select(PROJECTS.c.id, PROJECTS.c.name).where(PROJECTS.c.id.in_(ids.project_ids))
    users = sa.select(USERS.c.id, USERS.c.name).where(
        USERS.c.id.in_(ids.user_ids), USERS.c.name.is_not(None)
    )
    if within is not None:
        projects = projects.where(PROJECTS.c.id.in_(within))
        people = sa.select(MEMBERSHIPS.c.user_id).where(MEMBERSHIPS.c.project_id.in_(within))
        users = users.where(USERS.c.id.in_(people))
    keys = sa.select(KEYS.c.id, KEYS.c.name, KEYS.c.projects).where(KEYS.c.id.in_(ids.api_key_ids))
    known = (row for row in connection.execute(keys) if _belongs(row.projects, within))
    return Names(
        project_ids=_by_id(connection.execute(projects)),
        user_ids=_by_id(connection.execute(users)),
        api_key_ids=_by_id(known),
    )


def _belongs(projects: list[str] | None, within: Collection[str] | None) -> bool:
    """Whether a key that is bound to ``projects`` reaches nothing beyond ``within``."""
    return within is None or (projects is not None and set(projects) <= set(within))


def _by_id(rows: Iterable[Any]) -> dict[str, str]:
    return {row.id: row.name for row in rows}


def _check_count(ids: Ids) -> None:
    counts = {name: len(getattr(ids, name)) for name in ids.__struct_fields__}
    if (count := sum(counts.values())) > IDS_MAX:
        raise InvalidValue(
            f"There are {count} ids, but the names of at most {IDS_MAX} are told at a time.",
            param=max(counts, key=lambda name: counts[name]),
        )
