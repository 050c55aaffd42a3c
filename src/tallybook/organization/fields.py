"""Rules for the fields of records that people fill in."""

import re

from tallybook.domain.errors import InvalidValue

NAME_LENGTH_MAX = 200
EMAIL_LENGTH_MAX = 254

# What a mailbox looks like; whether there is one, only a letter would tell.
_EMAIL = re.compile(r"[^@\s<>\"(),;:\\]+@[^@\s<>\"(),;:\\]+")


def checked_name(text: str) -> str:
    """A name of 1 to 200 printable characters, without blanks around it.

    Raises InvalidValue, ``param`` ``name``.
    """
    name = text.strip()
    if not 0 < len(name) <= NAME_LENGTH_MAX or not name.isprintable():
        raise InvalidValue(
            f"name is {text[:60]!r}; it must be 1 to {NAME_LENGTH_MAX} printable characters.",
            param="name",
        )
    return name


def checked_email(text: str) -> str:
    """An email address, in small letters. Raises InvalidValue, ``param`` ``email``."""
    email = text.strip().lower()
    if len(email) > EMAIL_LENGTH_MAX or not _EMAIL.fullmatch(email) or not email.isprintable():
        raise InvalidValue(
            f"email is {text[:60]!r}, which is no email address of at most"
            f" {EMAIL_LENGTH_MAX} characters.",
            param="email",
        )
    return email


def checked_role(text: str, roles: tuple[str, ...]) -> str:
    """One of some roles. Raises InvalidValue, ``param`` ``role``."""
    if text not in roles:
        raise InvalidValue(
            f"role is {text[:60]!r}; it must be one of {', '.join(roles)}.", param="role"
        )
    return text
