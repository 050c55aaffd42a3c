"""The secret of a key: random, shown once, kept as a digest.

Keys are looked up by digest: nothing about a kept key can be learned from how
long a comparison takes.
"""

import hashlib
import re
import secrets

from tallybook.organization.scopes import Scope

ADMIN_PREFIX = "sk-admin-"
INGEST_PREFIX = "sk-ingest-"
SERVICE_ACCOUNT_PREFIX = "sk-svcacct-"
PREFIXES = (ADMIN_PREFIX, INGEST_PREFIX, SERVICE_ACCOUNT_PREFIX)

# Random bytes of a made key: 256 bits.
SECRET_BYTES = 32
# A key that someone chose should be at least this long, prefix included.
KEY_LENGTH_ADVISED = 24
_TAIL = 4

# What may be a key within a text: longer than any prefix, and not masked already.
_WITHIN_TEXT = re.compile(r"\bsk-[A-Za-z0-9_-]{9,}+(?!\*)")


def new_secret(prefix: str) -> str:
    """A secret that nobody has, and nobody can guess."""
    return prefix + secrets.token_urlsafe(SECRET_BYTES)


def prefix_for(scopes: frozenset[Scope]) -> str:
    """The prefix of a key of the organization with these scopes.

    Clients test for that of admin keys before they ask for usage, so every key
    has it but one that can only post events.
    """
    return INGEST_PREFIX if scopes == {Scope.USAGE_WRITE} else ADMIN_PREFIX


def digest(secret: str) -> str:
    """What is kept of a key. Keys are random and long, so one round of SHA-256 is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def masked(secret: str) -> str:
    """A key as it may be shown: its prefix and its last four characters."""
    prefix = next((prefix for prefix in PREFIXES if secret.startswith(prefix)), "")
    body = secret[len(prefix) :]
    return f"{prefix}****{body[-_TAIL:] if len(body) >= KEY_LENGTH_ADVISED else ''}"


def without_secrets(text: str) -> str:
    """A text in which whatever may be a key, ours or a provider's, is masked."""
    return _WITHIN_TEXT.sub(lambda found: masked(found[0]), text)


def is_weak(secret: str) -> bool:
    """Whether a key is so short that it could be guessed by trying."""
    return len(secret) < KEY_LENGTH_ADVISED
