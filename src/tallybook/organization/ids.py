"""Ids as the wire has them: a prefix that says of what, and random letters and digits."""

import secrets
import string

from tallybook.domain.errors import InvalidValue
from tallybook.domain.events import NAME_LENGTH_MAX

PROJECT = "proj_"
USER = "user-"
SERVICE_ACCOUNT = "svcacct_"
KEY = "key_"
AUDIT_ENTRY = "audit_log-"
# Our own: what tells servers that share a database apart.
SERVER = "srv_"

_ALPHABET = string.ascii_letters + string.digits
# 24 of 62: no two by chance.
_LENGTH = 24


def new_id(prefix: str) -> str:
    """An id that nothing has."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def checked_id(text: str) -> str:
    """An id that the caller chose: 1 to 200 printable characters, without a blank or a slash.

    So it is one that events can have, and that fits a path as it is. Raises
    InvalidValue, ``param`` ``id``.
    """
    ok = text.isprintable() and not any(each.isspace() or each in "/?#%\\" for each in text)
    if not 0 < len(text) <= NAME_LENGTH_MAX or not ok or text in (".", ".."):
        raise InvalidValue(
            f"id is {text[:60]!r}; it must be 1 to {NAME_LENGTH_MAX} printable characters without"
            " a blank, a slash, a backslash, ?, # or %.",
            param="id",
        )
    return text
