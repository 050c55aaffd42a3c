"""Costs: every field, group key, filter and limit of the contract."""

import json
from decimal import Decimal
from itertools import combinations
from typing import Any

import httpx2
import pytest

from contract.contract import CONTRACT, COSTS, fields, filters, group_by, limits
from support.events import DAY, event
from support.server import Server

KEYS = tuple(sorted(group_by("costs"), key=CONTRACT["row_order"].index))
# None of them is large enough for the prices of long requests.
EVENTS = 18

_MODEL = "gpt-5.5-2026-04-23"
# What a token of the model costs, as its list has it.
_INPUT, _OUTPUT = Decimal("0.000005"), Decimal("0.00003")
_VALUES: dict[str, list[Any]] = {"api_source": ["agents_api", "unlabeled", None]}
_JSON_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str, "number": (int, Decimal), "object": dict
}  # fmt: skip
_ITEMS = {f"{_MODEL}, input": _INPUT, f"{_MODEL}, output": _OUTPUT}

Row = dict[str, Any]


def _values(key: str) -> list[Any]:
    # Capitals sort before small letters, and a letter beyond ASCII after both: by code point.
    return _VALUES.get(key, [f"{key}_é", f"{key}_b", f"{key}_B", None])


def _event(number: int) -> Row:
    """An event whose counts are powers of two, so that a sum tells its parts."""
    carried = {
        key: _values(key)[(number + number // (place + 2)) % len(_values(key))]
        for place, key in enumerate(key for key in KEYS if key != "line_item")
    }
    carried |= {"input_tokens": 1 << number, "output_tokens": 1 << number}
    return event(id=f"cost-{number}", time=DAY + number, model=_MODEL, **carried)


def _lines() -> list[tuple[Row, Decimal, int]]:
    """What each event is charged for: the keys, the amount and the quantity."""
    return [
        (sent | {"line_item": item}, price * sent["input_tokens"], sent["input_tokens"])
        for sent in map(_event, range(EVENTS))
        for item, price in _ITEMS.items()
    ]


def _groups(keys: tuple[str, ...], **wanted: list[Any]) -> list[Any]:
    """What a loop over the lines finds: the keys of each group and its amount, in order."""
    sums: dict[tuple[Any, ...], Decimal] = {}
    for line, amount, _ in _lines():
        if all(line[key] in values for key, values in wanted.items()):
            group = tuple(line[key] for key in keys)
            sums[group] = sums.get(group, Decimal(0)) + amount
    ordered = sorted(sums, key=lambda group: [(key is None, str(key)) for key in group])
    return [(*group, sums[group]) for group in ordered]


@pytest.fixture(scope="module", autouse=True)
def _stored(server: Server) -> None:
    events = [_event(number) for number in range(EVENTS)]
    assert server.post(events).json()["accepted"] == EVENTS


def _ask(server: Server, **parameters: Any) -> httpx2.Response:
    asked = {"start_time": DAY, "end_time": DAY + 86_400, **parameters}
    answer = server.http.get(COSTS["path"], params=asked)
    assert answer.status_code == 200, answer.text
    return answer


def _rows(server: Server, **parameters: Any) -> list[Row]:
    page = json.loads(_ask(server, **parameters).content, parse_float=Decimal)
    (bucket,) = page["data"]
    rows: list[Row] = bucket["results"]
    return rows


def _found(rows: list[Row], keys: tuple[str, ...]) -> list[Any]:
    return [(*(row[key] for key in keys), row["amount"]["value"]) for row in rows]


def test_an_ungrouped_bucket_has_one_row_of_every_field_of_the_contract_and_no_other(
    server: Server,
) -> None:
    assert _rows(server) == [
        {
            "object": COSTS["object"],
            "amount": {"value": (_INPUT + _OUTPUT) * ((1 << EVENTS) - 1), "currency": "usd"},
            "project_id": None,
            "line_item": None,
            "api_key_id": None,
            "quantity": None,
            "quantity_unit": None,
            "user_id": None,
            "api_source": None,
        }
    ]


def test_every_field_is_there_with_its_type_however_rows_are_grouped(server: Server) -> None:
    wanted = fields("costs")
    for size in range(len(KEYS) + 1):
        for keys in combinations(KEYS, size):
            for row in _rows(server, **{"group_by[]": list(keys)}):
                assert {*row} == {*wanted}
                assert {*row["amount"]} == {*wanted["amount"]["fields"]}
                assert isinstance(row["amount"]["value"], _JSON_TYPES["number"])
                assert isinstance(row["amount"]["currency"], str)
                for field, rule in wanted.items():
                    is_null = row[field] is None
                    assert rule["nullable"] if is_null else _is_of_type(row[field], rule["type"])


def _is_of_type(value: Any, name: str) -> bool:
    return isinstance(value, _JSON_TYPES[name]) and not isinstance(value, bool)


@pytest.mark.parametrize("key", KEYS)
def test_rows_grouped_by_a_key_hold_its_sums_in_order_null_last(server: Server, key: str) -> None:
    rows = _rows(server, group_by=key)
    assert _found(rows, (key,)) == _groups((key,))
    others = {*KEYS} - {key}
    assert {row[other] for row in rows for other in others} == {None}
    by_line = key == "line_item"
    assert {row["quantity_unit"] for row in rows} == {"tokens" if by_line else None}
    assert {row["quantity"] for row in rows} == {(1 << EVENTS) - 1 if by_line else None}


@pytest.mark.parametrize("pair", [*combinations(KEYS, 2)])
def test_any_two_keys_can_be_grouped_together(server: Server, pair: tuple[str, str]) -> None:
    # Asked for the other way round: the order of group_by does not matter.
    assert _found(_rows(server, group_by=f"{pair[1]},{pair[0]}"), pair) == _groups(pair)


def test_rows_grouped_by_all_keys_are_sorted_in_the_contracts_order_of_keys(
    server: Server,
) -> None:
    rows = _rows(server, **{"group_by[]": KEYS[::-1]})
    assert _found(rows, KEYS) == _groups(KEYS)
    quantities = [row["quantity"] for row in rows]
    assert sum(quantities) == 2 * ((1 << EVENTS) - 1)
    assert {type(quantity) for quantity in quantities} == {int}


def test_a_filter_lets_through_what_has_one_of_its_values(server: Server) -> None:
    values = {f"{key}s": _values(key)[:3] for key in ("project_id", "api_key_id")}
    values["line_items"] = [*_ITEMS]
    assert {*values} == {*filters("costs")}
    for name, known in values.items():
        key = name.removesuffix("s")
        for some in (known[:1], known[1:2], known[:2]):
            rows = _rows(server, **{f"{name}[]": some})
            assert _found(rows, ()) == _groups((), **{key: some})
        assert _rows(server, **{name: "never-seen"}) == []


def test_different_filters_must_all_be_met(server: Server) -> None:
    asked = {
        "project_ids": "project_id_b,project_id_B",
        "api_key_ids": "api_key_id_é",
        "line_items": f"{_MODEL}, output",
    }
    wanted = {
        "project_id": ["project_id_b", "project_id_B"],
        "api_key_id": ["api_key_id_é"],
        "line_item": [f"{_MODEL}, output"],
    }
    found = _found(_rows(server, group_by="user_id", **asked), ("user_id",))
    assert found == _groups(("user_id",), **wanted) != []


# Each asks for the output of two projects.
_PROJECTS = "project_id_b", "project_id_é"
_FORMS = [
    "project_ids[]={0}&project_ids[]={1}&line_items[]={2}",
    "project_ids%5B%5D={0}&project_ids%5B%5D={1}&line_items%5B%5D={2}",
    "project_ids={0}&project_ids={1}&line_items={2}",
    "project_ids={0},{1}&line_items={2}",
    "project_ids={0}%2C%20{1}&line_items={2}&line_items=",
    "project_ids[1]={0}&project_ids[0]={1}&line_items[0]={2}",
    "project_ids={0}&project_ids[]={1},,{0}&line_items={2}&line_items[7]={2}",
]
_GROUPINGS = [
    "group_by[]=user_id&group_by[]=line_item",
    "group_by%5B%5D=line_item&group_by%5B%5D=user_id",
    "group_by=line_item&group_by=user_id",
    "group_by=line_item,user_id",
    "group_by=line_item%2C%20user_id",
    "group_by[1]=line_item&group_by[0]=user_id",
    "group_by=line_item,line_item&group_by[]=user_id&group_by=",
]


@pytest.mark.parametrize("grouping", _GROUPINGS)
@pytest.mark.parametrize("form", _FORMS)
def test_arrays_are_written_in_every_form_and_the_name_of_a_line_is_never_split(
    server: Server, form: str, grouping: str
) -> None:
    output = f"{_MODEL}, output"
    for space in ("+", "%20"):
        filtered = form.format(*_PROJECTS, output.replace(" ", space).replace(",", "%2C"))
        url = f"{COSTS['path']}?start_time={DAY}&end_time={DAY + 86_400}&{filtered}&{grouping}"
        page = json.loads(server.http.get(url).content, parse_float=Decimal)
        (bucket,) = page["data"]
        wanted = {"project_id": [*_PROJECTS], "line_item": [output]}
        keys = ("user_id", "line_item")
        assert _found(bucket["results"], keys) == _groups(keys, **wanted) != []


@pytest.mark.parametrize("part", [_MODEL, "output", f" {_MODEL}, output", f"{_MODEL},output"])
def test_the_name_of_a_line_is_compared_whole_and_exactly(server: Server, part: str) -> None:
    assert _rows(server, line_items=part) == []


def test_a_page_and_a_bucket_have_the_contracts_keys_and_no_other(server: Server) -> None:
    page = _ask(server, end_time=DAY + 2 * 86_400).json()
    shape = CONTRACT["envelope"]
    assert sorted(page) == sorted(shape["page"]["required"])
    assert (page["object"], page["has_more"], page["next_page"]) == ("page", False, None)
    assert [sorted(bucket) for bucket in page["data"]] == [sorted(shape["bucket"]["required"])] * 2
    assert [bucket["object"] for bucket in page["data"]] == ["bucket", "bucket"]
    assert page["data"][1]["results"] == []


def test_a_page_has_seven_days_unless_a_limit_says_otherwise(server: Server) -> None:
    rule = limits("costs")["1d"]
    asked = {"start_time": DAY - 300 * 86_400, "end_time": DAY}
    sizes = []
    for limit in ({}, {"limit": ""}, {"limit": 1}, {"limit": rule["max"]}):
        page = server.http.get(COSTS["path"], params={**asked, **limit}).json()
        sizes.append((len(page["data"]), page["has_more"]))
    assert sizes == [(rule["default"], True), (rule["default"], True), (1, True), (180, True)]


@pytest.mark.parametrize("width", ["", "1d"])
def test_the_only_width_of_the_contract_is_a_day_and_it_is_the_default(
    server: Server, width: str
) -> None:
    (bucket,) = _ask(server, bucket_width=width).json()["data"]
    assert (bucket["start_time"], bucket["end_time"]) == (DAY, DAY + 86_400)
    assert COSTS["params"]["bucket_width"]["enum"] == ["1d"]
