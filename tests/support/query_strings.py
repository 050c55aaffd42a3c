"""Queries as a client would write them, in every form that clients send."""

from typing import Any
from urllib.parse import quote

# Filters whose values may hold commas.
_WHOLE = ("line_items",)
# What a query of a test may ask for beyond the contract, by the name of its parameter.
_EXTENSIONS = {"zone": "timezone", "order_by": "order_by", "top": "top"}


def query_string(query: dict[str, Any], base: int, limit: int, page: str | None) -> str:
    """A query, its range as offsets from ``base``, in the forms of arrays that it names, in turn.

    Null and absent extensions are not asked for.
    """
    parts = [
        f"start_time={base + query['start']}",
        f"end_time={base + query['end']}",
        f"bucket_width={query['width']}",
        f"limit={limit}",
    ]
    for field, name in _EXTENSIONS.items():
        if query.get(field) is not None:
            parts.append(f"{name}={quote(str(query[field]), safe='')}")
    arrays = dict(query["filters"])
    if query["group_by"]:
        arrays["group_by"] = sorted(query["group_by"], reverse=True)
    for turn, (name, values) in enumerate(arrays.items()):
        parts += _array(name, values, query["forms"][turn % len(query["forms"])])
    return "&".join([*parts, *([f"page={page}"] if page else [])])


def _array(name: str, values: list[Any], form: str) -> list[str]:
    quoted = [quote(str(value), safe="") for value in values]
    key = quote(name, safe="")
    whole = name in _WHOLE or name.startswith("tags[")
    if name == "batch":
        return [f"batch={values[0]}"]
    if form == "comma" and not whole:
        return [f"{key}={'%2C%20'.join(quoted)}"]
    if form == "indexed":
        return [f"{key}[{at}]={value}" for at, value in enumerate(quoted)]
    suffix = "%5B%5D" if form == "brackets" else ""
    return [f"{key}{suffix}={value}" for value in quoted]
