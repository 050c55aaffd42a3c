"""Scopes: what a key may do."""

from collections.abc import Iterable
from enum import StrEnum

from tallybook.domain.errors import InvalidValue

# People may leave this out where they name scopes; the wire never does: clients look for it.
PREFIX = "api."


class Scope(StrEnum):
    """One thing that a key may do, by its name on the wire (``docs/wire.md``, section 8)."""

    USAGE_READ = "api.usage.read"
    USAGE_WRITE = "api.usage.write"
    ORGANIZATION_READ = "api.organization.read"
    ORGANIZATION_WRITE = "api.organization.write"
    PRICES_WRITE = "api.prices.write"


ALL_SCOPES = frozenset(Scope)


def scopes_of(names: Iterable[str]) -> frozenset[Scope]:
    """The scopes with these names, of which each may lack its prefix.

    Raises InvalidValue, ``param`` ``scopes``, for a name that no scope has and
    when there is none.
    """
    found = frozenset(_scope_of(name) for name in names)
    if not found:
        raise InvalidValue(
            f"scopes is empty; a key needs at least one of {', '.join(Scope)}.", param="scopes"
        )
    return found


def in_order(scopes: Iterable[Scope]) -> tuple[Scope, ...]:
    """Scopes in the order of their definition, which is that of lists and messages."""
    held = frozenset(scopes)
    return tuple(scope for scope in Scope if scope in held)


def _scope_of(name: str) -> Scope:
    try:
        return Scope(PREFIX + name.removeprefix(PREFIX))
    except ValueError:
        raise InvalidValue(
            f"scopes has {name[:60]!r}; a scope is one of {', '.join(Scope)}.", param="scopes"
        ) from None
