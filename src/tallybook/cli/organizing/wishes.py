"""What people wish for by options: the scopes of a key, how long it lives, how often it may ask."""

import re
from collections.abc import Sequence
from enum import StrEnum

import msgspec
import typer

from tallybook.domain.errors import InvalidValue
from tallybook.organization.roles import ADMIN, INGEST
from tallybook.organization.scopes import PREFIX, Scope, in_order, scopes_of

# What stands for no limit, and for no end.
NONE = "none"
_LIFETIME = re.compile(r"([0-9]{1,6})([mhdw])")
_UNIT_SECONDS = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_WHOLE = re.compile(r"[0-9]{1,9}")


class KeyRole(StrEnum):
    """A set of scopes by a name."""

    ADMIN = "admin"
    INGEST = "ingest"
    READER = "reader"


_ROLES = {
    KeyRole.ADMIN: ADMIN.scopes,
    KeyRole.INGEST: INGEST.scopes,
    KeyRole.READER: frozenset({Scope.USAGE_READ}),
}


class NewKey(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A key that is wanted, as a request for it has it; without projects it is bound to none."""

    name: str
    scopes: tuple[Scope, ...]
    project_ids: tuple[str, ...] | None = None
    expires_in_seconds: int | None = None
    requests_per_minute_max: int | None = None


class NewUser(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person to be added, as a request for it has it."""

    name: str
    email: str | None = None
    role: str | None = None
    id: str | None = None


def short(scope: Scope) -> str:
    """A scope as people name it."""
    return scope.removeprefix(PREFIX)


def scopes_wanted(names: Sequence[str], role: KeyRole | None) -> tuple[Scope, ...]:
    """The scopes of ``--scope``, given several times or with commas, or of ``--role``.

    Neither is a reader. Raises BadParameter.
    """
    if not names:
        return in_order(_ROLES[role or KeyRole.READER])
    if role is not None:
        raise typer.BadParameter("--scope and --role exclude each other.")
    try:
        return in_order(scopes_of(part.strip() for name in names for part in name.split(",")))
    except InvalidValue as fault:
        known = ", ".join(map(short, Scope))
        raise typer.BadParameter(f'--scope is "{", ".join(names)}"; scopes are {known}.') from fault


def seconds_wanted(lifetime: str | None) -> int | None:
    """The whole seconds of a lifetime like ``90d``; None where there is no end.

    Raises BadParameter.
    """
    if lifetime is None or lifetime == NONE:
        return None
    found = _LIFETIME.fullmatch(lifetime)
    if found is None:
        raise typer.BadParameter(
            f'--expires is "{lifetime}"; it must be a lifetime like 90d, 12h, 30m or 8w, or {NONE}.'
        )
    return int(found[1]) * _UNIT_SECONDS[found[2]]


def rate_wanted(text: str) -> int | None:
    """A number of requests per minute; None is the limit of the server. Raises BadParameter."""
    if text == NONE:
        return None
    if not _WHOLE.fullmatch(text):
        raise typer.BadParameter(
            f'N is "{text}"; it must be a number of requests per minute, or {NONE}.'
        )
    return int(text)
