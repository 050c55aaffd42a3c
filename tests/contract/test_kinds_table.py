"""The table of kinds equals the published contract, row by row and completely."""

from typing import Any

import pytest

from contract.contract import (
    CONTRACT,
    LATEST,
    NAMES,
    SCALARS,
    USAGE,
    WIDTHS,
    counts,
    dimension_of,
    fields,
    filters,
    foreign_parameters,
    group_by,
    later,
    limits,
    parameters,
)
from tallybook.domain.buckets import BucketWidth
from tallybook.domain.definitions import Generation, Kind, Quantity
from tallybook.domain.dimensions import DIMENSIONS, in_row_order
from tallybook.domain.kinds import FILTER_NAMES, KINDS, USAGE_LIMITS
from tallybook.usage.dialects import LEGACY_PREFIX, LEGACY_USER_AGENT
from tallybook.web.parameters import SCALARS as READ_SCALARS
from tallybook.web.routes import BASE_PATH

# The contract's; those beyond it are in tests/domain/test_queries.py.
_WIDTHS = [width for width in BucketWidth if width in WIDTHS]


def _since(kind: Kind, part: Generation) -> str:
    """A part of a kind is never older than the kind."""
    order = list(Generation)
    return max(kind.since, part, key=order.index).value


def _quantity_row(kind: Kind, quantity: Quantity) -> dict[str, Any]:
    row: dict[str, Any] = {
        "type": "integer",
        "required": quantity.required,
        "nullable": quantity.nullable,
        "unit": quantity.unit,
        "since": _since(kind, quantity.since),
    }
    if quantity.format:
        row["format"] = quantity.format
    if quantity.legacy_name:
        row["legacy_name"] = quantity.legacy_name
    return row


def _fields_of(kind: Kind) -> dict[str, dict[str, Any]]:
    """The fields of a kind's results in the contract's words, from the table of kinds."""
    rows: dict[str, dict[str, Any]] = {
        "object": {
            "type": "string",
            "required": True,
            "nullable": False,
            "unit": "constant",
            "since": kind.since.value,
            "const": kind.object,
        }
    }
    rows |= {quantity.name: _quantity_row(kind, quantity) for quantity in kind.wire_quantities}
    for key in kind.group_by:
        dimension = DIMENSIONS[key.dimension]
        rows[key.dimension] = {
            "type": "boolean" if dimension.boolean else "string",
            "required": False,
            "nullable": True,
            "unit": "group key",
            "since": _since(kind, key.since),
        }
        # The contract gives the values of this one with the field, of others with the filter.
        if key.dimension == "api_source":
            rows[key.dimension]["enum"] = list(dimension.values)
    return rows


def _filters_of(kind: Kind) -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for filter_ in kind.filters:
        row: dict[str, Any] = {"required": False, "since": _since(kind, filter_.since)}
        row |= (
            {"type": "boolean"}
            if filter_.boolean
            else {"type": "array", "items": "string", "comma_split": True}
        )
        if filter_.values:
            row["enum"] = list(filter_.values)
        rows[filter_.name] = row
    return rows


