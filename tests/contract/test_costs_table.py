"""What costs can be asked for equals the published contract, and goes beyond it where it says."""

from typing import Any

from contract.contract import CONTRACT, COSTS, LATEST, USAGE, filters, group_by, later, limits
from tallybook.domain import costs
from tallybook.domain.buckets import BucketWidth
from tallybook.domain.charges import PRICE_KEYS
from tallybook.domain.definitions import Filter
from tallybook.domain.dimensions import DIMENSIONS, ROW_ORDER
from tallybook.domain.kinds import COSTS_LIMITS, USAGE_LIMITS
from tallybook.web.routes import BASE_PATH


def _row(filter_: Filter) -> dict[str, Any]:
    return {
        "type": "array",
        "items": "string",
        "required": False,
        "since": filter_.since.value,
        "comma_split": filter_.name not in costs.NEVER_SPLIT,
    }


def test_costs_have_the_endpoints_path_and_object() -> None:
    assert {"path": BASE_PATH + costs.PATH, "object": costs.OBJECT}.items() <= COSTS.items()
    assert costs.NAME in CONTRACT["endpoints"]


def test_costs_are_grouped_by_the_contracts_keys_since_their_generation() -> None:
    found = {key.dimension: key.since.value for key in costs.GROUP_KEYS}
    assert found == group_by("costs")
    assert tuple(found) == costs.CONTRACT_KEYS
    newest = [name for name, since in found.items() if since == LATEST]
    assert newest == later("costs")["group_by"]


def test_costs_have_the_contracts_filters() -> None:
    assert {each.name: _row(each) for each in costs.CONTRACT_FILTERS} == filters("costs")
    assert [*costs.NEVER_SPLIT] == CONTRACT["never_comma_split"]


def test_beyond_the_contract_costs_have_every_filter_and_dimension_of_usage() -> None:
    of_usage = {name for endpoint in USAGE for name in filters(endpoint)}
    own = {"providers", "currencies"}
    assert {each.name for each in costs.FILTERS} == {*filters("costs"), *of_usage, *own}
    assert {*costs.GROUP_BY} == {*DIMENSIONS, "line_item", "provider", "currency"}


def test_rows_stand_in_the_contracts_order_and_what_is_beyond_it_comes_after() -> None:
    assert [*ROW_ORDER] == [*CONTRACT["row_order"], "quality", "provider", "currency"]


def test_days_page_by_the_contracts_limits_and_the_other_widths_by_those_of_usage() -> None:
    day = COSTS_LIMITS[BucketWidth.DAY]
    assert limits("costs") == {"1d": {"default": day.default, "max": day.maximum, "min": 1}}
    assert [*COSTS_LIMITS] == [*USAGE_LIMITS] == [*BucketWidth]
    for width in {*BucketWidth} - {BucketWidth.DAY}:
        assert COSTS_LIMITS[width] == USAGE_LIMITS[width]


def test_units_are_called_as_the_contract_calls_them() -> None:
    units = {key.unit.wire_name for key in PRICE_KEYS.values()} - {None}
    named = {*CONTRACT["endpoints"]["costs"]["fields"]["quantity_unit"]["open_enum"]}
    assert (
        units == {"tokens", "characters", "images", "duration_seconds", "gibibyte_hours"} <= named
    )
