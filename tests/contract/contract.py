"""The wire contract as data: ``usage-api.json``, with what came later folded in."""

import json
from pathlib import Path
from typing import Any

CONTRACT: dict[str, Any] = json.loads(
    Path(__file__).with_name("usage-api.json").read_text(encoding="utf-8")
)

LATEST = "2026-11"
_ALL: dict[str, dict[str, Any]] = CONTRACT["endpoints"] | CONTRACT["later_endpoints"]

# Every usage endpoint by its name; costs are an endpoint of their own sort.
USAGE: dict[str, dict[str, Any]] = {name: row for name, row in _ALL.items() if name != "costs"}
NAMES = tuple(USAGE)
WIDTHS: dict[str, int] = CONTRACT["bucket_seconds"]
SCALARS = ("start_time", "end_time", "bucket_width", "limit", "page")


def later(name: str) -> dict[str, Any]:
    """What generation 2026-11 added to an endpoint that is older."""
    added: dict[str, Any] = _ALL[name].get("later", {})
    return added


def fields(name: str) -> dict[str, dict[str, Any]]:
    """The fields of an endpoint's results, those of 2026-11 included."""
    rows: dict[str, dict[str, Any]] = _ALL[name]["fields"] | later(name).get("fields", {})
    return rows


def counts(name: str) -> list[str]:
    """The names of the fields that are numbers, the main one first."""
    return [field for field, row in fields(name).items() if row["type"] == "integer"]


def group_by(name: str) -> dict[str, str]:
    """The dimensions that an endpoint can be grouped by, each with its generation."""
    row = _ALL[name]
    since: dict[str, str] = row.get("group_by_since", {})
    old = {dimension: since.get(dimension, row["since"]) for dimension in row["group_by"]}
    return old | dict.fromkeys(later(name).get("group_by", []), LATEST)


def parameters(name: str) -> dict[str, dict[str, Any]]:
    """The query parameters of an endpoint, those of 2026-11 included."""
    rows: dict[str, dict[str, Any]] = _ALL[name]["params"] | later(name).get("params", {})
    return rows


def filters(name: str) -> dict[str, dict[str, Any]]:
    """The parameters of an endpoint that narrow a query to some values of a dimension."""
    return {
        parameter: row
        for parameter, row in parameters(name).items()
        if parameter not in (*SCALARS, "group_by")
    }


def foreign_parameters(name: str) -> list[str]:
    """The parameters that another endpoint has, costs included, and this one has not."""
    return sorted({other for row in _ALL for other in parameters(row)} - set(parameters(name)))


def dimension_of(filter_name: str) -> str:
    """The dimension that a filter is about."""
    return filter_name.removesuffix("s")


def limits(name: str) -> dict[str, dict[str, int]]:
    """Per bucket width: the default limit, the least and the most."""
    rows: dict[str, dict[str, int]] = _ALL[name]["limits"]
    return rows


def error(case: str) -> dict[str, Any]:
    """A row of the error table: status, type, param and code."""
    return next(row for row in CONTRACT["errors"] if row["case"] == case)


def sample(name: str) -> tuple[str, dict[str, Any]]:
    """The path and query of an endpoint's sample request, and the page that answers it."""
    found = CONTRACT["samples"][name]
    return found["request"].removeprefix("GET "), found["response"]


# Money is asked for by days, at one path, whatever it was spent on.
COSTS: dict[str, Any] = _ALL["costs"]
