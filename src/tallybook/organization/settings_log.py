"""The settings of a server in the audit log: those of its first start, and each change of them."""

import hashlib
from pathlib import Path
from typing import Any

from tallybook.organization.in_force import Matter, note_in_force
from tallybook.organization.organization import Organization
from tallybook.organization.records import Actor
from tallybook.settings import SETTINGS, Setting, Settings

IN_FORCE = Matter("organization.updated", "settings")

# Enough to see that it is another one: eight hexadecimal digits.
_FINGERPRINT_BYTES = 4
# A secret that someone chose, such as a database's password, can be guessed: whoever reads the log
# and tries has to spend some 50 ms and 16 MiB on each guess.
_SCRYPT = {"n": 1 << 14, "r": 8, "p": 1}


def note_settings(organization: Organization, actor: Actor, settings: Settings, now: float) -> None:
    """Record the settings of a server that starts, where they are not those of its last start."""
    note_in_force(organization, actor, now, IN_FORCE, told_settings(settings, actor))


def told_settings(settings: Settings, actor: Actor) -> dict[str, Any]:
    """What the audit log says of a server's settings.

    Of a secret it says whether it is there, and whether it is the same one.
    """
    return {
        setting.name: _told(setting, getattr(settings, setting.name), actor) for setting in SETTINGS
    }


def _told(setting: Setting, value: Any, actor: Actor) -> Any:
    if setting.secret:
        return fingerprint(value, actor) if value else ""
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, Path) else value


def fingerprint(secret: str, actor: Actor) -> str:
    """A short text that stands for a secret at one server, and from which it cannot be had."""
    text, salt = secret.encode("utf-8", "surrogateescape"), (actor.id or "").encode()
    return "scrypt:" + hashlib.scrypt(text, salt=salt, dklen=_FINGERPRINT_BYTES, **_SCRYPT).hex()
