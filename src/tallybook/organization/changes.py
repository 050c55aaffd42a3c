"""A change under way: its transaction, who makes it and when, and its lines in the audit log."""

from typing import Any

import msgspec
import sqlalchemy as sa

from tallybook.organization.ids import AUDIT_ENTRY, new_id
from tallybook.organization.records import Actor
from tallybook.organization.tables import AUDIT_ENTRIES

# What stands in the audit log for what is personal: that it was there, and no more.
PERSONAL = "(personal)"


class Change(msgspec.Struct, frozen=True):
    """The open transaction of a change by ``actor`` at ``now``, in whole Unix seconds."""

    connection: sa.Connection
    actor: Actor
    now: int
    # What was written down so far, for the log: the event, its subject, and no values.
    recorded: list[tuple[str, str]] = msgspec.field(default_factory=list)

    def record(
        self,
        event: str,
        subject_id: str,
        *,
        project_id: str | None = None,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        """Write down what happened to ``subject_id``: it is kept if and only if the change is.

        ``event`` is a type of ``organization/audit.py``. Of two sides only
        the fields that differ are kept.
        """
        if before is not None and after is not None:
            changed = [name for name in after if before.get(name) != after[name]]
            before = {name: before.get(name) for name in changed}
            after = {name: after[name] for name in changed}
        self.recorded.append((event, subject_id))
        self.connection.execute(
            sa.insert(AUDIT_ENTRIES).values(
                id=new_id(AUDIT_ENTRY),
                at=self.now,
                type=event,
                subject_id=subject_id,
                project_id=project_id,
                means=self.actor.means,
                actor_id=self.actor.id,
                address=self.actor.address,
                request_id=self.actor.request_id,
                user_agent=self.actor.user_agent,
                before=before,
                after=after,
            )
        )
