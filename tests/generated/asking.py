"""Arguments for every parameter of the operations, and what a query string makes of them."""

from typing import Any

from contract.contract import COSTS, USAGE, parameters
from generated.rows import NAMES

OPERATIONS = {name: f"usage_{name}" for name in NAMES}
PATHS: dict[str, str] = {
    name: COSTS["path"] if name == "costs" else USAGE[name]["path"] for name in NAMES
}
PAGE = b'{"object": "page", "data": [], "has_more": false, "next_page": ""}'
JSON = {"content-type": "application/json"}

_SCALARS: dict[str, Any] = {
    "start_time": 1_790_812_800,
    "end_time": 1_791_072_000,
    "bucket_width": "1d",
    "limit": 7,
    "page": "page_AAAA+/==",
    "batch": False,
}
# Values that a query string has to encode.
_LIST = ["a b", "c,d", "e&f=g", "ü/%"]


def arguments(name: str) -> dict[str, Any]:
    """A value for every parameter that an endpoint had in the 2.3.0 generation."""
    return {
        parameter: _SCALARS.get(parameter, _LIST)
        for parameter, row in parameters(name).items()
        if row.get("since", "2.3.0") == "2.3.0"
    }


def pairs(given: dict[str, Any]) -> list[tuple[str, str]]:
    """The names and values that stand for arguments in a query string, sorted."""
    return sorted(
        (key, str(item).lower() if isinstance(item, bool) else str(item))
        for key, value in given.items()
        for item in (value if isinstance(value, list) else [value])
    )
