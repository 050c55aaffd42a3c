"""Keys and what they open.

A key is a random secret that is shown once. Only its digest is kept, and
looked up by digest: nothing about a stored key can be learned from how long a
comparison takes.
"""

import hashlib
import os
import secrets
from enum import StrEnum
from pathlib import Path

import msgspec

FILE_NAME = "keys.json"
# Random bytes of a made key: 256 bits.
SECRET_BYTES = 32
# A key that someone chose should be at least this long, prefix included.
KEY_LENGTH_ADVISED = 24


class Scope(StrEnum):
    """What a key may do."""

    USAGE_READ = "api.usage.read"
    USAGE_WRITE = "api.usage.write"
    PRICES_WRITE = "api.prices.write"


class Role(msgspec.Struct, frozen=True):
    """A sort of key: its prefix, its scopes, and what people call it."""

    name: str
    prefix: str
    scopes: frozenset[Scope]


ADMIN = Role("admin", "sk-admin-", frozenset(Scope))
INGEST = Role("ingest", "sk-ingest-", frozenset({Scope.USAGE_WRITE}))
ROLES = (ADMIN, INGEST)


class InvalidKey(ValueError):
    """A key that someone chose, or the file of the kept ones, cannot be used."""


class KeyRing:
    """The keys in force, by digest."""

    def __init__(self, roles_by_digest: dict[str, Role]) -> None:
        self._roles = roles_by_digest

    def role_of(self, secret: str) -> Role | None:
        """The role of a key, or None when it is not known."""
        return self._roles.get(digest(secret))


def digest(secret: str) -> str:
    """What is kept of a key. Keys are random and long, so one round of SHA-256 is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def masked(secret: str) -> str:
    """A key as it may be shown: its prefix and its last four characters."""
    prefix = next((role.prefix for role in ROLES if secret.startswith(role.prefix)), "")
    body = secret[len(prefix) :]
    return f"{prefix}****{body[-4:] if len(body) >= KEY_LENGTH_ADVISED else ''}"


def is_weak(secret: str) -> bool:
    """Whether a key is so short that it could be guessed by trying."""
    return len(secret) < KEY_LENGTH_ADVISED


def open_key_ring(folder: Path, chosen: dict[Role, str]) -> tuple[KeyRing, dict[Role, str]]:
    """The keys of a data folder, and the secrets that were made just now, to be shown once.

    A role whose key was ``chosen`` (not empty) has that key and no other;
    the rest have the one whose digest the folder keeps, or get a new one.
    Raises InvalidKey.
    """
    path = folder / FILE_NAME
    kept = _read(path) if path.exists() else {}
    roles_by_digest: dict[str, Role] = {}
    made: dict[Role, str] = {}
    for role in ROLES:
        if secret := chosen.get(role):
            roles_by_digest[digest(_checked(role, secret))] = role
        elif role.name in kept:
            roles_by_digest[kept[role.name]] = role
        else:
            made[role] = role.prefix + secrets.token_urlsafe(SECRET_BYTES)
            kept[role.name] = digest(made[role])
            roles_by_digest[kept[role.name]] = role
    if made:
        _write(path, kept)
    return KeyRing(roles_by_digest), made


def _checked(role: Role, secret: str) -> str:
    if not secret.startswith(role.prefix) or secret == role.prefix:
        raise InvalidKey(
            f"The {role.name} key {masked(secret)} cannot be used: it must start with"
            f" {role.prefix} and go on after that."
        )
    return secret


def _read(path: Path) -> dict[str, str]:
    """The digests of the file, by role. Raises InvalidKey."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
        raise InvalidKey(
            f"{path} is damaged: {fault}. Restore it, or delete it to have new keys made at the"
            " next start; the old ones are then no longer good."
        ) from fault


def _write(path: Path, kept: dict[str, str]) -> None:
    """Replace the file in one step, readable by its owner alone."""
    draft = path.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(kept)))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
