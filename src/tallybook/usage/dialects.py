"""The two dialects of the wire.

``current`` is the contract's target. ``legacy`` is the same with what the
first generation of clients (2.3.0) cannot do without: ``result`` beside
``results``, ``sessions`` beside ``num_sessions``, and an empty string where
``next_page`` would be null (``docs/wire.md``, section 9).
"""

from enum import StrEnum

from tallybook.domain.kinds import KINDS

# Paths below this prefix, instead of /v1, speak the legacy dialect.
LEGACY_PREFIX = "/compat/2.3.0/v1"
# So do clients that name themselves like this.
LEGACY_USER_AGENT = "OpenAPI-Generator/"

# The names that sums had then, by those that they have now.
LEGACY_NAMES: dict[str, str] = {
    quantity.name: quantity.legacy_name
    for kind in KINDS.values()
    for quantity in kind.quantities
    if quantity.legacy_name is not None
}


class Dialect(StrEnum):
    """Which generation of clients is spoken to."""

    CURRENT = "current"
    LEGACY = "legacy"


def dialect_of(path: str, user_agent: str) -> Dialect:
    """The dialect of a request, by its path or by its client."""
    legacy = path.startswith(f"{LEGACY_PREFIX}/") or user_agent.startswith(LEGACY_USER_AGENT)
    return Dialect.LEGACY if legacy else Dialect.CURRENT
