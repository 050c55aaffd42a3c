"""Backups in the audit log: who took one, and when."""

from tallybook.organization.organization import Organization
from tallybook.organization.records import Actor

BACKUP = "backup"


def record_backup(organization: Organization, actor: Actor, now: float) -> None:
    """Record that a backup is about to be taken, which holds every event and every digest of a key.

    There may be an entry whose backup failed, and never a backup without its entry.
    """
    with organization.changing(actor, now) as change:
        change.record("backup.taken", BACKUP)