def test_the_kinds_are_the_usage_endpoints_in_the_contracts_order() -> None:
    assert tuple(KINDS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_kind_has_the_endpoints_path_object_generation_and_summary(name: str) -> None:
    kind, row = KINDS[name], USAGE[name]
    assert {
        "path": BASE_PATH + kind.path,
        "object": kind.object,
        "since": kind.since.value,
        "summary": kind.summary,
    } == {key: row[key] for key in ("path", "object", "since", "summary")}


@pytest.mark.parametrize("name", NAMES)
def test_a_kind_has_every_field_of_the_endpoints_results_and_no_other(name: str) -> None:
    wanted = {
        field: {key: value for key, value in row.items() if key != "present"}
        for field, row in fields(name).items()
    }
    assert _fields_of(KINDS[name]) == wanted


@pytest.mark.parametrize("name", NAMES)
def test_results_name_the_counts_in_the_contracts_order(name: str) -> None:
    assert [quantity.name for quantity in KINDS[name].wire_quantities] == counts(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_kind_is_grouped_by_the_endpoints_dimensions_since_their_generation(name: str) -> None:
    kind = KINDS[name]
    assert {key.dimension: _since(kind, key.since) for key in kind.group_by} == group_by(name)


@pytest.mark.parametrize("name", [name for name in NAMES if USAGE[name]["since"] != LATEST])
def test_what_2026_11_added_is_marked_as_such(name: str) -> None:
    kind, added = KINDS[name], later(name)
    newest = {
        *(quantity.name for quantity in kind.wire_quantities if quantity.since == LATEST),
        *(key.dimension for key in kind.group_by if key.since == LATEST),
    }
    assert newest == {*added.get("fields", {}), *added.get("group_by", [])}
    assert added.get("params", {}) == {}


@pytest.mark.parametrize("name", NAMES)
def test_a_kind_has_the_endpoints_filters_with_their_values(name: str) -> None:
    assert _filters_of(KINDS[name]) == filters(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_filter_is_about_the_dimension_it_is_named_for(name: str) -> None:
    found = {filter_.name: filter_.dimension for filter_ in KINDS[name].filters}
    assert found == {filter_: dimension_of(filter_) for filter_ in filters(name)}


@pytest.mark.parametrize("name", NAMES)
def test_the_values_of_a_dimension_are_those_of_its_filter(name: str) -> None:
    for filter_ in KINDS[name].filters:
        # Results may have any size, although the filter knows five.
        if filter_.values and filter_.dimension != "size":
            assert DIMENSIONS[filter_.dimension].values == filter_.values
    assert DIMENSIONS["size"].values == ()


@pytest.mark.parametrize("name", NAMES)
def test_every_endpoint_has_the_common_parameters(name: str) -> None:
    assert READ_SCALARS == SCALARS
    assert {*parameters(name)} == {*SCALARS, "group_by", *_filters_of(KINDS[name])}
    assert parameters(name)["bucket_width"]["enum"] == [*_WIDTHS]
    assert parameters(name)["bucket_width"]["default"] == BucketWidth.DAY
    assert parameters(name)["group_by"]["enum"] == USAGE[name]["group_by"]


@pytest.mark.parametrize("name", NAMES)
def test_every_endpoint_pages_by_the_same_limits(name: str) -> None:
    assert limits(name) == {
        width.value: {"default": limit.default, "max": limit.maximum, "min": 1}
        for width, limit in USAGE_LIMITS.items()
        if width in _WIDTHS
    }


def test_every_filter_that_an_endpoint_lacks_is_known_as_foreign() -> None:
    of_all = {name for endpoint in NAMES for name in foreign_parameters(endpoint)}
    own_to_all = {"project_ids"}
    assert of_all | own_to_all == FILTER_NAMES
    assert "line_items" in of_all


def test_widths_have_the_contracts_seconds() -> None:
    assert {width.value: width.seconds for width in _WIDTHS} == WIDTHS


def test_dimensions_stand_in_the_order_of_rows() -> None:
    own = ["quality"]
    assert [*DIMENSIONS] == [name for name in CONTRACT["row_order"] if name != "line_item"] + own
    assert list(in_row_order(CONTRACT["row_order"][::-1])) == CONTRACT["row_order"]


def test_the_generations_are_the_contracts() -> None:
    own = {Generation.OWN.value}
    assert {generation.value for generation in Generation} - own == {*CONTRACT["generations"]}


def test_inclusive_counts_are_the_sums_that_the_contract_demands() -> None:
    columns = {quantity.name: {*quantity.columns} for quantity in KINDS["completions"].quantities}
    for total, parts in CONTRACT["invariants"]["completions"]:
        assert columns[total] == set().union(*(columns[part] for part in parts))
        assert len(columns[total]) == sum(len(columns[part]) for part in parts)
    assert KINDS["decisions"].quantities == KINDS["completions"].quantities


def test_the_legacy_dialect_is_chosen_and_named_as_the_contract_says() -> None:
    legacy = CONTRACT["legacy"]
    renamed = {
        quantity.name: quantity.legacy_name
        for kind in KINDS.values()
        for quantity in kind.quantities
        if quantity.legacy_name
    }
    assert legacy["path_prefix"] == LEGACY_PREFIX
    assert legacy["user_agent_prefix"] == LEGACY_USER_AGENT
    assert legacy["field_duplicates"] == renamed
    first = [kind.name for kind in KINDS.values() if kind.since is Generation.FIRST]
    assert [*first, "costs"] == legacy["endpoints"]
