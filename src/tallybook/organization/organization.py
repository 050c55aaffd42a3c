"""The organization: a database, and the transactions in which it is read and changed."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import sqlalchemy as sa

from tallybook.organization.changes import Change
from tallybook.organization.database import for_changing, guarded, open_database
from tallybook.organization.records import Actor
from tallybook.organization.tables import STATE

_log = logging.getLogger("tallybook.organization")

# An open transaction, for those who hand it on without knowing the database.
Connection: TypeAlias = sa.Connection


def open_organization(folder: Path, url: str) -> "Organization":
    """The organization in the database of a URL, or when that is empty in the data folder.

    Raises OrganizationUnavailable or its child OrganizationTooNew.
    """
    return Organization(open_database(folder, url))


class Organization:
    """Projects, people, service accounts, keys and the audit log. Safe to use from any thread.

    Whatever it does raises OrganizationUnavailable when the database does not
    answer.
    """

    def __init__(self, engine: sa.Engine) -> None:
        """Keep to ``engine``, a database that is in its newest shape; ``close`` lets go of it."""
        self._engine = engine
        self._changing = for_changing(engine)
        self._after_change: list[Callable[[], None]] = []

    def after_change(self, call: Callable[[], None]) -> None:
        """Have ``call`` called after each change that is made here, before it is answered."""
        self._after_change.append(call)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection that sees one state of the database, for the length of the block."""
        with guarded(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def changing(self, actor: Actor, now: float) -> Iterator[Change]:
        """A change by ``actor`` at ``now``, in Unix seconds: all of the block, or nothing of it.

        Changes follow each other, on all servers: each begins by raising the
        version, which waits for those before it. So the order of the audit
        log is that of the changes.
        """
        with guarded(), self._changing.begin() as connection:
            connection.execute(sa.update(STATE).values(version=STATE.c.version + 1))
            change = Change(connection, actor, int(now))
            yield change
        _tell(change)
        for call in self._after_change:
            call()

    @contextmanager
    def noting(self) -> Iterator[sa.Connection]:
        """A transaction for what is no change, such as when a key was used last."""
        with guarded(), self._changing.begin() as connection:
            yield connection

    def version(self) -> int:
        """How many changes there were: a server that sees another number reads its keys anew."""
        with self.reading() as connection:
            version: int = connection.execute(sa.select(STATE.c.version)).scalar_one()
            return version

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()


def _tell(change: Change) -> None:
    """Put what a change wrote down into the log too, once it is kept."""
    actor = change.actor
    for event, subject_id in change.recorded:
        _log.info(
            "%s %s by %s",
            event,
            subject_id,
            actor.id or actor.means,
            extra={
                "told": {
                    "event": "changed",
                    "type": event,
                    "subject_id": subject_id,
                    "means": actor.means,
                    "actor_id": actor.id,
                    "request_id": actor.request_id,
                }
            },
        )
