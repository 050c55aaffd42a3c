"""What the dashboard knows of the table of kinds: ``dashboard/src/wire/tables.json``.

``python tests/support/dashboard_tables.py`` writes it anew.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tallybook.domain import costs
from tallybook.domain.charges import PRICE_KEYS
from tallybook.domain.definitions import Filter, Fold
from tallybook.domain.kinds import CHARGES, COSTS_LIMITS, KINDS, USAGE_LIMITS
from tallybook.pricing.cards import STANDARD_TIERS

FILE = Path(__file__).parents[2] / "dashboard" / "src" / "wire" / "tables.json"


def tables() -> str:
    """The file's text."""
    document: dict[str, Any] = {
        "kinds": [
            {
                "name": kind.name,
                "summary": kind.summary,
                "is_stock": kind.fold is Fold.STOCK,
                "quantities": [
                    {"name": each.name, "unit": each.unit} for each in kind.wire_quantities
                ],
                "dimensions": list(kind.query_dimensions),
                "filters": _filters(kind.query_filters),
            }
            for kind in KINDS.values()
        ],
        "costs": {"dimensions": list(costs.GROUP_BY), "filters": _filters(costs.FILTERS)},
        "buckets_max": {
            "usage": {width.value: limit.maximum for width, limit in USAGE_LIMITS.items()},
            "costs": {width.value: limit.maximum for width, limit in COSTS_LIMITS.items()},
        },
        "price_keys": _price_keys(),
        "standard_tiers": sorted(tier for tier in STANDARD_TIERS if tier is not None),
    }
    return json.dumps(document, indent=2) + "\n"


def _price_keys() -> list[dict[str, Any]]:
    """Under which name a price file has the price of each line of a rate card.

    A price is wide when no other one holds where it is left out.
    """
    return [
        {
            "label": charge.label,
            "name": key.name,
            "unit": key.unit.name,
            "is_wide": not any(other.aspects < key.aspects for other in PRICE_KEYS.values()),
        }
        for charge in CHARGES.values()
        if (key := PRICE_KEYS.get(charge.name))
    ]


def _filters(filters: Iterable[Filter]) -> dict[str, str]:
    return {each.dimension: each.name for each in filters}


if __name__ == "__main__":
    FILE.write_text(tables())
