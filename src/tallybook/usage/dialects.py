"""The two dialects of the wire.

``current`` is the contract's target. ``legacy`` is the same with what the
first generation of clients (2.3.0) cannot do without: ``result`` beside
``results``, ``sessions`` beside ``num_sessions``, and an empty string where
``next_page`` would be null (``docs/wire.md``, section 9).
"""

from enum import StrEnum
from typing import Any

import msgspec

from tallybook.domain.kinds import KINDS
from tallybook.usage.pages import Page
from tallybook.usage.results import Result

# Paths below this prefix, instead of /v1, speak the legacy dialect.
LEGACY_PREFIX = "/compat/2.3.0/v1"
# So do clients that name themselves like this.
LEGACY_USER_AGENT = "OpenAPI-Generator/"

_LEGACY_NAMES = {
    quantity.name: quantity.legacy_name
    for kind in KINDS.values()
    for quantity in kind.quantities
    if quantity.legacy_name
}


class Dialect(StrEnum):
    """Which generation of clients is spoken to."""

    CURRENT = "current"
    LEGACY = "legacy"


def dialect_of(path: str, user_agent: str) -> Dialect:
    """The dialect of a request, by its path or by its client."""
    legacy = path.startswith(f"{LEGACY_PREFIX}/") or user_agent.startswith(LEGACY_USER_AGENT)
    return Dialect.LEGACY if legacy else Dialect.CURRENT


def encode_page(page: Page, dialect: Dialect) -> bytes:
    """A page as JSON in a dialect."""
    return msgspec.json.encode(page if dialect is Dialect.CURRENT else _legacy(page))


def _legacy(page: Page) -> dict[str, Any]:
    buckets = []
    for bucket in page.data:
        rows = [_legacy_result(result) for result in bucket.results]
        buckets.append(
            {
                "object": "bucket",
                "start_time": bucket.start_time,
                "end_time": bucket.end_time,
                "results": rows,
                "result": rows,
            }
        )
    return {
        "object": "page",
        "data": buckets,
        "has_more": page.has_more,
        "next_page": page.next_page or "",
    }


def _legacy_result(result: Result) -> Result:
    return result | {old: result[new] for new, old in _LEGACY_NAMES.items() if new in result}
