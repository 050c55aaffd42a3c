"""The settings of a server in the audit log: those of its first start, and each change of them."""

import hashlib
from pathlib import Path
from typing import Any

from tallybook.organization.in_force import Matter, note_in_force
from tallybook.organization.organization import Organization
from tallybook.organization.records import Actor
from tallybook.settings import SETTINGS, Setting, Settings

IN_FORCE = Matter("organization.updated", "settings")

# Hexadecimal digits of a secret's digest: enough to see that it is another one.
_FINGERPRINT_LENGTH = 8


def note_settings(organization: Organization, actor: Actor, settings: Settings, now: float) -> None:
    """Record the settings of a server that starts, where they are not those of its last start."""
    note_in_force(organization, actor, now, IN_FORCE, told_settings(settings))


def told_settings(settings: Settings) -> dict[str, Any]:
    """What the audit log says of settings: of a secret whether it is there, and which one it is."""
    return {setting.name: _told(setting, getattr(settings, setting.name)) for setting in SETTINGS}


def _told(setting: Setting, value: Any) -> Any:
    if setting.secret:
        return fingerprint(value) if value else ""
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, Path) else value


def fingerprint(secret: str) -> str:
    """The start of a secret's digest, from which the secret cannot be had."""
    digest = hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
    return f"sha256:{digest[:_FINGERPRINT_LENGTH]}…"
